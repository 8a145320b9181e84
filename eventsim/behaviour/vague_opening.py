"""A first request that lacks a detail, so that a question about it is justified."""

from __future__ import annotations

from eventsim.behaviour.rule import Rule, View

__all__ = ["RULE"]


def _applies(view: View) -> bool:
    return view.opens


RULE = Rule(
    name="vague_opening",
    weight=0.06,
    group="detail",
    instruction="Leave out one detail in this message; give it when you are asked.",
    applies=_applies,
)
