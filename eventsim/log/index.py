"""What is known of every stream: its head, what it is, and where its records stand.

Derived from the segments alone, so that it can always be made again. One entry of
offsets is made for each run of neighbouring lines, not for each record.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from eventsim.core.events import Ref
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
    """The mutable state of one stream; `offsets` holds two integers an extent."""

    id: str
    family: Family = "other"
    label: str = ""
    version: int = 0
    position: int = -1
    hash: str = ZERO_HASH
    root: str = ZERO_HASH
    started_us: int = 0
    last_us: int = 0
    run_stream: str | None = None
    index: int | None = None
    purpose: str | None = None
    parent: Ref | None = None
    ended: str | None = None
    kinds: dict[str, int] = field(default_factory=dict)
    offsets: array[int] = field(default_factory=lambda: array("Q"))
    block: Block | None = None

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
        self.labels: dict[str, list[str]] = {}
        self.forks: dict[str, list[str]] = {}
        self.changed: set[str] = set()
        self.kept: int | None = None

    def require(self, stream: str) -> Stream:
        """Raises: NotFound."""
        found = self.streams.get(stream)
        if found is None:
            raise NotFound(f"no stream {stream} in this store")
        return found

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
        stream.version = record.version
        stream.position = record.position
        stream.hash = record.hash
        stream.last_us = record.time_us
        stream.kinds[record.kind] = stream.kinds.get(record.kind, 0) + 1
        stream.ended = _reason(record) if record.kind in _ENDS else None
        stream.add_extent(segment, offset, len(record.line) + 1, record.version)
        self.changed.add(record.stream)
        return True

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
        stream.version, stream.position = last.version, last.position
        stream.hash, stream.last_us = last.hash, last.time_us
        for kind, count in kinds.items():
            stream.kinds[kind] = stream.kinds.get(kind, 0) + count
        stream.ended = _reason(last) if last.kind in _ENDS else None
        stream.add_extent(segment, offset, size, first)
        self.changed.add(last.stream)

    def insert(self, stream: Stream) -> None:
        """A stream whose fields are set."""
        self.streams[stream.id] = stream
        self.labels.setdefault(stream.label or stream.id[:12], []).append(stream.id)
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
            self.changed.add(stream)

    def _begin(self, stream: Stream, record: Record) -> None:
        payload = _payload(record)
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


def _payload(record: Record) -> dict[str, Any]:
    payload = orjson.loads(split(record.line).payload or b"{}")
    return payload if isinstance(payload, dict) else {}


def _reason(record: Record) -> str:
    usual = "completed" if record.kind == "preparation.ended" else "ended"
    return str(_payload(record).get("reason", usual))
