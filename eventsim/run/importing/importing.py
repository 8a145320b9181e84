"""Imports a file: each row a dialogue of its own, with what it mounts.

What was imported before is found in the log and passed over, so that an import that
was broken off goes on when it is given again. Rows are independent: one that cannot be
used is rejected on record, and the next one is read.
"""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import anyio

from eventsim import __version__
from eventsim.core.draws import lineage_of
from eventsim.core.events import (
    Event,
    ImportEnded,
    ImportStarted,
    PolicyWritten,
    PreparationEnded,
    PreparationStarted,
    Ref,
    RowRejected,
    Source,
    TaskCreated,
    ToolDefined,
    TrajectoryImported,
)
from eventsim.core.fold import fold
from eventsim.core.values import digest_of, freeze
from eventsim.errors import LogError
from eventsim.exchange.conversation import Conversation, RowUnusable, Transcript
from eventsim.exchange.formats.format import Format
from eventsim.exchange.rest import rest_of
from eventsim.log.store import Store
from eventsim.run.importing.rows import Row, RowFile
from eventsim.run.runs import label_of

__all__ = ["Imported", "Importing"]

Mask = Callable[[Any], Any]
_AT_ONCE = 32
_MOST_SHARED = 4_096


@dataclass(slots=True)
class Imported:
    """What came of a file: rows read, imported now, there before, and rejected with
    the reason. `beside` counts rows by what of them no event says, `notes` by remark.
    """

    label: str
    rows: int = 0
    imported: int = 0
    existing: int = 0
    rejected: list[tuple[int, str]] = field(default_factory=list)
    beside: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)


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
        mask: Mask | None = None,
        masked: tuple[str, ...] = (),
        limit: int | None = None,
    ) -> None:
        self._store, self._file, self._form = store, file, form
        self._licence = licence or form.licence
        self._benchmark = benchmark or form.benchmark
        self._mask, self._masked, self._limit = mask, masked, limit
        self._shared: dict[str, Ref] = {}
        self._lock = anyio.Lock()

    async def go(self, on_row: Callable[[], None] = lambda: None) -> Imported:
        """Import what is not there yet. Raises: LogError."""
        self._label, self._run = await self._begin()
        there, rejected = await self._there()
        done = Imported(self._label, existing=len(there), rejected=rejected)
        known = there | {row for row, _ in rejected}
        limiter = anyio.Semaphore(_AT_ONCE)
        async with anyio.create_task_group() as group:
            async for row in self._file.rows():
                if self._limit is not None and row.number > self._limit:
                    break
                done.rows += 1
                on_row()
                if row.number in known:
                    continue
                await limiter.acquire()
                group.start_soon(self._row, row, done, limiter.release)
        await self._end(done)
        return done

    async def _begin(self) -> tuple[str, Ref]:
        file = self._file
        identity = digest_of(
            [self._form.name, file.sha256, self._benchmark, list(self._masked)]
        )
        label, existing = await label_of(self._store, identity)
        if existing is not None:
            await self._store.claim(existing.stream)
            return label, self._store.head(existing.stream)
        started = ImportStarted(
            label=label,
            identity=identity,
            format=self._form.name,
            file=file.path.name,
            file_sha256=file.sha256,
            licence=self._licence,
            benchmark=self._benchmark,
            masked=self._masked,
            around=freeze(self._masking(dict(file.around))),
            versions=freeze(
                {"eventsim": __version__, "python": platform.python_version()}
            ),
        )
        (record,) = await self._store.append(None, [started], expected_version=0)
        return label, record.ref

    async def _there(self) -> tuple[set[int], list[tuple[int, str]]]:
        """The rows that are in the store, and those that were rejected."""
        stream = self._run.stream
        rows = {
            info.index
            for info in self._store.streams(family="dialogue", run=stream)
            if info.planned and info.index is not None
        }
        events = [record.event for record in await self._store.read(stream)]
        rejected = [(e.row, e.reason) for e in events if isinstance(e, RowRejected)]
        return rows, rejected

    async def _row(self, row: Row, done: Imported, release: Callable[[], None]) -> None:
        try:
            if row.problem:
                raise RowUnusable(row.problem)
            value = self._masking(row.value)
            said = self._form.read(value, self._file.around)
            await self._write(row.number, value, said, done)
            done.imported += 1
        except RowUnusable as problem:
            await self._reject(row.number, str(problem))
            done.rejected.append((row.number, str(problem)))
        finally:
            release()

    def _masking(self, value: Any) -> Any:
        return value if self._mask is None else self._mask(value)

    async def _write(
        self, number: int, row: Any, said: Conversation, done: Imported
    ) -> None:
        written = self._form.write(_transcript(said, number))
        kept = rest_of(row, written)
        for each in {_pattern(item.at) for item in kept}:
            done.beside[each] += 1
        done.notes.update(said.notes)
        preparation = await self._prepare(number, said)
        asked = any(task.question for task in said.tasks)
        started = TrajectoryImported(
            label=f"{self._label}-{number}",
            index=number,
            lineage=lineage_of("import", self._file.sha256, number),
            pipeline="task-oriented" if asked else "user-oriented",
            run=self._run,
            preparation=preparation,
            row=number,
            row_id=said.row_id,
            style=freeze(dict(said.style)),
            kept=kept,
        )
        await self._store.append(None, [started, *said.events], expected_version=0)

    # --- what rows mount ------------------------------------------------------------

    async def _prepare(self, number: int, said: Conversation) -> Ref:
        """The stream of a row's tools and instructions, shared by equal rows; a row
        with tasks has one of its own on top of it.
        """
        content: list[object] = [said.system, [tool.digest for tool in said.tools]]
        digest = digest_of(content)
        async with self._lock:
            if digest not in self._shared:
                if len(self._shared) >= _MOST_SHARED:
                    self._shared.clear()
                self._shared[digest] = await self._tools(digest, said)
        tools = self._shared[digest]
        if not said.tasks:
            return tools
        label = f"tasks-{self._label}-{number}"
        started = PreparationStarted(
            label=label,
            purpose="tasks",
            source=self._source.model_copy(update={"environments": said.environments}),
            index=number,
            tools_from=tools,
            toolset=tuple(tool.digest for tool in said.tools),
        )
        return await self._append_preparation(
            started,
            [
                *([PolicyWritten(text=said.system)] if said.system else []),
                *(TaskCreated(task=task) for task in said.tasks),
            ],
        )

    async def _tools(self, digest: str, said: Conversation) -> Ref:
        started = PreparationStarted(
            label=f"tools-{self._label}-{digest[:10]}",
            purpose="tools",
            source=self._source,
        )
        return await self._append_preparation(
            started,
            [
                *([PolicyWritten(text=said.system)] if said.system else []),
                *(ToolDefined(tool=tool) for tool in said.tools),
            ],
        )

    @property
    def _source(self) -> Source:
        return Source(name=self._file.path.stem, title="")

    async def _append_preparation(
        self, started: PreparationStarted, events: list[Event]
    ) -> Ref:
        """Made once: an import that goes on finds what it made before."""
        for info in self._store.labelled(started.label):
            return self._store.head(info.stream)
        whole = [started, *events, PreparationEnded()]
        records = await self._store.append(None, whole, expected_version=0)
        return records[-1].ref

    # --- the import's own stream ----------------------------------------------------

    async def _reject(self, number: int, reason: str) -> None:
        async with self._lock:
            await self._append(RowRejected(row=number, reason=reason))

    async def _end(self, done: Imported) -> None:
        (info,) = self._store.labelled(self._label)
        if info.ended is None and self._limit is None:
            imported = done.imported + done.existing
            await self._append(ImportEnded(rows=done.rows, imported=imported))

    async def _append(self, event: Event) -> None:
        version = self._store.head(self._run.stream).version
        await self._store.append(self._run.stream, [event], expected_version=version)


def _transcript(said: Conversation, number: int) -> Transcript:
    """The row as its own events give it back."""
    try:
        messages = fold(said.events).messages
    except LogError as problem:
        raise RowUnusable(str(problem)) from None
    return Transcript(
        label=str(number),
        system=said.system,
        tools=said.tools,
        messages=messages,
        tasks=said.tasks,
        row_id=said.row_id,
        style=said.style,
        environments=said.environments,
    )


def _pattern(pointer: str) -> str:
    """A JSON pointer with places in lists left open."""
    keys = ["*" if key.isdigit() else key for key in pointer.split("/")]
    return "/".join(keys) or "/"
