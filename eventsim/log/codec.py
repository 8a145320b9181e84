"""A stored line taken apart, checked against its hash, and decoded.

Slices only: the bytes that were hashed are the bytes that are checked and decoded.
What a line means to its stream (versions, positions, forks) is not known here.
"""

from __future__ import annotations

from typing import NamedTuple

import orjson
from pydantic import ValidationError

from eventsim.core.events import KINDS, Event
from eventsim.core.records import ZERO_HASH, Record, payload_digest, record_hash
from eventsim.log.upcasters import UPCASTERS, Upcasters

__all__ = ["Line", "decode", "linked", "root_of", "split", "to_record"]

_ENVELOPE = ["stream", "version", "position", "kind", "kind_version", "time_us"]


class Line(NamedTuple):
    """The parts of a line; `stream` is filled in for a first record too."""

    stream: str
    version: int
    position: int
    kind: str
    kind_version: int
    time_us: int
    hash: str
    salt: bytes
    envelope: bytes
    payload: bytes
    raw: bytes


def split(line: bytes) -> Line:
    """The parts of a line without its newline. Raises: ValueError."""
    cut = line.find(b',"hash":"')
    if (
        cut < 0
        or line[cut + 73 : cut + 83] != b'","salt":"'
        or line[cut + 115 : cut + 127] != b'","payload":'
        or line[-1:] != b"}"
    ):
        raise ValueError("not the shape of a record")
    envelope = line[:cut]
    digits = line[cut + 83 : cut + 115]
    try:
        fields = orjson.loads(envelope + b"}")
        salt = bytes.fromhex(digits.decode())
        hashed = line[cut + 9 : cut + 73].decode()
    except ValueError:
        raise ValueError("not the shape of a record") from None
    if list(fields) != _ENVELOPE or salt.hex().encode() != digits:
        raise ValueError("not the shape of a record")
    stream, version, position, kind, kind_version, time_us = fields.values()
    if version == 1:
        stream = hashed[:32]
    payload = line[cut + 127 : -1]
    return Line(
        stream, version, position, kind, kind_version, time_us,
        hashed, salt, envelope, payload, line,
    )  # fmt: skip


def root_of(line: Line) -> str:
    """The hash that a first record is chained to."""
    if line.kind != "trajectory.forked":
        return ZERO_HASH
    try:
        return str(orjson.loads(line.payload)["parent"]["hash"])
    except (ValueError, KeyError, TypeError):
        return ZERO_HASH


def linked(line: Line, previous: str) -> bool:
    """Whether the stored hash is that of these bytes after `previous`."""
    digest = payload_digest(line.salt, line.payload)
    return record_hash(previous, digest, line.envelope) == line.hash


def decode(
    kind: str, kind_version: int, payload: bytes, upcasters: Upcasters = UPCASTERS
) -> Event | None:
    """The event, or None for a kind or version that this release does not know.

    Raises: ValueError if the payload is not one of its kind.
    """
    cls = KINDS.get(kind)
    if cls is None or kind_version > cls.kind_version:
        return None
    try:
        if kind_version == cls.kind_version:
            return cls.model_validate_json(payload)
        fields = orjson.loads(payload)
        for step in range(kind_version, cls.kind_version):
            upcast = upcasters.get((kind, step))
            if upcast is None:
                return None
            fields = upcast(fields)
        return cls.model_validate_json(orjson.dumps(fields))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "payload"
        raise ValueError(f"{kind}: {where}: {first['msg']}") from None


def to_record(line: Line, event: Event | None) -> Record:
    """The record that the line is."""
    return Record(
        line.stream, line.version, line.position, line.kind, line.kind_version,
        line.time_us, line.hash, event, line.raw,
    )  # fmt: skip
