"""The answer to a request for the calls that do a task: what rules can read of it.

Objectives in plain clauses about one named or numbered thing are looked up and
changed; of others nothing is said, which is no solution, and honest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from eventsim.providers.rule_based.designing.request import answer
from eventsim.providers.rule_based.designing.words import same_noun
from eventsim.providers.rule_based.writing_tasks.brief import (
    Commission,
    Op,
    read_commission,
)
from eventsim.providers.rule_based.writing_tasks.ddl import Table

__all__ = ["solve_task"]

_OBJECTIVE = re.compile(r"^(\d+)\. (.+)$", re.MULTILINE)
_NAMED = re.compile(r"\b(?:the|that) ([a-z ]+?) \"([^\"]+)\"")
_NUMBERED = re.compile(r"\b([a-z ]+?) (\d+)\b")
_CHANGE = re.compile(
    r"^(?:change|set|update|correct) the ([a-z ]+?) of .+ to (\"[^\"]+\"|\S+)$"
)
_MANY = re.compile(
    r"^(?:find out how many|count the|check how many) ([a-z ]+?) (?:of )?(?=the |that )"
)


def solve_task(request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a request for a task's calls."""
    commission = read_commission(request)
    solver = _Solver(commission)
    for number, text in _OBJECTIVE.findall(commission.message):
        solver.do(int(number), text)
    return answer({"calls": solver.calls})


class _Solver:
    """Calls so far, and the thing that they were about last."""

    def __init__(self, commission: Commission) -> None:
        self._commission = commission
        self.calls: list[dict[str, Any]] = []
        self._key: Any = None
        self._table: Table | None = None

    def do(self, number: int, text: str) -> None:
        """Add the calls of one objective."""
        self._settle(number, text)
        if self._table is None:
            return
        change, many = _CHANGE.match(text), _MANY.match(text)
        if change:
            op = self._op("update", self._table.words)
            value: Any = change[2].strip('"')
            if not change[2].startswith('"') and re.fullmatch(r"-?\d+(\.\d+)?", value):
                value = float(value) if "." in value else int(value)
            self._call(number, op, {"_".join(change[1].split()): value})
        elif many:
            self._call(number, self._op("count", many[1], self._table.words), {})
        else:
            self._call(number, self._op("get", self._table.words), {})

    def _settle(self, number: int, text: str) -> None:
        """Find the thing that an objective names, by name or number."""
        for noun, name in _NAMED.findall(text):
            table = self._table_of(noun)
            op = self._op("search", table.words) if table else None
            if table is not None and op is not None and op.required:
                self._table = table
                self._note(number, op, {op.required[0].name: name})
                key = table.column(table.primary[0]).key
                self._key = f"${len(self.calls)}.{key}"
                return
        for noun, key in _NUMBERED.findall(text):
            table = self._table_of(noun)
            if table is not None:
                self._table, self._key = table, int(key)
                return

    def _table_of(self, noun: str) -> Table | None:
        words = noun.split()
        for table in self._commission.tables:
            size = len(table.words.split())
            if same_noun(" ".join(words[-size:]), table.words) and table.primary:
                return table
        return None

    def _op(self, verb: str, noun: str, by: str = "") -> Op | None:
        for op in self._commission.ops:
            fits = op.verb == verb and same_noun(op.noun, noun)
            if fits and (not by or same_noun(op.by, by)):
                return op
        return None

    def _call(self, number: int, op: Op | None, values: Mapping[str, Any]) -> None:
        if op is None or not op.required:
            return
        self._note(number, op, {op.required[0].name: self._key, **values})

    def _note(self, number: int, op: Op, arguments: Mapping[str, Any]) -> None:
        self.calls.append(
            {
                "call": len(self.calls) + 1,
                "objective": number,
                "tool": op.name,
                "arguments": dict(arguments),
            }
        )
