"""Segments taken into an index: whole frames, damage, and who is touched by it.

A record in a damaged frame that links to its stream's head is proven by its hash and
kept. A stream that lost a record there is blocked from that record on; the others
read on. Nothing here writes: what happens to a torn tail is decided in `recovery`.
"""

from __future__ import annotations

import contextlib
import re
from binascii import a2b_base64
from dataclasses import dataclass, field
from typing import NamedTuple

from eventsim.errors import LogTooNew
from eventsim.log.bulk import take_whole
from eventsim.log.codec import Line, linked, root_of, split, to_record
from eventsim.log.frames import (
    MAJOR,
    Damage,
    Frame,
    Tail,
    parse_frame_header,
    parse_segment_header,
    scan,
)
from eventsim.log.index import Block, Index
from eventsim.log.pinpoint import pinpoint

__all__ = [
    "DIRECTORY",
    "Hurt",
    "Segment",
    "Suspects",
    "absorb",
    "guess_stream",
    "name_of",
    "number_of",
    "sealed_name",
    "segment_of",
    "series_of",
]

DIRECTORY = "segments"
_NAME = re.compile(r"(\w+-(\d{8}))\.(?:jsonl|sealed)")
_STREAM = re.compile(rb'\{"stream":"([0-9a-f]{32})",')
_FIRST = re.compile(rb'\{"stream":"","version":1,.*?,"hash":"([^"]{43})"')
_FIRST_1 = re.compile(rb'\{"stream":"","version":1,.*?,"hash":"([0-9a-f]{32})')

_EXPLAINED = 8

Suspects = list[tuple[str, int, Block]]


@dataclass(frozen=True, slots=True)
class Hurt:
    """Damaged bytes, and the streams that lost records there."""

    file: str
    offset: int
    size: int
    streams: tuple[str, ...]


class _Lost(NamedTuple):
    """A line that cannot be read; `line` is what it was, if that could be found out."""

    offset: int
    stream: str | None
    what: str
    line: Line | None


@dataclass(slots=True)
class Segment:
    """How far a segment is in the index.

    `mark` is the offset and the check of the last whole header line before `scanned`:
    by it one sees that the file is still the one that was scanned. `closed` says that
    the last frame states the final offset, `major` is the format of its header, `epoch`
    the last one that it tells of.
    """

    name: str
    scanned: int = 0
    mark: tuple[int, str] = (0, "")
    tail: int | None = None
    hurt: list[Hurt] = field(default_factory=list)
    closed: bool = False
    major: int = MAJOR
    epoch: int = 0

    @property
    def series(self) -> str:
        """Whose it is."""
        return series_of(self.name)

    @property
    def file(self) -> str:
        """As errors name it, relative to the store."""
        return f"{DIRECTORY}/{self.name}"


def name_of(series: str, number: int) -> str:
    """The name of a segment, which is that of its plain file."""
    return f"{series}-{number:08d}.jsonl"


def sealed_name(name: str) -> str:
    """The name of the file that a segment is sealed in."""
    return name.replace(".jsonl", ".sealed")


def segment_of(file: str) -> str | None:
    """The segment that a file holds, plain or sealed; None for another file."""
    match = _NAME.fullmatch(file)
    return f"{match[1]}.jsonl" if match else None


def series_of(name: str) -> str:
    """The series of a segment, by the segment's name."""
    return name.rpartition("-")[0]


def number_of(name: str) -> int | None:
    """The number of a segment, or None for another file."""
    match = _NAME.fullmatch(name)
    return int(match[2]) if match else None


def absorb(
    index: Index, segment: Segment, data: bytes, *, durable: int, suspects: Suspects
) -> None:
    """Take the bytes from `segment.scanned` on into the index.

    Raises: LogTooNew.
    """
    base, start = segment.scanned, 0
    if base == 0:
        header = parse_segment_header(data)
        if header is not None:
            if header.major > MAJOR:
                raise LogTooNew(
                    f"{segment.file} has format {header.major}, this release reads up "
                    f"to {MAJOR}; use a newer eventsim"
                )
            segment.major = header.major
            start = segment.scanned = header.size
            segment.mark = (0, data[start - 20 : start - 4].decode())
    reading = _Reading(index, segment, data, base, suspects)
    segment.tail = None
    for found in scan(data, base, start=start, durable=durable):
        match found:
            case Frame():
                reading.take_frame(found)
                segment.scanned = found.end
                segment.mark = (found.start, found.check)
                segment.closed = found.records == 0 and found.epoch is None
                segment.epoch = found.epoch or segment.epoch
            case Damage():
                reading.take_damage(found)
                segment.scanned = found.end
            case Tail():
                segment.tail = found.start


