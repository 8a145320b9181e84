"""As few words as it takes."""

from __future__ import annotations

from eventsim.behaviour.rule import Rule, View

__all__ = ["RULE"]


def _applies(view: View) -> bool:
    return view.persona not in {"talkative", "formal"}


RULE = Rule(
    name="terse",
    weight=0.12,
    group="length",
    instruction=("Keep this message very short, in as few words as it takes."),
    applies=_applies,
)
