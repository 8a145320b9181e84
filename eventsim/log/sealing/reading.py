"""A sealed segment on the disk: its lines by stream and version, and the whole of it.

A block is read, decompressed and checked against the hashes that the index has of it;
what does not match is an error that says where, and the other blocks are read as ever.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import zstandard

from eventsim.errors import LogCorrupt, LogTooNew
from eventsim.log.disk import explained
from eventsim.log.frames import Frame, encode_frame
from eventsim.log.sealing.form import (
    FORMAT,
    MAJOR,
    SALT_BYTES,
    Block,
    Chunk,
    Contents,
    Run,
    join,
    parse_header,
)

__all__ = ["Part", "Sealed", "header_of"]

_HEADER_BYTES = 4096
_CACHED = 4


class Part(NamedTuple):
    """Lines of one stream where they stood in the plain segment; None if they cannot be
    read, which `damage` explains.
    """

    run: Run
    lines: list[bytes] | None
    damage: LogCorrupt | None


class Sealed:
    """One sealed file, opened. `file` is its name in errors.

    Raises: LogCorrupt if neither header or neither index is whole; LogTooNew, LogError.
    """

    def __init__(self, path: Path, file: str) -> None:
        self.file = file
        self._path = path
        with explained("read", path):
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._lock = threading.Lock()
        self._blocks_at = 0
        self._texts: OrderedDict[int, tuple[list[bytes], bytes]] = OrderedDict()
        self._lines: OrderedDict[Chunk, list[bytes]] = OrderedDict()
        self._kept = _CACHED
        try:
            self.header = self._header()
            self.contents = self._contents()
        except BaseException:
            self.close()
            raise
        self._chunks: dict[str, list[Chunk]] = {}
        self._before: dict[Chunk, int] = {}
        counts = [0] * len(self.contents.blocks)
        for chunk in self.contents.chunks:
            self._chunks.setdefault(chunk.stream, []).append(chunk)
            self._before[chunk] = counts[chunk.block]
            counts[chunk.block] += chunk.records

    def close(self) -> None:
        """The descriptor."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    @property
    def size(self) -> int:
        """Bytes of the plain segment."""
        return int(self.header["bytes"])

    @property
    def mark(self) -> tuple[int, str]:
        """Offset and check of the last header line of the plain segment."""
        offset, check = self.header["mark"]
        return int(offset), str(check)

    def lines(self, stream: str, first: int, size: int) -> list[bytes]:
        """Lines of a stream from a version on, `size` bytes with their newlines.

        Raises: LogCorrupt.
        """
        found: list[bytes] = []
        left = size
        for chunk in self._chunks.get(stream, ()):
            if chunk.first + chunk.records <= first or left <= 0:
                continue
            for line in self._chunk(chunk)[max(first - chunk.first, 0) :]:
                if left <= 0:
                    break
                found.append(line)
                left -= len(line) + 1
        if left:
            what = f"{size} bytes from version {first} on are not in it"
            raise LogCorrupt(what, file=self.file, offset=0, stream=stream)
        return found

    def parts(self) -> Iterator[Frame | Part]:
        """Everything in the order of the plain segment: of each frame its header, then
        its lines as far as they can be read.
        """
        self._kept = len(self.contents.chunks)  # streams take turns in it
        try:
            for step in self.contents.runs():
                if isinstance(step, Frame):
                    yield step
                    continue
                try:
                    lines = self.lines(step.stream, step.version, step.size)
                    yield Part(step, lines, None)
                except LogCorrupt as damage:
                    yield Part(step, None, damage)
        finally:
            self._kept = _CACHED
            self._lines.clear()

    def plain(self) -> bytes:
        """The plain segment. Raises: LogCorrupt."""
        pieces = [self.contents.segment_header()]
        frame: Frame | None = None
        bodies: list[bytes] = []

        def finish() -> None:
            if frame is not None:
                body = b"".join(bodies)
                streams, epoch = frame.streams, frame.epoch
                pieces.append(encode_frame(frame.durable, streams, body, epoch=epoch))
                pieces.append(body)
                bodies.clear()

        for step in self.parts():
            if isinstance(step, Frame):
                finish()
                frame = step
            elif step.lines is None:
                assert step.damage is not None
                raise step.damage
            else:
                bodies += [line + b"\n" for line in step.lines]
        finish()
        data = b"".join(pieces)
        if hashlib.sha256(data).hexdigest() != self.header["sha256"]:
            raise self._corrupt("it does not give back the segment that was sealed")
        return data

    def worn(self) -> list[tuple[str, int]]:
        """(what, offset) of damage that hurts nothing yet: each of the header and the
        index is there twice.
        """
        first, second, size, digest = self.header["index"]
        found = [
            ("a copy of its header is damaged", at)
            for at in (0, second + size)
            if parse_header(self._read(self._blocks_at, at)) is None
        ]
        found += [
            ("a copy of its index is damaged", at)
            for at in (first, second)
            if hashlib.sha256(self._read(size, at)).hexdigest() != digest
        ]
        return found

    # --- inside -----------------------------------------------------------------------

    def _read(self, size: int, offset: int) -> bytes:
        with explained("read", self._path):
            return os.pread(self._descriptor, size, offset)

    def _header(self) -> dict[str, Any]:
        with explained("read", self._path):
            fields, self._blocks_at = _told(self._descriptor)
        if fields is None:
            raise self._corrupt("neither its first line nor its last is whole")
        if fields["format"] != FORMAT or fields["major"] > MAJOR:
            raise LogTooNew(
                f"{self.file} has sealed format {fields['major']}, this release reads "
                f"up to {MAJOR}; use a newer eventsim"
            )
        return fields

    def _contents(self) -> Contents:
        """From either index."""
        first, second, size, digest = self.header["index"]
        for at in (first, second):
            packed = self._read(size, at)
            if hashlib.sha256(packed).hexdigest() == digest:
                told = orjson.loads(zstandard.decompress(packed))
                return Contents(
                    self.header,
                    [Block(*block) for block in told["blocks"]],
                    [Chunk(*chunk) for chunk in told["chunks"]],
                    [tuple(frame) for frame in told["frames"]],
                )
        raise self._corrupt("neither copy of its index is whole", first)

    def _chunk(self, chunk: Chunk) -> list[bytes]:
        """All lines of a chunk; those used last are kept. Raises: LogCorrupt."""
        with self._lock:
            lines = self._lines.pop(chunk, None)
            if lines is None:
                try:
                    lines = self._decode(chunk)
                except ValueError as error:
                    raise LogCorrupt(
                        str(error),
                        file=self.file,
                        offset=self.contents.blocks[chunk.block].offset
                        + self._blocks_at,
                        stream=chunk.stream,
                        position=chunk.position,
                    ) from None
            self._lines[chunk] = lines
            while len(self._lines) > self._kept:
                self._lines.popitem(last=False)
            return lines

    def _decode(self, chunk: Chunk) -> list[bytes]:
        """Raises: ValueError."""
        at = self._before[chunk]
        texts, salts = self._block(chunk.block)
        part = slice(at, at + chunk.records)
        salted = slice(SALT_BYTES * part.start, SALT_BYTES * part.stop)
        lines, last = join(texts[part], salts[salted], chunk.first_hash)
        if last != chunk.last_hash or len(lines) != chunk.records:
            raise ValueError(
                f"versions {chunk.first} to {chunk.first + chunk.records - 1} do not "
                "match their hashes"
            )
        return lines

    def _block(self, number: int) -> tuple[list[bytes], bytes]:
        """(texts, salts) of a block. Raises: ValueError."""
        texts, salts = self._texts.pop(number, ([], b""))
        if not texts:
            block = self.contents.blocks[number]
            data = self._read(
                block.salts + block.packed, block.offset + self._blocks_at
            )
            if not block.holds(data):
                raise ValueError("a block is not as it was written")
            salts = data[: block.salts]
            try:
                texts = zstandard.decompress(data[block.salts :]).split(b"\n")[:-1]
            except zstandard.ZstdError:
                raise ValueError("a block cannot be decompressed") from None
        self._texts[number] = texts, salts
        while len(self._texts) > 1:
            self._texts.popitem(last=False)
        return texts, salts

    def _corrupt(self, what: str, offset: int = 0) -> LogCorrupt:
        return LogCorrupt(what, file=self.file, offset=offset)


def header_of(path: Path) -> dict[str, Any] | None:
    """What a sealed file says of itself; None if neither header is whole.

    Raises: OSError.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return _told(descriptor)[0]
    finally:
        os.close(descriptor)


def _told(descriptor: int) -> tuple[dict[str, Any] | None, int]:
    """(header, its length) by the first line of the file, or by the last."""
    size = os.fstat(descriptor).st_size
    start = os.pread(descriptor, _HEADER_BYTES, 0)
    end = os.pread(descriptor, _HEADER_BYTES, max(size - _HEADER_BYTES, 0))
    for line in (start[: start.find(b"\n") + 1], end[end.rfind(b'{"sealed":{') :]):
        fields = parse_header(line)
        if fields is not None:
            return fields, len(line)
    return None, 0
