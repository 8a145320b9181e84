"""Which byte of a damaged line changed: found, not guessed.

A line that does not match its hash is usually one byte away from one that does. Trying
every such byte finds it, and with it what was recorded. Gives up on long lines and on
wider damage: nothing depends on it but the words of an error, and whom it names.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import orjson

from eventsim.log.codec import Line, layout, split

__all__ = ["Change", "pinpoint"]

_FLIPS_BYTES = 1 << 14
_ANY_BYTES = 1 << 10
_SHOWN = 60


class Change(NamedTuple):
    """`field` as a dotted name; what it was and what it is now; the line as it was."""

    field: str
    recorded: str
    found: str
    line: Line

    def __str__(self) -> str:
        return f"{self.field}: recorded {self.recorded}, found {self.found}"


def pinpoint(raw: bytes, fits: Callable[[Line], bool]) -> Change | None:
    """The one changed byte that keeps a line from fitting its place, or None.

    `fits` must check the hash of the line: only then is what is found the truth.
    """
    for candidate in _one_byte_off(raw):
        try:
            line = split(candidate)
        except ValueError:
            continue
        if fits(line):
            return _describe(line, raw)
    return None


def _one_byte_off(data: bytes) -> Iterator[bytes]:
    """One bit flipped, then any printable byte."""
    if len(data) > _FLIPS_BYTES:
        return
    for at, byte in enumerate(data):
        for bit in range(8):
            yield data[:at] + bytes((byte ^ 1 << bit,)) + data[at + 1 :]
    if len(data) > _ANY_BYTES:
        return
    printable = [each.encode() for each in string.printable]
    for at in range(len(data)):
        before, after = data[:at], data[at + 1 :]
        for other in printable:
            yield before + other + after


def _describe(line: Line, raw: bytes) -> Change:
    """Where the line as recorded and as found differ, by field."""
    recorded = line.raw
    at = next(i for i, (a, b) in enumerate(zip(recorded, raw, strict=True)) if a != b)
    stands = layout(recorded)
    assert stands is not None
    parts = [
        ("", stands.envelope, b"}"),
        ("hash", stands.hash, b""),
        ("salt", stands.salt, b""),
        ("payload", stands.payload, b""),
    ]
    for name, part, end in parts:
        if part.start <= at < part.stop:
            was, now = recorded[part] + end, raw[part] + end
            if name in ("hash", "salt"):
                return Change(name, was.decode(), now.decode("ascii", "replace"), line)
            return _difference(name, at - part.start, was, now, line)
    return _bytes_differ("record", at, recorded, raw, line)


def _difference(name: str, at: int, was: bytes, now: bytes, line: Line) -> Change:
    """By field if both are JSON, else by byte."""
    try:
        field, recorded, found = _first_difference(
            name, orjson.loads(was), orjson.loads(now)
        )
    except orjson.JSONDecodeError:
        return _bytes_differ(name or "envelope", at, was, now, line)
    return Change(field, recorded, found, line)


def _bytes_differ(name: str, at: int, was: bytes, now: bytes, line: Line) -> Change:
    around = slice(max(at - 20, 0), at + 20)
    recorded = was[around].decode("utf-8", "replace")
    return Change(
        f"{name} byte {at}", recorded, now[around].decode("utf-8", "replace"), line
    )


def _first_difference(name: str, recorded: Any, found: Any) -> tuple[str, str, str]:
    if isinstance(recorded, dict) and isinstance(found, dict):
        for key in recorded:
            if key not in found:
                other = next((k for k in found if k not in recorded), None)
                return _join(name, key), _shown(key), _shown(other)
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
        return name, *_around(recorded, found)
    return name, _shown(recorded), _shown(found)


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
    cut = "…" if start else ""
    return cut + _shown(recorded[start:]), cut + _shown(found[start:])
