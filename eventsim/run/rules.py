"""Behaviour rules that others wrote, named in the configuration by where they are."""

from __future__ import annotations

from eventsim.behaviour.rule import Rule
from eventsim.config import RunConfig
from eventsim.plugins import is_outside, load

__all__ = ["GROUP", "rules_of"]

GROUP = "eventsim.rules"
_PARTS = ("name", "weight", "instruction", "applies")


def rules_of(config: RunConfig) -> dict[str, Rule]:
    """The rules from outside that a configuration weighs, by the name that it gives
    them. Raises: UsageError for one that cannot be had.
    """
    return {
        name: load(f"behaviours.{name}", name, group=GROUP, parts=_PARTS)
        for name in config.behaviours
        if is_outside(name)
    }
