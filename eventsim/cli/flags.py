"""From flags to settings: what was typed, and what it comes to.

Only click is imported at the top: this module is loaded for `--help` too.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from eventsim.core.events import EnvironmentSpec
    from eventsim.run.settings.layers import Layer, Origin
    from eventsim.run.settings.resolving import Said, Settings

__all__ = ["changed_settings", "named_environments", "resolved"]

Path_ = tuple[str, ...]
_CHAT = "user-oriented"

_PLAIN: dict[str, tuple[str, Path_]] = {
    "count": ("-n", ("count",)),
    "tasks": ("--tasks", ("tasks",)),
    "seed": ("--seed", ("seed",)),
    "pipeline": ("--pipeline", ("pipeline",)),
    "preset": ("--preset", ("preset",)),
    "max_turns": ("--max-turns", ("limits", "max_turns")),
    "domain": ("--domain", ("source", "domain")),
    "db": ("--db", ("source", "db")),
    "seeds": ("--seeds", ("source", "seeds")),
    "describe": ("--describe", ("source", "description")),
    "model": ("--model", ("model",)),
    "base_url": ("--base-url", ("base_url",)),
    "key_env": ("--key-env", ("key_env",)),
    "more_tools": ("--more-tools", ("more_tools",)),
    "budget_usd": ("--budget-usd", ("budget", "usd")),
    "budget_tokens": ("--budget-tokens", ("budget", "tokens")),
    "questions_from": ("--questions-from", ("prepared", "questions")),
    "tools_from": ("--tools-from", ("prepared", "tools")),
    "tasks_from": ("--tasks-from", ("prepared", "tasks")),
    "store": ("--store", ("store",)),
    "concurrency": ("--concurrency", ("concurrency",)),
}
"""Parameter -> the flag, and the setting that it is."""


def changed_settings(options: dict[str, Any]) -> Layer | None:
    """What these flags alone say, None if they say nothing. Raises: UsageError."""
    from eventsim.run.settings.layers import layer_of

    said = _said(options)
    return layer_of(said) if said else None


def resolved(options: dict[str, Any], *, goes_on: bool = False) -> Settings:
    """What these flags come to, with the environment and the file below them. A run
    that `goes_on` with seeds or a description needs not say that tools are played.

    Raises: UsageError.
    """
    import os
    import secrets

    from eventsim.run.settings.resolving import read_settings

    said = _said(options)
    played = options["seeds"] or options["describe"]
    if goes_on and played and not (options["pipeline"] or options["preset"]):
        said.append((("pipeline",), _CHAT, _flag("--from")))
    return read_settings(
        options["config"],
        os.environ,
        said,
        draw_seed=lambda: secrets.randbelow(10**9),
    )


def named_environments(
    targets: Sequence[str], settings: Sequence[str], sets: Sequence[str]
) -> tuple[EnvironmentSpec, ...]:
    """The external environments that flags name, to be looked at: whether a service
    keeps its state does not matter for that. Raises: UsageError.
    """
    from eventsim.run.settings.checking import check_names
    from eventsim.run.settings.environments import environments_of
    from eventsim.run.settings.layers import layer_of
    from eventsim.run.settings.problems import checked, refuse_secrets
    from eventsim.run.settings.sources import from_sets

    said = _of_environments(targets, settings)
    flag = _flag("--env")
    kept: dict[str, Said] = {
        path[1]: (("environments", path[1], "keeps_state"), False, flag)
        for path, _, _ in said
    }
    layer = layer_of([*kept.values(), *said, *from_sets(sets)])
    refuse_secrets(layer)
    document = checked(layer)
    check_names(document, layer)
    return environments_of(document, layer)


def _said(options: dict[str, Any]) -> list[Said]:
    from eventsim.run.settings.sources import from_sets

    said: list[Said] = [
        (path, _plain(options[name]), _flag(flag))
        for name, (flag, path) in _PLAIN.items()
        if options.get(name) is not None and _was_typed(name)
    ]
    if options.get("tags"):
        said.append((("tags",), list(options["tags"]), _flag("--tag")))
    if options.get("persona"):
        said.append((("personas",), {options["persona"]: 1.0}, _flag("--persona")))
    said += _of_roles("--role-model", "model", options["role_models"])
    said += _of_roles("--role-base-url", "base_url", options["role_base_urls"])
    said += _of_environments(
        options.get("environments", ()), options.get("environment_settings", ())
    )
    return said + from_sets(options["sets"])


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value


def _was_typed(name: str) -> bool:
    """What click took from the environment is said there."""
    source = click.get_current_context().get_parameter_source(name)
    return source is not click.core.ParameterSource.ENVIRONMENT


def _of_roles(flag: str, setting: str, pairs: Sequence[str]) -> list[Said]:
    from eventsim.errors import UsageError
    from eventsim.run.settings.problems import close_to
    from eventsim.run.settings.shape import RolesSettings

    said: list[Said] = []
    known = tuple(RolesSettings.model_fields)
    for pair in pairs:
        role, equals, value = pair.partition("=")
        if not equals or not value:
            raise UsageError(f"{flag} takes ROLE=VALUE, as in user=small-model")
        if role not in known:
            raise UsageError(
                f"{flag}: there is no such role; {close_to(role, known)}"
                f"the roles are {', '.join(known)}"
            )
        said.append((("roles", role, setting), value, _flag(flag)))
    return said


def _of_environments(targets: Sequence[str], settings: Sequence[str]) -> list[Said]:
    from eventsim.errors import UsageError
    from eventsim.run.settings.environments import said_of_target

    said: list[Said] = []
    named: set[str] = set()
    for text in targets:
        name, equals, target = text.partition("=")
        if not equals or not name or not target.strip():
            raise UsageError(
                "--env takes NAME=TARGET, as in shop=my_package.shop:Shop or "
                "shop=https://host/mcp"
            )
        name, values = said_of_target(name, target)
        if name in named:
            raise UsageError(f"--env: two environments are named {name}")
        named.add(name)
        path = ("environments", name)
        said += [((*path, key), item, _flag("--env")) for key, item in values.items()]
    flag = _flag("--env-settings")
    for text in settings:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError('--env-settings takes NAME=JSON, as in shop={"opens": 9}')
        held = ("environments", name, "settings")
        said.append((held, _json(value, f"{flag.place} {name}"), flag))
    return said


def _json(text: str, where: str) -> Any:
    import json

    from eventsim.errors import UsageError

    try:
        return json.loads(text)
    except ValueError as error:
        raise UsageError(
            f'{where}: this is no JSON: {error}; write it as in {{"opens": 9}}'
        ) from None


def _flag(name: str) -> Origin:
    from eventsim.run.settings.layers import Origin

    return Origin("flag", name)
