"""Two requests in one message, so that the assistant has to do both."""

from __future__ import annotations

from eventsim.behaviour.rule import Rule, View

__all__ = ["RULE"]


def _applies(view: View) -> bool:
    return view.objectives > 1


RULE = Rule(
    name="two_things",
    weight=0.28,
    group="pace",
    instruction="Ask for two things in this message, if two are still open.",
    applies=_applies,
)
