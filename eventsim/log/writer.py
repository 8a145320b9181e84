"""The writer thread: all pending appends of the process become one frame, one write
and one fsync; then all are acknowledged in one hop to the event loop.

What is written and in which order was decided before (`ledger`). A failed write or
sync is final: the writer is poisoned, and whoever waits or comes later is told.
"""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Literal

from eventsim.core.records import Record
from eventsim.errors import LogPoisoned
from eventsim.log.disk import Disk, reason_of
from eventsim.log.frames import encode_frame, encode_segment_header
from eventsim.log.segments import DIRECTORY, name_of

__all__ = ["Batch", "Commit", "Durability", "Position", "Writer"]

Durability = Literal["fsync", "os", "memory"]

_FRAME_BYTES = 8 << 20
_LINGER_S = 0.001
_BUFFER_BYTES = 1 << 20


@dataclass(slots=True, eq=False)
class Batch:
    """One append under way."""

    records: tuple[Record, ...]
    body: bytes
    future: asyncio.Future[None]


@dataclass(frozen=True, slots=True)
class Commit:
    """What one frame made durable, or why it did not.

    Lines of the batches stand one after the other from `body` on. `epoch` is the one
    that it begins, 0 for none.
    """

    segment: str
    start: int
    body: int
    end: int
    check: str
    batches: Sequence[Batch]
    error: LogPoisoned | None = None
    epoch: int = 0


@dataclass(slots=True)
class Position:
    """Where the next frame goes. `size` 0 means that the segment is yet to begin.

    `closed` says that the segment already ends with its own final offset, `epoch` which
    one begins with the next frame, 0 that none does.
    """

    series: str
    number: int
    size: int
    after: int
    closed: bool = False
    epoch: int = 0

    @property
    def name(self) -> str:
        """The segment's file name."""
        return name_of(self.series, self.number)


