"""SQL as an environment: one private copy of a database, one statement a call.

Everything runs inline on the caller's thread and in memory. A call can only be what
its tool's statement is; its clock is the dialogue's, its random numbers are the call's.
Nothing here knows what the tools are for.

Contents: a `row` is an object or null; `rows` are {"rows": [...], "more": whether rows
were left out}; a `value` is an object; an insert or update gives the row after the
write, a delete {"deleted": how many}.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from random import Random
from typing import Any, Self

import apsw

from eventsim.core.arguments import argument_check
from eventsim.core.changes import RowChange
from eventsim.core.draws import Draws
from eventsim.core.tools import SqlStatement, ToolDefinition
from eventsim.environments.environment import CallOutcome
from eventsim.environments.sql.arguments import bindings
from eventsim.environments.sql.clock import VFS_NAME, julian_ms, show_time
from eventsim.environments.sql.complaints import complaint
from eventsim.environments.sql.digest import combine, quoted, table_digests
from eventsim.environments.sql.guard import Guard, Inspection, Refused, inspect
from eventsim.environments.sql.image import Image, image_from_connection
from eventsim.environments.sql.recording import Recorder
from eventsim.environments.sql.results import error, row_object, text
from eventsim.environments.sql.schema import read_schema
from eventsim.environments.sql.upkeep import upkeep_script

__all__ = ["ROW_LIMIT", "SqlEnvironment"]

ROW_LIMIT = 50
"""The most rows that a result holds."""

STEP_LIMIT = 20_000_000
"""The most instructions of SQLite's virtual machine that a call may take."""

_STEPS_A_TICK = 1_000
_BACKSTOP_S = 30.0
_VALUE_BYTES = 16 << 20
_INSPECTIONS: dict[tuple[str, str], Inspection | Refused] = {}
_MOST_INSPECTIONS = 10_000
_COLUMNS: dict[str, dict[str, tuple[str, ...]]] = {}


