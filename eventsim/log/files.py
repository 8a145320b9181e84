"""The files that segments are in, plain or sealed, for whoever reads them.

A segment keeps its name, and its records their offsets, when it is sealed; only here it
shows which of the two it is. While both are there the plain one is read.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from eventsim.errors import LogError
from eventsim.log.disk import explained, reason_of
from eventsim.log.frames import parse_segment_header
from eventsim.log.index import Extent, Stream
from eventsim.log.reading import Lines
from eventsim.log.sealing.reading import Sealed, header_of
from eventsim.log.segments import (
    DIRECTORY,
    Segment,
    sealed_name,
    segment_of,
    series_of,
)

_AT_HAND = 16
_GAP_BYTES = 2048
_AT_HAND_BYTES = 1 << 20
_NO_WAIT: int = getattr(os, "RWF_NOWAIT", 0)

__all__ = [
    "SegmentFiles",
    "durable_size",
    "followers",
    "is_sealed",
    "opened",
    "segment_names",
    "unchanged",
]


def segment_names(directory: Path) -> list[str]:
    """The segments of the log, in the order of each series. Raises: LogError."""
    with explained("read", directory):
        found = {segment_of(entry.name) for entry in directory.iterdir()}
    return sorted(name for name in found if name is not None)


def followers(names: Iterable[str]) -> dict[str, str | None]:
    """Each segment's name, and that of the next one of its series."""
    series: dict[str, list[str]] = {}
    for name in sorted(names):
        series.setdefault(series_of(name), []).append(name)
    return {
        name: after
        for own in series.values()
        for name, after in zip(own, [*own[1:], None], strict=True)
    }


def is_sealed(directory: Path, name: str) -> bool:
    """Whether the plain file of a segment is gone, and the sealed one there."""
    return not (directory / name).exists() and (directory / sealed_name(name)).exists()


def opened(directory: Path, name: str) -> Sealed:
    """A sealed segment. Raises: LogCorrupt, LogTooNew, LogError."""
    file = sealed_name(name)
    return Sealed(directory / file, f"{DIRECTORY}/{file}")


def durable_size(directory: Path, name: str) -> int:
    """What the header of a segment says about the size of the one before it, or 0.

    Raises: OSError.
    """
    try:
        with (directory / name).open("rb") as file:
            header = parse_segment_header(file.readline(4096))
        return header.after if header else 0
    except FileNotFoundError:
        told = header_of(directory / sealed_name(name))
        return int(told["after"]) if told else 0


def unchanged(segment: Segment, directory: Path) -> bool:
    """Whether the file still holds what was scanned, as far as its mark tells."""
    try:
        with (directory / segment.name).open("rb") as file:
            file.seek(segment.mark[0])
            line = file.readline()
            size = file.seek(0, 2)
        check = line[-20:-4].decode("latin-1")
        return size >= segment.scanned and check == segment.mark[1]
    except FileNotFoundError:
        pass
    except OSError:
        return False
    try:
        told = header_of(directory / sealed_name(segment.name))
    except OSError:
        return False
    whole = told is not None and segment.scanned == told["bytes"]
    return told is not None and whole and list(segment.mark) == told["mark"]


def _spans(extents: Sequence[Extent]) -> Iterator[tuple[int, int, int]]:
    """(first, after the last, bytes) of extents that one read brings, as little lies
    between them.
    """
    begin, segment, end = 0, -1, -1
    for at, (of, offset, length, _) in enumerate(extents):
        if of != segment or not 0 <= offset - end <= _GAP_BYTES:
            if at:
                yield begin, at, end - extents[begin].offset
            begin, segment = at, of
        end = offset + length
    if extents:
        yield begin, len(extents), end - extents[begin].offset


def _cut(data: bytes, extents: Sequence[Extent], file: str) -> Iterator[Lines]:
    """The lines of each. What ends an extent is a newline, unless it is damaged."""
    base = extents[0].offset
    for _, offset, length, first in extents:
        at = offset - base
        lines = data[at : at + length - 1].split(b"\n")
        yield Lines(file, offset, first, lines)


class SegmentFiles:
    """Segments of one store, for reading by offsets; their files stay open."""

    def __init__(self, store: Path) -> None:
        self._directory = store / DIRECTORY
        self._open: dict[str, int | Sealed] = {}
        self._lock = threading.Lock()

    def lines(
        self, segments: Sequence[str], stream: Stream, extents: Sequence[Extent]
    ) -> list[Lines]:
        """Every line of the extents of a stream, in their order.

        Raises: LogCorrupt, LogError.
        """
        found: list[Lines] = []
        for begin, end, size in _spans(extents):
            segment, start, _, first = extents[begin]
            name = segments[segment]
            file = self._open.get(name) or self._file(name)
            if isinstance(file, Sealed):
                for _, offset, length, version in extents[begin:end]:
                    lines = file.lines(stream.id, version, length)
                    found.append(Lines(file.file, offset, version, lines))
                continue
            try:
                data = os.pread(file, size, start)
            except OSError as error:
                what = f"cannot read {self._directory / name}"
                raise LogError(f"{what}: {reason_of(error)}") from error
            shown = f"{DIRECTORY}/{name}"
            if end == begin + 1:
                found.append(Lines(shown, start, first, data[:-1].split(b"\n")))
            else:
                found += _cut(data, extents[begin:end], shown)
        return found

    def lines_at_hand(
        self, segments: Sequence[str], extents: Sequence[Extent]
    ) -> list[Lines] | None:
        """The same if it need not be waited for: of plain files that are open, what the
        system holds in memory. None otherwise.
        """
        found: list[Lines] = []
        spans = list(_spans(extents))
        if len(spans) > _AT_HAND:
            return None
        for begin, end, size in spans:
            name = segments[extents[begin].segment]
            file = self._open.get(name)
            if not isinstance(file, int) or size > _AT_HAND_BYTES:
                return None
            data = bytearray(size)
            try:
                got = os.preadv(file, [data], extents[begin].offset, _NO_WAIT)
            except OSError:
                return None
            if got != size:
                return None
            found += _cut(bytes(data), extents[begin:end], f"{DIRECTORY}/{name}")
        return found

    def close(self) -> None:
        """Every descriptor."""
        with self._lock:
            for file in self._open.values():
                if isinstance(file, Sealed):
                    file.close()
                else:
                    os.close(file)
            self._open.clear()

    def _file(self, name: str) -> int | Sealed:
        path = self._directory / name
        with self._lock, explained("read", path):
            file = self._open.get(name)
            if file is None:
                try:
                    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
                except FileNotFoundError:
                    if not is_sealed(self._directory, name):
                        raise
                    file = opened(self._directory, name)
                self._open[name] = file
            return file
