"""Arguments to try a tool with: values of rows that are there, and values that fit.

Rows are taken evenly from the table in order of its key, so that a tool is tried on
more than the first ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from eventsim.environments.sql.digest import quoted
from eventsim.environments.sql.drafting import Draft
from eventsim.environments.sql.execution import SqlEnvironment
from eventsim.environments.sql.purpose import Target
from eventsim.environments.sql.recording import as_json
from eventsim.environments.sql.tables import Column, ForeignKey, Schema, Table

__all__ = ["SAMPLED_ROWS", "Sampler"]

SAMPLED_ROWS = 24
"""How many rows of a table are looked at and tried."""

_LOOKED_AT = 5_000
_TEXT_LENGTH = 12


class Sampler:
    """Gives arguments for the tools of one database."""

    def __init__(self, schema: Schema, environment: SqlEnvironment) -> None:
        self._schema = schema
        self._environment = environment
        self._rows: dict[str, list[dict[str, Any]]] = {}

    def rows(self, table: Table) -> list[dict[str, Any]]:
        """Rows spread over the table, by column, as JSON values."""
        found = self._rows.get(table.name)
        if found is None:
            names = [column.name for column in table.visible]
            chosen = ", ".join(quoted(name) for name in names)
            order = ", ".join(quoted(name) for name in table.primary_key) or "1"
            listed = self._environment.query(
                f"SELECT {chosen} FROM main.{quoted(table.name)}"
                f" ORDER BY {order} LIMIT {_LOOKED_AT}"
            )
            step = max(1, len(listed) // SAMPLED_ROWS)
            found = [
                dict(zip(names, map(as_json, row), strict=True))
                for row in listed[::step][:SAMPLED_ROWS]
            ]
            self._rows[table.name] = found
        return found

    def rows_of(self, draft: Draft) -> list[dict[str, Any]]:
        """Rows of the table that a draft is about."""
        return self.rows(self._schema.by_name[draft.purpose.table])

    def for_reading(self, draft: Draft) -> dict[str, Any]:
        """Arguments of a reading tool, for rows that are there if any are."""
        own = self._schema.by_name[draft.purpose.table]
        return {
            name: self._read_value(own, target)
            for name, target in draft.purpose.parameters.items()
        }

    def for_rows(self, draft: Draft) -> Iterator[dict[str, Any]]:
        """The keys of sampled rows, as arguments of an update or a delete."""
        table = self._schema.by_name[draft.purpose.table]
        for row in self.rows(table):
            if all(row[name] is not None for name in table.primary_key):
                yield {table.by_name[n].key: row[n] for n in table.primary_key}

    def unchanged(self, draft: Draft, keys: Mapping[str, Any]) -> dict[str, Any]:
        """All arguments of an update that writes what is there."""
        table = self._schema.by_name[draft.purpose.table]
        by_key = {column.key: column for column in table.columns}
        row = next(
            row
            for row in self.rows(table)
            if all(row[by_key[key].name] == value for key, value in keys.items())
        )
        parameters = draft.tool.parameters["properties"]
        return {
            name: row[by_key[name].name]
            for name in parameters
            if row[by_key[name].name] is not None
            or name in keys
            or "null" in parameters[name]["type"]
        }

    def for_insert(self, draft: Draft) -> Iterator[dict[str, Any]]:
        """Arguments of an insert: the least, then as other rows have them."""
        table = self._schema.by_name[draft.purpose.table]
        wanted = draft.tool.parameters["properties"]
        least = draft.tool.parameters["required"]
        pair = self._free_pair(table)
        by_key = {column.key: column for column in table.columns}
        samples: list[Mapping[str, Any]] = [{}, *self.rows(table)[:3]]
        for names in (least, wanted):
            for sample in samples:
                yield {
                    name: pair.get(name) or self._new_value(table, by_key[name], sample)
                    for name in names
                }

    def _read_value(self, own: Table, target: Target) -> Any:
        if target.role == "limit":
            return 3
        table = self._schema.by_name.get(target.table, own)
        column = table.by_name[target.column]
        values = [row[column.name] for row in self.rows(table)]
        value = next((value for value in values if value is not None), None)
        if value is None:
            return _made_up(column)
        return str(value)[:3] if target.role == "text" else value

    def _new_value(
        self, table: Table, column: Column, sample: Mapping[str, Any]
    ) -> Any:
        foreign = table.foreign_key_of(column.name)
        if foreign is not None and sample.get(column.name) is None:
            parent = self._schema.by_name.get(foreign.parent)
            rows = self.rows(parent) if parent else []
            if rows:
                return rows[-1][foreign.targets[0]]
        alone = [*table.unique, table.primary_key]
        distinct = any(
            column.name in names and (foreign is None or len(names) == 1)
            for names in alone
        )
        if distinct and column.kind in ("integer", "number"):
            return int(column.statistics.greatest or 0) + 1
        if distinct or sample.get(column.name) is None:
            return _made_up(column)
        return sample[column.name]

    def _free_pair(self, table: Table) -> dict[str, Any]:
        """Two referred rows that no row of the table ties together yet."""
        for names in (table.primary_key, *table.unique):
            foreign = [table.foreign_key_of(name) for name in names]
            if len(names) == 2 and all(foreign):
                one, other = (f for f in foreign if f is not None)
                return self._untied(table, one, other)
        return {}

    def _untied(
        self, table: Table, one: ForeignKey, other: ForeignKey
    ) -> dict[str, Any]:
        columns = [one.columns[0], other.columns[0]]
        found = self._environment.query(
            f"SELECT a.{quoted(one.targets[0])}, b.{quoted(other.targets[0])}"
            f" FROM main.{quoted(one.parent)} AS a, main.{quoted(other.parent)} AS b"
            f" WHERE NOT EXISTS (SELECT 1 FROM main.{quoted(table.name)} AS l"
            f" WHERE l.{quoted(columns[0])} = a.{quoted(one.targets[0])}"
            f" AND l.{quoted(columns[1])} = b.{quoted(other.targets[0])}) LIMIT 1"
        )
        if not found:
            return {}
        return {
            table.by_name[name].key: as_json(value)
            for name, value in zip(columns, found[0], strict=True)
        }


def _made_up(column: Column) -> Any:
    """A value that fits the column as far as its constraints are known."""
    if column.choices:
        return column.choices[0]
    match column.kind:
        case "integer" | "number":
            low = column.minimum if column.minimum is not None else 1
            high = column.maximum if column.maximum is not None else low
            value = max(low, min(high, 1))
            return int(value) if column.kind == "integer" else value
        case "boolean":
            return 1
        case "date":
            return "2024-05-31"
        case "datetime":
            return "2024-05-31 14:30:00"
        case "blob":
            return "x'5a17c0de'"
        case "text":
            return "Zq 5501 sample"[: column.max_length or _TEXT_LENGTH]
