"""A word of thanks for the last answer."""

from __future__ import annotations

from eventsim.behaviour.rule import Rule, View

__all__ = ["RULE"]


def _applies(view: View) -> bool:
    return not view.opens and view.persona != "brisk"


RULE = Rule(
    name="thanks",
    weight=0.25,
    group="tone",
    instruction=("Thank the assistant in this message for what it just did."),
    applies=_applies,
)
