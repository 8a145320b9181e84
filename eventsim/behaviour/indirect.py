"""A request in the form of a problem or a wish, not of an order."""

from __future__ import annotations

from eventsim.behaviour.rule import Rule, always

__all__ = ["RULE"]

RULE = Rule(
    name="indirect",
    weight=0.1,
    instruction="Put your request indirectly, as a wish and not as an order.",
    applies=always,
)
