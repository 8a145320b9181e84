"""External environments as they are written: by flags, in the file, in code."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from eventsim.core.events import EnvironmentSpec
from eventsim.core.values import freeze
from eventsim.run.settings.layers import Layer
from eventsim.run.settings.problems import refused
from eventsim.run.settings.shape import Document, EnvironmentSettings

__all__ = ["environments_of", "said_of_target"]

_CLASS = re.compile(r"[\w.]+:\w+")
_USERS = "user:"


def said_of_target(name: str, target: str) -> tuple[str, dict[str, Any]]:
    """`NAME=TARGET` as a name and its settings; `user:NAME` is of the user's side."""
    if name.startswith(_USERS):
        return name.removeprefix(_USERS), {"target": target, "requestor": "user"}
    return name, {"target": target}


def environments_of(document: Document, layer: Layer) -> tuple[EnvironmentSpec, ...]:
    """What each is, and how it is made. Raises: UsageError."""
    return tuple(
        _spec(name, given, layer) for name, given in document.environments.items()
    )


def _spec(name: str, given: EnvironmentSettings, layer: Layer) -> EnvironmentSpec:
    path = ("environments", name)
    if not name.isidentifier():
        why = "must be a name as Python takes names: letters, digits and _"
        raise refused(layer, path, f"{name!r} {why}")
    target = given.target.strip()
    is_class = bool(_CLASS.fullmatch(target))
    is_url = target.startswith(("http://", "https://"))
    if not target:
        why = "must be package.module:Class, or the command or URL of an MCP server"
        raise refused(layer, (*path, "target"), why)
    if is_url:
        parts = urlsplit(target)
        if not parts.hostname or parts.username or parts.password or parts.query:
            why = "must hold no user, password or query: it is recorded; name the "
            why += "variable of a token in key_env"
            raise refused(layer, (*path, "target"), why)
    _refuse_misplaced(path, given, layer, is_class=is_class, is_url=is_url)
    return EnvironmentSpec(
        name=name,
        kind="python" if is_class else "mcp",
        target=target,
        settings=freeze(given.settings),
        requestor=given.requestor,
        prefix=given.prefix,
        exclude=tuple(given.exclude),
        pass_env=tuple(given.pass_env),
        key_env=given.key_env,
        keeps_state=given.keeps_state,
        seconds=given.seconds,
        characters=given.characters,
    )


def _refuse_misplaced(
    path: tuple[str, str],
    given: EnvironmentSettings,
    layer: Layer,
    *,
    is_class: bool,
    is_url: bool,
) -> None:
    if given.settings and not is_class:
        why = "belongs to a class; a command takes its arguments itself"
        raise refused(layer, (*path, "settings"), why)
    if given.pass_env and (is_class or is_url):
        why = "belongs to the command of an MCP server"
        raise refused(layer, (*path, "pass_env"), why)
    if given.key_env and not is_url:
        why = "belongs to the URL of an MCP server"
        raise refused(layer, (*path, "key_env"), why)
