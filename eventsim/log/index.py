"""What is known of every stream: its head, what it is, and where its records stand.

Derived from the segments alone, so that it can always be made again. One entry of
offsets is made for each run of neighbouring lines, not for each record.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from eventsim.core.events import Ref, TrajectoryImported
from eventsim.core.records import ZERO_HASH, Record
from eventsim.errors import LogCorrupt, NotFound
from eventsim.log.codec import split
from eventsim.log.reader import Family, StreamInfo

__all__ = ["Block", "Extent", "Index", "Stream"]

_FAMILIES: dict[str, Family] = {
    "run.started": "run",
    "import.started": "run",
    "preparation.started": "preparation",
    "trajectory.started": "dialogue",
    "trajectory.forked": "dialogue",
    "trajectory.imported": "dialogue",
    "note.added": "note",
    "payload.redacted": "upkeep",
    "streams.pruned": "upkeep",
    "bundle.taken": "upkeep",
}
_ENDS = frozenset(
    {"run.ended", "import.ended", "preparation.ended", "trajectory.ended"}
)
_OFFSET_BITS = 40
_OFFSET = (1 << _OFFSET_BITS) - 1
_LENGTH_BITS = 32
_LENGTH = (1 << _LENGTH_BITS) - 1
_EXTENT_BYTES = 16 << 10
_COMMON_RECORDS = 64
_MOST_SHARED = 4_096


class Extent(NamedTuple):
    """Neighbouring lines of one stream; `first` is the version of the first one."""

    segment: int
    offset: int
    length: int
    first: int


class Block(NamedTuple):
    """Why a stream cannot be read past its version."""

    what: str
    file: str
    offset: int
    position: int | None


@dataclass(slots=True, eq=False)
class Stream:
    """The mutable state of one stream; `offsets` holds two integers an extent.

    A store may hold a million of them: what many have in common is one object
    (`kinds` is never changed in place), and the head's hash is kept as bytes. `changed`
    says that no catalogue holds it as it is.
    """

    id: str
    family: Family = "other"
    label: str = ""
    version: int = 0
    position: int = -1
    digest: bytes = bytes.fromhex(ZERO_HASH)
    root: str = ZERO_HASH
    started_us: int = 0
    last_us: int = 0
    run_stream: str | None = None
    index: int | None = None
    purpose: str | None = None
    parent: Ref | None = None
    ended: str | None = None
    kinds: Mapping[str, int] = field(default_factory=dict)
    offsets: array[int] = field(default_factory=lambda: array("Q"))
    block: Block | None = None
    changed: bool = True

    @property
    def hash(self) -> str:
        """That of its last record, in hex."""
        return self.digest.hex()

    @property
    def first_position(self) -> int:
        """Where the stream's own part of the path begins."""
        return self.position - self.version + 1

    @property
    def segment(self) -> int:
        """Where its last record stands."""
        return self.offsets[-2] >> _OFFSET_BITS

    def add_extent(self, segment: int, offset: int, length: int, first: int) -> None:
        """Note where lines stand; joins them to the last ones if they follow, but not
        without end: to read one line its whole extent is read.
        """
        offsets = self.offsets
        here = segment << _OFFSET_BITS | offset
        last = offsets[-1] & _LENGTH if offsets else 0
        if offsets and offsets[-2] + last == here and last < _EXTENT_BYTES:
            offsets[-1] += length
        else:
            offsets.append(here)
            offsets.append(first << _LENGTH_BITS | length)

    def extents(self, start: int, stop: int) -> Iterator[Extent]:
        """Those which hold a version in start < version <= stop."""
        firsts = self.offsets[1::2]
        begin = max(bisect_right(firsts, (start + 1) << _LENGTH_BITS | _LENGTH) - 1, 0)
        for which in range(begin, len(firsts)):
            first = firsts[which] >> _LENGTH_BITS
            if first > stop:
                return
            here = self.offsets[2 * which]
            yield Extent(
                here >> _OFFSET_BITS, here & _OFFSET, firsts[which] & _LENGTH, first
            )

    def corrupt(self) -> LogCorrupt:
        """The error that reading past the damage raises."""
        assert self.block is not None
        what, file, offset, position = self.block
        return LogCorrupt(
            what, file=file, offset=offset, stream=self.id, position=position
        )


