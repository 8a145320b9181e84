"""What a model that designs tools or writes tasks is shown of a database, as text.

The schema is shown as its CREATE statements, with what the rows say of them as
comments. Of the rows only a few are shown, with those that they refer to, so that what
is made from them can be done; whoever reads them has to find out the rest.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

import apsw

from eventsim.core.draws import Draws
from eventsim.environments.sql.catalog import raw_tables
from eventsim.environments.sql.digest import quoted
from eventsim.environments.sql.image import Image
from eventsim.environments.sql.recording import as_json
from eventsim.environments.sql.schema import read_schema
from eventsim.environments.sql.tables import ForeignKey, Schema, Table
from eventsim.environments.sql.tasks.view import DataView, Entry, view_of

__all__ = ["CELL_CHARACTERS", "ROWS_SHOWN", "data_view", "schema_text"]

ROWS_SHOWN = 4
"""How many rows are drawn of each table; at most as many again for references."""

CELL_CHARACTERS = 60
"""A longer text is cut."""

_SCHEMA_CHARACTERS = 24_000


def schema_text(image: Image) -> str:
    """The CREATE statements of the tables that tools may use, each with comments: how
    many rows it has, which columns follow from others, why it cannot be written.
    """
    schema = read_schema(image)
    with contextlib.closing(image.connect()) as con:
        texts = {raw.name: raw.sql for raw in raw_tables(con)}
    parts: list[str] = []
    left = _SCHEMA_CHARACTERS
    for number, table in enumerate(schema.tables):
        part = "\n".join((_tidy(texts[table.name]), *_remarks(table)))
        left -= len(part)
        if left < 0 and parts:
            hidden = ", ".join(other.name for other in schema.tables[number:])
            parts.append(f"-- Tables that are not shown: {hidden}.")
            break
        parts.append(part)
    return "\n\n".join(parts)


def _tidy(sql: str) -> str:
    lines = (re.sub(r"[ \t\f\r]+", " ", line).strip() for line in sql.splitlines())
    filled = [line for line in lines if line]
    inner = [line if line.startswith(")") else f"  {line}" for line in filled[1:]]
    return "\n".join((*filled[:1], *inner)).rstrip("; \n") + ";"


def _remarks(table: Table) -> Iterator[str]:
    count = table.row_count
    yield f"-- {table.name} has {count} {'row' if count == 1 else 'rows'}."
    for column in table.columns:
        if column.derived:
            yield (
                f"-- {table.name}.{column.name} cannot be set by a tool: "
                f"{column.derived}."
            )
    if table.unwritable:
        yield f"-- {table.name} cannot be written: {table.unwritable}."


def data_view(image: Image, draws: Draws, *, rows: int = ROWS_SHOWN) -> str:
    """A few drawn rows of each table as CSV under its name, NULL for what is empty.

    Of rows that share their name with others none is shown where there is a choice:
    what is said of such a row would be said of either. BLOBs are left out.
    """
    schema = read_schema(image)
    view = view_of(image, schema)
    rng = draws.generator("data_view")
    with contextlib.closing(image.connect()) as con:
        shown = _shown(con, schema, view, rng, rows)
    return "\n\n".join(
        _as_csv(table, shown[table.name])
        for table in schema.tables
        if shown[table.name]
    )


_Rows = list[Mapping[str, Any]]


def _shown(
    con: apsw.Connection, schema: Schema, view: DataView, rng: Random, rows: int
) -> dict[str, _Rows]:
    shown: dict[str, _Rows] = {}
    for table in schema.tables:
        drawn = _drawn(con, table, view, rng, rows)
        shown[table.name] = sorted(drawn, key=lambda row: _place(table, row))
    drawn_rows = {name: tuple(found) for name, found in shown.items()}
    for table in schema.tables:
        for foreign in table.foreign_keys:
            for row in drawn_rows[table.name]:
                parent = _referred(con, schema, view, foreign, row)
                known = shown.get(foreign.parent, [])
                if parent and parent not in known and len(known) < 2 * rows:
                    known.append(parent)
    return shown


def _place(table: Table, row: Mapping[str, Any]) -> tuple[tuple[bool, Any], ...]:
    """Sorts rows by their key, numbers before texts."""
    return tuple((isinstance(row[n], str), row[n]) for n in table.primary_key)


def _drawn(
    con: apsw.Connection, table: Table, view: DataView, rng: Random, rows: int
) -> _Rows:
    entries = view.named.get(table.name) or view.entries(table.name)
    if entries:
        chosen = rng.sample(entries, min(rows, len(entries)))
        return [entry.row for entry in chosen]
    names = [c.name for c in table.visible if c.kind != "blob"]
    if not names or not table.row_count:
        return []
    listed = ", ".join(map(quoted, names))
    start = rng.randrange(max(1, table.row_count - rows + 1))
    found = con.execute(
        f"SELECT {listed} FROM main.{quoted(table.name)} LIMIT ? OFFSET ?",
        (rows, start),
    )
    return [dict(zip(names, row, strict=True)) for row in found]


def _referred(
    con: apsw.Connection,
    schema: Schema,
    view: DataView,
    foreign: ForeignKey,
    row: Mapping[str, Any],
) -> Mapping[str, Any] | None:
    """The row that a foreign key leads to, if its name tells it apart."""
    values = [row.get(column) for column in foreign.columns]
    table = schema.by_name.get(foreign.parent)
    if table is None or any(value is None for value in values):
        return None
    names = [c.name for c in table.visible if c.kind != "blob"]
    listed = ", ".join(map(quoted, names))
    same = " AND ".join(f"{quoted(target)} = ?" for target in foreign.targets)
    sql = f"SELECT {listed} FROM main.{quoted(table.name)} WHERE {same}"
    found = con.execute(sql, tuple(values)).fetchone()
    if found is None:
        return None
    whole = dict(zip(names, found, strict=True))
    parts = [str(whole[c]) for c in table.label if whole.get(c) is not None]
    entry = Entry(table, {}, whole, " ".join(parts) or None)
    return whole if view.occurrences(entry) <= 1 else None


def _as_csv(table: Table, rows: _Rows) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = list(rows[0])
    writer.writerow(names)
    writer.writerows([_cell(row[name]) for name in names] for row in rows)
    heading = f"{table.name} ({len(rows)} of {table.row_count} rows)"
    return f"{heading}\n{text.getvalue().rstrip()}"


def _cell(value: Any) -> str:
    if value is None:
        return "NULL"
    told = " ".join(str(as_json(value)).split())
    return told if len(told) <= CELL_CHARACTERS else f"{told[:CELL_CHARACTERS]}…"
