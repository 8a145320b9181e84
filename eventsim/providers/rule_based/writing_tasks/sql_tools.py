"""The answer to a request for SQL tools: those of the kind that the round asks for.

The kind, the number and the tools that are there already stand in the last message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from eventsim.providers.rule_based.designing.request import answer, read_brief
from eventsim.providers.rule_based.writing_tasks.changes import change_tools
from eventsim.providers.rule_based.writing_tasks.ddl import Table, read_tables
from eventsim.providers.rule_based.writing_tasks.figures import figure_tools
from eventsim.providers.rule_based.writing_tasks.selecting import Tool
from eventsim.providers.rule_based.writing_tasks.selects import look_up_tools

__all__ = ["write_sql_tools"]

_MOST = re.compile(r"Write up to (\d+) tools that ([^.]*)")
_THERE = re.compile(r"Tools that there are already: ([^\n]*)")


def write_sql_tools(request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a request for SQL tools; none to mend, for these hold."""
    brief = read_brief(request)
    wanted = _MOST.search(brief.message)
    if wanted is None:
        return answer({"tools": []})
    there = _THERE.search(brief.message)
    known = set(re.findall(r"\w+", there[1])) if there else set()
    tables = _ranked(read_tables(brief.system))
    written = [t for t in _of_kind(tables, wanted[2]) if t["name"] not in known]
    return answer({"tools": _spread(written, int(wanted[1]))})


def _of_kind(tables: Sequence[Table], what: str) -> list[Tool]:
    if re.search(r"\b(add|change|delete)\b", what):
        return list(change_tools(tables))
    if re.search(r"\b(count|sum|average|top)", what):
        return list(figure_tools(tables))
    return list(look_up_tools(tables))


def _ranked(tables: Sequence[Table]) -> list[Table]:
    """Tables that much refers to or belongs to first."""
    referred = [r.parent for t in tables for r in t.references]

    def rank(table: Table) -> tuple[int, int]:
        links = referred.count(table.name) + len(table.references)
        return -links, -min(table.rows, 50)

    return sorted(tables, key=rank)


def _spread(tools: Sequence[Tool], most: int) -> list[Tool]:
    """The first tools, no two of one name."""
    found: dict[str, Tool] = {}
    for tool in tools:
        found.setdefault(tool["name"], tool)
    return list(found.values())[:most]
