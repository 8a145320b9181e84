"""The tools of a database, ordered by what a task can ask of them.

Built once a schema from the purposes that tools are generated with. Each operation
binds rows and values to arguments, and finds rows, names and numbers in results.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from eventsim.core.tools import ToolDefinition
from eventsim.environments.sql.execution import SqlEnvironment
from eventsim.environments.sql.names import plural
from eventsim.environments.sql.purpose import Purpose
from eventsim.environments.sql.tables import Column, Schema, Table
from eventsim.environments.sql.tasks.view import quoted
from eventsim.environments.sql.toolgen import GeneratedTools

__all__ = ["Operation", "Toolbox", "rows_in", "toolbox_of"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One tool and what it is for."""

    tool: ToolDefinition
    purpose: Purpose
    table: Table
    parent: Table | None = None
    counted: Table | None = None

    # --- arguments ------------------------------------------------------------------

    def argument(self, role: str, column: str = "") -> str | None:
        """The parameter that plays a role, for a column if one is given."""
        for name, target in self.purpose.parameters.items():
            if target.role == role and column in ("", target.column):
                return name
        return None

    def bind(
        self, key: Mapping[str, Any], values: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Arguments for the row of that key (its own, or its parent's)."""
        arguments = {}
        for name, target in self.purpose.parameters.items():
            if target.role in ("key", "parent") and target.column in key:
                arguments[name] = key[target.column]
            elif target.role == "value" and values and target.column in values:
                arguments[name] = values[target.column]
        return arguments

    def ask(self, role: str, value: Any) -> dict[str, Any]:
        """Arguments of which only one role is given."""
        name = self.argument(role)
        return {} if name is None else {name: value}

    @property
    def columns(self) -> list[Column]:
        """Columns that an insert or update can write."""
        names = [
            t.column for t in self.purpose.parameters.values() if t.role == "value"
        ]
        return [self.table.by_name[n] for n in names if n in self.table.by_name]

    @property
    def required(self) -> frozenset[str]:
        """Columns whose parameter has to be given."""
        needed = self.tool.parameters.get("required", ())
        parameters = self.purpose.parameters
        return frozenset(parameters[name].column for name in needed)

    # --- results --------------------------------------------------------------------

    def key_in(self, row: Mapping[str, Any]) -> dict[str, Any] | None:
        """The key of a result row, if it shows all of it."""
        key = {}
        for column in self.table.primary_key:
            name = self.shows(self.table.name, (column,))
            if name is None or row.get(name) is None:
                return None
            key[column] = row[name]
        return key

    def shows(
        self, table: str, columns: tuple[str, ...], via: str | None = None
    ) -> str | None:
        """The result key under which columns of a table are shown."""
        for name, source in self.purpose.results.items():
            same = (source.table, source.columns) == (table, columns)
            if same and not source.computed and via in (None, source.via):
                return name
        return None

    def parent_shown(self, via: str) -> str | None:
        """The result key of the label of the row that a foreign key leads to."""
        for name, source in self.purpose.results.items():
            if source.via == via and not source.computed:
                return name
        return None

    def name_in(self, row: Mapping[str, Any]) -> Any:
        """What a person calls a result row: by its label, or by what it refers to."""
        label = self.table.label
        if label:
            whole = self.shows(self.table.name, label, "")
            if whole is not None:
                return row.get(whole)
            parts = [self.shows(self.table.name, (c,), "") for c in label]
            found = [str(row[p]) for p in parts if p and row.get(p) is not None]
            return " ".join(found) or None
        known = set(self.purpose.via)
        for name, source in self.purpose.results.items():
            if source.via and source.via not in known and not source.computed:
                return row.get(name)
        return None

    def number_in(self, row: Any) -> Any:
        """The computed number of a result."""
        if not isinstance(row, Mapping):
            return None
        for name, source in self.purpose.results.items():
            if source.computed:
                return row.get(name)
        return None

    def rank_in(self, row: Mapping[str, Any]) -> Any:
        """What a ranked row is ranked by."""
        if self.counted is not None:
            return self.number_in(row)
        name = self.shows(self.table.name, (self.purpose.measure,), "")
        return None if name is None else row.get(name)

    def size(self, env: SqlEnvironment, column: str, value: Any) -> int:
        """How many rows hold the value."""
        sql = (
            f"SELECT count(*) FROM {quoted(self.table.name)} WHERE {quoted(column)} = ?"
        )
        return int(env.query(sql, (value,))[0][0])


def rows_in(found: Any) -> list[Mapping[str, Any]]:
    """The rows of a result of several."""
    rows = found.get("rows") if isinstance(found, Mapping) else None
    return [row for row in rows or () if isinstance(row, Mapping)]


class Toolbox:
    """All operations over one schema."""

    def __init__(self, schema: Schema, generated: GeneratedTools) -> None:
        self.schema = schema
        by_name = {tool.name: tool for tool in generated.tools}
        tables = schema.by_name
        self._all = [
            Operation(
                by_name[name],
                purpose,
                tables[purpose.table],
                tables.get(purpose.parent),
                tables.get(purpose.counted),
            )
            for name, purpose in generated.purposes.items()
            if name in by_name and purpose.table in tables
        ]

    def _of(self, *families: str) -> list[Operation]:
        return [o for o in self._all if o.purpose.family in families]

    def _first(self, table: Table, family: str) -> Operation | None:
        return self._by_table.get((table.name, family))

    @cached_property
    def _by_table(self) -> dict[tuple[str, str], Operation]:
        found: dict[tuple[str, str], Operation] = {}
        for operation in self._all:
            family = operation.purpose.family
            if family == "get" and operation.argument("key") is None:
                continue
            where = (operation.table.name, family)
            found.setdefault(where, operation)
        return found

    def search(self, table: Table) -> Operation | None:
        """The tool that finds rows by a part of their name."""
        return self._first(table, "search")

    def get(self, table: Table) -> Operation | None:
        """The tool that reads one row by its key."""
        return self._first(table, "get")

    def update(self, table: Table) -> Operation | None:
        """The tool that changes a row."""
        return self._first(table, "update")

    def deletion(self, table: Table) -> Operation | None:
        """The tool that deletes a row."""
        return self._first(table, "delete")

    @cached_property
    def searches(self) -> list[Operation]:
        """All searches by name."""
        return self._of("search")

    @cached_property
    def creations(self) -> list[Operation]:
        """All tools that add rows of their own."""
        return [o for o in self._of("insert") if not o.table.link]

    @cached_property
    def links(self) -> list[Operation]:
        """All tools that tie two rows and need nothing else."""
        return [
            o
            for o in self._of("insert")
            if o.table.link and len(o.required) == 2 and len(o.table.foreign_keys) == 2
        ]

    @cached_property
    def deletions(self) -> list[Operation]:
        """All tools that delete rows."""
        return self._of("delete")

    @cached_property
    def filters(self) -> list[Operation]:
        """Lists by a value of a column."""
        return [o for o in self._of("list") if o.purpose.filter]

    @cached_property
    def tops(self) -> list[Operation]:
        """Rankings by a column or a count."""
        return [
            o for o in self._of("top") if o.counted is not o.table and self._plain(o)
        ]

    @cached_property
    def filtered_counts(self) -> list[Operation]:
        """Counts by a value of a column."""
        return [o for o in self._of("count") if o.purpose.filter]

    def listings_of(self, parent: Table) -> list[Operation]:
        """Lists of the rows that belong to a row of `parent`."""
        return [
            o
            for o in self._of("list")
            if o.purpose.parent == parent.name and self._plain(o)
        ]

    def aggregates_of(
        self, parent: Table, *families: Literal["count", "total", "average"]
    ) -> list[Operation]:
        """Counts, sums and averages over the rows that belong to a row of `parent`."""
        wanted = families or ("count", "total", "average")
        return [
            o
            for o in self._of(*wanted)
            if o.purpose.parent == parent.name and self._plain(o)
        ]

    def _plain(self, operation: Operation) -> bool:
        """Whether "the rows of the parent" says how they belong to it: through a
        "playlist track" a track is one of the playlist, but not through a wish; and
        the employees of an employee could be anything.
        """
        if operation.parent is operation.table:
            return False
        if not operation.purpose.link:
            return True
        link = set(self.schema.by_name[operation.purpose.link].words.split())
        parent = operation.parent or operation.counted
        ends = {operation.table.words.split()[-1]}
        if parent is not None:
            ends.add(parent.words.split()[-1])
        return bool(ends & link)

    @cached_property
    def central(self) -> Sequence[Table]:
        """Tables that a task can be about, those with more to do more often."""
        weight: Counter[str] = Counter()
        for operation in self._all:
            purpose = operation.purpose
            for name in {purpose.parent or purpose.table, purpose.table}:
                weight[name] += 1
        found: list[Table] = []
        for table in self.schema.tables:
            if table.link or table.view or not table.primary_key:
                continue
            if self.get(table) is None and self.search(table) is None:
                continue
            rows = 1 if table.row_count < 20 else 2 if table.row_count < 60 else 3
            found += [table] * max(1, min(6, weight[table.name] // 2) * rows)
        return found

    def synonyms(self, table: Table) -> tuple[str, ...]:
        """Other words for a row, from the descriptions, that mean nothing else."""
        return self._synonyms.get(table.name, ())

    @cached_property
    def _synonyms(self) -> dict[str, tuple[str, ...]]:
        texts: dict[str, str] = {}
        for operation in self._all:
            name = operation.table.name
            texts[name] = f"{texts.get(name, '')} {operation.tool.description}".lower()
        taken: Counter[str] = Counter()
        for table in self.schema.tables:
            heads = {table.words, table.words.split()[-1], *table.also}
            taken.update(heads)
            taken.update({c.words.split()[-1] for c in table.columns})
        return {
            table.name: tuple(
                word
                for word in table.also
                if taken[word] == 1
                and plural(word) != word
                and plural(word) in texts.get(table.name, "")
            )
            for table in self.schema.tables
        }


_boxes: dict[int, tuple[GeneratedTools, Toolbox]] = {}
_KEPT = 8


def toolbox_of(schema: Schema, generated: GeneratedTools) -> Toolbox:
    """The operations of generated tools; the latest few are kept."""
    found = _boxes.get(id(generated))
    if found is None or found[0] is not generated:
        while len(_boxes) >= _KEPT:
            del _boxes[next(iter(_boxes))]
        found = (generated, Toolbox(schema, generated))
        _boxes[id(generated)] = found
    return found[1]
