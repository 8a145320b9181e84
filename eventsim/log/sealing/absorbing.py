"""A sealed segment taken into an index: what can be read, and who lost what cannot.

The index of a sealed file says which records of which streams stand where, so that
damage is told of exactly the streams that it touches.
"""

from __future__ import annotations

from eventsim.errors import LogCorrupt
from eventsim.log.codec import linked, root_of, split, to_record
from eventsim.log.frames import Frame
from eventsim.log.index import Block, Index
from eventsim.log.sealing.reading import Part, Sealed
from eventsim.log.segments import Hurt, Segment, Suspects

__all__ = ["absorb_lost", "absorb_sealed"]


def absorb_sealed(index: Index, segment: Segment, sealed: Sealed) -> None:
    """Take in all of it; what is known already changes nothing."""
    ordinal = index.segments.index(segment.name)
    for part in sealed.parts():
        if isinstance(part, Frame):
            segment.closed = part.records == 0 and part.epoch is None
            segment.epoch = part.epoch or segment.epoch
        elif part.lines is None:
            _lose(index, segment, sealed, part)
        else:
            offset = part.run.offset
            for raw in part.lines:
                _take(index, ordinal, raw, offset, sealed)
                offset += len(raw) + 1
    segment.scanned = sealed.size
    segment.mark = sealed.mark
    segment.tail = None


def _take(index: Index, ordinal: int, raw: bytes, offset: int, sealed: Sealed) -> None:
    line = split(raw)
    known = index.streams.get(line.stream)
    version, previous = (known.version, known.hash) if known else (0, root_of(line))
    due = line.version == version + 1
    if due and not (known and known.block) and not linked(line, previous):
        what = "the bytes of a record do not match the one before it"
        index.block(line.stream, Block(what, sealed.file, 0, line.position))
        return
    if not index.add(to_record(line, None), ordinal, offset):
        what = f"records before version {line.version} are missing"
        index.block(line.stream, Block(what, sealed.file, 0, None))


def _lose(index: Index, segment: Segment, sealed: Sealed, part: Part) -> None:
    assert part.damage is not None
    run, damage = part.run, part.damage
    known = index.streams.get(run.stream)
    if known is not None and known.version >= run.version + run.records - 1:
        return
    block = Block(damage.what, sealed.file, damage.offset, damage.position)
    index.block(run.stream, block)
    hurt = Hurt(sealed.file, damage.offset, run.size, (run.stream,))
    if not any(each.streams == hurt.streams for each in segment.hurt):
        segment.hurt.append(hurt)


def absorb_lost(
    index: Index, segment: Segment, damage: LogCorrupt, size: int, suspects: Suspects
) -> None:
    """A sealed segment of which nothing can be read: any stream that has not ended may
    have lost its last records there; one that goes on later without a gap has not.
    """
    segment.hurt.append(Hurt(damage.file, damage.offset, size, ()))
    for stream, known in index.streams.items():
        if known.ended is None and known.block is None:
            position = known.position + 1
            block = Block(damage.what, damage.file, damage.offset, position)
            suspects.append((stream, known.version, block))
