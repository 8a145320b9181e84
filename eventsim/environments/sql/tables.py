"""What a database is about: tables, columns and keys, with names in English.

These are frozen values; `schema` reads them from an image. They hold what the tools
and the tasks need to know, never a connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

__all__ = [
    "Column",
    "Derivation",
    "ForeignKey",
    "Kind",
    "Schema",
    "Statistics",
    "Table",
]

Kind = Literal["integer", "number", "text", "boolean", "date", "datetime", "blob"]
"""What a column holds, as a person would say; dates are text in ISO form."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the rows say of a column, over at most 20,000 of them.

    `distinct` and `nulls` count; `least` and `greatest` bound the numbers;
    `decimals` is the most digits after the point; `longest` is in characters.
    """

    distinct: int = 0
    nulls: int = 0
    filled: int = 0
    least: float | None = None
    greatest: float | None = None
    decimals: int = 0
    longest: int = 0


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `key` is its name in arguments and results, unique in the table.

    `stored` are the JSON types of its values; `stamped`: each is written as
    YYYY-MM-DD HH:MM:SS. `choices` are the only values that a constraint allows,
    `minimum` and `maximum` its bounds. `derived` says why the value follows from
    others and is not written. `measure`: numbers with a size worth comparing;
    `summable`: whose sum means something too. `category`: few values, each shared by
    several rows.
    """

    name: str
    key: str
    words: str
    declared: str
    affinity: str
    kind: Kind
    stored: tuple[str, ...]
    nullable: bool
    stamped: bool = False
    default: str | None = None
    generated: bool = False
    hidden: bool = False
    choices: tuple[str | int | float, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    derived: str = ""
    measure: bool = False
    summable: bool = False
    category: bool = False
    statistics: Statistics = Statistics()


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns that name a row of `parent`; `role` is what that row is to this one.

    `targets` are the columns of the parent, in the order of `columns`.
    """

    columns: tuple[str, ...]
    parent: str
    targets: tuple[str, ...]
    role: str
    on_delete: str = "NO ACTION"


@dataclass(frozen=True, slots=True)
class Derivation:
    """A column whose value follows from others in every row.

    `formula` is SQL over the columns of `source`. Where `source` is another table
    the value is the sum over its rows that refer to this row by `via`.
    """

    table: str
    column: str
    source: str
    formula: str
    components: tuple[str, ...]
    reason: str
    decimals: int
    via: ForeignKey | None = None


@dataclass(frozen=True)
class Table:
    """One table or view. `words` is one of its rows, `plural` many, `key` in ASCII.

    `label` are the columns that people call a row by, in order; empty if none do.
    `link`: a row only ties two others together. `primary_key` is empty if there is
    none; `assigned_key` if SQLite gives new rows their key. `unique` holds natural
    keys, the primary key apart. `unwritable` says why nothing may be written.
    """

    name: str
    key: str
    plural_key: str
    words: str
    plural: str
    also: tuple[str, ...]
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    assigned_key: bool = False
    without_rowid: bool = False
    strict: bool = False
    view: bool = False
    foreign_keys: tuple[ForeignKey, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    label: tuple[str, ...] = ()
    link: bool = False
    triggers: tuple[str, ...] = ()
    row_count: int = 0
    unwritable: str = ""

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """Columns by their name in the database."""
        return {column.name: column for column in self.columns}

    @cached_property
    def visible(self) -> tuple[Column, ...]:
        """Columns that a `SELECT *` gives."""
        return tuple(column for column in self.columns if not column.hidden)

    @cached_property
    def labels(self) -> tuple[Column, ...]:
        """The columns of the label."""
        return tuple(self.by_name[name] for name in self.label)

    def foreign_key_of(self, column: str) -> ForeignKey | None:
        """The single-column foreign key that a column is, if it is one."""
        for foreign in self.foreign_keys:
            if foreign.columns == (column,):
                return foreign
        return None


@dataclass(frozen=True)
class Schema:
    """All usable tables in order of name; `left_out` says which are not, and why."""

    tables: tuple[Table, ...]
    derivations: tuple[Derivation, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, Table]:
        """Tables by their name in the database."""
        return {table.name: table for table in self.tables}

    @cached_property
    def referring(self) -> Mapping[str, tuple[tuple[Table, ForeignKey], ...]]:
        """For each table, who refers to it and how."""
        found: dict[str, list[tuple[Table, ForeignKey]]] = {}
        for table in self.tables:
            for foreign in table.foreign_keys:
                found.setdefault(foreign.parent, []).append((table, foreign))
        return {name: tuple(pairs) for name, pairs in found.items()}
