"""A stored line taken apart, checked against its hash, and decoded.

Slices only: the bytes that were hashed are the bytes that are checked and decoded.
What a line means to its stream (versions, positions, forks) is not known here. Lines
of format 1 had the position and the kind's version in fields of their own, and their
hash and salt in hex; they are read as they are. A line whose payload was redacted has
its digest in place of salt and payload, by which its hash still proves it.
"""

from __future__ import annotations

from binascii import a2b_base64
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError

from eventsim.core.events import KINDS, Event
from eventsim.core.records import (
    ZERO_HASH,
    Record,
    base64_of,
    payload_digest,
    record_hash,
)
from eventsim.log.upcasters import UPCASTERS, Upcasters

__all__ = [
    "Layout",
    "Line",
    "decode",
    "layout",
    "linked",
    "root_of",
    "split",
    "to_record",
    "tombstone",
]

_ENVELOPE = ["stream", "version", "kind", "time_us"]
_PLACED = ["stream", "version", "position", "kind", "time_us"]
_ENVELOPE_1 = ["stream", "version", "position", "kind", "kind_version", "time_us"]


class Line(NamedTuple):
    """The parts of a line; `stream` is filled in for a first record too. `digest` is
    there, and salt and payload are empty, if the payload was redacted.
    """

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
    digest: bytes | None = None


class Layout(NamedTuple):
    """Where the parts of a line stand: slices of its bytes; salt and payload are empty
    where a `digest` is.
    """

    envelope: slice
    hash: slice
    salt: slice
    payload: slice
    digest: slice | None = None


def layout(line: bytes) -> Layout | None:
    """Of a whole line of either format; None for anything else."""
    cut = line.find(b',"hash":"')
    if cut < 0 or line[-1:] != b"}":
        return None
    for hash_size, salt_size in ((43, 22), (64, 32)):
        start = cut + 9 + hash_size + 10
        end = start + salt_size
        if (
            line[start - 10 : start] == b'","salt":"'
            and line[end : end + 12] == b'","payload":'
        ):
            return Layout(
                slice(0, cut),
                slice(cut + 9, start - 10),
                slice(start, end),
                slice(end + 12, len(line) - 1),
            )
        if (
            line[start - 10 : start + 2] == b'","digest":"'
            and line[start + 45 : -1].rstrip(b" ") == b'"'
        ):
            empty = slice(0, 0)
            digest = slice(start + 2, start + 45)
            return Layout(
                slice(0, cut), slice(cut + 9, start - 10), empty, empty, digest
            )
    return None


def split(line: bytes) -> Line:
    """The parts of a line without its newline. Raises: ValueError."""
    parts = layout(line)
    if parts is None:
        raise ValueError("not the shape of a record")
    envelope = line[parts.envelope]
    try:
        fields = orjson.loads(envelope + b"}")
        hashed = _decoded(line[parts.hash])
        digest = None if parts.digest is None else _decoded(line[parts.digest])
        salt = _decoded(line[parts.salt]) if digest is None else b""
        stream, version, position, kind, kind_version, time_us = _fields(fields)
    except (ValueError, TypeError):
        raise ValueError("not the shape of a record") from None
    hash_ = hashed.hex()
    return Line(
        hash_[:32] if version == 1 else stream, version, position, kind, kind_version,
        time_us, hash_, salt, envelope, line[parts.payload], line, digest,
    )  # fmt: skip


def _fields(fields: dict[str, Any]) -> tuple[str, int, int, str, int, int]:
    """The envelope of either format. Raises: ValueError, TypeError."""
    names = list(fields)
    if names == _ENVELOPE_1:
        stream, version, position, kind, kind_version, time_us = fields.values()
        return stream, version, position, kind, kind_version, time_us
    if names not in (_ENVELOPE, _PLACED):
        raise ValueError("not the fields of an envelope")
    version = fields["version"]
    position = fields.get("position", version - 1)
    kind, _, kind_version = fields["kind"].rpartition("/")
    return (
        fields["stream"],
        version,
        position,
        kind,
        int(kind_version),
        fields["time_us"],
    )


def _decoded(text: bytes) -> bytes:
    """Base64 without padding, or hex; only the one way to write it.

    Raises: ValueError.
    """
    if len(text) in (43, 22):
        data = a2b_base64(text + b"=" * (-len(text) % 4))
        written = base64_of(data)
    else:
        data = bytes.fromhex(text.decode())
        written = data.hex().encode()
    if written != text:
        raise ValueError("not as it is written")
    return data


def root_of(line: Line) -> str:
    """The hash that a first record is chained to."""
    if line.kind != "trajectory.forked":
        return ZERO_HASH
    try:
        return bytes.fromhex(orjson.loads(line.payload)["parent"]["hash"]).hex()
    except (ValueError, KeyError, TypeError):
        return ZERO_HASH


def linked(line: Line, previous: str) -> bool:
    """Whether the stored hash is that of these bytes after `previous`."""
    digest = line.digest or payload_digest(line.salt, line.payload)
    return record_hash(previous, digest, line.envelope) == line.hash


def decode(
    kind: str, kind_version: int, payload: bytes, upcasters: Upcasters = UPCASTERS
) -> Event | None:
    """The event, or None for a kind or version that this release does not know, and for
    a payload that was redacted.

    Raises: ValueError if the payload is not one of its kind.
    """
    cls = KINDS.get(kind)
    if cls is None or kind_version > cls.kind_version or not payload:
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


def tombstone(line: bytes) -> bytes:
    """The line with its digest in place of salt and payload, as long as it was: no
    other record moves. Raises: ValueError if there is nothing to take out.
    """
    parts, whole = layout(line), split(line)
    if parts is None or parts.digest is not None or whole.payload == b"{}":
        raise ValueError("there is no payload to take out")
    digest = base64_of(payload_digest(whole.salt, whole.payload))
    start = line[: parts.hash.stop] + b'","digest":"%b"' % digest
    blanks = len(line) - len(start) - 1
    if blanks < 0:
        raise ValueError("the payload is shorter than its digest")
    return start + b" " * blanks + b"}"


def to_record(line: Line, event: Event | None) -> Record:
    """The record that the line is."""
    return Record(
        line.stream, line.version, line.position, line.kind, line.kind_version,
        line.time_us, line.hash, event, line.raw,
    )  # fmt: skip
