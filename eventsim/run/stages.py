"""Which stage fills which slot: ours, unless the configuration names another.

A replacement is `package.module:name`, or the name of a plug-in: an entry point of the
group `eventsim.stages`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from eventsim.config import RunConfig
from eventsim.errors import UsageError
from eventsim.pipelines.stage import Stage
from eventsim.pipelines.stages.registry import STAGES
from eventsim.plugins import load

__all__ = ["GROUP", "stages_of"]

GROUP = "eventsim.stages"


def stages_of(config: RunConfig, names: Iterable[str]) -> dict[str, Stage]:
    """The stages of these names. Raises: UsageError for one that cannot be had."""
    for name in config.stages:
        if name not in STAGES:
            known = ", ".join(STAGES)
            raise UsageError(f"no stage is named {name!r}; the stages are {known}")
    return {name: _stage(name, config.stages.get(name)) for name in names}


def _stage(name: str, replacement: Any) -> Stage:
    if replacement is None:
        return STAGES[name]
    if not isinstance(replacement, str):
        raise UsageError(f"stages.{name} must be a name, not {replacement!r}")
    stage: Stage = load(f"stages.{name}", replacement, group=GROUP, parts=_PARTS)
    return stage


_PARTS = ("name", "prompt", "role", "needs_database", "ask", "check", "derive")
