"""Doubt about the last answer, once in a while."""

from __future__ import annotations

from eventsim.behaviour.rule import Rule, between

__all__ = ["RULE"]

RULE = Rule(
    name="double_check",
    weight=0.04,
    instruction="Doubt the last answer, and ask the assistant to look at it once more.",
    applies=between,
)
