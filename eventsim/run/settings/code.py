"""Settings as code says them: keywords in the shape of the YAML file."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eventsim.run.settings.environments import said_of_target
from eventsim.run.settings.layers import Layer, Origin, layer_of
from eventsim.run.settings.resolving import Settings, read_settings

__all__ = [
    "changes_in_code",
    "drawn_seed",
    "environment_in_code",
    "settings_in_code",
]


def settings_in_code(config: str | Path | None, said: Mapping[str, Any]) -> Settings:
    """What keywords come to, over those of a file. Raises: UsageError."""
    values = [((name,), said[name], Origin("code", f"{name}=")) for name in said]
    return read_settings(
        Path(config) if config is not None else None,
        {},
        values,
        draw_seed=drawn_seed,
        default_file=None,
    )


def changes_in_code(said: Mapping[str, Any]) -> Layer | None:
    """What keywords alone say, None if there are none. Raises: UsageError."""
    if not said:
        return None
    values = [((name,), said[name], Origin("code", f"{name}=")) for name in said]
    return layer_of(values)


def environment_in_code(
    named: tuple[str, str | type | Mapping[str, Any]],
) -> tuple[str, Mapping[str, Any]]:
    """An environment by its name and its settings: a class, or as flags name one."""
    name, said = named
    if isinstance(said, type):
        said = f"{said.__module__}:{said.__qualname__}"
    more = {} if isinstance(said, str) else said
    target = said if isinstance(said, str) else said.get("target", "")
    name, settings = said_of_target(name, target)
    return name, {**more, **settings}


def drawn_seed() -> int:
    """One that nobody gave."""
    return secrets.randbelow(10**9)