class Writer:
    """Owns the end of the log from `start` to `close`."""

    def __init__(
        self,
        store: Path,
        position: Position,
        settle: Callable[[Commit], None],
        *,
        disk: Disk,
        durability: Durability,
        segment_bytes: int,
    ) -> None:
        self._directory = store / DIRECTORY
        self._at = position
        self._durable = position.size
        self._disk = disk
        self._durability = durability
        self._segment_bytes = segment_bytes
        self._settle = settle
        self._queue: SimpleQueue[list[Batch] | None] = SimpleQueue()
        self._gathered: list[Batch] = []
        self._together = 0
        self._waiting: asyncio.Handle | None = None
        self._buffer = bytearray()
        self._buffer_lock = threading.Lock()
        self._descriptor = -1
        self._thread = threading.Thread(
            target=self._work, name="eventsim-log", daemon=True
        )
        self._loop = asyncio.get_running_loop()
        self.poisoned: LogPoisoned | None = None

    def start(self) -> None:
        """Open the segment, make sure of what it holds, begin to accept batches.

        Raises: OSError.
        """
        try:
            self._open()
        except OSError:
            self._release()
            raise
        self._thread.start()

    def submit(self, batch: Batch) -> None:
        """Put a batch in line, in the event loop; what is submitted in one round of
        it goes to the thread as one. While several appends come at a time, the first
        waits a moment for the others, or until as many have come as the last time: a
        sync costs more than that. Raises: LogPoisoned.
        """
        if self.poisoned is not None:
            raise self.poisoned
        if not self._gathered:
            if self._durability == "fsync" and self._together > 1:
                self._waiting = self._loop.call_later(_LINGER_S, self.hand_over)
            else:
                self._waiting = self._loop.call_soon(self.hand_over)
        self._gathered.append(batch)
        if len(self._gathered) >= self._together > 1:
            self.hand_over()

    def hand_over(self) -> None:
        """Give the thread all that was submitted; in the event loop."""
        gathered, self._gathered = self._gathered, []
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        if gathered:
            self._queue.put(gathered)

    def close(self) -> None:
        """Commit what was handed over, state the final offset, end the thread."""
        self._queue.put(None)
        self._thread.join()
        self._release()

    def flush(self) -> None:
        """Hand to the operating system what only memory holds. Raises: LogPoisoned."""
        with self._buffer_lock:
            if not self._buffer:
                return
            if self.poisoned is not None:
                raise self.poisoned
            try:
                self._disk.write(self._descriptor, bytes(self._buffer))
            except OSError as error:
                raise self._poison(error) from error
            self._buffer.clear()

    # --- in the thread ---------------------------------------------------------------

    def _work(self) -> None:
        open_ = True
        while open_:
            batches: list[Batch] = []
            size = 0
            item = self._queue.get()
            while True:
                if item is None:
                    open_ = False
                    break
                batches += item
                size += sum(len(batch.body) for batch in item)
                if size > _FRAME_BYTES:
                    break
                try:
                    item = self._queue.get_nowait()
                except Empty:
                    break
            if batches:
                self._commit(batches)
        if self.poisoned is None:
            self._guarded((), self._close_segment)

    def _commit(self, batches: list[Batch]) -> None:
        self._guarded(batches, lambda: self._write(batches))

    def _guarded(
        self, batches: Sequence[Batch], action: Callable[[], Commit | None]
    ) -> None:
        commit: Commit | None
        try:
            if self.poisoned is not None:
                raise self.poisoned
            commit = action()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is final
            poisoned = self._poison(error)
            commit = Commit(self._at.name, 0, 0, 0, "", batches, poisoned)
        if commit is not None:
            self._post(commit)

    def _poison(self, error: Exception) -> LogPoisoned:
        if self.poisoned is None:
            why = reason_of(error) if isinstance(error, OSError) else repr(error)
            self.poisoned = LogPoisoned(
                f"cannot write {self._directory / self._at.name}: {why}; what was "
                "acknowledged is safe, nothing more is accepted until the store is "
                "opened again"
            )
        return self.poisoned

    def _post(self, commit: Commit) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._settle, commit)

    def _write(self, batches: list[Batch]) -> Commit:
        self._together = len(batches)
        body = b"".join([batch.body for batch in batches])
        if self._at.size + len(body) > self._segment_bytes and self._has_frames():
            self._roll()
        streams: dict[str, int] = {}
        for batch in batches:
            stream = batch.records[0].stream
            streams[stream] = streams.get(stream, 0) + len(batch.records)
        return self._put(streams, body, batches)

    def _put(
        self, streams: dict[str, int], body: bytes, batches: Sequence[Batch]
    ) -> Commit:
        begins, epoch = b"", self._at.epoch
        if epoch:
            begins = encode_frame(self._durable, {}, b"", epoch=epoch)
            self._at.epoch = 0
        start = self._at.size + len(begins)
        header = encode_frame(self._durable, streams, body)
        self._emit(begins + header + body)
        self._at.size = start + len(header) + len(body)
        self._at.closed = not streams
        if self._durability == "fsync":
            self._sync()
        return Commit(
            self._at.name,
            start,
            start + len(header),
            self._at.size,
            header[-20:-4].decode(),
            batches,
            epoch=epoch,
        )

    def _emit(self, data: bytes) -> None:
        if self._durability != "memory":
            if self._disk.size(self._descriptor) != self._at.size:
                # Its lease was lost: the file of the lease was removed, perhaps.
                raise OSError(errno.ESTALE, "another process has written to it")
            self._disk.write(self._descriptor, data)
            return
        with self._buffer_lock:
            self._buffer += data
        if len(self._buffer) > _BUFFER_BYTES:
            self.flush()

    def _sync(self) -> None:
        self.flush()
        self._disk.fsync(self._descriptor)
        self._durable = self._at.size

    def _has_frames(self) -> bool:
        return self._at.size > 4096 or self._at.size > self._segment_bytes

    def _close_segment(self) -> Commit | None:
        """State the final offset, so that damage to the last batch is found too."""
        if self._at.closed:
            return None
        self._sync()
        commit = self._put({}, b"", ())
        self._sync()
        return commit

    def _roll(self) -> None:
        commit = self._close_segment()
        if commit is not None:
            self._post(commit)
        self._release()
        self._at = Position(
            self._at.series,
            self._at.number + 1,
            size=0,
            after=self._at.size,
            epoch=self._at.epoch,
        )
        self._open()

    def _release(self) -> None:
        """Once: when a segment could not be opened there is nothing to close, and the
        number of what was closed before may be another file's by now.
        """
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def _open(self) -> None:
        at = self._at
        self._descriptor = self._disk.open_append(self._directory / at.name)
        if at.size == 0:
            header = encode_segment_header(at.series, at.number, at.after)
            self._disk.write(self._descriptor, header)
            at.size = len(header)
            at.closed = False
        self._disk.fsync(self._descriptor)
        self._disk.fsync_directory(self._directory)
        self._durable = at.size
