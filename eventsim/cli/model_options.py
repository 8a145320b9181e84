"""The options that say what a run generates, shared by `run` and `plan`.

Each option is one setting of the configuration (`eventsim/run/settings`): given here it
wins over the environment and the file. Only click is imported at the top: this module
is loaded for `--help` too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from eventsim.cli.options import DOMAIN, RUN

if TYPE_CHECKING:
    from eventsim.run.settings.layers import Origin
    from eventsim.run.settings.resolving import Said, Settings

__all__ = ["GroupedCommand", "resolved", "settings_options"]

F = TypeVar("F", bound=Callable[..., Any])
Path_ = tuple[str, ...]

_PRESETS = ("paper-task", "paper-user", "paper-exec")


class _Grouped(click.Option):
    """An option under a heading of the help page."""

    def __init__(self, *args: Any, heading: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.heading = heading


class GroupedCommand(click.Command):
    """A command whose help shows its options under headings."""

    def format_options(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """One list for each heading, the options without any last."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                heading = getattr(parameter, "heading", "Options")
                groups.setdefault(heading, []).append(record)
        last = groups.pop("Options", [])
        for heading, records in [*groups.items(), ("Options", last)]:
            with formatter.section(heading):
                formatter.write_dl(records, col_max=26)


def _option(heading: str, *names: str, **attributes: Any) -> Callable[[F], F]:
    return click.option(*names, cls=_Grouped, heading=heading, **attributes)


_WHAT, _MODELS = "What to generate", "Models"
_SOURCE, _PREPARED, _SETTINGS = "From what", "Preparation", "Configuration"

