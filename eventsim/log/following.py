"""A live log as it grows: each durable record once, in the order of its stream.

Whoever follows reads the files alone, whichever process writes them, and needs no lock.
What is shown is durable: the bytes are synced here before, if nobody has yet. A fork
comes after the record that it continues, also where another series holds that. A cursor
says how far each series was read, so that a reader goes on where it was.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

import anyio
import anyio.to_thread
import orjson

from eventsim.core.events import TrajectoryForked
from eventsim.core.records import Record
from eventsim.errors import BadInput, LogCorrupt, LogTooNew
from eventsim.log.codec import decode, linked, root_of, split, to_record
from eventsim.log.disk import Disk, explained
from eventsim.log.files import durable_size, opened, segment_names
from eventsim.log.frames import (
    MAJOR,
    Damage,
    Frame,
    parse_frame_header,
    parse_segment_header,
    scan,
)
from eventsim.log.segments import DIRECTORY, name_of, number_of, series_of
from eventsim.log.upcasters import UPCASTERS, Upcasters

__all__ = ["Cursor", "Followed", "follow"]


_CHUNK = 8 << 20

Place = tuple[int, int, int, str]
"""(number of the segment, offset of a frame in it, records of that frame that were
read, by what one sees that it is still that frame)."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far each series was read."""

    places: Mapping[str, Place] = field(default_factory=dict)

    def __str__(self) -> str:
        return orjson.dumps(dict(sorted(self.places.items()))).decode()

    @classmethod
    def read(cls, text: str) -> Cursor:
        """From what `str` gave. Raises: BadInput."""
        places: dict[str, Place] = {}
        try:
            for series, place in orjson.loads(text).items():
                number, offset, records, frame = place
                places[series] = (int(number), int(offset), int(records), str(frame))
        except (ValueError, TypeError, AttributeError):
            raise BadInput(
                f"{text[:60]!r} is no cursor; one looks like "
                '{"0":[1,4096,2,"81dc9bdb"]}, as following prints it'
            ) from None
        return cls(places)


class Followed(NamedTuple):
    """A record, and the cursor behind it."""

    record: Record
    cursor: Cursor


class _Read(NamedTuple):
    """A record that was read, and the place behind it."""

    record: Record
    place: Place


async def follow(
    store: Path,
    cursor: Cursor | None = None,
    *,
    stream: str | None = None,
    poll_s: float = 0.05,
    endless: bool = True,
    disk: Disk | None = None,
    upcasters: Upcasters = UPCASTERS,
) -> AsyncIterator[Followed]:
    """Records behind the cursor (none: all), then those that come, until cancelled.

    `stream` leaves out all others; with `endless` False it ends with what is there.
    Raises: LogCorrupt where a series is damaged, with the place; LogTooNew, LogError.
    """
    following = _Following(
        store, dict((cursor or Cursor()).places), disk or Disk(), upcasters
    )
    while True:
        await anyio.to_thread.run_sync(following.refresh)
        found = False
        while (read := await following.next()) is not None:
            found = True
            if stream is None or read.stream == stream:
                yield Followed(read, Cursor(dict(following.places)))
        if not found:
            if following.damage is not None:
                raise following.damage
            if not endless:
                return
            await anyio.sleep(poll_s)


def _sign_of(frame: Frame) -> str:
    """By which a frame is known again, also when a record of it was redacted."""
    told = f"{frame.start} {frame.durable} {frame.end} {dict(frame.streams)}"
    return hashlib.sha256(told.encode()).hexdigest()[:8]


def _check_cursor(place: Place, data: bytes, name: str) -> None:
    """Raises: BadInput."""
    _, offset, _, sign = place
    frame = parse_frame_header(data, 0, offset)
    if sign and (frame is None or _sign_of(frame) != sign):
        raise BadInput(
            f"what the cursor saw at byte {offset} of {name} is no longer there: the "
            "log was pruned since, or is another one; follow it from its beginning"
        )


