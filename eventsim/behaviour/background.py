"""A sentence of background around the request."""

from __future__ import annotations

from eventsim.behaviour.rule import Rule, View

__all__ = ["RULE"]


def _applies(view: View) -> bool:
    return not view.question_open


RULE = Rule(
    name="background",
    weight=0.14,
    group="length",
    instruction="Give a little background in this message, such as what it is for.",
    applies=_applies,
)
