"""A request that no tool covers; the assistant should decline, and the task goes on."""

from __future__ import annotations

from eventsim.behaviour.rule import Rule, View, between

__all__ = ["RULE"]


def _applies(view: View) -> bool:
    return between(view) and not view.declines


RULE = Rule(
    name="out_of_scope",
    weight=0.03,
    group="aside",
    instruction=(
        "In this message ask only for something that such a service will hardly "
        "do, such as a tip for lunch; go on with your own matters in the next "
        "message."
    ),
    applies=_applies,
)
