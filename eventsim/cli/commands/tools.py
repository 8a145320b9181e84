"""`eventsim tools`: the tools that a database gives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from eventsim.cli.options import database_options, json_option, unused_store_option

if TYPE_CHECKING:
    from rich.console import Console

    from eventsim.core.tools import ToolDefinition

__all__ = ["command"]


@click.command("tools", epilog="Example: eventsim tools --db shop.sqlite --json")
@database_options
@click.option("--sql", is_flag=True, help="Show each tool's statement.")
@json_option
@unused_store_option
def command(*, db: Path | None, domain: str | None, sql: bool, as_json: bool) -> None:
    """Show the tools generated from a database, and what got none, and why.

    Each was prepared and run once. A trajectory is offered 8 to 25 of them. --json
    prints OpenAI function tools.
    """
    from eventsim.cli.session import out, say_json
    from eventsim.environments.sql.schema import read_schema
    from eventsim.environments.sql.toolgen import generate_tools
    from eventsim.errors import UsageError
    from eventsim.run.beds import choose_beds

    if db is None and domain is None:
        raise UsageError("which database? give --db FILE or --domain NAME")
    (bed,) = choose_beds(db, domain)
    assert bed.image is not None  # a database was asked for
    generated = generate_tools(bed.image, read_schema(bed.image))
    if as_json:
        say_json([tool.as_function() for tool in generated.tools])
        return
    _print(out(), list(generated.tools), list(generated.rejected), sql=sql)


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
    return tool.statement.effect if tool.statement else ""


def _described(tool: ToolDefinition, *, sql: bool) -> str:
    properties = tool.parameters.get("properties", {})
    required = tool.parameters.get("required", ())
    names = ", ".join(n if n in required else f"[{n}]" for n in properties)
    lines = [tool.description, f"({names})"]
    if sql and tool.statement:
        lines.append(tool.statement.sql)
    return "\n".join(lines)
