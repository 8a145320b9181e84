"""Small slips of the keyboard, never in anything that carries meaning."""

from __future__ import annotations

from eventsim.behaviour.rule import Rule, always

__all__ = ["RULE"]

RULE = Rule(
    name="typing_slips",
    weight=0.08,
    instruction="Type in haste, with a typing slip, but never in a name or a number.",
    applies=always,
)
