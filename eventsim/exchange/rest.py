"""What a row holds that its events do not say: found by comparison, put back. Pure.

The events of a row are written in the row's format again; where that differs from the
row, the row's value is kept at its JSON pointer (RFC 6901). So nothing of a row is
lost, and what was kept is exactly what could not be represented.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from eventsim.core.events import Kept
from eventsim.core.values import freeze

__all__ = ["put_back", "put_back_grown", "rest_of"]


def rest_of(row: Any, written: Any) -> tuple[Kept, ...]:
    """What must change in `written` to give `row`."""
    return tuple(_differences(row, written, ""))


def put_back(written: Any, kept: Sequence[Kept]) -> Any:
    """`written` with what was kept of the row: the row."""
    for each in kept:
        written = _change(written, _keys(each), each)
    return written


def put_back_grown(written: Any, kept: Sequence[Kept], imported: Any) -> Any:
    """`written`, a dialogue that was gone on with, with what was kept of the row's
    single messages and tools. What was said of the row as a whole is not true of a
    longer one. `imported` is what its imported part alone gives: only a message that
    is in both, at one place, gets back what belonged to it; and in a list of which
    the row had more or fewer elements than are written, no place is certain.
    """
    moved = {each.at.rpartition("/")[0] for each in kept if _moves(imported, each)}
    made = written
    for each in kept:
        keys = _keys(each)
        within = (each.at[:end] for end, c in enumerate(each.at) if c == "/")
        if moved.isdisjoint(within) and _is_there(imported, written, keys):
            made = _change(made, keys, each)
    return made


def _moves(written: Any, kept: Kept) -> bool:
    """Whether a list gets an element or loses one."""
    *keys, last = _keys(kept) or [""]
    inside = _at(written, keys)
    if not isinstance(inside, list | tuple):
        return False
    return kept.absent or int(last) >= len(inside)


def _at(value: Any, keys: list[str]) -> Any:
    """What stands at a place; None if there is none."""
    for key in keys:
        if isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list | tuple) and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def _keys(kept: Kept) -> list[str]:
    return [_unescape(key) for key in kept.at.split("/")[1:]]


def _is_there(was: Any, now: Any, keys: list[str]) -> bool:
    """Whether a place inside an element of a list is what it was."""
    inside = False
    for key in keys[:-1]:
        if isinstance(was, list | tuple) and isinstance(now, list | tuple):
            index = int(key)
            if index >= min(len(was), len(now)) or not _goes_on(was[index], now[index]):
                return False
            was, now, inside = was[index], now[index], True
        elif isinstance(was, Mapping) and isinstance(now, Mapping):
            if key not in was or key not in now:
                return False
            was, now = was[key], now[key]
        else:
            return False
    if not inside:
        return False
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        return was.get(keys[-1]) == now.get(keys[-1])
    return bool(was == now)


def _goes_on(was: Any, now: Any) -> bool:
    """Whether all that was there is there still; more may have come."""
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        return all(key in now and _goes_on(was[key], now[key]) for key in was)
    if isinstance(was, list | tuple) and isinstance(now, list | tuple):
        return len(was) <= len(now) and all(map(_goes_on, was, now))
    return bool(was == now)


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
        elif not kept.absent and not inner:
            items.append(kept.value)
        return items
    return value


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _unescape(key: str) -> str:
    return key.replace("~1", "/").replace("~0", "~")
