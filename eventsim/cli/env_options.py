"""The options about external environments, beside those that say which.

Only click is imported at the top: this module is loaded for `--help` too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

__all__ = ["drift_option", "environment_options", "python_option"]

F = TypeVar("F", bound=Callable[..., Any])

python_option = click.option(
    "--python",
    default="",
    metavar="FILE",
    help="The interpreter that Python environments run under.",
)


drift_option = click.option(
    "--on-drift",
    type=click.Choice(["refuse", "mark"]),
    default="refuse",
    show_default=True,
    help="What if an external environment answers otherwise when calls are repeated.",
)


def environment_options(function: F) -> F:
    """`--env`, `--env-settings`, `--set` and `--python`: which external environments,
    for commands that only look at them.
    """
    target = click.option(
        "--env",
        "environments",
        multiple=True,
        metavar="NAME=TARGET",
        help="An external environment: package.module:Class, or the command or URL of "
        "an MCP server; repeatable.",
    )
    settings = click.option(
        "--env-settings",
        "environment_settings",
        multiple=True,
        metavar="NAME=JSON",
        help="Arguments of the class of one.",
    )
    more = click.option(
        "--set",
        "sets",
        multiple=True,
        metavar="A.B=VALUE",
        help="Any other setting of one, as in environments.NAME.key_env=VARIABLE.",
    )
    return target(settings(more(python_option(function))))
