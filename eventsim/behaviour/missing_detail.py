"""A later request that lacks a detail."""

from __future__ import annotations

from eventsim.behaviour.rule import Rule, between

__all__ = ["RULE"]

RULE = Rule(
    name="missing_detail",
    weight=0.04,
    group="detail",
    instruction=(
        "If you ask for something in this message, leave out one detail that is "
        "needed; give it when you are asked."
    ),
    applies=between,
)