_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    _option(
        _WHAT,
        "-n",
        "count",
        type=int,
        metavar="N",
        help="Trajectories.  [12]",
    ),
    _option(
        _WHAT,
        "--tasks",
        type=int,
        metavar="N",
        help="Tasks a trajectory.  [2]",
    ),
    _option(
        _WHAT,
        "--seed",
        type=int,
        metavar="N",
        help="Where all draws come from; drawn if not given.",
    ),
    _option(
        _WHAT,
        "--pipeline",
        metavar="NAME",
        help="task-oriented, user-oriented or user-oriented+execution.",
    ),
    _option(
        _WHAT,
        "--preset",
        metavar="NAME",
        help=f"The paper's: {', '.join(_PRESETS)}.",
    ),
    _option(
        _WHAT,
        "--max-turns",
        type=int,
        metavar="N",
        help="End a trajectory after so many turns.  [200]",
    ),
    _option(_WHAT, "--tag", "tags", multiple=True, help="A tag; repeatable."),
    _option(
        _SOURCE, "--domain", type=DOMAIN, metavar="NAME", help="A built-in domain."
    ),
    _option(_SOURCE, "--db", metavar="FILE", help="An SQLite file; it is only read."),
    _option(_SOURCE, "--seeds", metavar="FILE", help="Seed tools, as JSON or JSONL."),
    _option(_SOURCE, "--describe", metavar="TEXT", help="A domain in words."),
    _option(
        _SOURCE,
        "--env",
        "environments",
        multiple=True,
        metavar="NAME=TARGET",
        help="An external environment, beside these or alone: package.module:Class, or "
        "the command or URL of an MCP server; user:NAME gives its tools to the user. "
        "Repeatable.",
    ),
    _option(
        _SOURCE,
        "--env-settings",
        "environment_settings",
        multiple=True,
        metavar="NAME=JSON",
        help="Arguments of the class of one.",
    ),
    _option(
        _MODELS,
        "--model",
        metavar="NAME",
        help="That of every role; without one, all is by rule.",
    ),
    _option(
        _MODELS,
        "--base-url",
        metavar="URL",
        help="The endpoint, as in http://localhost:8000/v1.",
    ),
    _option(
        _MODELS,
        "--key-env",
        metavar="VARIABLE",
        help="The variable that holds the key.  [OPENAI_API_KEY]",
    ),
    _option(
        _MODELS,
        "--role-model",
        "role_models",
        multiple=True,
        metavar="ROLE=NAME",
        help="That of one role, as in user=small; repeatable.",
    ),
    _option(
        _MODELS,
        "--role-base-url",
        "role_base_urls",
        multiple=True,
        metavar="ROLE=URL",
        help="Where that of one role answers; repeatable.",
    ),
    _option(
        _MODELS,
        "--budget-usd",
        type=float,
        metavar="USD",
        help="Stop when so much is spent; resume goes on.",
    ),
    _option(
        _MODELS,
        "--budget-tokens",
        type=int,
        metavar="N",
        help="Stop after so many tokens; resume goes on.",
    ),
    _option(
        _PREPARED,
        "--questions-from",
        type=RUN,
        metavar="RUN",
        help="Take the questions of a run in the store.",
    ),
    _option(
        _PREPARED,
        "--tools-from",
        type=RUN,
        metavar="RUN",
        help="Take the toolsets of a run.",
    ),
    _option(
        _PREPARED,
        "--tasks-from",
        type=RUN,
        metavar="RUN",
        help="Take the tasks of a run.",
    ),
    _option(
        _SETTINGS,
        "--config",
        type=click.Path(path_type=Path),
        envvar="EVENTSIM_CONFIG",
        metavar="FILE",
        help="A YAML file (eventsim init).  [./eventsim.yaml, if there]",
    ),
    _option(
        _SETTINGS,
        "--set",
        "sets",
        multiple=True,
        metavar="A.B=VALUE",
        help="Any setting of the file; repeatable.",
    ),
    _option(
        _SETTINGS,
        "--store",
        type=click.Path(path_type=Path),
        envvar="EVENTSIM_STORE",
        metavar="DIR",
        help="What holds the log.  [EVENTSIM_STORE, or runs]",
    ),
    _option(
        _SETTINGS,
        "--concurrency",
        type=int,
        metavar="N",
        help="Trajectories at a time; it changes nothing in them.  [16]",
    ),
)

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
    "budget_usd": ("--budget-usd", ("budget", "usd")),
    "budget_tokens": ("--budget-tokens", ("budget", "tokens")),
    "questions_from": ("--questions-from", ("prepared", "questions")),
    "tools_from": ("--tools-from", ("prepared", "tools")),
    "tasks_from": ("--tasks-from", ("prepared", "tasks")),
    "store": ("--store", ("store",)),
    "concurrency": ("--concurrency", ("concurrency",)),
}
"""Parameter -> the flag, and the setting that it is."""


def settings_options(function: F) -> F:
    """All of them; the command takes them as keywords and hands them to `resolved`."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def resolved(options: dict[str, Any]) -> Settings:
    """What these flags come to, with the environment and the file below them.

    Raises: UsageError.
    """
    import os
    import secrets

    from eventsim.run.settings.resolving import read_settings
    from eventsim.run.settings.sources import from_sets

    said: list[Said] = [
        (path, _plain(options[name]), _flag(flag))
        for name, (flag, path) in _PLAIN.items()
        if options[name] is not None and _was_typed(name)
    ]
    if options["tags"]:
        said.append((("tags",), list(options["tags"]), _flag("--tag")))
    said += _of_roles("--role-model", "model", options["role_models"])
    said += _of_roles("--role-base-url", "base_url", options["role_base_urls"])
    said += _of_environments(options["environments"], options["environment_settings"])
    said += from_sets(options["sets"])
    return read_settings(
        options["config"],
        os.environ,
        said,
        draw_seed=lambda: secrets.randbelow(10**9),
    )


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
    from eventsim.run.settings.sources import value_of

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
        said.append((held, value_of(held, value, flag.place), flag))
    return said


def _flag(name: str) -> Origin:
    from eventsim.run.settings.layers import Origin

    return Origin("flag", name)
