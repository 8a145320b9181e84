"""More words than it takes."""

from __future__ import annotations

from eventsim.behaviour.rule import Rule, View

__all__ = ["RULE"]


def _applies(view: View) -> bool:
    return not view.question_open


RULE = Rule(
    name="wordy",
    weight=0.06,
    group="length",
    instruction="Write this message at length, with more words than it needs.",
    applies=_applies,
)