@dataclass(slots=True)
class _Reading:
    """One pass over a segment's bytes, which begin at file offset `base`."""

    index: Index
    segment: Segment
    data: bytes
    base: int
    suspects: Suspects

    def lines(self, start: int, end: int) -> list[tuple[int, bytes]]:
        """(file offset, line) of every line in the file's bytes [start, end)."""
        found = []
        for line in self.data[start - self.base : end - self.base].split(b"\n"):
            if line:
                found.append((start, line))
            start += len(line) + 1
        return found

    def take_frame(self, frame: Frame) -> None:
        ordinal = self.index.segments.index(self.segment.name)
        body = self.data[frame.body - self.base : frame.end - self.base]
        if not body or take_whole(self.index, body, ordinal, frame.body):
            return
        for offset, raw in self.lines(frame.body, frame.end):
            try:
                line = split(raw)
            except ValueError:
                size = len(raw) + 1
                self.segment.hurt.append(Hurt(self.segment.file, offset, size, ()))
                continue
            known = self.index.streams.get(line.stream)
            due = known is None or line.version == known.version + 1
            if due and not (known and known.block) and not self._fits(line):
                what = "the bytes of a record do not match the one before it"
            elif self.index.add(to_record(line, None), ordinal, offset):
                continue
            else:
                what = f"records before version {line.version} are missing"
            position = self._next_position(line.stream)
            block = Block(what, self.segment.file, offset, position)
            self.index.block(line.stream, block)

    def take_damage(self, damage: Damage) -> None:
        header = parse_frame_header(self.data, damage.start - self.base, self.base)
        if header is not None:
            lines = self.lines(header.body, damage.end)
        else:
            # Damage begins where a frame begins, so the first line was its header.
            lines = self.lines(damage.start, damage.end)[1:]
        missing = dict(header.streams) if header else {}
        lost: list[_Lost] = []
        for offset, raw in lines:
            line = self._proven(raw, offset)
            if line is None:
                lost.append(self._explain(raw, offset, lost))
            elif line.stream in missing:
                missing[line.stream] -= 1
        if header is not None:
            blocked = self._block_missing(missing, lost, damage.start)
        else:
            blocked = self._block_guessed(lost, damage)
        size = damage.end - damage.start
        hurt = Hurt(self.segment.file, damage.start, size, tuple(blocked))
        self.segment.hurt.append(hurt)

    def _proven(self, raw: bytes, offset: int) -> Line | None:
        """The line, taken into the index, if its hash proves that it is next."""
        try:
            line = split(raw)
        except ValueError:
            return None
        if not self._fits(line):
            return None
        ordinal = self.index.segments.index(self.segment.name)
        self.index.add(to_record(line, None), ordinal, offset)
        return line

    def _fits(self, line: Line) -> bool:
        """Whether the line's hash proves that it is next in a stream."""
        known = self.index.streams.get(line.stream)
        if known is None:
            return line.version == 1 and linked(line, root_of(line))
        follows = line.version == known.version + 1 and known.block is None
        return follows and linked(line, known.hash)

    def _explain(self, raw: bytes, offset: int, earlier: list[_Lost]) -> _Lost:
        """Whose record a lost line was, and what happened to it, as far as it shows.

        The second lost record of a stream tells nothing: what it links to is lost.
        """
        guess = guess_stream(raw)
        known = self.index.streams.get(guess or "")
        follows_lost = any(lost.stream == guess for lost in earlier) if guess else False
        if (
            not follows_lost
            and not (known and known.block)
            and len(earlier) < _EXPLAINED
        ):
            change = pinpoint(raw, self._fits)
            if change is not None:
                return _Lost(offset, change.line.stream, str(change), change.line)
        return _Lost(offset, guess, "the bytes do not match their hash", None)

    def _block_missing(
        self, missing: dict[str, int], lost: list[_Lost], start: int
    ) -> list[str]:
        """The frame's header tells how many records each stream must have there."""
        blocked = [stream for stream, count in missing.items() if count > 0]
        unknown = next((each for each in lost if each.stream not in missing), None)
        for stream in blocked:
            own = next((each for each in lost if each.stream == stream), unknown)
            self._block(stream, own or _Lost(start, stream, "records are gone", None))
        return blocked

    def _block_guessed(self, lost: list[_Lost], damage: Damage) -> list[str]:
        """Without the frame's header, only the lines tell which streams they are of.

        If one does not, any stream that has not ended may have lost its last record
        here; one that goes on later without a gap has not.
        """
        blocked = []
        unknown = None
        if damage.end - self.base > len(self.data):
            unknown = _Lost(damage.start, None, "the end of the file is gone", None)
        for each in lost:
            stream = each.stream
            if stream is not None and (each.line or stream in self.index.streams):
                self._block(stream, each)
                blocked.append(stream)
            else:
                unknown = unknown or each
        if unknown is not None:
            for stream, known in self.index.streams.items():
                if known.ended is None and known.block is None:
                    block = self._block_of(stream, unknown)
                    self.suspects.append((stream, known.version, block))
        return blocked

    def _block(self, stream: str, lost: _Lost) -> None:
        first = lost.line if lost.line and lost.line.version == 1 else None
        record = to_record(first, None) if first else None
        self.index.block(stream, self._block_of(stream, lost), first=record)

    def _block_of(self, stream: str, lost: _Lost) -> Block:
        position = lost.line.position if lost.line else self._next_position(stream)
        return Block(lost.what, self.segment.file, lost.offset, position)

    def _next_position(self, stream: str) -> int | None:
        known = self.index.streams.get(stream)
        return known.position + 1 if known and known.version else None


def guess_stream(raw: bytes) -> str | None:
    """The stream that a damaged line seems to be of."""
    match = _FIRST.match(raw)
    if match:
        with contextlib.suppress(ValueError):
            return a2b_base64(match[1] + b"=").hex()[:32]
    match = _STREAM.match(raw) or _FIRST_1.match(raw)
    return match[1].decode() if match else None
