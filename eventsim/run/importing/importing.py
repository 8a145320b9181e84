"""Imports a file: each row a dialogue of its own, with what it mounts.

What was imported before is found in the log and passed over, so that an import that
was broken off goes on when it is given again; a row that was rejected is tried again.
Rows are independent: one that cannot be used is rejected on record, and the next one is
read. Rows are appended many at a time, each a batch of its own.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import PurePath

from eventsim import __version__
from eventsim.core.events import (
    Event,
    ImportEnded,
    ImportStarted,
    PreparationStarted,
    Ref,
    RowRejected,
    Source,
    TrajectoryImported,
)
from eventsim.core.values import digest_of, freeze
from eventsim.errors import BadInput
from eventsim.exchange.formats.format import Format
from eventsim.log.store import Store
from eventsim.run.importing.making import Made, Maker
from eventsim.run.importing.masking import Masker
from eventsim.run.importing.pieces import Row
from eventsim.run.importing.report import Imported
from eventsim.run.importing.rows import RowFile
from eventsim.run.runs import label_of

__all__ = ["Imported", "Importing"]

_AT_ONCE = 256
_AT_ONCE_BYTES = 4 << 20
_READ_AT_ONCE = 4_096
_MOST_SHARED = 4_096


class Importing:
    """The import of one file into a store. `mask` replaces what must not be written;
    `masked` names it.
    """

    def __init__(
        self,
        store: Store,
        file: RowFile,
        form: Format,
        *,
        licence: str = "",
        benchmark: str = "",
        mask: Masker | None = None,
        masked: tuple[str, ...] = (),
        limit: int | None = None,
    ) -> None:
        self._store, self._file, self._form = store, file, form
        self._licence = licence
        self._benchmark = benchmark or form.benchmark
        self._mask, self._masked, self._limit = mask, masked, limit
        self._shared: dict[str, Ref] = {}
        self._there: dict[int, str] = {}
        self._rejected: dict[int, str] = {}
        self._ended: ImportEnded | None = None

    async def go(self, on_row: Callable[[], None] = lambda: None) -> Imported:
        """Import what is not there yet. Raises: BadInput (no rows), LogError."""
        done = Imported("")
        chunk: list[Row] = []
        size = 0
        async for row in self._file.rows():
            if self._limit is not None and row.number > self._limit:
                done.is_whole = False
                break
            if not done.rows:
                await self._begin(done)
            done.rows += 1
            chunk.append(row)
            size += row.size
            if len(chunk) == _AT_ONCE or size > _AT_ONCE_BYTES:
                await self._take(chunk, done, on_row)
                chunk, size = [], 0
        if not done.rows:
            raise BadInput(f"{self._file.name} holds no rows; nothing was imported")
        await self._take(chunk, done, on_row)
        done.rejected.sort()
        await self._end(done)
        return done

    # --- the import's own stream ----------------------------------------------------

    async def _begin(self, done: Imported) -> None:
        file, mask = self._file, self._mask
        identity = digest_of(
            [self._form.name, file.sha256, self._benchmark, list(self._masked)]
        )
        self._name = file.name if mask is None else mask.around(file.name)
        around = dict(file.around)
        around = around if mask is None else mask.around(around)
        done.label, existing = await label_of(self._store, identity)
        if existing is None:
            started = ImportStarted(
                label=done.label,
                identity=identity,
                format=self._form.name,
                file=self._name,
                file_sha256=file.sha256,
                licence=self._licence or self._form.licence,
                benchmark=self._benchmark,
                masked=self._masked,
                around=freeze(around),
                versions=freeze(
                    {"eventsim": __version__, "python": platform.python_version()}
                ),
            )
            (record,) = await self._store.append(None, [started], expected_version=0)
            self._run = record.ref
        else:
            await self._store.claim(existing.stream)
            await self._learn(existing.stream, done)
        self._label = done.label
        self._maker = Maker(
            self._form,
            label=done.label,
            run=self._run,
            sha256=file.sha256,
            around=around,
            mask=mask,
        )

    async def _learn(self, stream: str, done: Imported) -> None:
        """What the store holds of this import."""
        self._run = self._store.head(stream)
        self._there = dict(self._store.planned(stream))
        for start in range(0, self._run.version, _READ_AT_ONCE):
            stop = start + _READ_AT_ONCE
            for record in await self._store.read(stream, start=start, stop=stop):
                match record.event:
                    case RowRejected(row=row, reason=reason):
                        self._rejected[row] = reason
                    case ImportEnded() as ended:
                        self._ended = ended
                    case ImportStarted(licence=licence):
                        self._compare(licence, done)

    def _compare(self, licence: str, done: Imported) -> None:
        if self._licence and self._licence != licence:
            was = f"as {licence}" if licence else "without a licence"
            done.remarks.append(
                f"this file was imported {was}, and that stands: --licence "
                f"{self._licence} changes nothing in this store"
            )

    async def _end(self, done: Imported) -> None:
        ended = ImportEnded(rows=done.rows, imported=done.imported + done.existing)
        if done.is_whole and ended != self._ended:
            await self._append([ended])

    async def _append(self, events: list[Event]) -> None:
        stream = self._run.stream
        version = self._store.head(stream).version
        await self._store.append(stream, events, expected_version=version)

    # --- rows -----------------------------------------------------------------------

    async def _take(
        self, rows: list[Row], done: Imported, on_row: Callable[[], None]
    ) -> None:
        """Rows that come one after the other: all that can be are imported."""
        made: list[Made] = []
        rejected: list[tuple[int, str]] = []
        for row in rows:
            on_row()
            if row.number in self._there:
                done.existing += 1
                await self._tell(self._there[row.number], done)
                continue
            one = self._maker.make(row)
            if isinstance(one, Made):
                made.append(one)
                continue
            rejected.append((row.number, one))
            if row.line not in (0, row.number):
                done.lines[row.number] = row.line
        if made:
            await self._write(made)
        for each in made:
            done.tell(each.root)
            done.imported += 1
            done.accepted += each.row.number in self._rejected
        # A reason is told once, however often the row is tried.
        new = [each for each in rejected if self._rejected.get(each[0]) != each[1]]
        if new:
            await self._append([RowRejected(row=row, reason=why) for row, why in new])
        done.rejected += rejected

    async def _tell(self, stream: str, done: Imported) -> None:
        """What a row gave when it was imported."""
        for record in await self._store.read(stream, stop=1):
            if isinstance(record.event, TrajectoryImported):
                done.tell(record.event)

    async def _write(self, made: list[Made]) -> None:
        """What the rows mount before the rows: they refer to it."""
        tools = await self._mounted(made)
        tasks = await self._prepared(
            [
                (
                    f"tasks-{self._label}-{each.row.number}",
                    [self._tasks(each, mounted), *each.tasks],
                )
                for each, mounted in zip(made, tools, strict=True)
                if each.tasks
            ]
        )
        given = iter(tasks)
        await self._store.begin(
            [
                each.stream(next(given) if each.tasks else mounted)
                for each, mounted in zip(made, tools, strict=True)
            ]
        )

    # --- what rows mount ------------------------------------------------------------

    async def _mounted(self, made: list[Made]) -> list[Ref]:
        """The streams of the rows' tools and instructions, shared by equal rows."""
        new = {each.digest: each for each in made if each.digest not in self._shared}
        refs = await self._prepared(
            [
                (
                    f"tools-{self._label}-{digest[:10]}",
                    [self._tools(each), *each.mounts],
                )
                for digest, each in new.items()
            ]
        )
        known = self._shared | dict(zip(new, refs, strict=True))
        self._shared = known if len(known) <= _MOST_SHARED else {}
        return [known[each.digest] for each in made]

    async def _prepared(self, wanted: list[tuple[str, list[Event]]]) -> list[Ref]:
        """Made once: an import that goes on finds what it made before."""
        there = {
            label: self._store.head(info.stream)
            for label, _ in wanted
            for info in self._store.labelled(label)
        }
        new = [(label, events) for label, events in wanted if label not in there]
        made = await self._store.begin([events for _, events in new])
        there |= {label: ref for (label, _), ref in zip(new, made, strict=True)}
        return [there[label] for label, _ in wanted]

    def _tools(self, made: Made) -> PreparationStarted:
        label = f"tools-{self._label}-{made.digest[:10]}"
        return PreparationStarted(label=label, purpose="tools", source=self._source)

    def _tasks(self, made: Made, tools: Ref) -> PreparationStarted:
        """A row with tasks has a stream of its own on top of its tools."""
        environments = made.said.environments
        return PreparationStarted(
            label=f"tasks-{self._label}-{made.row.number}",
            purpose="tasks",
            source=self._source.model_copy(update={"environments": environments}),
            index=made.row.number,
            tools_from=tools,
            toolset=tuple(tool.digest for tool in made.said.tools),
        )

    @property
    def _source(self) -> Source:
        return Source(name=PurePath(self._name).stem, title="")
