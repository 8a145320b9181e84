"""Plain words for what the database refuses, without any of its jargon.

The words come from the schema's names. What is missing or in the way is looked up, so
that the message says what to do about it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import apsw

from eventsim.environments.sql.digest import quoted
from eventsim.environments.sql.drafting import own_words
from eventsim.environments.sql.names import article, joined, plural, split_words
from eventsim.environments.sql.tables import ForeignKey, Schema, Table

__all__ = ["complaint"]


def complaint(
    failure: apsw.Error,
    con: apsw.Connection,
    schema: Schema,
    table: Table | None,
    effect: str,
    arguments: Mapping[str, Any],
) -> str:
    """Why a write was refused, in a sentence; the write is already undone."""
    code = getattr(failure, "extendedresult", 0)
    text = str(failure).split(": ", 1)[-1]
    words = table.words if table else "row"
    match code:
        case apsw.SQLITE_CONSTRAINT_FOREIGNKEY:
            return _foreign_key(con, schema, table, effect, arguments)
        case apsw.SQLITE_CONSTRAINT_NOTNULL:
            return f"The {_column(schema, text)} must not be empty."
        case (
            apsw.SQLITE_CONSTRAINT_UNIQUE
            | apsw.SQLITE_CONSTRAINT_PRIMARYKEY
            | apsw.SQLITE_CONSTRAINT_ROWID
        ):
            return _duplicate(schema, text, words)
        case apsw.SQLITE_CONSTRAINT_CHECK:
            return _check(table, text)
        case apsw.SQLITE_CONSTRAINT_TRIGGER:
            return _sentence(str(failure).removeprefix("ConstraintError: "))
        case apsw.SQLITE_CONSTRAINT_DATATYPE:
            return "A value is of a kind that its column does not hold."
        case _:
            return f"The database does not allow this change of {article(words)}."


def _foreign_key(
    con: apsw.Connection,
    schema: Schema,
    table: Table | None,
    effect: str,
    arguments: Mapping[str, Any],
) -> str:
    if table is None:
        return "Other rows depend on this one."
    if effect == "delete":
        return _still_referred(con, schema, table, arguments)
    for foreign in table.foreign_keys:
        keys = [table.by_name[name].key for name in foreign.columns]
        values = [arguments.get(key) for key in keys]
        if None in values or _exists(con, foreign.parent, foreign.targets, values):
            continue
        parent = schema.by_name[foreign.parent]
        words = [own_words(parent, parent.by_name[name]) for name in foreign.targets]
        named = joined(f"{w} {v}" for w, v in zip(words, values, strict=True))
        return f"There is no {parent.words} with {named}."
    return "Something that it refers to does not exist."


def _still_referred(
    con: apsw.Connection, schema: Schema, table: Table, arguments: Mapping[str, Any]
) -> str:
    for child, foreign in schema.referring.get(table.name, ()):
        values = _key_values(con, table, foreign, arguments)
        if values is None or foreign.on_delete in ("CASCADE", "SET NULL"):
            continue
        sql = _matching("count(*)", child.name, foreign.columns)
        count = int(con.execute(sql, values).get)
        if count:
            many = child.words if count == 1 else child.plural
            verb = "refers" if count == 1 else "refer"
            return (
                f"This {table.words} cannot be deleted:"
                f" {count} {many} still {verb} to it."
            )
    return f"This {table.words} cannot be deleted: other entries still refer to it."


def _key_values(
    con: apsw.Connection,
    table: Table,
    foreign: ForeignKey,
    arguments: Mapping[str, Any],
) -> tuple[Any, ...] | None:
    keys = [table.by_name[name].key for name in table.primary_key]
    given = [arguments.get(key) for key in keys]
    chosen = ", ".join(quoted(name) for name in foreign.targets)
    sql = _matching(chosen, table.name, table.primary_key)
    row = con.execute(sql, given).fetchone()
    return None if row is None else tuple(row)


def _matching(what: str, table: str, columns: Sequence[str]) -> str:
    same = " AND ".join(f"{quoted(name)} = ?" for name in columns)
    return f"SELECT {what} FROM main.{quoted(table)} WHERE {same}"


def _exists(
    con: apsw.Connection, table: str, columns: Sequence[str], values: Sequence[Any]
) -> bool:
    found = con.execute(_matching("1", table, columns) + " LIMIT 1", values)
    return found.fetchone() is not None


def _column(schema: Schema, text: str) -> str:
    table_name, _, name = text.partition(".")
    table = schema.by_name.get(table_name)
    if table is None or name not in table.by_name:
        return "value"
    return f"{table.by_name[name].words} of {article(table.words)}"


def _duplicate(schema: Schema, text: str, words: str) -> str:
    names = []
    for part in text.split(", "):
        table_name, _, name = part.partition(".")
        table = schema.by_name.get(table_name)
        if table is not None and name in table.by_name:
            foreign = table.foreign_key_of(name)
            names.append(foreign.role if foreign else table.by_name[name].words)
            words = table.words
    same = joined(names) or "value"
    return f"There is already {article(words)} with the same {same}."


def _check(table: Table | None, text: str) -> str:
    named = set(re.findall(r"\w+", text.casefold()))
    if table is not None:
        columns = [c.words for c in table.columns if c.name.casefold() in named]
        if columns:
            return f"The {joined(columns)} of {article(table.words)} cannot be that."
    rule = " ".join(split_words(text)) if text.isidentifier() else ""
    about = f' It breaks the rule "{rule}".' if rule else ""
    words = plural(table.words) if table is not None else "rows"
    return f"The database does not allow these values for {words}.{about}"


def _sentence(text: str) -> str:
    text = text.strip() or "The database does not allow this change"
    return text[0].upper() + text[1:] + ("" if text.endswith((".", "!")) else ".")
