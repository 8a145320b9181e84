"""The store: one directory that any tool can read, several writers, many readers.

This module joins the parts: the ledger decides, a writer makes durable, the index
knows where things stand, and what is read is checked against its hash on the way.
No format is known here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import anyio

from eventsim.core.events import Event, Ref, TrajectoryForked
from eventsim.core.records import Record
from eventsim.errors import LogConflict, LogError, NotFound
from eventsim.log.blobs import Blobs
from eventsim.log.catalogue import save_catalogue
from eventsim.log.checking import continues, join_path, proven
from eventsim.log.disk import Disk
from eventsim.log.files import SegmentFiles
from eventsim.log.following import Cursor, Followed, follow
from eventsim.log.index import Index, Stream
from eventsim.log.ledger import Ledger, Stamps
from eventsim.log.naming import Names
from eventsim.log.reading import Lines, Place, places_of
from eventsim.log.recovery import (
    Known,
    Recovered,
    check_marker,
    extend,
    join_writers,
    load,
)
from eventsim.log.sealing.sealer import seal_quietly
from eventsim.log.segments import DIRECTORY, Hurt, Segment
from eventsim.log.series import Series
from eventsim.log.upcasters import UPCASTERS, Upcasters
from eventsim.log.writer import Batch, Commit, Durability, Writer

__all__ = ["Options", "Store"]

_FRESH_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Options:
    """What tests and large stores set; `seals`: segments are sealed as they fill."""

    segment_bytes: int = 64 << 20
    seals: bool = True
    blob_cache_bytes: int = 64 << 20
    disk: Disk = field(default_factory=Disk)
    stamps: Stamps = field(default_factory=Stamps)
    upcasters: Upcasters = field(default_factory=lambda: UPCASTERS)


class Store(Names):
    """An open store; made by `Store.open`, satisfies `Reader`."""

    def __init__(self, path: Path, known: Known, options: Options) -> None:
        self.directory = path
        self.commits = 0
        self._known = known
        self._options = options
        self._files = SegmentFiles(path)
        self._blobs = Blobs(path, options.disk, options.blob_cache_bytes)
        self._ledger = Ledger(known.index, options.stamps)
        self._series: Series | None = None
        self._sealing: set[asyncio.Future[None]] = set()

    def __repr__(self) -> str:
        mode = "read" if self._series is None else "write"
        return f"<Store {self.directory} {mode} streams={len(self._index.streams)}>"

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        path: str | Path,
        *,
        mode: Literal["write", "read"] = "write",
        durability: Durability = "fsync",
        options: Options | None = None,
    ) -> AsyncIterator[Store]:
        """Open a store, made if it is absent and `mode` is write.

        `durability` is what an append waits for: the medium, the operating system, or
        nothing but the order. A torn tail is set aside when writing, see `recovered`.

        Raises: NotFound, BadInput, LogBusy, LogTooNew, LogCorrupt, LogError.
        """
        path, options = Path(path), options or Options()
        if mode == "read":
            check_marker(path, write=False)
            known = await asyncio.to_thread(load, path, options.disk)
            store = cls(path, known, options)
            try:
                yield store
            finally:
                store._files.close()
                if known.fresh > _FRESH_BYTES:
                    with anyio.CancelScope(shield=True):
                        await asyncio.to_thread(store._save_catalogue)
            return
        with ExitStack() as held:
            # Inline: a thread that outlives a cancellation would keep the lock.
            held.enter_context(join_writers(path, options.disk))
            series = Series(
                path,
                disk=options.disk,
                durability=durability,
                segment_bytes=options.segment_bytes,
            )
            store = cls(path, series.load(), options)
            series.begin(store._settle)
            store._series = series
            try:
                yield store
            finally:
                with anyio.CancelScope(shield=True):
                    await store._close()

    # --- appending --------------------------------------------------------------------

    async def append(
        self, stream: str | None, events: Sequence[Event], *, expected_version: int
    ) -> tuple[Record, ...]:
        """Append one atomic batch; it is durable when this returns.

        `stream` None begins a stream, `expected_version` then is 0. A first event
        `trajectory.forked` continues its parent, which must be there.

        Raises: LogConflict, LogPoisoned, LogBusy (another process writes the stream),
        NotFound, LogCorrupt.
        """
        series = self._writable()
        if stream is None and events and isinstance(events[0], TrajectoryForked):
            await self._check_parent(events[0])
        if stream is None:
            writer = series.own()
        else:
            writer = series.of(self._index.require(stream))
        if writer.poisoned is not None:
            raise writer.poisoned
        records = self._ledger.plan(stream, events, expected_version)
        await self._submitted(writer, records)
        return records

    async def begin(self, streams: Sequence[Sequence[Event]]) -> list[Ref]:
        """Begin several streams, none of them a fork: each an atomic batch of its own,
        made durable together; their heads, in order.

        Raises: LogPoisoned, UsageError.
        """
        writer = self._writable().own()
        if writer.poisoned is not None:
            raise writer.poisoned
        heads, waiting = [], []
        for events in streams:
            records = self._ledger.plan(None, events, 0)
            heads.append(records[-1].ref)
            waiting.append(self._submitted(writer, records))
        await asyncio.gather(*waiting)
        return heads

    async def adopt(self, records: Sequence[Record]) -> int:
        """Take over a stream of another store from its first record on, byte for byte,
        as one atomic batch; how many records were not here. Durable when this returns.

        Raises: LogConflict where the stream goes another way here, LogPoisoned,
        LogBusy, NotFound, LogCorrupt.
        """
        series, first = self._writable(), records[0]
        known = self._index.streams.get(first.stream)
        if known is None:
            if isinstance(first.event, TrajectoryForked):
                await self._check_parent(first.event)
            writer = series.own()
        else:
            writer = series.of(known)
            both = min(known.version, len(records))
            (here,) = await self.read(first.stream, start=both - 1, stop=both)
            if here.hash != records[both - 1].hash:
                raise LogConflict(
                    f"stream {known.label or known.id} goes on otherwise in this store"
                )
            records = records[both:]
        if not records:
            return 0
        if writer.poisoned is not None:
            raise writer.poisoned
        self._ledger.adopt(records)
        await self._submitted(writer, tuple(records))
        return len(records)

    def _submitted(
        self, writer: Writer, records: tuple[Record, ...]
    ) -> asyncio.Future[None]:
        body = b"\n".join([record.line for record in records]) + b"\n"
        future = asyncio.get_running_loop().create_future()
        writer.submit(Batch(records, body, future))
        return future

    async def claim(self, stream: str) -> None:
        """Be the process that goes on with a stream, and know all that it holds.

        Raises: LogBusy (another process does), NotFound, LogCorrupt, LogError.
        """
        self._writable().of(self._index.require(stream))

    async def put_blob(self, data: bytes) -> str:
        """Its SHA-256 in hex; durable when this returns."""
        self._writable()
        return await self._blobs.put(data)

    # --- reading ----------------------------------------------------------------------

    async def read(
        self, stream: str, *, start: int = 0, stop: int | None = None
    ) -> list[Record]:
        """Records with `start < version <= stop`, gapless, ascending; a `stop` past
        the end means the end.

        Raises: NotFound, LogCorrupt.
        """
        known = self._index.require(stream)
        if known.block is not None and (stop is None or stop > known.version):
            raise known.corrupt()
        start = max(start, 0)
        stop = known.version if stop is None else min(stop, known.version)
        if start >= stop:
            return []
        await self.flush()
        found = await self._lines(known, start, stop)
        return proven(known, found, start, stop, self._options.upcasters)

    async def places(self, stream: str, *, start: int, stop: int) -> list[Place]:
        """Where the lines of start < version <= stop stand, unchecked.

        Raises: NotFound, LogCorrupt.
        """
        known = self._index.require(stream)
        found = places_of(await self._lines(known, start, stop))
        return [place for place in found if start < place.version <= stop]

    async def path(self, stream: str | Ref, version: int | None = None) -> list[Record]:
        """The whole path from its root across forks: positions 0, 1, 2, …

        A `Ref` must be met exactly. Raises: NotFound, LogCorrupt.
        """
        return await join_path(self._index, self.read, stream, version)

    def subscribe(
        self,
        cursor: Cursor | None = None,
        *,
        stream: str | None = None,
        poll_s: float = 0.05,
    ) -> AsyncIterator[Followed]:
        """Durable records behind the cursor, each once, then those that come, whoever
        writes them: in order within a stream, parents before forks. Endless.
        """
        return follow(
            self.directory,
            cursor,
            stream=stream,
            poll_s=poll_s,
            disk=self._options.disk,
            upcasters=self._options.upcasters,
        )

    def head(self, stream: str) -> Ref:
        """The state after the last durable record. Raises: NotFound."""
        known = self._index.require(stream)
        return Ref(stream=stream, version=known.version, hash=known.hash)

    async def get_blob(self, sha256: str) -> bytes:
        """Raises: NotFound, LogCorrupt."""
        return await self._blobs.get(sha256)

    @property
    def hurt(self) -> tuple[Hurt, ...]:
        """Damage below durable offsets that opening found."""
        return self._known.hurt

    async def flush(self) -> None:
        """Hand to the operating system what durability "memory" holds back."""
        if self._series is not None:
            self._series.flush()

    async def refresh(self) -> None:
        """Take in what other processes have made durable since."""
        held = self._series.names if self._series is not None else ()
        # Inline: the index changes between awaits only.
        extend(self._known, self.directory, self._options.disk, held=held)

    @property
    def recovered(self) -> tuple[Recovered, ...]:
        """Ends of segments that were never acknowledged, as they were met."""
        return self._known.recovered

    # --- inside -----------------------------------------------------------------------

    async def _lines(self, known: Stream, start: int, stop: int) -> list[Lines]:
        extents = list(known.extents(max(start - 1, 0), stop))
        segments = self._index.segments
        found = self._files.lines_at_hand(segments, extents)
        if found is None:  # a hop to a thread costs as much as ten records
            found = await asyncio.to_thread(self._files.lines, segments, known, extents)
        return found

    @property
    def _index(self) -> Index:
        return self._known.index

    def _writable(self) -> Series:
        if self._series is None:
            raise LogError(f"the store {self.directory} is open for reading only")
        return self._series

    async def _check_parent(self, event: TrajectoryForked) -> None:
        parent = event.parent
        known = self._index.streams.get(parent.stream)
        if known is None or known.version < parent.version:
            await self.refresh()  # it may be another process's
            known = self._index.streams.get(parent.stream)
        if known is not None and parent.version == known.version:
            continues(event, known.hash, known.position)
            return
        records = await self.read(
            parent.stream, start=parent.version - 1, stop=parent.version
        )
        if not records:
            raise NotFound(f"stream {parent.stream} has no version {parent.version}")
        continues(event, records[0].hash, records[0].position)

    def _settle(self, commit: Commit) -> None:
        """In the event loop: the frame is durable, or never will be."""
        if commit.error is not None:
            for batch in commit.batches:
                if not batch.future.done():
                    batch.future.set_exception(commit.error)
            return
        ordinal = self._known.number_of(commit.segment)
        segment = self._known.segments[ordinal]
        if segment.scanned == 0 and self._options.seals:
            self._seal_before(segment)
        segment.scanned = commit.end
        segment.mark = (commit.start, commit.check)
        segment.closed = not commit.batches
        segment.epoch = commit.epoch or segment.epoch
        self.commits += bool(commit.batches)
        offset = commit.body
        for batch in commit.batches:
            self._index.add_batch(batch.records, ordinal, offset)
            offset += len(batch.body)
            self._ledger.settled(batch.records[-1])
            if not batch.future.done():
                batch.future.set_result(None)

    def _seal_before(self, segment: Segment) -> None:
        """The one before it in its series is full: seal it in a thread."""
        before = [s for s in self._known.of(segment.series) if s.name < segment.name]
        if not before:
            return
        directory = self.directory / DIRECTORY
        name, disk = before[-1].name, self._options.disk
        work = asyncio.ensure_future(
            asyncio.to_thread(seal_quietly, directory, name, disk)
        )
        self._sealing.add(work)
        work.add_done_callback(self._sealing.discard)

    def _save_catalogue(self) -> None:
        save_catalogue(self.directory, self._index, self._known.segments)

    async def _close(self) -> None:
        """Raises: LogPoisoned, if what memory still held could not be written."""
        series, self._series = self._writable(), None
        failed = await series.close()
        if self._sealing:
            await asyncio.wait(self._sealing)
        self._files.close()
        if failed is not None:
            raise failed
        if not series.poisoned:
            await asyncio.to_thread(self._save_catalogue)