class SqlEnvironment:
    """A database in memory that tools read and write. Make it with `mount`."""

    def __init__(
        self,
        image: Image,
        con: apsw.Connection,
        *,
        now_ms: int,
        seed: int,
        row_limit: int,
        step_limit: int,
    ) -> None:
        self._image = image
        self._con = con
        self._now_ms = now_ms
        self._draws = Draws(seed, "environment")
        self._row_limit = row_limit
        self._ticks_allowed = max(1, step_limit // _STEPS_A_TICK)
        self._guard = Guard(con)
        self._recorder = Recorder(con, _COLUMNS.setdefault(image.schema_digest, {}))
        self._dirty: set[str] = set()
        self._trials = 0
        self._ticks = 0
        self._running = False
        self._deadline = 0.0
        self._late = False
        self._ordinal = 0
        self._random: Random | None = None

    @classmethod
    def mount(
        cls,
        image: Image,
        *,
        now: str,
        seed: int,
        row_limit: int = ROW_LIMIT,
        step_limit: int = STEP_LIMIT,
    ) -> Self:
        """A private copy of the image, whose clock stands at `now` (ISO, UTC).

        Raises: ValueError when `now` is no ISO time.
        """
        now_ms = julian_ms(now)
        con = image.connect(VFS_NAME)
        con.limit(apsw.SQLITE_LIMIT_LENGTH, _VALUE_BYTES)
        con.execute(f"PRAGMA foreign_keys = ON; {upkeep_script(image)}")
        environment = cls(
            image,
            con,
            now_ms=now_ms,
            seed=seed,
            row_limit=row_limit,
            step_limit=step_limit,
        )
        con.create_scalar_function("random", environment._draw_integer, 0)
        con.create_scalar_function("randomblob", environment._draw_bytes, 1)
        con.set_progress_handler(environment._tick, _STEPS_A_TICK)
        return environment

    @property
    def size_bytes(self) -> int:
        """Memory held by pages."""
        pages = self._con.execute("PRAGMA page_count").get
        size = self._con.execute("PRAGMA page_size").get
        return int(pages) * int(size)

    async def call(
        self, tool: ToolDefinition, arguments: Mapping[str, Any], *, ordinal: int
    ) -> CallOutcome:
        """Execute one call; see `Environment.call`."""
        return self.execute(tool, arguments, ordinal=ordinal)

    def set_clock(self, now: str) -> None:
        """From here on the clock stands at `now` (ISO, UTC)."""
        self._now_ms = julian_ms(now)

    async def digest(self) -> str:
        """Canonical digest of schema and rows."""
        return self.rows_digest()

    def image(self, name: str) -> Image:
        """The database as it is now."""
        return image_from_connection(name, self._con)

    async def close(self) -> None:
        """Let go of the memory; nothing may be called afterwards."""
        self.dismount()

    def dismount(self) -> None:
        """`close`, for code that does not await."""
        self._con.close()

    def rows_digest(self) -> str:
        """The digest of schema and rows; only tables ever written are read."""
        fresh = table_digests(self._con, self._dirty) if self._dirty else {}
        return combine(
            self._image.schema_digest, {**self._image.table_digests, **fresh}
        )

    @contextmanager
    def trial(self) -> Iterator[None]:
        """A context that undoes everything done in it; trials nest."""
        self._con.execute("SAVEPOINT trial")
        self._trials += 1
        try:
            yield
        finally:
            self._trials -= 1
            self._con.execute("ROLLBACK TO trial; RELEASE trial")

    def query(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()
    ) -> list[tuple[Any, ...]]:
        """Rows of a read-only statement, as stored and unbounded.

        Raises: apsw.Error when it does not run, or would write.
        """
        with self._armed(reading=True, ordinal=0):
            return list(self._con.execute(sql, parameters))

    def inspect(self, tool: ToolDefinition) -> Inspection:
        """What the tool's statement is. Raises: Refused when it may not be one."""
        statement = tool.statement
        if statement is None:
            raise Refused("it has no statement")
        where = (tool.digest, self._image.schema_digest)
        found = _INSPECTIONS.get(where)
        if found is None:
            try:
                found = self._inspected(statement)
            except Refused as refused:
                found = refused
            if len(_INSPECTIONS) >= _MOST_INSPECTIONS:
                _INSPECTIONS.clear()
            _INSPECTIONS[where] = found
        if isinstance(found, Refused):
            raise found
        return found

    def execute(
        self, tool: ToolDefinition, arguments: Mapping[str, Any], *, ordinal: int
    ) -> CallOutcome:
        """`call`, for code that does not await."""
        begun = time.perf_counter_ns()
        outcome = self._execute(tool, arguments, ordinal)
        spent = (time.perf_counter_ns() - begun) // 1_000
        return replace(outcome, duration_us=spent)

    def _execute(
        self, tool: ToolDefinition, arguments: Mapping[str, Any], ordinal: int
    ) -> CallOutcome:
        statement = tool.statement
        check = argument_check(tool)
        problem = check.problem(arguments)
        if problem:
            return error("invalid_arguments", problem)
        try:
            seen = self.inspect(tool)
        except Refused as refused:
            return error("failed", f"This tool cannot be used: {refused}.")
        assert statement is not None
        bound = bindings(check, seen.parameters, arguments)
        run = self._read if statement.effect == "read" else self._write
        try:
            try:
                return run(statement, seen, bound, ordinal, cached=True)
            except apsw.InterruptError:
                # A cached statement counts on from its last run; only a fresh one
                # tells whether this call by itself is over the limit.
                return run(statement, seen, bound, ordinal, cached=False)
        except apsw.InterruptError:
            why = "it takes too long" if self._late else "it takes too much work"
            return error("limit", f"This cannot be done: {why}. Ask for less at once.")
        except apsw.ConstraintError as failure:
            return self._constraint(failure, statement, arguments)
        except (apsw.Error, UnicodeDecodeError, OverflowError) as failure:
            return error("failed", f"The database could not do this: {failure}.")

    def _read(
        self,
        statement: SqlStatement,
        seen: Inspection,
        bindings: Mapping[str, Any],
        ordinal: int,
        *,
        cached: bool,
    ) -> CallOutcome:
        limit = self._row_limit if statement.returns == "rows" else 1
        with self._armed(reading=True, ordinal=ordinal):
            cursor = self._con.execute(statement.sql, bindings, can_cache=cached)
            found = list(islice(cursor, limit + 1))
            cursor.close(True)  # noqa: FBT003 - positional only
        rows = [row_object(seen.columns, row) for row in found[:limit]]
        if statement.returns == "rows":
            return CallOutcome(text({"rows": rows, "more": len(found) > limit}))
        return CallOutcome(text(rows[0] if rows else None))

    def _write(
        self,
        statement: SqlStatement,
        seen: Inspection,
        bindings: Mapping[str, Any],
        ordinal: int,
        *,
        cached: bool,
    ) -> CallOutcome:
        self._dirty.update(seen.writes)
        self._con.execute("SAVEPOINT call")
        self._recorder.start()
        try:
            with self._armed(reading=False, ordinal=ordinal):
                cursor = self._con.execute(statement.sql, bindings, can_cache=cached)
                found = list(cursor)
                affected = self._con.changes()
            if self._con.status(apsw.SQLITE_DBSTATUS_DEFERRED_FKS)[0]:
                raise _unresolved()
            changes = self._recorder.stop()
        except BaseException:
            self._recorder.cancel()
            self._undo()
            raise
        self._con.execute("RELEASE call")
        return self._written(statement, seen, found, affected, changes)

    def _written(
        self,
        statement: SqlStatement,
        seen: Inspection,
        found: Sequence[Sequence[Any]],
        affected: int,
        changes: tuple[RowChange, ...],
    ) -> CallOutcome:
        if statement.effect == "delete":
            if not affected:
                return self._not_found(statement)
            return CallOutcome(text({"deleted": affected}), changes=changes)
        if not found:
            return self._not_found(statement)
        row = found[0]
        if seen.retouched:
            row = self._after_triggers(statement, changes) or row
        return CallOutcome(text(row_object(seen.columns, row)), changes=changes)

    def _after_triggers(
        self, statement: SqlStatement, changes: Sequence[RowChange]
    ) -> Sequence[Any] | None:
        """RETURNING speaks of the row before AFTER triggers: read it again."""
        _, _, returning = statement.sql.rpartition(" RETURNING ")
        for change in changes:
            if change.table.casefold() == statement.table.casefold():
                same = " AND ".join(f"{quoted(name)} = ?" for name in change.key)
                table = f"main.{quoted(statement.table)}"
                sql = f"SELECT {returning} FROM {table} WHERE {same}"
                row = self._con.execute(sql, tuple(change.key.values())).fetchone()
                return None if row is None else tuple(row)
        return None

    def _not_found(self, statement: SqlStatement) -> CallOutcome:
        table = read_schema(self._image).by_name.get(statement.table)
        words = table.words if table is not None else "entry"
        if statement.effect == "insert":
            return error("failed", f"The {words} was not added.")
        return error("not_found", f"There is no such {words}; nothing was changed.")

    def _constraint(
        self,
        failure: apsw.ConstraintError,
        statement: SqlStatement,
        arguments: Mapping[str, Any],
    ) -> CallOutcome:
        schema = read_schema(self._image)
        table = schema.by_name.get(statement.table)
        message = complaint(
            failure, self._con, schema, table, statement.effect, arguments
        )
        return error("constraint", message)

    def _inspected(self, statement: SqlStatement) -> Inspection:
        return inspect(
            self._con,
            self._guard,
            statement.sql,
            reading=statement.effect == "read",
            table=statement.table,
        )

    def _undo(self) -> None:
        if self._con.in_transaction:
            self._con.execute("ROLLBACK TO call; RELEASE call")
            return
        # The failure rolled back everything, the trials around it included: they
        # go on from where the first of them began.
        for _ in range(self._trials):
            self._con.execute("SAVEPOINT trial")

    @contextmanager
    def _armed(self, *, reading: bool, ordinal: int) -> Iterator[None]:
        guard = self._guard
        guard.armed, guard.reading = True, reading
        self._ordinal, self._random = ordinal, None
        self._ticks, self._late = self._ticks_allowed, False
        self._deadline = time.monotonic() + _BACKSTOP_S
        self._running = True
        show_time(self._now_ms)
        try:
            yield
        finally:
            guard.armed = self._running = False

    def _tick(self) -> bool:
        if not self._running:
            return False
        self._ticks -= 1
        self._late = time.monotonic() > self._deadline
        return self._ticks <= 0 or self._late

    def _generator(self) -> Random:
        if self._random is None:
            self._random = self._draws.generator("random", self._ordinal)
        return self._random

    def _draw_integer(self, *_: object) -> int:
        return self._generator().getrandbits(64) - (1 << 63)

    def _draw_bytes(self, *counts: object) -> bytes:
        size = counts[0] if isinstance(counts[0], int) else 1
        return self._generator().randbytes(max(1, min(size, 1 << 16)))


def _unresolved() -> apsw.ConstraintError:
    """What SQLite would raise at the end of a transaction of its own."""
    failure = apsw.ConstraintError("FOREIGN KEY constraint failed")
    vars(failure)["extendedresult"] = apsw.SQLITE_CONSTRAINT_FOREIGNKEY
    return failure
