"""One pass over segments that trusts nothing: every line against its running chain.

Keeps no events, only each stream's head and the hashes that others may refer to. What
is wrong becomes a `Problem`; the walk goes on behind it.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import NamedTuple

from eventsim.core.events import (
    BundleTaken,
    Event,
    PayloadRedacted,
    Ref,
    StreamsPruned,
)
from eventsim.log.codec import Line, decode, linked, root_of, split
from eventsim.log.frames import (
    Damage,
    Frame,
    Tail,
    parse_frame_header,
    parse_segment_header,
    scan,
)
from eventsim.log.pinpoint import pinpoint
from eventsim.log.references import blobs_of, refs_of
from eventsim.log.sealing.reading import Sealed
from eventsim.log.segments import guess_stream, series_of
from eventsim.log.upcasters import Upcasters

__all__ = ["Problem", "Walk"]

_PINPOINTED = 8
_NO_HASH = bytes(32)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `field` is a dotted name inside the record, or what
    part of the store: segment, frame, blob, catalogue.
    """

    field: str
    what: str
    file: str
    offset: int = 0
    stream: str | None = None
    label: str | None = None
    position: int | None = None

    def __str__(self) -> str:
        place = f"{self.file} at byte {self.offset}"
        if self.stream is None:
            return f"{place}: {self.field}: {self.what}"
        name = self.label or self.stream[:12]
        at = "" if self.position is None else f"@{self.position}"
        return f"{name}{at}: {self.field}: {self.what} ({place})"


class Use(NamedTuple):
    """Where a reference or a blob is named."""

    stream: str
    position: int
    field: str
    file: str
    offset: int


@dataclass(slots=True, eq=False)
class Chain:
    """The head of a stream while walking; `previous` is None after a lost record."""

    id: str
    label: str | None = None
    first_position: int = 0
    previous: str | None = None
    hashes: bytearray = field(default_factory=bytearray)

    @property
    def version(self) -> int:
        """Records met, lost ones included."""
        return len(self.hashes) // 32

    @property
    def next_position(self) -> int:
        """Where the next record belongs."""
        return self.first_position + self.version

    def hash_at(self, version: int) -> str | None:
        """None if there is no such version; zeros if its record is lost."""
        if not 0 < version <= self.version:
            return None
        return self.hashes[32 * version - 32 : 32 * version].hex()