class _Following:
    """What was read of every series and is not given out yet.

    `places` is behind what was given out, `_ends` behind what was read. `_heads` holds
    the last hash of the streams that were met: each record is checked against it.
    `damage` is the first that was met.
    """

    def __init__(
        self,
        store: Path,
        places: dict[str, Place],
        disk: Disk,
        upcasters: Upcasters,
    ) -> None:
        self.places = places
        self._directory = store / DIRECTORY
        self._disk = disk
        self._upcasters = upcasters
        self._queues: dict[str, deque[_Read]] = {}
        self._ends: dict[str, tuple[int, int]] = {}
        self._heads: dict[str, str] = {}
        self._unsealed: tuple[str, bytes] | None = None
        self.damage: LogCorrupt | None = None

    def refresh(self, *, whole: bool = False) -> None:
        """Read on in every series: all that is there, or some megabytes of it.

        A series that is damaged ends there, and is told in `damage`; the others go on.
        Raises: LogTooNew, LogError.
        """
        series: dict[str, list[int]] = {}
        for name in segment_names(self._directory):
            series.setdefault(series_of(name), []).append(number_of(name) or 0)
        for of, numbers in sorted(series.items()):
            queue = self._queues.setdefault(of, deque())
            while whole or len(queue) == 0:
                try:
                    if not self._read_on(of, numbers, queue):
                        break
                except LogCorrupt as damage:
                    self.damage = self.damage or damage
                    break

    async def next(self) -> Record | None:
        """The next record that may be given out; None if there is none now."""
        for series, queue in list(self._queues.items()):
            if not queue or await self._waits(queue[0]):
                continue
            read = queue.popleft()
            self.places[series] = read.place
            return read.record
        return None

    async def _waits(self, read: _Read) -> bool:
        """Whether a fork's parent is among what is yet to be given out."""
        event = read.record.event
        if not isinstance(event, TrajectoryForked) or len(self._queues) == 1:
            return False
        # The parent was durable before the fork was written: it is there to be read.
        await anyio.to_thread.run_sync(partial(self.refresh, whole=True))
        parent = (event.parent.stream, event.parent.version)
        return any(
            (other.record.stream, other.record.version) == parent
            for queue in self._queues.values()
            for other in queue
        )

    def _read_on(self, series: str, numbers: list[int], queue: deque[_Read]) -> bool:
        """Read some of a series into its queue; False where it has no more."""
        given = None if series in self._ends else self.places.get(series)
        number, offset = self._ends.get(series) or (given or (numbers[0], 0))[:2]
        begin, skipped = offset, given[2] if given else 0
        following = number + 1 if number + 1 in numbers else None
        name = name_of(series, number)
        durable = 0
        if following is not None:
            after = name_of(series, following)
            with explained("read", self._directory / after):
                durable = durable_size(self._directory, after)
        chunk = _CHUNK
        while True:
            data, size = self._bytes(name, offset, chunk)
            if given is not None:
                _check_cursor(given, data, name)
            ends_here = offset + len(data) >= size
            known = durable if ends_here else 0
            end = offset
            for frame in self._frames(data, offset, f"{DIRECTORY}/{name}", known):
                records = self._records(data, offset, frame, name)
                at = 0
                for at, record in enumerate(records, 1):
                    if frame.start == begin and at <= skipped:
                        continue
                    place = (number, frame.start, at, _sign_of(frame))
                    queue.append(_Read(record, place))
                end = frame.end
                self._ends[series] = (number, end)
            if end > offset or ends_here:
                break
            chunk *= 2
        if ends_here and following is not None and end >= (durable or size):
            self._ends[series] = (following, 0)
            return True
        return end > offset

    def _frames(
        self, data: bytes, base: int, file: str, durable: int
    ) -> Iterator[Frame]:
        start = 0
        if base == 0:
            header = parse_segment_header(data)
            if header is not None and header.major > MAJOR:
                raise LogTooNew(
                    f"{file} has format {header.major}, this release reads up to "
                    f"{MAJOR}; use a newer eventsim"
                )
            start = header.size if header is not None else 0
        for found in scan(data, base, start=start, durable=durable):
            if isinstance(found, Damage):
                what = f"{found.end - found.start} bytes are damaged"
                raise LogCorrupt(what, file=file, offset=found.start)
            if isinstance(found, Frame):
                yield found

    def _bytes(self, name: str, start: int, size: int) -> tuple[bytes, int]:
        """(bytes of a plain segment, how many it has)."""
        path = self._directory / name
        with explained("read", path):
            try:
                with path.open("rb") as file:
                    whole = file.seek(0, 2)
                    file.seek(start)
                    data = file.read(size)
                    if data:
                        self._disk.fsync(file.fileno())
                return data, whole
            except FileNotFoundError:
                pass
        if self._unsealed is None or self._unsealed[0] != name:
            sealed = opened(self._directory, name)
            try:
                self._unsealed = name, sealed.plain()
            finally:
                sealed.close()
        plain = self._unsealed[1]
        return plain[start : start + size], len(plain)

    def _records(
        self, data: bytes, base: int, frame: Frame, name: str
    ) -> Iterator[Record]:
        """Each checked against the one before it in its stream."""
        offset = frame.body
        for raw in data[frame.body - base : frame.end - base].splitlines():
            try:
                line = split(raw)
                event = decode(
                    line.kind, line.kind_version, line.payload, self._upcasters
                )
            except ValueError as error:
                file = f"{DIRECTORY}/{name}"
                raise LogCorrupt(str(error), file=file, offset=offset) from None
            previous = self._heads.get(line.stream)
            if previous is None and line.version == 1:
                previous = root_of(line)
            if previous is not None and not linked(line, previous):
                raise LogCorrupt(
                    "the bytes of a record do not match its hash",
                    file=f"{DIRECTORY}/{name}",
                    offset=offset,
                    stream=line.stream,
                    position=line.position,
                )
            self._heads[line.stream] = line.hash
            offset += len(raw) + 1
            yield to_record(line, event)
