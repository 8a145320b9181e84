"""A person in a hurry."""

from __future__ import annotations

from eventsim.behaviour.rule import Rule, always

__all__ = ["RULE"]

RULE = Rule(
    name="impatience",
    weight=0.06,
    group="tone",
    instruction="Show in this message that you are in a hurry.",
    applies=always,
)
