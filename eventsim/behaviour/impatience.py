"""A person in a hurry."""

from __future__ import annotations

from eventsim.behaviour.rule import Rule, View

__all__ = ["RULE"]


def _applies(view: View) -> bool:
    return view.persona not in {"courteous", "unsure", "cheerful"}


RULE = Rule(
    name="impatience",
    weight=0.06,
    group="tone",
    instruction=("Show in this message that you are in a hurry."),
    applies=_applies,
)
