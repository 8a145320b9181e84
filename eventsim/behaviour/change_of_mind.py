"""A request that is begun, dropped for the next one, and taken up again later."""

from __future__ import annotations

from eventsim.behaviour.rule import Rule, View

__all__ = ["RULE"]


def _applies(view: View) -> bool:
    return view.objectives > 1 and not view.question_open


RULE = Rule(
    name="change_of_mind",
    weight=0.04,
    group="order",
    instruction=(
        "Change your mind while you type: begin with one thing, then say that "
        "you want the one after it first; come back to the other later."
    ),
    applies=_applies,
)
