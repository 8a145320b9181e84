"""Which byte of a damaged record changed: found, not guessed.

A record whose bytes do not match its hash is usually one byte away from one that does.
Trying every such byte finds it, and with it what was recorded. Gives up on long
records and on wider damage; nothing depends on it but the words of a report.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from eventsim.core.records import payload_digest, record_hash
from eventsim.log.codec import Line

__all__ = ["Change", "pinpoint"]

_FLIPS_BYTES = 1 << 16
_ANY_BYTES = 2048
_SHOWN = 60


class Change(NamedTuple):
    """`field` as a dotted name; what it was and what it is now, as JSON or text."""

    field: str
    recorded: str
    found: str


def pinpoint(line: Line, previous: str) -> Change | None:
    """The one changed byte that explains why the hash does not match, or None."""
    digest = payload_digest(line.salt, line.payload)
    due = record_hash(previous, digest, line.envelope)
    if sum(a != b for a, b in zip(due, line.hash, strict=True)) == 1:
        return Change("hash", due, line.hash)
    for salt in _one_digit_off(line.salt.hex()):
        digest = payload_digest(bytes.fromhex(salt), line.payload)
        if record_hash(previous, digest, line.envelope) == line.hash:
            return Change("salt", salt, line.salt.hex())
    digest = payload_digest(line.salt, line.payload)
    for envelope in _one_byte_off(line.envelope):
        if record_hash(previous, digest, envelope) == line.hash:
            return _difference("", envelope + b"}", line.envelope + b"}")
    return _in_payload(line, previous)


def _in_payload(line: Line, previous: str) -> Change | None:
    start, due = bytes.fromhex(previous), bytes.fromhex(line.hash)
    sha256, salt, envelope = hashlib.sha256, line.salt, line.envelope
    for payload in _one_byte_off(line.payload):
        digest = sha256(salt + payload).digest()
        if sha256(start + digest + envelope).digest() == due:
            return _difference("payload", payload, line.payload)
    return None


def _one_digit_off(digits: str) -> Iterator[str]:
    for at, digit in enumerate(digits):
        for other in "0123456789abcdef":
            if other != digit:
                yield digits[:at] + other + digits[at + 1 :]


def _one_byte_off(data: bytes) -> Iterator[bytes]:
    """One bit flipped, then any printable byte, then any byte."""
    if len(data) > _FLIPS_BYTES:
        return
    for at, byte in enumerate(data):
        for bit in range(8):
            yield data[:at] + bytes((byte ^ 1 << bit,)) + data[at + 1 :]
    if len(data) > _ANY_BYTES:
        return
    printable = [c.encode() for c in string.printable]
    rest = [bytes((b,)) for b in range(256) if bytes((b,)) not in printable]
    for others in (printable, rest):
        for at in range(len(data)):
            before, after = data[:at], data[at + 1 :]
            for other in others:
                yield before + other + after


def _difference(name: str, recorded: bytes, found: bytes) -> Change:
    """Where two JSON texts differ: by field if both parse, else by byte."""
    try:
        return _first_difference(name, orjson.loads(recorded), orjson.loads(found))
    except orjson.JSONDecodeError:
        at = next(
            i for i, (a, b) in enumerate(zip(recorded, found, strict=True)) if a != b
        )
        around = slice(max(at - 20, 0), at + 20)
        return Change(
            f"{name or 'envelope'} byte {at}",
            recorded[around].decode("utf-8", "replace"),
            found[around].decode("utf-8", "replace"),
        )


def _first_difference(name: str, recorded: Any, found: Any) -> Change:
    if isinstance(recorded, dict) and isinstance(found, dict):
        for key in [*recorded, *found]:
            if key not in found or key not in recorded:
                return Change(_join(name, key), _shown(recorded), _shown(found))
            if recorded[key] != found[key]:
                return _first_difference(_join(name, key), recorded[key], found[key])
    if (
        isinstance(recorded, list)
        and isinstance(found, list)
        and len(recorded) == len(found)
    ):
        for at, (a, b) in enumerate(zip(recorded, found, strict=True)):
            if a != b:
                return _first_difference(_join(name, str(at)), a, b)
    if isinstance(recorded, str) and isinstance(found, str):
        return Change(name, *_around(recorded, found))
    return Change(name, _shown(recorded), _shown(found))


def _join(name: str, key: str) -> str:
    return f"{name}.{key}" if name else key


def _shown(value: Any) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _around(recorded: str, found: str) -> tuple[str, str]:
    """Both texts near their first difference, quoted."""
    pairs = enumerate(zip(recorded, found, strict=False))
    at = next((i for i, (a, b) in pairs if a != b), min(len(recorded), len(found)))
    start = max(at - _SHOWN // 2, 0)
    return tuple(  # type: ignore[return-value]
        ("…" if start else "") + _shown(text[start:]) for text in (recorded, found)
    )
