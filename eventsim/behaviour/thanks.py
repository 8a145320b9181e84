"""A word of thanks for the last answer."""

from __future__ import annotations

from eventsim.behaviour.rule import Rule, not_first

__all__ = ["RULE"]

RULE = Rule(
    name="thanks",
    weight=0.25,
    group="tone",
    instruction="Thank the assistant in this message for what it just did.",
    applies=not_first,
)
