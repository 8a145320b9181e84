"""Values to try a parameter with, of a tool that somebody else wrote.

They come from the column that the parameter stands beside in the statement, or that it
is named after: values of one row after the other, so that keys of several columns fit
together; new ones where the column must not repeat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventsim.environments.sql.samples import Sampler
from eventsim.environments.sql.statements import Statement
from eventsim.environments.sql.tables import Column, Schema, Table

__all__ = ["Candidates", "one_type"]

_PATTERN_LENGTH = 3
_USUAL: Mapping[str, Any] = {"string": "a", "integer": 3, "number": 3, "boolean": True}
_KINDS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool, int),
}


def one_type(schema: Mapping[str, Any]) -> str:
    """The JSON type of a parameter, null apart."""
    given = schema.get("type", "string")
    if isinstance(given, str):
        return given
    return next((name for name in given if name != "null"), "string")


class Candidates:
    """Values for the parameters of one statement over `tables`, its own one first."""

    def __init__(
        self,
        schema: Schema,
        sampler: Sampler,
        tables: Sequence[Table],
        read: Statement,
    ) -> None:
        self._schema = schema
        self._sampler = sampler
        self._tables = tables
        self._read = read
        self.patterns = read.like

    def column_of(self, name: str) -> Column | None:
        """The column that a parameter stands for, if one can be told."""
        found = self._found(name)
        return found[1] if found else None

    def held(self, name: str) -> set[Any]:
        """What the column of a parameter holds, in the rows that are looked at."""
        found = self._found(name)
        if found is None:
            return set()
        table, column = found
        if column.choices:
            return set(column.choices)
        values = (row[column.name] for row in self._sampler.rows(table))
        return {value for value in values if value is not None}

    def _found(self, name: str) -> tuple[Table, Column] | None:
        beside = self._read.assigned.get(name) or self._read.compared.get(name)
        for wanted in (beside, name):
            folded = (wanted or "").casefold()
            for table in self._tables:
                for column in table.visible:
                    if folded in (column.name.casefold(), column.key):
                        return table, column
        return None

    def value(self, name: str, schema: Mapping[str, Any], number: int) -> Any:
        """The value of a parameter in try `number`."""
        examples = schema.get("examples") or ()
        if number == 1 and examples:
            return examples[0]
        if schema.get("enum"):
            return schema["enum"][number % len(schema["enum"])]
        kind = one_type(schema)
        value = self._of_column(name, number)
        if kind == "boolean" and value in (0, 1):
            return bool(value)
        if kind == "integer" and isinstance(value, float) and value == int(value):
            return int(value)
        if isinstance(value, _KINDS.get(kind, (str,))):
            return value
        if kind == "string" and value is not None and name in self.patterns:
            return str(value)
        return examples[0] if examples else _USUAL.get(kind, "a")

    def _of_column(self, name: str, number: int) -> Any:
        found = self._found(name)
        if found is None:
            return None
        table, column = found
        inserts = self._read.verb == "insert" and table is self._tables[0]
        if name in self._read.assigned or inserts:
            return self._written(table, column, number)
        value = self._cell(table, column, number)
        if name in self.patterns and value is not None:
            part = str(value)[:_PATTERN_LENGTH]
            return f"%{part}%" if number % 2 else part
        return value

    def _cell(self, table: Table, column: Column, number: int) -> Any:
        rows = [r for r in self._sampler.rows(table) if r[column.name] is not None]
        return rows[number % len(rows)][column.name] if rows else None

    def _written(self, table: Table, column: Column, number: int) -> Any:
        """A value to write: another row's, or a new one where none may repeat."""
        foreign = table.foreign_key_of(column.name)
        if foreign is not None:
            return self._referred(foreign.parent, foreign.targets[0], number, column)
        if self._read.verb == "update":
            return self._cell(table, column, number + (number % 2 == 0))
        keys = [table.primary_key, *table.unique]
        if any(names == (column.name,) for names in keys):
            greatest = column.statistics.greatest
            if column.kind in ("integer", "number"):
                return int(greatest or 0) + 1 + number
            return f"{number}zq.sample@mail.example"[: column.max_length]
        if column.choices:
            return column.choices[number % len(column.choices)]
        value = self._cell(table, column, number)
        return column.minimum if value is None else value

    def _referred(self, parent: str, target: str, number: int, column: Column) -> Any:
        """A row that is there; each column walks in its own stride, so that pairs
        come about that no row ties together yet.
        """
        table = self._schema.by_name.get(parent)
        rows = self._sampler.rows(table) if table else []
        stride = 1 + sum(map(ord, column.name)) % 7
        return rows[number * stride % len(rows)].get(target) if rows else None
