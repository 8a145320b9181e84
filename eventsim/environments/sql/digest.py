"""The canonical digest of a database: its schema and its rows, and nothing else.

File bytes, page order and row ids leave no trace, so equal digests are equal states
whatever history led to them. NULL, integer, real, text and blob are told apart.
Shadow tables of virtual tables are left out; a virtual table counts by its rows.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import apsw
import orjson

__all__ = ["combine", "quoted", "rows_digest", "schema_digest", "table_digests"]

_CHUNK = 2_000


def quoted(name: str) -> str:
    """An identifier, quoted for SQL."""
    return '"' + name.replace('"', '""') + '"'


def rows_digest(con: apsw.Connection) -> str:
    """64 hex digits over the schema and all rows."""
    return combine(schema_digest(con), table_digests(con))


def combine(schema: str, tables: Mapping[str, str]) -> str:
    """The digest of a database from those of its schema and of each table."""
    return hashlib.sha256(orjson.dumps([schema, sorted(tables.items())])).hexdigest()


def schema_digest(con: apsw.Connection) -> str:
    """The digest of all definitions, in order of their names."""
    shadows = _named(con, "shadow")
    listed = [
        row
        for row in con.execute(
            "SELECT type, name, tbl_name, sql FROM main.sqlite_schema"
            " WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name"
        )
        if row[2] not in shadows
    ]
    return hashlib.sha256(orjson.dumps(listed, default=_blob)).hexdigest()


def table_digests(
    con: apsw.Connection, only: Collection[str] | None = None
) -> dict[str, str]:
    """The digest of each table's rows, of those in `only` if it is given."""
    virtual = _named(con, "virtual")
    names = _named(con, "table") | virtual
    digests = {}
    for name in sorted(names):
        if only is not None and name not in only:
            continue
        try:
            digests[name] = _rows(con, name)
        except (apsw.SQLError, apsw.ConstraintError) as failure:
            if name not in virtual:
                raise
            # The module that serves this table is not here: its definition, which
            # the schema's digest covers, is all that can be said of it.
            digests[name] = type(failure).__name__
    return digests


def _named(con: apsw.Connection, kind: str) -> set[str]:
    listed = con.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = ?"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
        (kind,),
    )
    return {row[0] for row in listed}


def _rows(con: apsw.Connection, table: str) -> str:
    keys = [
        row[0]
        for row in con.execute(
            'SELECT name, "notnull", type FROM pragma_table_info(?) WHERE pk'
            " ORDER BY pk",
            (table,),
        )
    ]
    digest = hashlib.sha256()
    if keys and not _null_in(con, table, keys):
        order = ", ".join(f"{quoted(key)} COLLATE BINARY" for key in keys)
        for chunk in _chunks(
            con, f"SELECT * FROM main.{quoted(table)} ORDER BY {order}"
        ):
            digest.update(_encoded(chunk))
        return digest.hexdigest()
    encoded: list[bytes] = []
    for chunk in _chunks(con, f"SELECT * FROM main.{quoted(table)}"):
        encoded.extend(_encoded([row]) for row in chunk)
    digest.update(b"".join(sorted(encoded)))
    return digest.hexdigest()


def _null_in(con: apsw.Connection, table: str, keys: list[str]) -> bool:
    missing = " OR ".join(f"{quoted(key)} IS NULL" for key in keys)
    sql = f"SELECT EXISTS (SELECT 1 FROM main.{quoted(table)} WHERE {missing})"
    return bool(con.execute(sql).get)


def _chunks(con: apsw.Connection, sql: str) -> Iterator[list[Any]]:
    cursor = con.execute(sql)
    chunk: list[Any] = []
    for row in cursor:
        chunk.append(row)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _encoded(rows: list[Any]) -> bytes:
    data = orjson.dumps(rows, default=_blob)
    if b"null" in data and any(
        type(value) is float and math.isinf(value) for row in rows for value in row
    ):
        rows = [[_infinity(value) for value in row] for row in rows]
        data = orjson.dumps(rows, default=_blob)
    # Without its brackets, so that where a chunk ends leaves no trace.
    return data[1:-1] + b","


def _infinity(value: Any) -> Any:
    if type(value) is float and math.isinf(value):
        return {"real": "+inf" if value > 0 else "-inf"}
    return value


def _blob(value: object) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"blob": value.hex()}
    raise TypeError(type(value).__name__)
