"""Which append is next: decided synchronously, before anything is written.

The ledger knows the head of every stream with what is under way, seals events into
records, and says no to a wrong expected version. No await, no I/O: the writer makes
durable what was decided here, in this order.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eventsim.core.events import Event, TrajectoryForked
from eventsim.core.records import ZERO_HASH, Record, seal
from eventsim.errors import LogConflict, UsageError
from eventsim.log.index import Index

__all__ = ["Ledger", "Stamps", "now_us"]


def now_us() -> int:
    """Microseconds since 1970, UTC."""
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True)
class Stamps:
    """Where times and salts come from; `salt(n)` gives n random bytes."""

    clock: Callable[[], int] = now_us
    salt: Callable[[int], bytes] = os.urandom


class Ledger:
    """Heads of streams, those of pending appends included."""

    def __init__(self, index: Index, stamps: Stamps) -> None:
        self._index = index
        self._stamps = stamps
        self._pending: dict[str, tuple[int, int, str]] = {}

    def plan(
        self, stream: str | None, events: Sequence[Event], expected_version: int
    ) -> tuple[Record, ...]:
        """The records that these events become. Raises: LogConflict, NotFound,
        LogCorrupt.
        """
        version, position, previous = self._start(stream, events, expected_version)
        name = stream or ""
        time_us = self._stamps.clock()
        salts = self._stamps.salt(16 * len(events))
        records = []
        for number, event in enumerate(events):
            version += 1
            position += 1
            stored = seal(
                event,
                stream=name,
                version=version,
                position=position,
                previous=previous,
                time_us=time_us,
                salt=salts[16 * number : 16 * number + 16],
            )
            name, previous = stored.stream, stored.hash
            records.append(
                Record(
                    name,
                    version,
                    position,
                    event.kind,
                    event.kind_version,
                    time_us,
                    previous,
                    event,
                    stored.line,
                )
            )
        self._pending[name] = (version, position, previous)
        return tuple(records)

    def adopt(self, records: Sequence[Record]) -> None:
        """Records that are sealed already, to follow the head of their stream, or to
        begin it. Raises: LogConflict, LogCorrupt.
        """
        first, last = records[0], records[-1]
        version = self._pending[first.stream][0] if first.stream in self._pending else 0
        known = self._index.streams.get(first.stream)
        if known is not None and known.block is not None:
            raise known.corrupt()
        version = version or (known.version if known else 0)
        if first.version != version + 1:
            raise LogConflict(
                f"stream {first.stream} has version {version}, record {first.version} "
                "does not follow: someone else has appended to it"
            )
        self._pending[last.stream] = (last.version, last.position, last.hash)

    def settled(self, record: Record) -> None:
        """The record is durable and in the index."""
        pending = self._pending.get(record.stream)
        if pending is not None and pending[0] == record.version:
            del self._pending[record.stream]

    def _start(
        self, stream: str | None, events: Sequence[Event], expected_version: int
    ) -> tuple[int, int, str]:
        """(version, position, hash) that the first event comes after."""
        if not events:
            raise UsageError("nothing to append")
        if stream is None:
            if expected_version != 0:
                raise LogConflict(
                    f"a new stream has version 0, not {expected_version} as expected"
                )
            first = events[0]
            if isinstance(first, TrajectoryForked):
                return 0, first.position, first.parent.hash
            return 0, -1, ZERO_HASH
        known = self._index.require(stream)
        if known.block is not None:
            raise known.corrupt()
        head = self._pending.get(stream) or (known.version, known.position, known.hash)
        if head[0] != expected_version:
            raise LogConflict(
                f"stream {known.label or stream} has version {head[0]}, not "
                f"{expected_version} as expected: someone else has appended to it"
            )
        return head
