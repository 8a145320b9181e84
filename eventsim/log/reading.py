"""Lines that are as they were written, read in as few steps as prove it.

Which line is due is known: its stream, its version, the hash before it. So how it
begins is compared, not parsed, and its hash computed once. Whatever does not fit
exactly is left to `checking`, which finds out what it is; nothing is concluded here.
"""

from __future__ import annotations

import gc
from binascii import Error, a2b_base64, b2a_base64
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from hashlib import sha256
from typing import NamedTuple

from eventsim.core.events import KINDS, Event
from eventsim.core.records import Record
from eventsim.log.codec import decode, split
from eventsim.log.index import Stream
from eventsim.log.upcasters import Upcasters

__all__ = ["Lines", "Place", "as_written", "places_of"]

_CURRENT = {
    f"{kind}/{cls.kind_version}".encode(): (
        kind,
        cls.kind_version,
        cls.__pydantic_validator__.validate_json,
    )
    for kind, cls in KINDS.items()
}
_SALT_ENDS = frozenset(b"AQgw")
"""The last of 22 characters holds two bits of the 16 bytes; the others are zero."""


class Place(NamedTuple):
    """A line without its newline, where it stands, and which version it should be."""

    file: str
    offset: int
    version: int
    line: bytes


class Lines(NamedTuple):
    """Neighbouring lines without their newlines; `first` is the version of the first,
    `offset` where it stands.
    """

    file: str
    offset: int
    first: int
    lines: list[bytes]


def places_of(found: Iterable[Lines]) -> Iterator[Place]:
    """Each line by itself."""
    for file, at, first, lines in found:
        offset = at
        for version, line in enumerate(lines, first):
            yield Place(file, offset, version, line)
            offset += len(line) + 1


def as_written(
    stream: Stream,
    found: Sequence[Lines],
    start: int,
    stop: int,
    upcasters: Upcasters,
) -> list[Record] | None:
    """Records of versions start < version <= stop, or None if any line is not just what
    it should be.
    """
    wanted: list[bytes] = []
    due = anchor = max(start, 1)
    for _, _, first, lines in found:
        if first > due or first + len(lines) <= due:
            if due > stop or first + len(lines) <= anchor:
                continue
            return None
        wanted += lines[due - first : stop + 1 - first]
        due = anchor + len(wanted)
    if len(wanted) != stop - anchor + 1:
        return None
    try:
        if start == 0:
            previous = bytes.fromhex(stream.root)
        else:
            previous = bytes.fromhex(split(wanted.pop(0)).hash)
        records = _read(stream, wanted, start + 1, previous, upcasters)
    except (ValueError, Error, IndexError):
        return None
    if stop == stream.version and (not records or records[-1].hash != stream.hash):
        return None
    return records


def _read(
    stream: Stream,
    lines: list[bytes],
    version: int,
    previous: bytes,
    upcasters: Upcasters,
) -> list[Record]:
    """Raises: ValueError, IndexError, Error."""
    records: list[Record] = []
    append, record = records.append, partial(tuple.__new__, Record)
    identity, first = stream.id, stream.first_position
    begins = b'{"stream":"%b","version":' % (identity.encode() if version > 1 else b"")
    collecting = gc.isenabled()
    gc.disable()  # what is made here lives on: looking through it is for nothing
    try:
        for line in lines:
            position = first + version - 1
            if first:
                due = b'%b%d,"position":%d,"kind":"' % (begins, version, position)
            else:
                due = b'%b%d,"kind":"' % (begins, version)
            kind_at = len(due)
            kind_end = line.index(b'"', kind_at)
            cut = line.index(b",", kind_end + 12)
            payload = line[cut + 96 : -1]
            if (
                not line.startswith(due)
                or line[kind_end : kind_end + 12] != b'","time_us":'
                or line[cut : cut + 9] != b',"hash":"'
                or line[cut + 52 : cut + 62] != b'","salt":"'
                or line[cut + 84 : cut + 96] != b'","payload":'
                or line[-1] != 125
                or line[cut + 83] not in _SALT_ENDS
            ):
                raise ValueError
            salt = a2b_base64(line[cut + 62 : cut + 84] + b"==", strict_mode=True)
            digest = sha256(salt + payload).digest()
            previous = sha256(previous + digest + line[:cut]).digest()
            if b2a_base64(previous, newline=False) != line[cut + 9 : cut + 52] + b"=":
                raise ValueError
            known = _CURRENT.get(line[kind_at:kind_end])
            event: Event | None
            if known is not None:
                kind, kind_version, validated = known
                event = validated(payload)
            else:
                kind, kind_version, event = _other(
                    line[kind_at:kind_end], payload, upcasters
                )
            time_us = int(line[kind_end + 12 : cut])
            fields = (
                identity, version, position, kind, kind_version, time_us,
                previous.hex(), event, line,
            )  # fmt: skip
            append(record(fields))
            if version == 1:
                begins = b'{"stream":"%b","version":' % identity.encode()
            version += 1
    finally:
        if collecting:
            gc.enable()
    return records


def _other(
    named: bytes, payload: bytes, upcasters: Upcasters
) -> tuple[str, int, Event | None]:
    """Of an earlier or later version, or of a kind that is not known here.

    Raises: ValueError.
    """
    kind, _, version = named.decode().rpartition("/")
    return kind, int(version), decode(kind, int(version), payload, upcasters)
