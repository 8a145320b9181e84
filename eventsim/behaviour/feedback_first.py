"""A short reaction to the last answer before the next request."""

from __future__ import annotations

from eventsim.behaviour.rule import Rule, not_first

__all__ = ["RULE"]

RULE = Rule(
    name="feedback_first",
    weight=0.35,
    group="tone",
    instruction="Before you go on, react in a few words to the last answer.",
    applies=not_first,
)
