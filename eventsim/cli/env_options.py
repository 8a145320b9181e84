"""The options that name external environments.

Only click is imported at the top: this module is loaded for `--help` too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from eventsim.core.events import EnvironmentSpec

__all__ = [
    "drift_option",
    "env_option",
    "env_settings_option",
    "python_option",
    "read_specs",
]

env_option = click.option(
    "--env",
    "environments",
    multiple=True,
    metavar="NAME=TARGET",
    help="An external environment: package.module:Class, or the command or URL of an "
    "MCP server; user:NAME gives its tools to the user. Repeatable.",
)
env_settings_option = click.option(
    "--env-settings",
    multiple=True,
    metavar="NAME=JSON",
    help="Arguments of the class of an environment.",
)
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


def read_specs(
    environments: tuple[str, ...], settings: tuple[str, ...]
) -> tuple[EnvironmentSpec, ...]:
    """What was typed. Raises: UsageError."""
    import orjson

    from eventsim.errors import UsageError
    from eventsim.run.external import environment_spec

    given = {}
    for text in settings:
        name, _, value = text.partition("=")
        try:
            given[name] = orjson.loads(value)
        except ValueError:
            raise click.UsageError(
                f"--env-settings {text!r}: write NAME=JSON"
            ) from None
        if not isinstance(given[name], dict):
            raise click.UsageError(f"--env-settings {name}: give a JSON object")
    specs = []
    for text in environments:
        name, equals, target = text.partition("=")
        if not equals:
            raise click.UsageError(f"--env {text!r}: write NAME=TARGET")
        try:
            specs.append(environment_spec(name, target, given.pop(name, {})))
        except UsageError as problem:
            raise click.UsageError(f"--env {text!r}: {problem}") from None
    if given:
        raise click.UsageError(f"--env-settings {next(iter(given))}: no such --env")
    names = [spec.name for spec in specs]
    if len(set(names)) < len(names):
        raise click.UsageError("two environments have one name")
    return tuple(specs)