class Walk:
    """Feed segments in order, then `finish`."""

    def __init__(self, upcasters: Upcasters) -> None:
        self.problems: list[Problem] = []
        self.chains: dict[str, Chain] = {}
        self.records = 0
        self.torn: list[tuple[str, int]] = []
        self.blobs: dict[str, Use] = {}
        self._refs: list[tuple[Use, Ref, int | None]] = []
        self._upcasters = upcasters
        self._pinpoints = _PINPOINTED
        self._epochs: dict[str, int] = {}
        self._gone: dict[tuple[str, int], Use] = {}
        self._explained: dict[tuple[str, int], Use] = {}
        self.pruned: dict[str, Use] = {}
        self.absent: set[str] = set()

    def take_segment(self, file: str, data: bytes, *, durable: int) -> None:
        """One segment; `durable` is its size if a later segment follows it."""
        header = parse_segment_header(data)
        start = header.size if header else 0
        for found in scan(data, start=start, durable=durable):
            match found:
                case Frame():
                    self._take_epoch(file, found)
                    for offset, raw in _lines(data, found.body, found.end):
                        self._take(raw, file, offset)
                case Damage():
                    self._take_damage(file, data, found)
                case Tail():
                    self.torn.append((file, found.start))

    def take_sealed(self, sealed: Sealed) -> None:
        """One sealed segment; offsets are those of the plain one."""
        for part in sealed.parts():
            if isinstance(part, Frame):
                self._take_epoch(sealed.file, part)
            elif part.lines is not None:
                offset = part.run.offset
                for raw in part.lines:
                    self._take(raw, sealed.file, offset)
                    offset += len(raw) + 1
            elif part.damage is not None:
                chain = self.chains.setdefault(part.run.stream, Chain(part.run.stream))
                use = Use(
                    chain.id, chain.next_position, "", sealed.file, part.damage.offset
                )
                self.report("records", part.damage.what, use)
                for _ in range(part.run.records):
                    self._lose(chain)

    def finish(self) -> None:
        """Check what refers to other streams."""
        for use, ref, position in self._refs:
            chain = self.chains.get(ref.stream)
            there = chain.hash_at(ref.version) if chain else None
            if chain is None or there is None:
                what = f"version {ref.version} of stream {ref.stream[:12]} is missing"
            elif there == _NO_HASH.hex():
                continue
            elif there != ref.hash:
                what = (
                    f"version {ref.version} of {chain.label or chain.id[:12]} has hash "
                    f"{there[:12]}, not {ref.hash[:12]}"
                )
            elif position not in (None, chain.first_position + ref.version - 1):
                what = f"the parent's record is not at position {position}"
            else:
                continue
            self.report(f"payload.{use.field}", what, use)

        self._finish_upkeep()

    def _finish_upkeep(self) -> None:
        """What was taken out and what the log says of it must be the same."""
        for place, use in self._gone.items():
            if place not in self._explained:
                self.report("payload", "it is redacted, and nothing says why", use)
        again = "is said to be gone and is still there; do it again"
        for (stream, version), use in self._explained.items():
            chain = self.chains.get(stream)
            lost = chain is None or chain.hash_at(version) in (None, _NO_HASH.hex())
            if not lost and (stream, version) not in self._gone:
                self.report("payload.of", f"what was redacted {again}", use)
        for stream, use in self.pruned.items():
            if stream in self.chains:
                self.report("payload.streams", f"what was pruned {again}", use)

    def report(self, name: str, what: str, use: Use) -> None:
        """Note a problem with something that a record names."""
        label = self.chains[use.stream].label if use.stream in self.chains else None
        self.problems.append(
            Problem(name, what, use.file, use.offset, use.stream, label, use.position)
        )

    def _take_epoch(self, file: str, frame: Frame) -> None:
        """A writer that took a series over says where its predecessor ended."""
        if frame.epoch is None:
            return
        series = series_of(file)
        before = self._epochs.get(series, 1)
        if frame.epoch <= before or frame.durable != frame.start:
            what = f"epoch {frame.epoch} at {frame.durable} comes after epoch {before}"
            self.problems.append(Problem("frame", what, file, frame.start))
        self._epochs[series] = frame.epoch

    # --- lines ------------------------------------------------------------------------

    def _take_damage(self, file: str, data: bytes, damage: Damage) -> None:
        before = len(self.problems)
        header = parse_frame_header(data, damage.start)
        missing = dict(header.streams) if header else {}
        start = header.body if header else damage.start
        for offset, raw in list(_lines(data, start, damage.end))[header is None :]:
            stream = self._take(raw, file, offset, damaged=True)
            if stream in missing:
                missing[stream] -= 1
        for stream, count in missing.items():
            if count > 0:
                chain = self.chains.setdefault(stream, Chain(stream))
                use = Use(stream, chain.next_position, "", file, damage.start)
                self.report("records", f"{count} cannot be read", use)
                for _ in range(count):
                    self._lose(chain)
        if len(self.problems) == before:
            size = damage.end - damage.start
            lost = damage.end > len(data)
            part = "segment" if damage.start == 0 or lost else "frame"
            what = f"{size} bytes are missing" if lost else "the header line is damaged"
            self.problems.append(Problem(part, what, file, damage.start))

    def _take(
        self, raw: bytes, file: str, offset: int, *, damaged: bool = False
    ) -> str | None:
        """Check one line; the stream that it is counted for."""
        line = None
        with contextlib.suppress(ValueError):
            line = split(raw)
            if self._fits(line):
                self._follow(line, file, offset)
                return line.stream
        after_gap = line is not None and self._is_after_gap(line)
        if line is not None and after_gap and not damaged:
            return self._jump(line, file, offset)
        change = None
        if self._pinpoints > 0:
            self._pinpoints -= 1
            change = pinpoint(raw, self._fits)
        if change is None:
            if line is not None and after_gap:
                return self._jump(line, file, offset)
            return self._unreadable(raw, file, offset)
        at = self._follow(change.line, file, offset)
        what = f"recorded {change.recorded}, found {change.found}"
        self.report(change.field, what, at)
        return at.stream

    def _fits(self, line: Line) -> bool:
        """Whether the line's hash proves that it is next in a stream."""
        chain = self.chains.get(line.stream)
        if chain is None:
            return line.version == 1 and linked(line, root_of(line))
        follows = line.version == chain.version + 1 and chain.previous is not None
        return follows and linked(line, chain.previous or "")

    def _is_after_gap(self, line: Line) -> bool:
        """Whether records before the line are lost, so that nothing proves it."""
        chain = self.chains.get(line.stream)
        if chain is None:
            return line.version > 1
        return chain.previous is None or line.version != chain.version + 1

    def _jump(self, line: Line, file: str, offset: int) -> str:
        chain = self.chains.get(line.stream) or self._begin(line)
        if line.version != chain.version + 1:
            use = Use(line.stream, chain.next_position, "", file, offset)
            what = f"{line.version} comes after {chain.version}"
            self.report("version", what, use)
        if line.version > chain.version:
            while chain.version + 1 < line.version:
                self._lose(chain)
            self._follow(line, file, offset)
        return line.stream

    def _begin(self, line: Line) -> Chain:
        chain = Chain(line.stream, first_position=line.position - line.version + 1)
        self.chains[line.stream] = chain
        return chain

    def _follow(self, line: Line, file: str, offset: int) -> Use:
        """Take the line as the next one; where it stands."""
        chain = self.chains.get(line.stream) or self._begin(line)
        use = Use(line.stream, line.position, "", file, offset)
        if line.position != chain.next_position:
            what = f"{line.position} where {chain.next_position} is due"
            self.report("position", what, use)
        self.records += 1
        chain.hashes += bytes.fromhex(line.hash)
        chain.previous = line.hash
        if line.digest is not None:
            self._gone[line.stream, line.version] = use
        try:
            event = decode(line.kind, line.kind_version, line.payload, self._upcasters)
        except ValueError as error:
            self.report("payload", str(error), use)
            return use
        if event is not None:
            self._note(event, line, chain, use)
        return use

    def _note(self, event: Event, line: Line, chain: Chain, use: Use) -> None:
        if line.version == 1:
            chain.label = getattr(event, "label", None)
        if isinstance(event, PayloadRedacted):
            for ref in (event.of, *event.covered):
                self._explained[ref.stream, ref.version] = use
        elif isinstance(event, StreamsPruned):
            self.pruned |= {each.stream: use for each in event.streams}
        elif isinstance(event, BundleTaken):
            self.absent.update(event.absent)
        for name, blob in blobs_of(event):
            self.blobs.setdefault(blob, use._replace(field=name))
        for name, ref in refs_of(event):
            placed = name in ("parent", "of")
            position = getattr(event, "position", None) if placed else None
            self._refs.append((use._replace(field=name), ref, position))

    def _unreadable(self, raw: bytes, file: str, offset: int) -> str | None:
        stream = guess_stream(raw)
        chain = self.chains.get(stream or "")
        what = "the bytes of a record do not match its hash"
        if chain is None:
            self.problems.append(Problem("record", what, file, offset))
            return None
        use = Use(chain.id, chain.next_position, "", file, offset)
        self.report("record", what, use)
        self._lose(chain)
        return chain.id

    def _lose(self, chain: Chain) -> None:
        chain.hashes += _NO_HASH
        chain.previous = None


def _lines(data: bytes, start: int, end: int) -> list[tuple[int, bytes]]:
    found = []
    for line in data[start:end].split(b"\n"):
        if line:
            found.append((start, line))
        start += len(line) + 1
    return found
