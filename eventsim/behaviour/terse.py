"""As few words as it takes."""

from __future__ import annotations

from eventsim.behaviour.rule import Rule, always

__all__ = ["RULE"]

RULE = Rule(
    name="terse",
    weight=0.12,
    group="length",
    instruction="Keep this message very short, in as few words as it takes.",
    applies=always,
)
