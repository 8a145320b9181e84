"""SQL tools that write, from a schema: add, change and delete, tie and part.

A column that SQLite fills in, or that follows from others, is no argument. An update
changes only what is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from eventsim.providers.rule_based.designing.words import article, joined
from eventsim.providers.rule_based.writing_tasks.ddl import Column, Table
from eventsim.providers.rule_based.writing_tasks.selecting import (
    Tool,
    keyed,
    quoted,
    tool_of,
)

__all__ = ["change_tools"]

_CLASS_ROWS = 10


def change_tools(tables: Sequence[Table]) -> Iterator[Tool]:
    """Changes first, then additions, then deletions."""
    writable = [t for t in tables if not t.unwritable and not _is_class(t, tables)]
    by_name = {table.name: table for table in tables}
    for table in writable:
        if not table.link and _changeable(table):
            yield _update(table)
    for table in writable:
        yield _insert(table, by_name)
    referred = {r.parent for t in tables for r in t.references}
    # Rows that others refer to can mostly not be deleted.
    for table in sorted(writable, key=lambda t: t.name in referred):
        if table.name not in referred:
            yield _delete(table, by_name)


def _is_class(table: Table, tables: Sequence[Table]) -> bool:
    """A short list of names that other tables choose from."""
    referring = [t for t in tables for r in t.references if r.parent == table.name]
    plain = {*table.primary, *table.label}
    return (
        0 < table.rows <= 3 * _CLASS_ROWS
        and all(c.name in plain for c in table.columns)
        and sum(t.rows for t in referring) > _CLASS_ROWS * table.rows
    )


def _own(table: Table, column: Column) -> str:
    return column.words.removeprefix(f"{table.words} ")


def _set_by_itself(table: Table, column: Column) -> bool:
    assigned = table.assigned and column.name in table.primary
    return column.by_itself or column.derived or assigned


def _changeable(table: Table) -> list[Column]:
    return [
        column
        for column in table.columns
        if column.name not in table.primary
        and column.kind != "blob"
        and not _set_by_itself(table, column)
    ]


def _what(table: Table, column: Column, tables: Mapping[str, Table], new: str) -> str:
    reference = table.reference(column.name)
    if reference is None:
        return f"The {new}{_own(table, column)} of the {table.words}"
    parent = tables[reference.parent]
    target = _own(parent, parent.column(reference.target))
    role = reference.role
    named = role if role == parent.words else f"{role}, {article(parent.words)}"
    return f"The {target} of the {new}{named}"


def _keys(table: Table, verb: str) -> list[dict[str, object]]:
    return [
        keyed(column, f"The {_own(table, column)} of the {table.words} to {verb}")
        for column in map(table.column, table.primary)
    ]


def _same_key(table: Table) -> str:
    columns = [table.column(name) for name in table.primary]
    return " AND ".join(f"{quoted(c.name)} = :{c.key}" for c in columns)


def _update(table: Table) -> Tool:
    columns = [c for c in _changeable(table) if table.reference(c.name) is None]
    columns = columns or _changeable(table)
    sets = [f"{quoted(c.name)} = coalesce(:{c.key}, {quoted(c.name)})" for c in columns]
    changed = [
        keyed(c, f"The new {_own(table, c)} of the {table.words}", required=False)
        for c in columns
    ]
    return tool_of(
        f"update_{table.key}",
        f"Change details of one {table.words}. Only what is given changes.",
        [*_keys(table, "change"), *changed],
        f"UPDATE {quoted(table.name)} SET {', '.join(sets)} WHERE {_same_key(table)}",
    )


def _insert(table: Table, tables: Mapping[str, Table]) -> Tool:
    parameters, columns, values = [], [], []
    for column in table.columns:
        if column.derived and column.required and not column.default:
            columns.append(column)
            values.append("0")
        elif column.kind != "blob" and not _set_by_itself(table, column):
            key = column.name in table.primary or column.name in table.label
            required = key or (column.required and not column.default)
            what = _what(table, column, tables, "")
            parameters.append(keyed(column, what, required=required))
            columns.append(column)
            given = f":{column.key}"
            default = column.default and not required
            values.append(f"coalesce({given}, {column.default})" if default else given)
    automatic = [
        c.words for c in table.columns if _set_by_itself(table, c) or c.derived
    ]
    verb = "is" if len(automatic) == 1 else "are"
    said = f" The {joined(automatic)} {verb} set automatically." if automatic else ""
    name, about = f"create_{table.key}", f"Add a new {table.words}.{said}"
    if tied := _tied_words(table, tables):
        member, whole = tied
        name = f"add_{member.key}_to_{whole.key}"
        about = f"Add {article(member.words)} to {article(whole.words)}."
    listed = ", ".join(quoted(column.name) for column in columns)
    return tool_of(
        name,
        about,
        parameters,
        f"INSERT INTO {quoted(table.name)} ({listed}) VALUES ({', '.join(values)})",
    )


def _delete(table: Table, tables: Mapping[str, Table]) -> Tool:
    name, about = f"delete_{table.key}", f"Delete one {table.words} for good."
    if tied := _tied_words(table, tables):
        member, whole = tied
        name = f"remove_{member.key}_from_{whole.key}"
        about = f"Remove {article(member.words)} from {article(whole.words)}."
    return tool_of(
        name,
        about,
        _keys(table, "delete"),
        f"DELETE FROM {quoted(table.name)} WHERE {_same_key(table)}",
    )


def _tied_words(
    table: Table, tables: Mapping[str, Table]
) -> tuple[Table, Table] | None:
    """Member and whole, where a link table is called by its member."""
    if not table.link or len(table.columns) > 3:
        return None
    ends = [r for r in table.references if r.column in table.primary]
    parents = [tables[r.parent] for r in ends]
    last = table.words.split()[-1]
    for member, whole in (parents, parents[::-1]):
        if member.words.split()[-1] == last:
            return member, whole
    return None
