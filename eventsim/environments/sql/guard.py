"""What a tool's statement may do, decided by SQLite's own authoriser.

One SELECT, INSERT, UPDATE or DELETE over the tables of the database, with the functions
that compute values; nothing that attaches, configures, begins or defines. A guard is
armed only while a tool's statement is prepared: what SQLite's own extensions do while
it runs (sessions, full-text indexes) is not the tool's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import apsw

__all__ = ["Guard", "Inspection", "Refused", "inspect"]

_READS = frozenset((apsw.SQLITE_SELECT, apsw.SQLITE_READ, apsw.SQLITE_RECURSIVE))
_WRITES = frozenset((apsw.SQLITE_INSERT, apsw.SQLITE_UPDATE, apsw.SQLITE_DELETE))
# Functions that are not deterministic in SQLite's sense and do no harm: aggregates,
# windows, and those that the environment binds to its clock and its draws.
_HARMLESS = frozenset(
    "avg changes count cume_dist current_date current_time current_timestamp dense_rank"
    " first_value group_concat lag last_insert_rowid last_value lead max median min"
    " nth_value ntile percent_rank percentile percentile_cont percentile_disc random"
    " randomblob rank row_number string_agg sum total total_changes match highlight"
    " snippet bm25 matchinfo offsets".split()
)
_OUTSIDE = frozenset(("edit", "load_extension", "readfile", "writefile"))


class Refused(Exception):
    """A statement that a tool may not have, and why."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a statement is: its parameters, its result columns, what it writes.

    `writes` are the tables that it writes itself or by triggers and cascades;
    `retouched` says that triggers may change the very row after it is written.
    """

    parameters: tuple[str, ...]
    columns: tuple[str, ...]
    writes: frozenset[str]
    retouched: bool


class Guard:
    """The authoriser of one connection, which it is installed on."""

    def __init__(self, con: apsw.Connection) -> None:
        con.authorizer = self
        con.exec_trace = self.prepared
        self.armed = False
        self.reading = True
        self.writes: set[tuple[str, str | None]] = set()
        self.refusal = ""

    def __call__(
        self,
        operation: int,
        first: str | None,
        second: str | None,
        _: str | None,
        trigger: str | None,
    ) -> int:
        """Decide on one thing that a statement would do; asked by SQLite."""
        if not self.armed:
            return apsw.SQLITE_OK
        if operation in _READS:
            if operation == apsw.SQLITE_READ and _is_internal(first):
                return self._refuse("it reads SQLite's own tables")
            return apsw.SQLITE_OK
        if operation in _WRITES:
            if self.reading:
                return self._refuse(f"it is declared read-only and writes {first}")
            if _is_internal(first):
                return self._refuse("it writes SQLite's own tables")
            self.writes.add((first or "", trigger))
            return apsw.SQLITE_OK
        if operation == apsw.SQLITE_FUNCTION:
            if (second or "").lower() in _allowed_functions():
                return apsw.SQLITE_OK
            return self._refuse(f"it calls {second}")
        return self._refuse(f"it does {_operation(operation)}")

    def prepared(self, *_: object) -> bool:
        """Stand down: called by apsw when a statement is ready to run."""
        self.armed = False
        return True

    def _refuse(self, why: str) -> int:
        self.refusal = self.refusal or why
        return apsw.SQLITE_DENY


def inspect(
    con: apsw.Connection, guard: Guard, sql: str, *, reading: bool, table: str
) -> Inspection:
    """Prepare one statement under the guard, without running it.

    Raises: Refused with the reason when it may not be a tool's statement.
    """
    seen: list[tuple[str, bool, tuple[Any, ...], tuple[str, ...]]] = []

    def stop(cursor: apsw.Cursor, text: str, _: object) -> bool:
        columns = tuple(str(column[0]) for column in cursor.get_description())
        names = tuple(cursor.bindings_names)
        if cursor.has_vdbe and not cursor.is_explain:
            seen.append((text, cursor.is_readonly, names, columns))
        return False

    guard.armed, guard.reading = True, reading
    guard.writes, guard.refusal = set(), ""
    con.exec_trace = stop
    try:
        con.execute(sql, _AnyBinding())
    except apsw.ExecTraceAbort:
        pass
    except apsw.AuthError:
        raise Refused(guard.refusal or "it is not allowed") from None
    except apsw.Error as failure:
        raise Refused(f"it does not prepare: {failure}") from None
    finally:
        con.exec_trace = guard.prepared
        guard.armed = False
    if not seen:
        raise Refused("it is empty, or only explains")
    text, readonly, names, columns = seen[0]
    if sql[len(text) :].strip(" \t\r\n;"):
        raise Refused("it is more than one statement")
    if readonly != reading:
        raise Refused("it does not do what it is declared to do")
    if any(name is None for name in names):
        raise Refused("it has a parameter without a name")
    own = table.casefold()
    return Inspection(
        parameters=names,
        columns=columns,
        writes=frozenset(name for name, _ in guard.writes),
        retouched=any(
            name.casefold() == own and trigger is not None
            for name, trigger in guard.writes
        ),
    )


class _AnyBinding(dict[str, None]):
    """Binds every parameter to NULL: an inspected statement never runs."""

    def __missing__(self, _: str) -> None:
        return None

    def __contains__(self, _: object) -> bool:
        return True


def _is_internal(table: str | None) -> bool:
    return (table or "").lower().startswith(("sqlite_", "pragma_", "dbstat"))


def _operation(operation: int) -> str:
    name = apsw.mapping_authorizer_function.get(operation, str(operation))
    return str(name).removeprefix("SQLITE_").lower().replace("_", " ")


@lru_cache(maxsize=1)
def _allowed_functions() -> frozenset[str]:
    con = apsw.Connection(":memory:")
    deterministic = con.execute(
        "SELECT name FROM pragma_function_list WHERE builtin AND flags & 0x800"
    )
    names = {str(row[0]).lower() for row in deterministic}
    return frozenset((names | _HARMLESS) - _OUTSIDE)
