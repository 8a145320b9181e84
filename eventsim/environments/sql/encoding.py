"""Text that is not UTF-8, as old databases hold it, made readable in the copy.

SQLite stores any bytes as text; a reader of such a row fails. Values that are not
UTF-8 are taken for Windows-1252, which every sequence of Latin-1 text is.
"""

from __future__ import annotations

import apsw

from eventsim.environments.sql.digest import quoted

__all__ = ["make_readable"]


def make_readable(con: apsw.Connection) -> None:
    """Rewrite what cannot be decoded, in place; nothing else is touched."""
    broken = [
        (table, column)
        for table, column in _text_columns(con)
        if not _decodes(con, table, column)
    ]
    if not broken:
        return
    con.create_scalar_function("eventsim_readable", _readable, 1)
    con.config(apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0)
    for table, column in broken:
        name = quoted(column)
        con.execute(
            f"UPDATE main.{quoted(table)}"
            f" SET {name} = eventsim_readable(CAST({name} AS BLOB))"
            f" WHERE typeof({name}) = 'text'"
            f" AND eventsim_readable(CAST({name} AS BLOB)) IS NOT {name}"
        )


def _text_columns(con: apsw.Connection) -> list[tuple[str, str]]:
    return [
        (str(table), str(column))
        for table, column in con.execute(
            "SELECT t.name, c.name FROM pragma_table_list AS t,"
            " pragma_table_xinfo(t.name) AS c WHERE t.schema = 'main'"
            " AND t.type = 'table' AND c.hidden = 0"
            " AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        ).fetchall()
    ]


def _decodes(con: apsw.Connection, table: str, column: str) -> bool:
    name = quoted(column)
    sql = f"SELECT {name} FROM main.{quoted(table)} WHERE typeof({name}) = 'text'"
    try:
        for _ in con.execute(sql):
            pass
    except UnicodeDecodeError:
        return False
    return True


def _readable(*values: object) -> str:
    data = values[0]
    assert isinstance(data, bytes)
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
