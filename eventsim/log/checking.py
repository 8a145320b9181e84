"""Lines checked as they are read: place, version, position and hash chain.

What a store reads from segments and what a bundle holds in memory go through the same
checks, so that damage is found where it is met: file, offset, stream and position.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Sequence
from typing import Protocol

from eventsim.core.events import Ref, TrajectoryForked
from eventsim.core.records import Record
from eventsim.errors import LogConflict, LogCorrupt, NotFound
from eventsim.log.codec import Line, decode, linked, split, to_record
from eventsim.log.index import Index, Stream
from eventsim.log.pinpoint import pinpoint
from eventsim.log.reading import Lines, Place, as_written, places_of
from eventsim.log.upcasters import Upcasters

__all__ = ["Place", "continues", "join_path", "proven"]


class _Read(Protocol):
    def __call__(
        self, stream: str, *, start: int = 0, stop: int | None = None
    ) -> Awaitable[list[Record]]: ...


def proven(
    stream: Stream,
    found: Sequence[Lines],
    start: int,
    stop: int,
    upcasters: Upcasters,
) -> list[Record]:
    """Records of versions start < version <= stop, each linked to the one before it.

    What was `found` is ascending and has version `start` too, unless that is 0; others
    are passed over. Raises: LogCorrupt.
    """
    records = as_written(stream, found, start, stop, upcasters)
    if records is not None:
        return records
    lines = _checked(stream, places_of(found), start, stop)
    return _decoded(stream, lines, upcasters)


def _checked(
    stream: Stream, places: Iterable[Place], start: int, stop: int
) -> list[tuple[Place, Line]]:
    """Line by line, so that what does not fit is told."""
    found: list[tuple[Place, Line]] = []
    previous, expected = stream.root, max(start, 1)
    place = None
    for place in places:
        if place.version < start:
            continue
        if place.version > stop:
            break
        anchor = expected == start
        line = _line(stream, place, expected, None if anchor else previous)
        if not anchor:
            found.append((place, line))
        previous = line.hash
        expected += 1
    if place is None or expected != stop + 1:
        file, offset = (place.file, place.offset) if place else ("segments", 0)
        lost = Place(file, offset, expected, b"")
        raise _corrupt(stream, lost, f"version {expected} is missing")
    if stop == stream.version and previous != stream.hash:
        raise _corrupt(stream, found[-1][0], "the last record is not the known head")
    return found


def _line(stream: Stream, place: Place, version: int, previous: str | None) -> Line:
    """The line if it is the one that is due; `previous` None leaves out its hash."""
    position = stream.first_position + version - 1

    def placed(line: Line) -> bool:
        due = (stream.id, version, position)
        return (line.stream, line.version, line.position) == due

    def fits(line: Line) -> bool:
        return placed(line) and previous is not None and linked(line, previous)

    try:
        line = split(place.line)
    except ValueError:
        line = None
    if line is not None and placed(line) and (previous is None or fits(line)):
        return line
    change = pinpoint(place.line, fits) if previous is not None else None
    what = str(change or "the bytes of a record do not match its place and hash")
    raise _corrupt(stream, place, what)


def _corrupt(stream: Stream, place: Place, what: str) -> LogCorrupt:
    return LogCorrupt(
        what,
        file=place.file,
        offset=place.offset,
        stream=stream.id,
        position=stream.first_position + place.version - 1,
    )


def _decoded(
    stream: Stream, lines: Iterable[tuple[Place, Line]], upcasters: Upcasters
) -> list[Record]:
    """Records with their events. Raises: LogCorrupt."""
    records = []
    for place, line in lines:
        try:
            event = decode(line.kind, line.kind_version, line.payload, upcasters)
        except ValueError as error:
            what = f"the payload does not decode: {error}"
            raise _corrupt(stream, place, what) from None
        records.append(to_record(line, event))
    return records


async def join_path(
    index: Index, read: _Read, stream: str | Ref, version: int | None
) -> list[Record]:
    """The path from its root across forks: positions 0, 1, 2, …

    Raises: NotFound, LogCorrupt.
    """
    due: str | None = None
    if isinstance(stream, Ref):
        version, due, stream = stream.version, stream.hash, stream.stream
    parts: list[list[Record]] = []
    while True:
        known = index.require(stream)
        records = await read(stream, stop=version)
        if version is not None and version > known.version:
            raise NotFound(
                f"stream {known.label or stream} has {known.version} records, "
                f"not {version}"
            )
        if due is not None and records and records[-1].hash != due:
            raise LogCorrupt(
                f"version {version} has not the hash {due[:12]} that refers to it",
                file="segments",
                offset=0,
                stream=stream,
                position=records[-1].position,
            )
        parts.append(records)
        parent = known.parent
        if parent is None:
            break
        stream, version, due = parent.stream, parent.version, parent.hash
    path = [record for part in reversed(parts) for record in part]
    for position, record in enumerate(path):
        if record.position != position:
            raise LogCorrupt(
                f"the path goes from position {position - 1} to {record.position}",
                file="segments",
                offset=0,
                stream=record.stream,
                position=position,
            )
    return path


def continues(event: TrajectoryForked, hash_: str, position: int) -> None:
    """A fork's parent is there, with this hash and at this position, as the fork says.
    Raises: LogConflict.
    """
    parent = event.parent
    if hash_ != parent.hash or position != event.position:
        raise LogConflict(
            f"version {parent.version} of stream {parent.stream} is position "
            f"{position} with hash {hash_[:12]}, the fork says position "
            f"{event.position} with hash {parent.hash[:12]}"
        )
