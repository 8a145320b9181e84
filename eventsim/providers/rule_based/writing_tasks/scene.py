"""One task in the making: what was called, spoken of and written so far.

Rows are those that the request shows; tools are those that it lists. A row is named in
full once and referred to afterwards; what a call returns is referred to by its number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eventsim.providers.rule_based.designing.words import same_noun
from eventsim.providers.rule_based.writing_tasks.brief import Commission, Op
from eventsim.providers.rule_based.writing_tasks.ddl import Column, Table
from eventsim.providers.rule_based.writing_tasks.inventing import literal, speakable
from eventsim.providers.rule_based.writing_tasks.policy import Bounds

__all__ = ["Objective", "Row", "Scene", "Unfit"]


class Unfit(Exception):
    """A wish that cannot be made here; another one is tried."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row that a task speaks of, with the values that are shown of it."""

    table: Table
    values: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What people call it, or ""."""
        parts = [self.values.get(column) for column in self.table.label]
        return " ".join(str(part) for part in parts if part is not None)

    @property
    def key(self) -> Any:
        """The value of its key, if that is one column."""
        return self.values.get(self.table.primary[0]) if self.table.primary else None

    @property
    def identity(self) -> tuple[Any, ...]:
        """Equal for equal rows."""
        return self.table.name, *(self.values.get(n) for n in self.table.primary)


@dataclass(frozen=True, slots=True)
class Objective:
    """One wish: its clause, what holds in the end, and the facts of its answer."""

    kind: str
    text: str
    outcome: str
    facts: tuple[tuple[str, str], ...] = ()
    known: tuple[str, ...] = ()


@dataclass
class Scene:
    """What wishes share."""

    commission: Commission
    bounds: Bounds
    calls: list[dict[str, Any]] = field(default_factory=list)
    objectives: list[Objective] = field(default_factory=list)
    subject: Row | None = None
    checkable: tuple[Row, Column, Any] | None = None
    countable: tuple[Row, Table] | None = None
    asked: set[Any] = field(default_factory=set)
    written: set[Any] = field(default_factory=set)
    _found: dict[Any, int] = field(default_factory=dict)
    _said: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = self.commission.rng

    # --- tools ----------------------------------------------------------------------

    def op(self, verb: str, table: Table, by: Table | None = None) -> Op | None:
        """The tool of the verb for rows of the table; `by`: of a row of that table."""
        for op in self.commission.ops:
            if op.verb != verb or not same_noun(op.noun, table.words):
                continue
            if by is None and not op.by:
                return op
            if by is not None and same_noun(op.by, by.words):
                return op
        return None

    def key_name(self, op: Op, table: Table) -> str | None:
        """The parameter of a tool that takes the key of a row of the table."""
        if len(table.primary) != 1:
            return None
        column = table.column(table.primary[0])
        for name in (column.key, column.name):
            if op.takes(name):
                return name
        required = [p.name for p in op.required]
        return required[0] if len(required) == 1 else None

    def call(self, op: Op, arguments: Mapping[str, Any]) -> int:
        """Note a call of the objective at hand; its number."""
        number = len(self.objectives) + 1
        call = len(self.calls) + 1
        self.calls.append(
            {
                "call": call,
                "objective": number,
                "tool": op.name,
                "arguments": dict(arguments),
            }
        )
        return call

    def field_of(self, op: Op, column: Column) -> str | None:
        """The field of a result that holds a column."""
        names = {column.key, column.name}
        return next((f for f in op.fields if f in names), None)

    # --- rows -----------------------------------------------------------------------

    def rows(self, table: Table) -> list[Row]:
        """The rows that the request shows of a table."""
        return [Row(table, v) for v in self.commission.rows.get(table.name, ())]

    def named(self, row: Row) -> bool:
        """Whether the row can be called by its name and found by it."""
        return speakable(row.name) and self.op("search", row.table) is not None

    def numbered(self, row: Row) -> bool:
        """Whether the row goes by its number."""
        return not row.table.label and isinstance(row.key, int)

    def pick(self, rows: Iterable[Row], why: str = "no row") -> Row:
        """One of the rows that can be spoken of. Raises: Unfit."""
        usable = [r for r in rows if self.named(r) or self.numbered(r)]
        usable = [r for r in usable if r.identity not in self.written]
        if not usable:
            raise Unfit(why)
        return self.rng.choice(usable)

    def mention(self, row: Row) -> str:
        """The row in full at first, then mostly as "that …"."""
        known = any(row == said for said in self._said)
        alone = [said for said in self._said if said.table == row.table]
        if known and len(alone) == 1 and self.rng.random() < 0.8:
            return f"that {row.table.words}"
        if not known:
            self._said.append(row)
        if self.named(row):
            return f'the {row.table.words} "{row.name}"'
        return f"{row.table.words} {row.key}"

    def resolve(self, row: Row) -> Any:
        """The key of the row for an argument: looked up by name, once a task."""
        if not self.named(row):
            return row.key
        if row.identity not in self._found:
            op = self.op("search", row.table)
            assert op is not None
            texts = [p.name for p in op.required]
            if len(texts) != 1:
                raise Unfit("the search takes more than a text")
            self._found[row.identity] = self.call(op, {texts[0]: row.name})
        column = row.table.column(row.table.primary[0])
        op = self.op("search", row.table)
        shown = self.field_of(op, column) if op else None
        if shown is None:
            raise Unfit("the search does not show the key")
        return f"${self._found[row.identity]}.{shown}"

    def look_up(self, row: Row) -> tuple[int, Op]:
        """A call that shows all of the row, made anew."""
        op = self.op("get", row.table)
        name = self.key_name(op, row.table) if op else None
        if op is None or name is None:
            raise Unfit(f"no tool reads one {row.table.words}")
        return self.call(op, {name: self.resolve(row)}), op

    def parent(self, row: Row, column: str) -> Row | None:
        """The shown row that a reference leads to."""
        reference = row.table.reference(column)
        if reference is None:
            return None
        for table in self.commission.tables:
            if table.name == reference.parent:
                for other in self.rows(table):
                    if other.values.get(reference.target) == row.values.get(column):
                        return other
        return None

    def children(self, row: Row) -> Sequence[tuple[Table, int]]:
        """Tables that refer to the row's, and how many of their shown rows do."""
        found = []
        for table in self.commission.tables:
            for reference in table.references:
                if reference.parent == row.table.name:
                    value = row.values.get(reference.target)
                    own = self.commission.rows.get(table.name, ())
                    count = sum(other.get(reference.column) == value for other in own)
                    found.append((table, count))
        return found

    def known_values(self, table: Table, column: Column) -> list[Any]:
        """The different values of a column in the rows that are shown."""
        rows = self.commission.rows.get(table.name, ())
        return list(
            dict.fromkeys(
                row[column.name] for row in rows if row.get(column.name) is not None
            )
        )

    def told(self, value: Any) -> bool:
        """Whether a value can be asked for: nobody said it yet."""
        return speakable(value) and not any(
            literal(value) in objective.text for objective in self.objectives
        )
