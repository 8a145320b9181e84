"""What a row holds that its events do not say: found by comparison, put back. Pure.

The events of a row are written in the row's format again; where that differs from the
row, the row's value is kept at its JSON pointer (RFC 6901). So nothing of a row is
lost, and what was kept is exactly what could not be represented.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from eventsim.core.events import Kept
from eventsim.core.values import freeze

__all__ = ["put_back", "rest_of"]


def rest_of(row: Any, written: Any) -> tuple[Kept, ...]:
    """What must change in `written` to give `row`."""
    return tuple(_differences(row, written, ""))


def put_back(written: Any, kept: Sequence[Kept], *, grown: bool = False) -> Any:
    """`written` with what was kept of the row. Where the dialogue has `grown` since it
    was imported, only what belongs to single messages and tools is put back: what was
    said of the row as a whole is not true of a longer one.
    """
    for each in kept:
        keys = [_unescape(key) for key in each.at.split("/")[1:]]
        if grown and (each.absent or len(keys) < _DEEP):
            continue
        written = _change(written, keys, each)
    return written


_DEEP = 3
"""A pointer into a message or a tool has a list, a place in it, and a field."""


def _differences(row: Any, written: Any, at: str) -> Iterator[Kept]:
    if isinstance(row, dict) and isinstance(written, dict):
        for key in row:
            inner = f"{at}/{_escape(key)}"
            if key in written:
                yield from _differences(row[key], written[key], inner)
            else:
                yield Kept(at=inner, value=freeze(row[key]))
        for key in written:
            if key not in row:
                yield Kept(at=f"{at}/{_escape(key)}", absent=True)
    elif isinstance(row, list) and isinstance(written, list | tuple):
        shared = min(len(row), len(written))
        for index in range(shared):
            yield from _differences(row[index], written[index], f"{at}/{index}")
        for index in range(shared, len(row)):
            yield Kept(at=f"{at}/{index}", value=freeze(row[index]))
        for index in reversed(range(shared, len(written))):
            yield Kept(at=f"{at}/{index}", absent=True)
    elif type(row) is not type(written) or row != written:
        yield Kept(at=at, value=freeze(row))


def _change(value: Any, keys: list[str], kept: Kept) -> Any:
    """A copy of `value` in which one place is as it was."""
    if not keys:
        return kept.value
    key, *inner = keys
    if isinstance(value, dict):
        if inner:
            if key not in value:
                return value
            return {**value, key: _change(value[key], inner, kept)}
        if kept.absent:
            return {name: item for name, item in value.items() if name != key}
        return {**value, key: kept.value}
    if isinstance(value, list | tuple):
        items, index = list(value), int(key)
        if index < len(items) and kept.absent and not inner:
            del items[index]
        elif index < len(items):
            items[index] = _change(items[index], inner, kept)
        elif not kept.absent:
            items.append(kept.value)
        return items
    return value


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _unescape(key: str) -> str:
    return key.replace("~1", "/").replace("~0", "~")
