"""Stage 2b: tools from a database, each one statement. Source: PAPER.md, 2b.

A few rounds, each about another kind of tool; then one that mends what was rejected.
Each proposal is tried on the database and described as it was found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from eventsim.config import Role
from eventsim.core.events import Event, ToolDefined, ToolRejected
from eventsim.core.preparation import Preparation
from eventsim.core.tools import ToolDefinition
from eventsim.pipelines.stage import Ask, Input, Workbench
from eventsim.pipelines.stages.specification import MOST_TOOLS, proposed_tools
from eventsim.pipelines.stages.sql_proposals import read_sql_proposal, same_statement
from eventsim.prompts.render import render

__all__ = ["ROUNDS", "SQL_TOOLS_SCHEMA", "SqlTools"]

ROUNDS = (
    "look things up: one row by its key, rows whose name contains a text, the rows "
    "that belong to another row, rows of one status or kind",
    "work something out: the top rows by an amount or by a count, counts, sums and "
    "averages over joins, a column computed with CASE",
    "change something: add a row, change columns of one row by its key, delete one row "
    "by its key, tie two rows together or part them",
)
"""What each round asks for."""

_LEAST, _MOST = 6, 16
_MOST_REASONS = 8

SQL_TOOLS_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "tools": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "description": {"type": "string"},
                    "parameters": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {
                                "name": {"type": "string"},
                                "type": {
                                    "type": "string",
                                    "enum": ["string", "integer", "number", "boolean"],
                                },
                                "description": {"type": "string"},
                                "required": {"type": "boolean"},
                                "enum": {"type": "array", "items": {"type": "string"}},
                                "example": {"type": ["string", "number", "boolean"]},
                            },
                            "required": ["name", "type", "description", "required"],
                        },
                    },
                    "sql": {"type": "string"},
                },
                "required": ["name", "description", "parameters", "sql"],
            },
        }
    },
    "required": ["tools"],
    "additionalProperties": False,
}


class SqlTools:
    """Fills a stream of tools from a database."""

    name = "sql_tools"
    prompt = "sql_tools"
    role: Role = "tool_designer"
    needs_database = True

    def ask(self, state: Preparation, given: Input) -> Ask | None:
        """Each round in turn, then what was rejected once more."""
        number = len(state.answers)
        if number > len(ROUNDS) or (number == len(ROUNDS) and not _rejected(state)):
            return None
        system = render(
            given.prompts[self.prompt],
            title=given.source.called,
            about=given.source.about,
            schema=given.schema_text,
            rows=given.data_view,
        )
        parts = (
            _tables(given),
            _standing(state),
            _reasons(state),
            _wish(number, given),
        )
        request = "\n\n".join(filter(None, parts))
        return Ask(system, (("user", request),), self.name, SQL_TOOLS_SCHEMA)

    def check(self, value: Any, state: Preparation, given: Input) -> str:  # noqa: ARG002
        """Only an answer without any list is none; an empty one is for later rounds."""
        proposals = proposed_tools(value)
        if proposals is None:
            return "it holds no array of tools"
        if not proposals and not state.tools:
            return "it holds no tool"
        return ""

    def derive(
        self, value: Any, state: Preparation, given: Input, bench: Workbench | None
    ) -> tuple[Event, ...]:
        """Each proposal tried: defined as it was found, or rejected with the reason."""
        assert bench is not None, "sql_tools are tried on a database"
        standing = list(state.tools)
        events: list[Event] = []
        most = _most(given)
        for number, proposal in enumerate(proposed_tools(value) or (), 1):
            name, read = read_sql_proposal(proposal, number)
            if any(tool.name == name for tool in standing):
                # A rejection under the name itself would take the first one away.
                name, read = f"{name} (again)", "there is a tool of that name already"
            elif number > most or len(standing) == MOST_TOOLS:
                read = f"no more than {most} are taken at a time"
            found = _tried(read, standing, bench)
            if isinstance(found, str):
                events.append(ToolRejected(name=name, reason=found))
            else:
                standing.append(found)
                events.append(ToolDefined(tool=found))
        return tuple(events)


def _tried(
    read: ToolDefinition | str, standing: list[ToolDefinition], bench: Workbench
) -> ToolDefinition | str:
    found = bench.try_tool(read) if isinstance(read, ToolDefinition) else read
    if isinstance(found, str):
        return found
    same = same_statement(found, standing)
    return f"it does the same as {same}" if same else found


# --- what is asked ------------------------------------------------------------------


def _most(given: Input) -> int:
    """How many tools a round may bring: two a table, within bounds."""
    tables = given.schema_text.upper().count("CREATE TABLE")
    return max(_LEAST, min(_MOST, 2 * tables))


def _rejected(state: Preparation) -> list[ToolRejected]:
    """What was rejected and does not stand under that name by now."""
    names = {tool.name for tool in state.tools}
    return [
        each
        for each in state.rejected_tools
        if each.name not in names and not each.name.endswith(" (again)")
    ]


_TABLE = re.compile(
    r"^CREATE TABLE\s+(?:\"([^\"]+)\"|\[([^\]]+)\]|`([^`]+)`|(\w+))",
    re.MULTILINE | re.IGNORECASE,
)


def _tables(given: Input) -> str:
    """The tables once more at the end: a small model forgets them on the way."""
    names = ["".join(found) for found in _TABLE.findall(given.schema_text)]
    return f"The tables are: {', '.join(names)}."


def _standing(state: Preparation) -> str:
    if not state.tools:
        return ""
    names = ", ".join(tool.name for tool in state.tools)
    return f"Tools that there are already: {names}."


def _reasons(state: Preparation) -> str:
    """What did not hold, so that it is not written again in the same way."""
    rejected = _rejected(state)[-_MOST_REASONS:]
    lines = [f"- {each.name}: {each.reason}" for each in rejected]
    return "\n".join(("These were rejected:", *lines)) if lines else ""


def _wish(number: int, given: Input) -> str:
    if number < len(ROUNDS):
        return (
            f"Write up to {_most(given)} tools that {ROUNDS[number]}. "
            "Take the tables that the work is about first."
        )
    return (
        "Write those of the rejected tools again that are worth it, put right. "
        "An empty list is a good answer."
    )
