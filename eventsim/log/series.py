"""The series that this process writes: its own, and those that it has taken over.

What begins goes to the first series that was free. A stream stays in the series that it
began in; to go on with it takes the lease of that series, once its owner is gone, and
begins a new epoch there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from eventsim.errors import LogBusy
from eventsim.log import leases
from eventsim.log.disk import Disk, explained
from eventsim.log.files import is_sealed, segment_names
from eventsim.log.frames import MAJOR
from eventsim.log.index import Stream
from eventsim.log.recovery import Known, load, repair
from eventsim.log.segments import DIRECTORY, number_of, series_of
from eventsim.log.writer import Commit, Durability, Position, Writer

__all__ = ["Series"]

_FIRST = "0"


@dataclass(slots=True)
class _Held:
    lease: leases.Lease
    writer: Writer


class Series:
    """Leases and writers of one open store; `begin` follows `load`."""

    def __init__(
        self,
        store: Path,
        *,
        disk: Disk,
        durability: Durability,
        segment_bytes: int,
    ) -> None:
        self._store = store
        self._known: Known
        self._settle: Callable[[Commit], None]
        self._disk = disk
        self._durability = durability
        self._segment_bytes = segment_bytes
        self._held: dict[str, _Held] = {}
        self._writers: dict[int, Writer] = {}
        self._own: leases.Lease

    @property
    def names(self) -> frozenset[str]:
        """Those that are held."""
        return frozenset(self._held)

    def load(self) -> Known:
        """Take the first series that is free, or a new one, and read the store.

        Raises: LogTooNew, LogError.
        """
        names = {series_of(name) for name in segment_names(self._store / DIRECTORY)}
        names |= {*leases.leased(self._store), _FIRST}
        for name in sorted(names, key=_in_order):
            if own := leases.take(self._store, name):
                break
        while own is None:
            # All are taken: the next number, unless somebody is just as quick.
            name = str(max(int(n) for n in names if n.isdecimal()) + 1)
            names.add(name)
            own = leases.take(self._store, name)
        self._own = own
        try:
            self._known = load(self._store, self._disk, held={own.series})
        except BaseException:
            own.release()
            raise
        return self._known

    def begin(self, settle: Callable[[Commit], None]) -> None:
        """Accept appends; `settle` is told of each commit. Raises: LogError."""
        self._settle = settle
        try:
            self._repair_left()
        except BaseException:
            self._own.release()
            raise
        self._start(self._own)

    def own(self) -> Writer:
        """Where what begins goes."""
        return self._held[self._own.series].writer

    def of(self, stream: Stream) -> Writer:
        """Where a stream goes on. Raises: LogBusy, LogCorrupt, LogError."""
        if stream.block is not None:
            raise stream.corrupt()
        writer = self._writers.get(stream.segment)
        if writer is not None:
            return writer
        name = self._known.segments[stream.segment].series
        if name not in self._held and not self._take(name):
            raise LogBusy(
                f"stream {stream.label or stream.id} is being written by "
                f"{leases.owner_of(self._store, name)}; wait for it to end, or fork"
            )
        writer = self._writers[stream.segment] = self._held[name].writer
        return writer

    def flush(self) -> None:
        """Hand to the operating system what durability "memory" holds back."""
        for held in self._held.values():
            held.writer.flush()

    async def close(self) -> Exception | None:
        """Commit what was handed over, and give the leases back. What went wrong now,
        not before, is returned.
        """
        failed: Exception | None = None
        for held in self._held.values():
            before = held.writer.poisoned
            held.writer.hand_over()
            await asyncio.to_thread(held.writer.close)
            if before is None:
                failed = failed or held.writer.poisoned
        self.release()
        return failed

    def release(self) -> None:
        """The leases alone."""
        for held in self._held.values():
            held.lease.release()

    @property
    def poisoned(self) -> bool:
        """Whether any of them was."""
        return any(held.writer.poisoned for held in self._held.values())

    def _repair_left(self) -> None:
        """Set aside the torn ends of other series whose owners are gone."""
        for name in {series_of(segment) for segment in self._known.torn}:
            lease = leases.take(self._store, name)
            if lease is not None:
                try:
                    repair(self._known, self._store, self._disk, name)
                finally:
                    lease.release()

    def _take(self, name: str) -> bool:
        """Inline, as the index changes between awaits only, and as a thread that
        outlives a cancellation would keep the lease. Raises: LogError.
        """
        lease = leases.take(self._store, name)
        if lease is None:
            return False
        self._start(lease)
        return True

    def _start(self, lease: leases.Lease) -> None:
        try:
            repair(self._known, self._store, self._disk, lease.series)
            writer = Writer(
                self._store,
                self._end_of(lease.series),
                self._settle,
                disk=self._disk,
                durability=self._durability,
                segment_bytes=self._segment_bytes,
            )
            with explained("write", self._store):
                writer.start()
        except BaseException:
            lease.release()
            raise
        self._held[lease.series] = _Held(lease, writer)

    def _end_of(self, name: str) -> Position:
        segments = self._known.of(name)
        if not segments:
            return Position(name, 1, 0, 0)
        last = segments[-1]
        number = number_of(last.name) or 1
        epoch = max(segment.epoch for segment in segments) or 1
        sealed = is_sealed(self._store / DIRECTORY, last.name)
        if sealed or (last.major < MAJOR and last.scanned):
            # A release that reads the older format only must refuse what follows.
            return Position(name, number + 1, 0, last.scanned, epoch=epoch + 1)
        after = segments[-2].scanned if len(segments) > 1 else 0
        begins = epoch + 1 if last.scanned else 0
        return Position(name, number, last.scanned, after, last.closed, begins)


def _in_order(series: str) -> tuple[bool, int, str]:
    """Numbers first, by their value."""
    number = series.isdecimal()
    return not number, int(series) if number else 0, series
