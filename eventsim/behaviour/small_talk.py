"""A friendly remark that wants nothing."""

from __future__ import annotations

from eventsim.behaviour.rule import Rule, View

__all__ = ["RULE"]


def _applies(view: View) -> bool:
    return not view.question_open


RULE = Rule(
    name="small_talk",
    weight=0.05,
    group="aside",
    instruction=(
        "Add a short friendly remark that asks for nothing, such as one about "
        "the weather."
    ),
    applies=_applies,
)
