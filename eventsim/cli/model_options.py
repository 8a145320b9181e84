"""The options that say what a run generates, shared by `run` and `plan`; `fork` takes
those about models.

Each option is one setting of the configuration (`eventsim/run/settings`): given here it
wins over the environment and the file. What they come to is made in `flags.py`. Only
click is imported at the top: this module is loaded for `--help` too.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from eventsim.cli.grouped import option
from eventsim.cli.options import DOMAIN, RUN

__all__ = ["model_options", "settings_options"]

F = TypeVar("F", bound=Callable[..., Any])

_PRESETS = ("paper-task", "paper-user", "paper-exec")


_WHAT, _MODELS = "What to generate", "Models"
_SOURCE, _PREPARED, _SETTINGS = "From what", "Preparation", "Configuration"

_MODEL_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    option(
        _MODELS,
        "--model",
        metavar="NAME",
        help="That of every role; without one, all is by rule, or as before.",
    ),
    option(
        _MODELS,
        "--base-url",
        metavar="URL",
        help="The endpoint, as in http://localhost:8000/v1.",
    ),
    option(
        _MODELS,
        "--key-env",
        metavar="VARIABLE",
        help="The variable that holds the key.  [OPENAI_API_KEY]",
    ),
    option(
        _MODELS,
        "--role-model",
        "role_models",
        multiple=True,
        metavar="ROLE=NAME",
        help="That of one role, as in user=small; repeatable.",
    ),
    option(
        _MODELS,
        "--role-base-url",
        "role_base_urls",
        multiple=True,
        metavar="ROLE=URL",
        help="Where that of one role answers; repeatable.",
    ),
)
_SET = option(
    _SETTINGS,
    "--set",
    "sets",
    multiple=True,
    metavar="A.B=VALUE",
    help="Any setting of the file; repeatable.",
)

_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    option(
        _WHAT,
        "-n",
        "count",
        type=int,
        metavar="N",
        help="Trajectories.  [12]",
    ),
    option(
        _WHAT,
        "--tasks",
        type=int,
        metavar="N",
        help="Tasks a trajectory.  [2]",
    ),
    option(
        _WHAT,
        "--seed",
        type=int,
        metavar="N",
        help="Where all draws come from; drawn if not given.",
    ),
    option(
        _WHAT,
        "--pipeline",
        metavar="NAME",
        help="task-oriented, user-oriented or user-oriented+execution.",
    ),
    option(
        _WHAT,
        "--preset",
        metavar="NAME",
        help=f"The paper's: {', '.join(_PRESETS)}.",
    ),
    option(
        _WHAT,
        "--max-turns",
        type=int,
        metavar="N",
        help="End a trajectory after so many turns.  [200]",
    ),
    option(
        _WHAT,
        "--persona",
        metavar="NAME",
        help="The manner of the user, also where a run goes on; drawn if not given.",
    ),
    option(_WHAT, "--tag", "tags", multiple=True, help="A tag; repeatable."),
    option(_SOURCE, "--domain", type=DOMAIN, metavar="NAME", help="A built-in domain."),
    option(_SOURCE, "--db", metavar="FILE", help="An SQLite file; it is only read."),
    option(_SOURCE, "--seeds", metavar="FILE", help="Seed tools, as JSON or JSONL."),
    option(_SOURCE, "--describe", metavar="TEXT", help="A domain in words."),
    option(
        _SOURCE,
        "--env",
        "environments",
        multiple=True,
        metavar="NAME=TARGET",
        help="An external environment, beside these or alone: package.module:Class, or "
        "the command or URL of an MCP server; user:NAME gives its tools to the user. "
        "Repeatable.",
    ),
    option(
        _SOURCE,
        "--env-settings",
        "environment_settings",
        multiple=True,
        metavar="NAME=JSON",
        help="Arguments of the class of one.",
    ),
    *_MODEL_OPTIONS,
    option(
        _MODELS,
        "--budget-usd",
        type=float,
        metavar="USD",
        help="Stop when so much is spent; resume goes on.",
    ),
    option(
        _MODELS,
        "--budget-tokens",
        type=int,
        metavar="N",
        help="Stop after so many tokens; resume goes on.",
    ),
    option(
        _PREPARED,
        "--more-tools",
        is_flag=True,
        default=None,
        help="With --from: write tools that fit what the conversation shows; a model "
        "plays them.",
    ),
    option(
        _PREPARED,
        "--questions-from",
        type=RUN,
        metavar="RUN",
        help="Take the questions of a run in the store.",
    ),
    option(
        _PREPARED,
        "--tools-from",
        type=RUN,
        metavar="RUN",
        help="Take the toolsets of a run.",
    ),
    option(
        _PREPARED,
        "--tasks-from",
        type=RUN,
        metavar="RUN",
        help="Take the tasks of a run.",
    ),
    option(
        _SETTINGS,
        "--config",
        type=click.Path(path_type=Path),
        envvar="EVENTSIM_CONFIG",
        metavar="FILE",
        help="A YAML file (eventsim init).  [./eventsim.yaml, if there]",
    ),
    _SET,
    option(
        _SETTINGS,
        "--store",
        type=click.Path(path_type=Path),
        envvar="EVENTSIM_STORE",
        metavar="DIR",
        help="What holds the log.  [EVENTSIM_STORE, or runs]",
    ),
    option(
        _SETTINGS,
        "--concurrency",
        type=int,
        metavar="N",
        help="Trajectories at a time; it changes nothing in them.  [16]",
    ),
)


def settings_options(function: F) -> F:
    """All of them; the command takes them as keywords and hands them to `resolved`."""
    for each in reversed(_OPTIONS):
        function = each(function)
    return function


def model_options(function: F) -> F:
    """Those that change what a path works with, for `changed_settings`."""
    for each in reversed((*_MODEL_OPTIONS, _SET)):
        function = each(function)
    return function
