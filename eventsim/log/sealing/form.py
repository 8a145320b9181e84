r"""The form of a sealed segment: a plain one, clustered by stream and compressed.

    {"sealed":{"format":"eventsim-sealed","major":1,"minor":0,"series":"0","number":1,
     "after":0,"bytes":N,"sha256":"…","mark":[S,"…"],"epoch":E,"index":[I,J,n,"…"],
     "check":"…"}}\n
    blocks: 16 bytes of salt a record (zeros where it was redacted), then a zstd frame
            of the lines without their hash and salt, one stream after the other
    the index, a zstd frame of n bytes; the index once more; the first line once more

`bytes` and `sha256` are those of the plain segment, which is given back byte for byte;
`after`, `mark` and `epoch` are what its headers say. The index, at I and again at J,
is JSON, its SHA-256 in the header:

    {"blocks":[[offset, bytes of salts, of the zstd frame, of what is in it,
                the first 16 hex digits of the SHA-256 of salts and frame], …],
     "chunks":[[stream, first version, its position, records, first hash, last hash,
                block], …],
     "frames":[[durable, epoch, [stream, records, bytes, …]], …]}

Of a chunk's records only the first hash is kept: the others follow from it, and must
end in the last. `frames` tell the order of the plain file: of which stream (by its
place among those of the chunks) how many records of how many bytes came next; `durable`
is null where it was the frame's own offset.
Pure: bytes in, bytes out.
"""

from __future__ import annotations

import hashlib
import re
from binascii import a2b_base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
import zstandard

from eventsim.core.records import base64_of, payload_digest, record_hash
from eventsim.log import frames as plain
from eventsim.log.codec import layout
from eventsim.log.frames import (
    Frame,
    encode_frame,
    encode_segment_header,
    parse_segment_header,
    scan,
)

__all__ = [
    "LEVEL",
    "SALT_BYTES",
    "Block",
    "Chunk",
    "Contents",
    "NotSealable",
    "Run",
    "encode",
    "join",
    "parse_header",
]

FORMAT = "eventsim-sealed"
MAJOR = 1
BLOCK_BYTES = 512 << 10
LEVEL = 12
SALT_BYTES = 16
_HEADER = re.compile(rb'(\{"sealed":\{.*),"check":"([0-9a-f]{16})"\}\}\n')
_LINE = re.compile(
    rb'(\{"stream":"(?:[0-9a-f]{32})?","version":(\d+)(?:,"position":(\d+))?,'
    rb'"kind":"[^"\\]+","time_us":\d+),"(payload|digest)":'
)


class NotSealable(ValueError):
    """A segment that would not come back byte for byte: damaged, or of format 1."""


class Block(NamedTuple):
    """Where salts and texts stand, counted from the first block. `check` finds also
    what changes nothing in what is decompressed.
    """

    offset: int
    salts: int
    packed: int
    size: int
    check: str

    def holds(self, data: bytes) -> bool:
        """Whether these are its bytes."""
        return check_of(data) == self.check


def check_of(data: bytes) -> str:
    """The first 16 hex digits of SHA-256."""
    return hashlib.sha256(data).hexdigest()[:16]


class Chunk(NamedTuple):
    """Neighbouring records of one stream within a block."""

    stream: str
    first: int
    position: int
    records: int
    first_hash: str
    last_hash: str
    block: int


class Run(NamedTuple):
    """Neighbouring lines of one stream where they stood in the plain segment."""

    stream: str
    version: int
    records: int
    offset: int
    size: int


_Told = tuple[int | None, int | None, list[int]]
"""(durable, epoch, three integers for each of the frame's runs)."""


