"""Which columns a tool's result has, and the SQL and JSON Schema for them.

A row carries its key, its label and, beside each reference, the label of the row that
is referred to, so that an answer can be said in words. The same list serves SELECT and
RETURNING: what comes from other tables is a scalar subquery.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from eventsim.environments.sql.digest import quoted
from eventsim.environments.sql.names import ascii_key
from eventsim.environments.sql.purpose import ResultColumn
from eventsim.environments.sql.tables import Column, ForeignKey, Schema, Table

__all__ = [
    "Item",
    "computed",
    "everything",
    "label_sql",
    "plain",
    "row_schema",
    "sql_of",
    "summary",
]

_MOST_REFERENCES = 3
_MOST_EXTRAS = 2
_MOST_EXTRAS_UNLABELLED = 5


@dataclass(frozen=True, slots=True)
class Item:
    """One key of a result: its SQL, where it comes from, its JSON Schema.

    The SQL says {row} where the alias of the tool's own table stands.
    """

    key: str
    sql: str
    origin: ResultColumn
    schema: dict[str, Any]


def sql_of(items: Iterable[Item], row: str) -> str:
    """The list of columns, for rows of the table that goes by `row`."""
    return ", ".join(
        f"{item.sql.replace('{row}', row)} AS {quoted(item.key)}" for item in items
    )


def row_schema(items: Iterable[Item]) -> dict[str, Any]:
    """The JSON Schema of one row."""
    properties = {item.key: item.schema for item in items}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def plain(table: Table, column: Column) -> Item:
    """A column of the table as it is stored."""
    types: list[str] = list(column.stored)
    if column.nullable or column.statistics.nulls:
        types.append("null")
    schema: dict[str, Any] = {"type": types[0] if len(types) == 1 else types}
    return Item(
        key=column.key,
        sql=f"{{row}}.{quoted(column.name)}",
        origin=ResultColumn(table.name, (column.name,)),
        schema=schema,
    )


def computed(
    key: str, sql: str, table: str, columns: tuple[str, ...], types: Sequence[str]
) -> Item:
    """A count, a sum or an average."""
    schema: dict[str, Any] = {"type": types[0] if len(types) == 1 else list(types)}
    return Item(key, sql, ResultColumn(table, columns, computed=True), schema)


def label_sql(table: Table, alias: str) -> str:
    """The label of a row as one text: the column, or first and last name joined."""
    parts = [f"{alias}.{quoted(name)}" for name in table.label]
    return parts[0] if len(parts) == 1 else f"concat_ws(' ', {', '.join(parts)})"


def everything(schema: Schema, table: Table) -> tuple[Item, ...]:
    """All columns that can be seen, and the labels of what they refer to."""
    return tuple(_with_labels(schema, table, table.visible))


def summary(
    schema: Schema, table: Table, *also: str, without: Iterable[str] = ()
) -> tuple[Item, ...]:
    """Key, label, references, and a few columns that tell rows apart.

    `also` are columns that the tool is about; `without` those that every row of the
    result shares.
    """
    shared = set(without)
    references = [name for f in table.foreign_keys for name in f.columns]
    extras = [column.name for column in _extras(table)]
    chosen = dict.fromkeys(
        (
            *table.primary_key,
            *table.label,
            *references[:_MOST_REFERENCES],
            *extras[: _MOST_EXTRAS if table.label else _MOST_EXTRAS_UNLABELLED],
            *also,
        )
    )
    columns = [
        table.by_name[name]
        for name in chosen
        if not table.by_name[name].hidden
        and (name not in shared or name in table.primary_key)
    ]
    return tuple(_with_labels(schema, table, columns))


def _extras(table: Table) -> list[Column]:
    """Other columns, the most telling ones first."""
    taken = {*table.primary_key, *table.label}
    taken.update(name for f in table.foreign_keys for name in f.columns)
    rest = [c for c in table.visible if c.name not in taken and c.kind != "blob"]
    ranked = [(_dullness(column), column) for column in rest]
    # Without a label there is nothing else to tell rows apart by.
    most = 2 if table.label else 4
    ranked = [pair for pair in ranked if pair[0] <= most]
    return [column for _, column in sorted(ranked, key=lambda pair: pair[0])]


def _dullness(column: Column) -> int:
    if column.choices:
        return 0
    if column.category:
        return 1
    if column.kind in ("date", "datetime"):
        return 2
    return 3 if column.measure else 4


def _with_labels(
    schema: Schema, table: Table, columns: Sequence[Column]
) -> Iterator[Item]:
    taken = {column.key for column in table.columns}
    for column in columns:
        yield plain(table, column)
        foreign = table.foreign_key_of(column.name)
        if foreign is not None:
            item = _label_of(schema, foreign, taken)
            if item is not None:
                taken.add(item.key)
                yield item


def _label_of(schema: Schema, foreign: ForeignKey, taken: set[str]) -> Item | None:
    parent = schema.by_name.get(foreign.parent)
    if parent is None or not parent.label or parent.label == foreign.targets:
        return None
    role = ascii_key(foreign.role.split()) or parent.key
    label = ascii_key(parent.labels[0].words.split())
    ending = label if len(parent.label) == 1 and label else "name"
    key = next(
        (k for k in (f"{role}_{ending}", f"{role}_label") if k not in taken), None
    )
    if key is None:
        return None
    column, target = quoted(foreign.columns[0]), quoted(foreign.targets[0])
    sql = (
        f"(SELECT {label_sql(parent, 'p')} FROM main.{quoted(parent.name)} AS p"
        f" WHERE p.{target} = {{row}}.{column})"
    )
    origin = ResultColumn(parent.name, parent.label, via=foreign.columns[0])
    return Item(key, sql, origin, {"type": ["string", "null"]})
