"""What a write did to rows, from SQLite's session extension.

A session lives for one call. Tables without a primary key are followed by their row
id, so that what triggers write there is not lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import apsw

from eventsim.core.changes import RowChange
from eventsim.core.values import FrozenDict
from eventsim.environments.sql.digest import quoted

__all__ = ["Recorder", "as_json"]

_OPS = {"INSERT": "insert", "UPDATE": "update", "DELETE": "delete"}


def as_json(value: Any) -> Any:
    """A value of SQLite as JSON: a BLOB as "x'hex'", an infinity as text."""
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return str(value)
    return value


class Recorder:
    """Follows the writes of one connection, one call at a time."""

    def __init__(
        self, con: apsw.Connection, columns: dict[str, tuple[str, ...]]
    ) -> None:
        # `columns` is shared by all copies of one image: names are looked up once.
        self._con = con
        self._columns = columns
        self._session: apsw.Session | None = None

    def start(self) -> None:
        """Begin to follow."""
        session = apsw.Session(self._con, "main")
        session.config(apsw.SQLITE_SESSION_OBJCONFIG_ROWID, 1)
        session.attach()
        self._session = session

    def stop(self) -> tuple[RowChange, ...]:
        """What changed since `start`, one change a row."""
        assert self._session is not None
        try:
            if self._session.is_empty:
                return ()
            changeset = self._session.changeset()
        finally:
            self.cancel()
        return tuple(self._change(change) for change in apsw.Changeset.iter(changeset))

    def cancel(self) -> None:
        """Forget what was followed."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _change(self, change: apsw.TableChange) -> RowChange:
        names = self._names(change.name, change.column_count)
        old, new = _given(names, change.old), _given(names, change.new)
        key_names = {names[place] for place in change.pk_columns}
        whole = new if change.op == "INSERT" else old
        key = {name: value for name, value in whole.items() if name in key_names}
        if change.op == "UPDATE":
            old = {name: old[name] for name in old if name in new}
        return RowChange.model_construct(
            table=change.name,
            op=_OPS[change.op],
            key=FrozenDict(key),
            old=FrozenDict({n: v for n, v in old.items() if n not in key_names}),
            new=FrozenDict({n: v for n, v in new.items() if n not in key_names}),
        )

    def _names(self, table: str, count: int) -> tuple[str, ...]:
        names = self._columns.get(table)
        if names is None:
            names = tuple(
                row[0]
                for row in self._con.execute(
                    "SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0"
                    " ORDER BY cid",
                    (table,),
                )
            )
            if count == len(names) + 1:
                names = ("_rowid_", *names)
            assert count == len(names), f"unexpected columns of {quoted(table)}"
            self._columns[table] = names
        return names


def _given(names: tuple[str, ...], values: tuple[Any, ...] | None) -> Mapping[str, Any]:
    return {
        name: as_json(value)
        for name, value in zip(names, values or (), strict=False)
        if value is not apsw.no_change
    }