@dataclass(frozen=True, slots=True)
class Contents:
    """A sealed segment's header and index, as far as they are known."""

    header: dict[str, Any]
    blocks: list[Block]
    chunks: list[Chunk]
    frames: list[_Told]

    def runs(self) -> Iterator[Run | Frame]:
        """The order of the plain segment: of each frame its header (without check and
        digest), then its runs.
        """
        streams = _streams(self.chunks)
        versions = [first for _, first in streams]
        at = len(self.segment_header())
        for durable, epoch, told in self.frames:
            counts: dict[str, int] = {}
            triples = list(zip(told[::3], told[1::3], told[2::3], strict=True))
            for which, records, _ in triples:
                name = streams[which][0]
                counts[name] = counts.get(name, 0) + records
            size = sum(told[2::3])
            stated = at if durable is None else durable
            head = encode_frame(stated, counts, b"", epoch=epoch)
            body = at + len(head) + len(str(size)) - 1
            yield Frame(
                at, body, body + size, stated, sum(counts.values()), counts, b"", "",
                epoch,
            )  # fmt: skip
            at = body
            for which, records, length in triples:
                yield Run(streams[which][0], versions[which], records, at, length)
                versions[which] += records
                at += length

    def segment_header(self) -> bytes:
        """The first line of the plain segment."""
        told = self.header
        return encode_segment_header(told["series"], told["number"], told["after"])


def _streams(chunks: list[Chunk]) -> list[tuple[str, int]]:
    """(stream, its first version here), as the frames count them."""
    found: dict[str, int] = {}
    for chunk in chunks:
        found.setdefault(chunk.stream, chunk.first)
    return list(found.items())


class _Lines(NamedTuple):
    """What a chunk is made of."""

    texts: list[bytes]
    salts: list[bytes]
    hashes: list[str]
    first: int
    root: int


def _split(line: bytes) -> tuple[bytes, bytes, str]:
    """(the line without hash and salt, its salt, its hash). Raises: ValueError."""
    parts = layout(line)
    match = _LINE.match(line[: parts.envelope.stop] + b',"payload":') if parts else None
    if parts is None or match is None or parts.hash.stop - parts.hash.start != 43:
        raise NotSealable("a line is not of the format of records")
    hashed = a2b_base64(line[parts.hash] + b"=").hex()
    if parts.digest is not None:
        text = line[parts.envelope] + line[parts.hash.stop + 1 :]
        return text, bytes(SALT_BYTES), hashed
    salt = a2b_base64(line[parts.salt] + b"==")
    text = line[parts.envelope] + b',"payload":' + line[parts.payload] + b"}"
    return text, salt, hashed


def join(texts: list[bytes], salts: bytes, first_hash: str) -> tuple[list[bytes], str]:
    """The lines of a chunk as they were, and the last hash. Raises: ValueError."""
    lines: list[bytes] = []
    hashed = ""
    for number, text in enumerate(texts):
        match = _LINE.match(text)
        if match is None:
            raise ValueError("not the shape of a record")
        envelope = match[1]
        if match[4] == b"digest":
            digest = a2b_base64(text[match.end() + 1 : match.end() + 44] + b"=")
            rest = text[match.end(1) :]
        else:
            salt = salts[SALT_BYTES * number : SALT_BYTES * (number + 1)]
            payload = text[match.end() : -1]
            digest = payload_digest(salt, payload)
            rest = b',"salt":"%b","payload":%b}' % (base64_of(salt), payload)
        hashed = record_hash(hashed, digest, envelope) if hashed else first_hash
        named = base64_of(bytes.fromhex(hashed))
        lines.append(b'%b,"hash":"%b"%b' % (envelope, named, rest))
    return lines, hashed


def encode(data: bytes, *, level: int = LEVEL) -> bytes:
    """A sealed segment of the bytes of a plain one. Raises: NotSealable."""
    header = parse_segment_header(data)
    if header is None or header.major != plain.MAJOR:
        raise NotSealable("it is not of the present format")
    if data[: header.size] != encode_segment_header(
        header.series, header.number, header.after
    ):
        raise NotSealable("its header is of another release")
    streams, frames, mark, epoch = _take_apart(data, header.size)
    packer = zstandard.ZstdCompressor(level=level, write_checksum=True)
    blocks, chunks, body = _pack(streams, packer)
    told = {
        "format": FORMAT, "major": MAJOR, "minor": 0, "series": header.series,
        "number": header.number, "after": header.after, "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(), "mark": mark, "epoch": epoch,
    }  # fmt: skip
    listed = [list(chunk) for chunk in chunks]
    placed = [list(block) for block in blocks]
    index = orjson.dumps({"blocks": placed, "chunks": listed, "frames": frames})
    return _assemble(told, body, packer.compress(index))


