"""The plain bytes of a sealed segment, with Python's standard library alone.

Part of `verify_store.py`. Zstandard is in the standard library from Python 3.14 on;
before that the program `zstd` is called, and without it a sealed store is not read.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

SALT = 16
HEADER = re.compile(rb'(\{"sealed":\{.*),"check":"([0-9a-f]{16})"\}\}\n')
TEXT = re.compile(
    rb'(\{"stream":.*?,"time_us":\d+)(,"(?:payload|digest)":.*)', re.DOTALL
)


class NoZstandard(Exception):
    """Neither this Python nor this machine can decompress."""


class Damaged(Exception):
    """(what, offset in the sealed file)."""


def decompressor() -> Callable[[bytes], bytes]:
    """Raises: NoZstandard."""
    try:
        from compression import zstd  # type: ignore[import-not-found]
    except ImportError:
        program = shutil.which("zstd")
        if program is None:
            raise NoZstandard(
                "a sealed segment is read with Python 3.14 or with the program zstd; "
                "install one of them"
            ) from None

        def by_program(data: bytes) -> bytes:
            done = subprocess.run(
                [program, "-dcq"], input=data, capture_output=True, check=False
            )
            if done.returncode:
                raise ValueError(done.stderr.decode(errors="replace").strip())
            return done.stdout

        return by_program

    def by_library(data: bytes) -> bytes:
        try:
            plain: bytes = zstd.decompress(data)
        except zstd.ZstdError as error:
            raise ValueError(str(error)) from None
        return plain

    return by_library


def coded(data: bytes) -> bytes:
    """Base64 without padding."""
    return base64.b64encode(data).rstrip(b"=")


def header_of(data: bytes) -> tuple[dict[str, Any], int]:
    """The fields of the first line, and where the blocks begin. Raises: Damaged."""
    end = data.find(b"\n") + 1
    match = HEADER.fullmatch(data[:end])
    whole = match and hashlib.sha256(match[1]).hexdigest()[:16] == match[2].decode()
    if not whole:
        raise Damaged("the first line is damaged", 0)
    if data[-end:] != data[:end]:
        raise Damaged("the last line is not the first one", len(data) - end)
    fields: dict[str, Any] = json.loads(data[:end])["sealed"]
    return fields, end


def plain_bytes(data: bytes) -> bytes:
    """The segment that was sealed. Raises: Damaged, NoZstandard."""
    unpack = decompressor()
    header, begin = header_of(data)
    first, second, size, digest = header["index"]
    for at in (first, second):
        if hashlib.sha256(data[at : at + size]).hexdigest() != digest:
            raise Damaged("a copy of the index is damaged", at)
    index = json.loads(unpack(data[first : first + size]))
    streams = _streams(index, data, begin, unpack)
    head = {"format": "eventsim-segment", "major": 2, "minor": 0}
    head |= {name: header[name] for name in ("series", "number", "after")}
    plain = _checked(b'{"segment":' + _json(head)[:-1])
    names = list(streams)
    lines = {name: iter(found) for name, found in streams.items()}
    for durable, epoch, told in index["frames"]:
        counts: dict[str, int] = {}
        body = b""
        for which, count, _ in zip(told[::3], told[1::3], told[2::3], strict=True):
            name = names[which]
            counts[name] = counts.get(name, 0) + count
            body += b"".join(next(lines[name]) + b"\n" for _ in range(count))
        frame: dict[str, Any] = {"durable": len(plain) if durable is None else durable}
        frame |= {} if epoch is None else {"epoch": epoch}
        frame |= {"bytes": len(body), "streams": counts}
        frame["sha256"] = hashlib.sha256(body).hexdigest()[:32]
        plain += _checked(b'{"frame":' + _json(frame)[:-1]) + body
    if hashlib.sha256(plain).hexdigest() != header["sha256"]:
        raise Damaged("it does not give back the segment that was sealed", 0)
    return plain


def _streams(
    index: dict[str, Any], data: bytes, begin: int, unpack: Callable[[bytes], bytes]
) -> dict[str, list[bytes]]:
    """All lines of each stream, as they were."""
    blocks = []
    for offset, salted, size, _, check in index["blocks"]:
        at = begin + offset
        stored = data[at : at + salted + size]
        if hashlib.sha256(stored).hexdigest()[:16] != check:
            raise Damaged("a block is not as it was written", at)
        try:
            texts = unpack(data[at + salted : at + salted + size]).split(b"\n")
        except ValueError as error:
            raise Damaged(f"a block cannot be decompressed: {error}", at) from None
        salts = (data[n : n + SALT] for n in range(at, at + salted, SALT))
        blocks.append((at, iter(zip(texts, salts, strict=False))))
    streams: dict[str, list[bytes]] = {}
    for stream, version, _, count, hashed, last, block in index["chunks"]:
        at, pairs = blocks[block]
        found = list(_lines(pairs, count, hashed))
        if len(found) != count or found[-1][1] != last:
            what = f"stream {stream} does not match its hashes from version {version}"
            raise Damaged(what, at)
        streams.setdefault(stream, []).extend(line for line, _ in found)
    return streams


def _lines(
    pairs: Iterator[tuple[bytes, bytes]], count: int, hashed: str
) -> Iterator[tuple[bytes, str]]:
    """(line, its hash): each follows from the one before."""
    for number in range(count):
        text, salt = next(pairs, (b"", b""))
        match = TEXT.fullmatch(text)
        if match is None:
            return
        envelope, rest = match[1], match[2]
        if rest.startswith(b',"payload":'):
            digest = hashlib.sha256(salt + rest[11:-1]).digest()
            rest = b',"salt":"%b"%b' % (coded(salt), rest)
        else:
            digest = base64.b64decode(rest[11:54] + b"=")
        if number:
            chained = bytes.fromhex(hashed) + digest + envelope
            hashed = hashlib.sha256(chained).hexdigest()
        named = coded(bytes.fromhex(hashed))
        yield b'%b,"hash":"%b"%b' % (envelope, named, rest), hashed


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _checked(prefix: bytes) -> bytes:
    check = hashlib.sha256(prefix).hexdigest()[:16]
    return b'%b,"check":"%b"}}\n' % (prefix, check.encode())
