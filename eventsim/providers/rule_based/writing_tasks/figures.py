"""SQL tools that work something out, written from a schema: counts, rankings, sums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from eventsim.providers.rule_based.writing_tasks.ddl import Column, Reference, Table
from eventsim.providers.rule_based.writing_tasks.selecting import (
    MOST_ROWS,
    Tool,
    columns_sql,
    label_sql,
    label_words,
    order_sql,
    parameter_of,
    quoted,
    summary,
    tied,
    tool_of,
    whose,
)

__all__ = ["figure_tools"]

_SIZES = frozenset(
    "age amount balance budget capacity cost count duration fee height hours length "
    "milliseconds minutes pages pay points price quantity rating salary score size "
    "stock total weight fines copies renewals".split()
)
_SUMS = frozenset(
    "amount cost count duration fee hours milliseconds minutes quantity total "
    "copies".split()
)


def figure_tools(tables: Sequence[Table]) -> Iterator[Tool]:
    """Counts and rankings first, then sums and averages."""
    by_name = {table.name: table for table in tables}
    for table in tables:
        for reference in table.references:
            if not table.link or not tied(table):
                yield _count(table, reference, by_name[reference.parent])
    for table in tables:
        # Many rows share a rating: the first few would be any of them.
        sizes = [c for c in table.columns if _is_size(table, c) and c.key != "rating"]
        dated = any(c.kind in ("date", "datetime") for c in table.columns)
        if sizes and (table.label or dated):
            yield _top_by_size(table, sizes[0], by_name)
    for table in tables:
        for reference in table.references[:1]:
            parent = by_name[reference.parent]
            if parent.label and not table.link and table.rows > parent.rows:
                yield _top_by_count(table, reference, parent, by_name)
    for table in tables:
        sums = [c for c in table.columns if _is_size(table, c) and _sums(c)]
        for reference in table.references[:1]:
            for column in sums[:1]:
                yield _figure(
                    table, reference, by_name[reference.parent], column, "sum"
                )
    for table in tables:
        sizes = [c for c in table.columns if _is_size(table, c)]
        numbers = [c for c in sizes if c.kind == "number" or "rating" in c.key]
        for reference in table.references[:1]:
            for column in numbers[:1]:
                yield _figure(
                    table, reference, by_name[reference.parent], column, "avg"
                )


def _is_size(table: Table, column: Column) -> bool:
    keys = {*table.primary, *(r.column for r in table.references)}
    words = set(column.words.split())
    return (
        column.kind in ("integer", "number")
        and column.name not in keys
        and bool(words & _SIZES)
        and "year" not in words
    )


def _sums(column: Column) -> bool:
    return bool(set(column.words.split()) & _SUMS)


def _of_parent(parent: Table, reference: Reference, name: str) -> str:
    """The key that was asked with and the name of its row."""
    parts = [f":{name} AS {name}"]
    if parent.label:
        by = name.removesuffix("_id")
        label = "_".join(label_words(parent).split())
        parts.append(
            f"(SELECT {label_sql(parent, 'p')} FROM {quoted(parent.name)} AS p "
            f"WHERE p.{quoted(reference.target)} = :{name}) AS {by}_{label}"
        )
    return ", ".join(parts)


def _count(table: Table, reference: Reference, parent: Table) -> Tool:
    parameter = parameter_of(
        reference, table, parent, f"whose {table.plural} to look at"
    )
    name = parameter["name"]
    return tool_of(
        f"count_{table.many}_by_{name.removesuffix('_id')}",
        f"Count the {table.plural} of {whose(reference, parent)}.",
        [parameter],
        f"SELECT {_of_parent(parent, reference, name)}, count(*) AS {table.key}_count "
        f"FROM {quoted(table.name)} AS t WHERE t.{quoted(reference.column)} = :{name}",
    )


def _figure(
    table: Table, reference: Reference, parent: Table, column: Column, how: str
) -> Tool:
    parameter = parameter_of(
        reference, table, parent, f"whose {table.plural} to look at"
    )
    name = parameter["name"]
    by = name.removesuffix("_id")
    own = f"t.{quoted(column.name)}"
    rest = (
        f"FROM {quoted(table.name)} AS t WHERE t.{quoted(reference.column)} = :{name}"
    )
    of = whose(reference, parent)
    if how == "sum":
        key = column.key if column.key.startswith("total") else f"total_{column.key}"
        value = f"round(coalesce(sum({own}), 0), 2) AS {key}"
        about = f"Add up the {column.words} of all {table.plural} of {of}."
        tool = f"total_{table.key}_{column.key}_by_{by}"
    else:
        value = f"round(avg({own}), 2) AS average_{column.key}"
        about = (
            f"Work out the average {column.words} of the {table.plural} of {of}; "
            "null if there are none."
        )
        tool = f"average_{table.key}_{column.key}_by_{by}"
    head = _of_parent(parent, reference, name)
    return tool_of(tool, about, [parameter], f"SELECT {head}, {value} {rest}")


def _limit(table: Table) -> dict[str, Any]:
    return {
        "name": "limit",
        "type": "integer",
        "description": f"How many {table.plural} to list, a whole number such as 5.",
        "required": True,
        "example": 5,
    }


def _top_by_size(table: Table, column: Column, tables: Mapping[str, Table]) -> Tool:
    own = f"t.{quoted(column.name)}"
    return tool_of(
        f"top_{table.many}_by_{column.key}",
        f"List the {table.plural} with the highest {column.words}, highest first.",
        [_limit(table)],
        f"SELECT {columns_sql(table, tables, summary(table, column.name))} "
        f"FROM {quoted(table.name)} AS t WHERE {own} IS NOT NULL "
        f"ORDER BY {own} DESC, {order_sql(table)} LIMIT min(:limit, {MOST_ROWS})",
    )


def _top_by_count(
    table: Table, reference: Reference, parent: Table, tables: Mapping[str, Table]
) -> Tool:
    """Rows of the parent with the most rows of the table."""
    column = quoted(reference.column)
    return tool_of(
        f"top_{parent.many}_by_{table.many}",
        f"List the {parent.plural} with the most {table.plural}, and how many each "
        "has.",
        [_limit(parent)],
        f"SELECT {columns_sql(parent, tables, summary(parent))}, "
        f"c.n AS {table.key}_count FROM {quoted(parent.name)} AS t "
        f"JOIN (SELECT {column} AS k, count(*) AS n FROM {quoted(table.name)} "
        f"GROUP BY {column}) AS c ON c.k = t.{quoted(reference.target)} "
        f"ORDER BY c.n DESC, {order_sql(parent)} LIMIT min(:limit, {MOST_ROWS})",
    )
