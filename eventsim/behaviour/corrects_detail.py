"""The other half of `wrong_detail`: the slip is put right."""

from __future__ import annotations

from eventsim.behaviour.rule import Rule, View

__all__ = ["RULE"]


def _applies(view: View) -> bool:
    return "wrong_detail" in view.previous


RULE = Rule(
    name="corrects_detail",
    weight=1.0,
    instruction=(
        "If a name or number in your last message was not right, say so, and "
        "ask again with the right one."
    ),
    applies=_applies,
)
