"""`eventsim tools`: the tools that a database gives, or external environments offer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from eventsim.cli.env_options import environment_options
from eventsim.cli.options import database_options, json_option, unused_store_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from eventsim.core.events import EnvironmentSpec
    from eventsim.core.tools import ToolDefinition

__all__ = ["command"]


@click.command("tools", epilog="Example: eventsim tools --db shop.sqlite --json")
@database_options
@environment_options
@click.option("--sql", is_flag=True, help="Show each tool's statement.")
@json_option
@unused_store_option
def command(
    *,
    db: Path | None,
    domain: str | None,
    environments: tuple[str, ...],
    environment_settings: tuple[str, ...],
    sets: tuple[str, ...],
    python: str,
    sql: bool,
    as_json: bool,
) -> None:
    """Show the tools generated from a database, and what got none, and why; or those
    that external environments offer.

    Each of a database was prepared and run once. A trajectory is offered 8 to 25 of
    them. --json prints OpenAI function tools.
    """
    from eventsim.cli.flags import named_environments
    from eventsim.cli.session import out, say_json
    from eventsim.errors import UsageError

    specs = named_environments(environments, environment_settings, sets)
    if db is None and domain is None and not specs:
        raise UsageError(
            "tools of what? give --db FILE, --domain NAME or --env NAME=TARGET"
        )
    tools: list[ToolDefinition] = []
    rejected: list[tuple[str, str]] = []
    if db is not None or domain is not None:
        tools, rejected = _of_database(db, domain)
    if specs:
        tools += _offered(specs, python)
    if as_json:
        say_json([tool.as_function() for tool in tools])
        return
    _print(out(), tools, rejected, sql=sql)


def _of_database(
    db: Path | None, domain: str | None
) -> tuple[list[ToolDefinition], list[tuple[str, str]]]:
    """The tools of a database, and what got none."""
    from eventsim.environments.sql.schema import read_schema
    from eventsim.environments.sql.toolgen import generate_tools
    from eventsim.run.beds import choose_beds

    (bed,) = choose_beds(db, domain)
    assert bed.image is not None  # a database was asked for
    generated = generate_tools(bed.image, read_schema(bed.image))
    return list(generated.tools), list(generated.rejected)


def _offered(specs: Sequence[EnvironmentSpec], python: str) -> list[ToolDefinition]:
    """The tools that environments say they have. Raises: BadInput, UsageError."""
    from eventsim.cli.session import launch
    from eventsim.run.external import discover

    found: list[ToolDefinition] = []

    async def ask() -> None:
        _, tools = await discover(specs, python)
        found.extend(tools)

    code = launch(ask, interrupted_as=lambda: "interrupted")
    if code:
        raise click.exceptions.Exit(code)
    return found


def _print(
    console: Console,
    tools: list[ToolDefinition],
    rejected: list[tuple[str, str]],
    *,
    sql: bool,
) -> None:
    from rich.text import Text

    from eventsim.cli.render.columns import counted, print_table

    rows = [
        (tool.name, _kind(tool), _described(tool, sql=sql))
        for tool in sorted(tools, key=lambda tool: (tool.writes, tool.name))
    ]
    print_table(console, ["tool", "kind", "description"], rows)
    console.print(counted(len(tools), "tool"), style="dim")
    if rejected:
        console.print()
        console.print(Text("Left out", style="bold underline"))
        print_table(console, ["what", "why"], rejected)


def _kind(tool: ToolDefinition) -> str:
    if tool.environment:
        return "write" if tool.writes else "read"
    return tool.statement.effect if tool.statement else ""


def _described(tool: ToolDefinition, *, sql: bool) -> str:
    properties = tool.parameters.get("properties", {})
    required = tool.parameters.get("required", ())
    names = ", ".join(n if n in required else f"[{n}]" for n in properties)
    lines = [tool.description, f"({names})"]
    if sql and tool.statement:
        lines.append(tool.statement.sql)
    return "\n".join(lines)
