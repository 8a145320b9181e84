"""Options and argument types that several commands share, with their completion.

Only click is imported at the top: this module is loaded for `--help` too.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

__all__ = [
    "DOMAIN",
    "RUN",
    "TRAJECTORY",
    "budget_options",
    "database_options",
    "json_option",
    "store_option",
    "unused_store_option",
]

F = TypeVar("F", bound=Callable[..., Any])


class _Name(click.types.StringParamType):
    """A label or a unique prefix of one, completed from the store."""

    def __init__(self, name: str, family: str) -> None:
        self.name = name
        self._family = family

    def shell_complete(
        self, ctx: click.Context, _param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Labels in the store that begin with what is typed."""
        from eventsim.cli.completing import labels

        store = ctx.params.get("store") or Path("runs")
        return [
            CompletionItem(label, help=about)
            for label, about in labels(store, self._family, incomplete)
        ]


class _Domain(click.types.StringParamType):
    name = "name"

    def shell_complete(
        self, _ctx: click.Context, _param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Names of the built-in domains."""
        from eventsim.environments.domains.registry import DOMAINS

        return [
            CompletionItem(domain.name, help=domain.title)
            for domain in DOMAINS.values()
            if domain.name.startswith(incomplete)
        ]


TRAJECTORY = _Name("trajectory", "dialogue")
RUN = _Name("run", "run")
DOMAIN = _Domain()

store_option = click.option(
    "--store",
    type=click.Path(path_type=Path),
    envvar="EVENTSIM_STORE",
    default="runs",
    show_default=True,
    show_envvar=True,
    metavar="DIR",
    help="The directory that holds the log.",
)

unused_store_option = click.option(
    "--store",
    type=click.Path(path_type=Path),
    metavar="DIR",
    expose_value=False,
    help="Taken as everywhere, but nothing is read or written.",
)

json_option = click.option(
    "--json", "as_json", is_flag=True, help="JSON on stdout, for programs."
)


def database_options(function: F) -> F:
    """`--db` and `--domain`: which database."""
    domain = click.option(
        "--domain", type=DOMAIN, metavar="NAME", help="A built-in database."
    )
    file = click.option(
        "--db",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="An SQLite file; it is only read.",
    )
    return file(domain(function))


def budget_options(function: F) -> F:
    """`--budget-usd` and `--budget-tokens`: when to stop."""
    tokens = click.option(
        "--budget-tokens",
        type=click.IntRange(min=1),
        metavar="N",
        help="Stop when the run has taken so many tokens in all.",
    )
    usd = click.option(
        "--budget-usd",
        type=click.FloatRange(min=0, min_open=True),
        metavar="USD",
        help="Stop when the run has cost so much in all; resume goes on.",
    )
    return usd(tokens(function))
