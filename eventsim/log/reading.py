"""Lines that are as they were written, read in as few steps as prove it.

Which line is due is known: its stream, its version, the hash before it. So how it
begins is compared, not parsed, and its hash computed once. Whatever does not fit
exactly is left to `checking`, which finds out what it is; nothing is concluded here.
"""

from __future__ import annotations

from binascii import Error, a2b_base64
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from eventsim.core.events import KINDS, Event
from eventsim.core.records import Record, base64_of
from eventsim.log.codec import decode, split
from eventsim.log.index import Stream
from eventsim.log.upcasters import Upcasters

__all__ = ["Place", "as_written"]

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


def as_written(
    stream: Stream,
    places: Sequence[Place],
    start: int,
    stop: int,
    upcasters: Upcasters,
) -> list[Record] | None:
    """Records of versions start < version <= stop, or None if any line is not just what
    it should be.
    """
    wanted = [place.line for place in places if start <= place.version <= stop]
    if len(wanted) != stop - max(start, 1) + 1:
        return None
    try:
        if start == 0:
            previous = bytes.fromhex(stream.root)
        else:
            previous = bytes.fromhex(split(wanted.pop(0)).hash)
        records, last = _read(stream, wanted, start + 1, previous, upcasters)
    except (ValueError, Error, IndexError):
        return None
    return records if stop != stream.version or last == stream.hash else None


def _read(
    stream: Stream,
    lines: list[bytes],
    version: int,
    previous: bytes,
    upcasters: Upcasters,
) -> tuple[list[Record], str]:
    """The records and the last hash. Raises: ValueError, IndexError, Error."""
    records: list[Record] = []
    identity, first = stream.id, stream.first_position
    hashed, name = "", identity.encode()
    for line in lines:
        position = first + version - 1
        due = b'{"stream":"%b","version":%d' % (name if version > 1 else b"", version)
        due += b',"position":%d,"kind":"' % position if first else b',"kind":"'
        kind_at = len(due)
        kind_end = line.index(b'","time_us":', kind_at)
        cut = line.index(b',"hash":"', kind_end)
        payload = line[cut + 96 : -1]
        if (
            not line.startswith(due)
            or line[cut + 52 : cut + 62] != b'","salt":"'
            or line[cut + 84 : cut + 96] != b'","payload":'
            or line[-1] != 125
            or line[cut + 83] not in _SALT_ENDS
        ):
            raise ValueError
        salt = a2b_base64(line[cut + 62 : cut + 84] + b"==", strict_mode=True)
        digest = sha256(salt + payload).digest()
        previous = sha256(previous + digest + line[:cut]).digest()
        if base64_of(previous) != line[cut + 9 : cut + 52]:
            raise ValueError
        hashed = previous.hex()
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
        record = Record(
            identity,
            version,
            position,
            kind,
            kind_version,
            time_us,
            hashed,
            event,
            line,
        )
        records.append(record)
        version += 1
    return records, hashed


def _other(
    named: bytes, payload: bytes, upcasters: Upcasters
) -> tuple[str, int, Event | None]:
    """Of an earlier or later version, or of a kind that is not known here.

    Raises: ValueError.
    """
    kind, _, version = named.decode().rpartition("/")
    return kind, int(version), decode(kind, int(version), payload, upcasters)