def _take_apart(
    data: bytes, start: int
) -> tuple[dict[str, _Lines], list[_Told], tuple[int, str], int]:
    """(lines of each stream, frames, the last header, the last epoch)."""
    streams: dict[str, _Lines] = {}
    numbers: dict[str, int] = {}
    frames: list[_Told] = []
    mark, epoch = (0, data[start - 20 : start - 4].decode()), 0
    for found in scan(data, start=start, durable=len(data)):
        if not isinstance(found, Frame):
            raise NotSealable(f"it is damaged at byte {found.start}")
        body = data[found.body : found.end]
        again = encode_frame(found.durable, found.streams, body, epoch=found.epoch)
        if again != data[found.start : found.body]:
            raise NotSealable(f"the frame at byte {found.start} is of another release")
        told: list[int] = []
        last = ""
        for line in body[:-1].split(b"\n") if body else ():
            text, salt, hashed = _split(line)
            match = _LINE.match(text)
            assert match is not None
            version = int(match[2])
            stream = hashed[:32] if version == 1 else text[11:43].decode()
            root = int(match[3] or version - 1) - version + 1
            lines = streams.setdefault(stream, _Lines([], [], [], version, root))
            if version != lines.first + len(lines.texts):
                raise NotSealable(f"records of stream {stream} are missing")
            lines.texts.append(text)
            lines.salts.append(salt)
            lines.hashes.append(hashed)
            if stream == last:
                told[-2] += 1
                told[-1] += len(line) + 1
            else:
                number = numbers.setdefault(stream, len(numbers))
                told += [number, 1, len(line) + 1]
            last = stream
        durable = None if found.durable == found.start else found.durable
        frames.append((durable, found.epoch, told))
        mark, epoch = (found.start, found.check), found.epoch or epoch
    return streams, frames, mark, epoch


def _pack(
    streams: dict[str, _Lines], packer: zstandard.ZstdCompressor
) -> tuple[list[Block], list[Chunk], bytearray]:
    """(blocks, chunks, bytes); offsets count from the first block."""
    blocks: list[Block] = []
    chunks: list[Chunk] = []
    body, texts, salts = bytearray(), bytearray(), bytearray()

    def finish() -> None:
        packed = packer.compress(bytes(texts))
        stored = bytes(salts) + packed
        sizes = len(body), len(salts), len(packed), len(texts)
        blocks.append(Block(*sizes, check_of(stored)))
        body.extend(stored)
        texts.clear()
        salts.clear()

    for stream, lines in streams.items():
        begin = 0
        while begin < len(lines.texts):
            end, size = begin, len(texts)
            while end < len(lines.texts) and (end == begin or size < BLOCK_BYTES):
                size += len(lines.texts[end]) + 1
                end += 1
            part = slice(begin, end)
            texts += b"\n".join(lines.texts[part]) + b"\n"
            salts += b"".join(lines.salts[part])
            version, hashes = lines.first + begin, lines.hashes
            position, block = lines.root + version - 1, len(blocks)
            ends = hashes[begin], hashes[end - 1]
            chunks.append(Chunk(stream, version, position, end - begin, *ends, block))
            begin = end
            if len(texts) >= BLOCK_BYTES:
                finish()
    if texts:
        finish()
    return blocks, chunks, body


def _assemble(told: dict[str, Any], body: bytes | bytearray, index: bytes) -> bytes:
    """The header tells where the index stands, so its own length must be known."""
    digest = hashlib.sha256(index).hexdigest()
    size = 0
    while True:
        first = size + len(body)
        told["index"] = [first, first + len(index), len(index), digest]
        line = _checked(orjson.dumps({"sealed": told})[:-2])
        if len(line) == size:
            break
        size = len(line)
    return b"".join([line, body, index, index, line])


def _checked(prefix: bytes) -> bytes:
    return b'%b,"check":"%b"}}\n' % (prefix, check_of(prefix).encode())


def parse_header(line: bytes) -> dict[str, Any] | None:
    """The fields of a header line, or None if it is not whole."""
    match = _HEADER.fullmatch(line)
    if match is None or check_of(match[1]) != match[2].decode():
        return None
    fields: dict[str, Any] = orjson.loads(line)["sealed"]
    return fields
