"""One request a message: the pace at which most people ask."""

from __future__ import annotations

from eventsim.behaviour.rule import Rule, View

__all__ = ["RULE"]


def _applies(view: View) -> bool:
    return view.objectives > 1


RULE = Rule(
    name="one_thing",
    weight=0.72,
    group="pace",
    instruction="Ask for one thing only in this message.",
    applies=_applies,
)
