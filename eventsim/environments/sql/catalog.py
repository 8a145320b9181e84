"""Asks SQLite what a database holds: the plain facts, table by table.

Pragmas are read here and nowhere else. What names and rows mean is added by `schema`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import apsw

__all__ = ["RawColumn", "RawForeignKey", "RawTable", "raw_tables"]


@dataclass(frozen=True, slots=True)
class RawColumn:
    """One row of `table_xinfo`; `hidden`: 0 plain, 1 hidden, 2 and 3 generated."""

    name: str
    declared: str
    not_null: bool
    default: str | None
    key_place: int
    hidden: int


@dataclass(frozen=True, slots=True)
class RawForeignKey:
    """A foreign key as declared; `targets` is empty where it names the key."""

    columns: tuple[str, ...]
    parent: str
    targets: tuple[str, ...]
    on_delete: str


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table, view, virtual or shadow table, and its CREATE statement."""

    name: str
    kind: str
    without_rowid: bool
    strict: bool
    sql: str
    columns: tuple[RawColumn, ...]
    foreign_keys: tuple[RawForeignKey, ...]
    unique: tuple[tuple[str, ...], ...]
    triggers: tuple[str, ...]


def raw_tables(con: apsw.Connection) -> tuple[RawTable, ...]:
    """All tables and views, in order of name."""
    texts: dict[str, str] = {}
    triggers: dict[str, list[str]] = {}
    for kind, name, table, sql in con.execute(
        "SELECT type, name, tbl_name, sql FROM main.sqlite_schema ORDER BY name"
    ):
        if kind in ("table", "view"):
            texts[name] = sql or ""
        elif kind == "trigger":
            triggers.setdefault(table, []).append(sql or "")
    listed: list[Any] = con.execute(
        "SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main'"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    ).fetchall()
    return tuple(
        RawTable(
            name=name,
            kind=kind,
            without_rowid=bool(without_rowid),
            strict=bool(strict),
            sql=texts.get(name, ""),
            columns=_columns(con, name),
            foreign_keys=_foreign_keys(con, name),
            unique=_unique(con, name),
            triggers=tuple(triggers.get(name, ())),
        )
        for name, kind, without_rowid, strict in listed
    )


def _columns(con: apsw.Connection, table: str) -> tuple[RawColumn, ...]:
    try:
        listed: list[Any] = con.execute(
            'SELECT name, type, "notnull", dflt_value, pk, hidden'
            " FROM pragma_table_xinfo(?) ORDER BY cid",
            (table,),
        ).fetchall()
    except apsw.SQLError:  # a view over what is gone, a module that is not here
        return ()
    return tuple(
        RawColumn(name, declared or "", bool(not_null), default, place, hidden)
        for name, declared, not_null, default, place, hidden in listed
    )


def _foreign_keys(con: apsw.Connection, table: str) -> tuple[RawForeignKey, ...]:
    parts: dict[int, list[tuple[str, str, str | None, str]]] = {}
    for number, parent, column, target, on_delete in con.execute(
        'SELECT id, "table", "from", "to", on_delete FROM pragma_foreign_key_list(?)'
        " ORDER BY id, seq",
        (table,),
    ):
        parts.setdefault(number, []).append((parent, column, target, on_delete))
    found = []
    for number in sorted(parts, reverse=True):  # SQLite lists the last one first
        rows = parts[number]
        found.append(
            RawForeignKey(
                columns=tuple(row[1] for row in rows),
                parent=rows[0][0],
                targets=tuple(row[2] for row in rows if row[2] is not None),
                on_delete=rows[0][3],
            )
        )
    return tuple(found)


def _unique(con: apsw.Connection, table: str) -> tuple[tuple[str, ...], ...]:
    found: list[tuple[str, ...]] = []
    for (index,) in con.execute(
        'SELECT name FROM pragma_index_list(?) WHERE "unique" AND NOT partial'
        " AND origin <> 'pk' ORDER BY name",
        (table,),
    ).fetchall():
        columns = [
            row[0]
            for row in con.execute(
                "SELECT name FROM pragma_index_info(?) ORDER BY seqno", (index,)
            )
        ]
        if columns and None not in columns and tuple(columns) not in found:
            found.append(tuple(columns))
    return tuple(found)
