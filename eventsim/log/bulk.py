"""Frames that are as they were written, taken into an index in few steps.

Every record is checked against the one before it in its stream, as reading does, but no
payload is decoded except those of first and last records. Nothing is taken of a frame
in which anything does not fit exactly: that is left to `segments`, which finds out what
it is.
"""

from __future__ import annotations

import re
from binascii import Error, a2b_base64
from dataclasses import dataclass, field
from hashlib import sha256

from eventsim.core.records import Record
from eventsim.log.codec import root_of, split, to_record
from eventsim.log.index import Index

__all__ = ["take_whole"]

_LINE = re.compile(
    rb'(\{"stream":"([0-9a-f]{32}|)","version":(\d+)(?:,"position":(\d+))?,'
    rb'"kind":"([a-z_.]+)/\d+","time_us":(\d+)),"hash":"([\w+/]{43})",'
    rb'"salt":"([\w+/]{21}[AQgw])","payload":'
)


@dataclass(slots=True)
class _Run:
    """Neighbouring lines of one stream."""

    stream: str
    first: int
    position: int
    offset: int
    version: int
    hash: bytes
    begins: Record | None
    size: int = 0
    time_us: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    last: bytes = b""


def take_whole(index: Index, body: bytes, ordinal: int, offset: int) -> bool:
    """All records of a frame's body, which stands at `offset` of a segment; False, and
    none, if any is not just what is due.
    """
    try:
        runs = _runs_of(index, body, offset)
    except (ValueError, Error):
        return False
    if runs is None:
        return False
    for run in runs:
        _take(index, run, ordinal)
    return True


def _runs_of(index: Index, body: bytes, offset: int) -> list[_Run] | None:
    runs: list[_Run] = []
    heads: dict[str, _Run] = {}
    run: _Run | None = None
    name = b"none"
    for line in body[:-1].split(b"\n"):
        match = _LINE.match(line)
        if match is None or line[-1] != 125:
            return None
        envelope, stream, version, position, kind, time_us, hashed, salt = (
            match.groups()
        )
        if stream != name or not stream or run is None:
            run = _begin(index, heads, stream.decode(), line, offset)
            if run is None:
                return None
            runs.append(run)
            name = stream
        run.version += 1
        if int(version) != run.version:
            return None
        due = run.position + run.version
        if position is None and due != run.version - 1:
            return None
        if position is not None and (int(position) != due or due == run.version - 1):
            return None
        digest = sha256(a2b_base64(salt + b"==") + line[match.end() : -1]).digest()
        run.hash = sha256(run.hash + digest + envelope).digest()
        if a2b_base64(hashed + b"=") != run.hash:
            return None
        if not stream:
            run.stream = run.hash.hex()[:32]
            heads[run.stream] = run
            name = run.stream.encode()
        size = len(line) + 1
        run.size += size
        run.time_us = int(time_us)
        run.last = line
        named = kind.decode()
        run.kinds[named] = run.kinds.get(named, 0) + 1
        offset += size
    return runs


def _begin(
    index: Index, heads: dict[str, _Run], stream: str, line: bytes, offset: int
) -> _Run | None:
    """The next run of a stream; `position` is that of the record before its first."""
    if not stream:
        first = split(line)
        record = to_record(first, None)
        root = bytes.fromhex(root_of(first))
        return _Run("", 1, first.position - 1, offset, 0, root, record)
    before = heads.get(stream)
    if before is not None:
        run = _Run(
            stream, before.version + 1, before.position, offset, before.version,
            before.hash, None,
        )  # fmt: skip
        heads[stream] = run
        return run
    known = index.streams.get(stream)
    if known is None or known.block is not None:
        return None
    before_root = known.first_position - 1
    run = _Run(
        stream, known.version + 1, before_root, offset, known.version,
        bytes.fromhex(known.hash), None,
    )  # fmt: skip
    heads[stream] = run
    return run


def _take(index: Index, run: _Run, ordinal: int) -> None:
    last = to_record(split(run.last), None)
    index.take_run(
        last,
        run.kinds,
        segment=ordinal,
        offset=run.offset,
        size=run.size,
        first=run.first,
        begins=run.begins,
    )
