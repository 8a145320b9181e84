"""Which stage fills which slot: ours, unless the configuration names another.

A replacement is `package.module:name`, or the name of a plug-in: an entry point of the
group `eventsim.stages`.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from eventsim.config import RunConfig
from eventsim.errors import EventsimError, UsageError
from eventsim.pipelines.stage import Stage
from eventsim.pipelines.stages.registry import STAGES

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
    try:
        found = _load(name, replacement)
        stage = found() if isinstance(found, type) else found
    except EventsimError:
        raise
    except Exception as error:  # somebody else's code: whatever it raises at import
        said = " ".join(str(error).split()) or type(error).__name__
        raise UsageError(f"stages.{name}: {replacement}: {said}") from error
    missing = [each for each in _PARTS if not hasattr(stage, each)]
    if missing:
        raise UsageError(
            f"stages.{name}: {replacement} is no stage; it lacks {', '.join(missing)}"
        )
    ready: Stage = stage
    return ready


_PARTS = ("name", "prompt", "role", "needs_database", "ask", "check", "derive")


def _load(name: str, replacement: str) -> Any:
    module, colon, attribute = replacement.partition(":")
    if not colon:
        for point in entry_points(group=GROUP):
            if point.name == replacement:
                return point.load()
        raise UsageError(
            f"stages.{name}: no plug-in is named {replacement!r}; give one that is "
            f"installed (entry point group {GROUP}) or package.module:name"
        )
    return getattr(import_module(module), attribute)
