"""A jump to the matter after the next, and back to what was left out."""

from __future__ import annotations

from eventsim.behaviour.rule import Rule, View

__all__ = ["RULE"]


def _applies(view: View) -> bool:
    return view.objectives > 2 and not view.opens and not view.question_open


RULE = Rule(
    name="topic_switch",
    weight=0.04,
    group="order",
    instruction=(
        "Switch the subject in this message: ask for the matter after the next "
        "one first, and come back to the one that you left out in a later "
        "message."
    ),
    applies=_applies,
)
