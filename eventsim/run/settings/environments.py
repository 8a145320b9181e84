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
_DOTTED_CLASS = re.compile(r"(?:[^\W\d]\w*\.)+[A-Z]\w*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S*")
_PREFIX = re.compile(r"[A-Za-z0-9_-]{0,32}")
_WRITTEN = (
    "a class is written package.module:Class, a command as in 'python -m my_server', "
    "a URL https://host/mcp"
)
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
    _refuse_target(path, target, layer, is_url=is_url)
    _refuse_misplaced(path, given, layer, is_class=is_class, is_url=is_url)
    if not _PREFIX.fullmatch(given.prefix):
        why = "must be up to 32 letters, digits, _ and -: endpoints take no other names"
        raise refused(layer, (*path, "prefix"), why)
    if is_url and given.keeps_state is None:
        raise refused(
            layer,
            (*path, "target"),
            "say whether this service keeps its state: with true its calls are never "
            "repeated, and a fork finds it as it is; with false, as for MCP servers "
            "that keep state by session, recorded calls are made again in a new one; "
            f"as in --set environments.{name}.keeps_state=true",
        )
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
        keeps_state=bool(given.keeps_state),
        seconds=given.seconds,
        characters=given.characters,
    )


def _refuse_target(
    path: tuple[str, str], target: str, layer: Layer, *, is_url: bool
) -> None:
    why = ""
    if not target:
        why = _WRITTEN
    elif is_url:
        parts = urlsplit(target)
        hidden = parts.username or parts.password or parts.query or parts.fragment
        if not parts.hostname or hidden or target.endswith(("?", "#")):
            why = (
                "must hold no user, password, query or fragment: it is recorded; name "
                "the variable of a token in key_env"
            )
    elif _SCHEME.fullmatch(target) or _DOTTED_CLASS.fullmatch(target):
        why = f"{target} is none of these: {_WRITTEN}"
    if why:
        raise refused(layer, (*path, "target"), why)


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
    if given.pass_env and is_url:
        why = "belongs to a class or a command; a URL's process is not ours"
        raise refused(layer, (*path, "pass_env"), why)
    if given.key_env and not is_url:
        why = "belongs to the URL of an MCP server"
        raise refused(layer, (*path, "key_env"), why)
