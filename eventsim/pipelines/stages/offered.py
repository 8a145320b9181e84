"""How the tools that a task may use stand in a prompt: in brief, with what they return.

One line a tool: `get_order(order_id: integer): Look up one order. Returns one of
{order_id, status}.` Their statements are nobody's business here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventsim.core.tools import ToolDefinition
from eventsim.pipelines.stages.showing import signature

__all__ = ["brief_lines", "tool_lines"]

_MOST_LETTERS = 32_000
_MOST_FIELDS = 24


def tool_lines(tools: Sequence[ToolDefinition]) -> tuple[str, ...]:
    """A line for each tool: its signature, what it is for, the fields it returns.

    Of too many tools the last ones lose their lines; a final line says how many.
    """
    return _bounded(
        [f"{_head(tool)} {_returned(tool.returns)}".strip() for tool in tools]
    )


def brief_lines(tools: Sequence[ToolDefinition]) -> tuple[str, ...]:
    """A line for each tool without its result, marked if it changes data."""
    return _bounded(
        [f"{_head(tool)}{' [changes data]' if tool.writes else ''}" for tool in tools]
    )


def _head(tool: ToolDefinition) -> str:
    said = " ".join(signature(tool.as_function()).split())
    return said if said.endswith(".") else f"{said}."


def _returned(schema: Mapping[str, Any]) -> str:
    row, shape = _row(schema)
    if not row:
        return ""
    names = list(row)[:_MOST_FIELDS]
    more = ", ..." if len(row) > len(names) else ""
    return f"Returns {shape}{{{', '.join(names)}{more}}}."


def _row(schema: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The fields of the rows that a result has, and how many rows there are."""
    for option in schema.get("anyOf") or schema.get("oneOf") or ():
        row, shape = _row(option)
        if row:
            return row, shape
    items = schema.get("items")
    if isinstance(items, Mapping):
        return _row(items)[0], "rows of "
    fields = schema.get("properties")
    if not isinstance(fields, Mapping):
        return {}, ""
    rows = fields.get("rows")
    if isinstance(rows, Mapping) and "more" in fields:
        return _row(rows)
    return fields, ""


def _bounded(lines: Sequence[str]) -> tuple[str, ...]:
    kept: list[str] = []
    room = _MOST_LETTERS
    for line in lines:
        room -= len(line)
        if room < 0:
            kept.append(f"(and {len(lines) - len(kept)} more)")
            break
        kept.append(line)
    return tuple(kept)