class Index:
    """All streams, by id, by label and by parent.

    The catalogue whose check is `kept` holds all of it except what `changed` since.
    """

    def __init__(self) -> None:
        self.streams: dict[str, Stream] = {}
        self.segments: list[str] = []
        self.labels: dict[str, tuple[str, ...] | str] = {}
        self.forks: dict[str, list[str]] = {}
        self.kept: int | None = None
        self._counts: dict[tuple[tuple[str, int], ...], Mapping[str, int]] = {}

    def require(self, stream: str) -> Stream:
        """Raises: NotFound."""
        found = self.streams.get(stream)
        if found is None:
            raise NotFound(f"no stream {stream} in this store")
        return found

    def called(self, label: str) -> tuple[str, ...]:
        """The streams of exactly this label; one without a label has the beginning of
        its id.
        """
        found = self.labels.get(label, ())
        return (found,) if isinstance(found, str) else found

    def add(self, record: Record, segment: int, offset: int) -> bool:
        """Take a record in; False if it does not follow its stream's head."""
        stream = self.streams.get(record.stream)
        if stream is None:
            stream = Stream(record.stream)
            if record.version == 1:
                self._begin(stream, record)
            self.insert(stream)
        if stream.block is not None or record.version <= stream.version:
            return stream.block is None
        if record.version != stream.version + 1:
            return False
        size = len(record.line) + 1
        self._follow(stream, record, {record.kind: 1})
        stream.add_extent(segment, offset, size, record.version)
        return True

    def add_batch(self, records: Sequence[Record], segment: int, offset: int) -> None:
        """Take in what was just appended to one stream, at `offset` of a segment."""
        first, last = records[0], records[-1]
        known = self.streams.get(first.stream)
        if known is not None and (known.block or known.version != first.version - 1):
            for record in records:
                self.add(record, segment, offset)
                offset += len(record.line) + 1
            return
        kinds: dict[str, int] = {}
        for record in records:
            kinds[record.kind] = kinds.get(record.kind, 0) + 1
        self.take_run(
            last,
            kinds,
            segment=segment,
            offset=offset,
            size=sum(len(record.line) + 1 for record in records),
            first=first.version,
            begins=first if first.version == 1 else None,
        )

    def take_run(
        self,
        last: Record,
        kinds: Mapping[str, int],
        *,
        segment: int,
        offset: int,
        size: int,
        first: int,
        begins: Record | None,
    ) -> None:
        """Take in neighbouring lines of one stream that are known to follow its head:
        from version `first` to that of `last`, `size` bytes at `offset`. `begins` is
        the stream's first record, if they hold it.
        """
        stream = self.streams.get(last.stream)
        if stream is None:
            stream = Stream(last.stream)
            if begins is not None:
                self._begin(stream, begins)
            self.insert(stream)
        self._follow(stream, last, kinds)
        stream.add_extent(segment, offset, size, first)

    def _follow(self, stream: Stream, last: Record, kinds: Mapping[str, int]) -> None:
        stream.version, stream.position = last.version, last.position
        stream.digest, stream.last_us = bytes.fromhex(last.hash), last.time_us
        stream.ended = _reason(last) if last.kind in _ENDS else None
        if stream.kinds:
            counts = dict(stream.kinds)
            for kind, count in kinds.items():
                counts[kind] = counts.get(kind, 0) + count
            kinds = counts
        stream.kinds = self._shared(kinds)
        stream.changed = True

    def _shared(self, counts: Mapping[str, int]) -> Mapping[str, int]:
        """Equal counts are one object, but for those that few streams will have."""
        if sum(counts.values()) > _COMMON_RECORDS:
            return counts
        if len(self._counts) >= _MOST_SHARED:
            self._counts.clear()
        return self._counts.setdefault(tuple(counts.items()), counts)

    def insert(self, stream: Stream) -> None:
        """A stream whose fields are set."""
        self.streams[stream.id] = stream
        label = stream.label or stream.id[:12]
        others = self.called(label)
        self.labels[label] = (*others, stream.id) if others else stream.id
        run = self.streams.get(stream.run_stream or "")
        if run is not None:
            stream.run_stream = run.id  # one text, however many name it
        stream.kinds = self._shared(stream.kinds)
        if stream.parent is not None:
            self.forks.setdefault(stream.parent.stream, []).append(stream.id)

    def block(self, stream: str, block: Block, *, first: Record | None = None) -> None:
        """Nothing past the stream's version can be read from here on.

        `first` is what its first record was, if the stream is not even begun.
        """
        known = self.streams.get(stream)
        if known is None:
            known = Stream(stream)
            if first is not None:
                self._begin(known, first)
            self.insert(known)
        if known.block is None:
            known.block = block
            known.changed = True

    def _begin(self, stream: Stream, record: Record) -> None:
        payload = _root(record)
        stream.family = _FAMILIES.get(record.kind, "other")
        stream.label = str(payload.get("label", ""))
        stream.started_us = record.time_us
        stream.index = payload.get("index")
        stream.purpose = payload.get("purpose")
        run = payload.get("run")
        stream.run_stream = run["stream"] if isinstance(run, dict) else None
        if stream.family == "run":
            stream.run_stream = record.stream
        parent = payload.get("parent")
        if record.kind == "trajectory.forked" and isinstance(parent, dict):
            stream.parent = Ref(**parent)
            stream.root = stream.parent.hash

    def info(self, stream: Stream) -> StreamInfo:
        """The stream at a glance, with what a fork has from its ancestors."""
        root = stream
        while root.run_stream is None and root.parent is not None:
            if root.parent.stream not in self.streams:
                break
            root = self.streams[root.parent.stream]
        run = self.streams.get(root.run_stream or "")
        parent = stream.parent
        of = self.streams.get(parent.stream) if parent else None
        return StreamInfo(
            stream=stream.id,
            family=stream.family,
            label=stream.label or stream.id[:12],
            version=stream.version,
            position=stream.position,
            hash=stream.hash,
            started_us=stream.started_us,
            last_us=stream.last_us,
            run=run.label if run else None,
            run_stream=root.run_stream,
            index=root.index,
            planned=root is stream and stream.index is not None,
            purpose=stream.purpose,
            parent=parent,
            parent_label=of.label if of else None,
            fork_position=stream.first_position - 1 if parent else None,
            ended=stream.ended,
            kinds=dict(stream.kinds),
            damaged=str(stream.corrupt()) if stream.block else None,
        )


def _root(record: Record) -> Mapping[str, Any]:
    """The payload of a first record; that of an imported row may be long, and is not
    decoded again while it is at hand.
    """
    event = record.event
    if isinstance(event, TrajectoryImported):
        return {
            "label": event.label,
            "index": event.index,
            "run": {"stream": event.run.stream},
        }
    return _payload(record)


def _payload(record: Record) -> dict[str, Any]:
    payload = orjson.loads(split(record.line).payload or b"{}")
    return payload if isinstance(payload, dict) else {}


def _reason(record: Record) -> str:
    usual = "completed" if record.kind == "preparation.ended" else "ended"
    return str(_payload(record).get("reason", usual))
