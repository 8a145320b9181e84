"""A wrong detail in a question, which the next message puts right.

Only where something is to be looked up: a change is never asked for with a wrong
value, so that nothing has to be undone.
"""

from __future__ import annotations

from eventsim.behaviour.rule import Rule, View

__all__ = ["RULE"]


def _applies(view: View) -> bool:
    return not view.question_open and not view.declines


RULE = Rule(
    name="wrong_detail",
    weight=0.04,
    group="detail",
    instruction=(
        "If you only ask to look something up in this message, get one name or "
        "number in it slightly wrong; you will put it right in your next "
        "message. Never do so where something is to be changed."
    ),
    applies=_applies,
)
