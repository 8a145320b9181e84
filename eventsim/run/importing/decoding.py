"""The value of a row's bytes, or in words what is wrong with them.

Exact where a faster decoder would round; a key that stands twice in one object is
found, because a decoder keeps only the last of them without a word.
"""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

from eventsim.roles.parsing import DEEPEST, fault_of

__all__ = ["decoded", "row_value"]

_LONG_NUMBER = re.compile(rb"\d{19}")
_KEY_END = re.compile(rb'"[ \t\r\n]*:')
_SPELT = (b"\\u0022", b"\\u003a", b"\\u003A")
_TOO_DEEP = f"it is nested deeper than {DEEPEST} levels"


class _Twice(ValueError):
    """A key that an object has twice."""


def row_value(data: bytes) -> tuple[Any, str]:
    """The value that a log can hold, and why there is none."""
    value, problem = decoded(data)
    if problem:
        return None, problem
    if _LONG_NUMBER.search(data):
        return value, fault_of(value)
    # What the fast decoder takes can be stored, but for how deep it is.
    return value, _TOO_DEEP if _is_too_deep(data, value) else ""


def _is_too_deep(data: bytes, value: Any) -> bool:
    if data.count(b"{") + data.count(b"[") <= DEEPEST:
        return False
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(DEEPEST):
        below: list[Any] = []
        for item in level:
            inner = item.values() if isinstance(item, dict) else item
            below += [each for each in inner if isinstance(each, dict | list)]
        if not below:
            return False
        level = below
    return True


def decoded(data: bytes) -> tuple[Any, str]:
    """The value of JSON bytes, and what is wrong with them."""
    try:
        # Exact, where the faster one would round.
        loads = json.loads if _LONG_NUMBER.search(data) else orjson.loads
        value = loads(data)
        if not _has_each_key_once(data, value):
            json.loads(data, object_pairs_hook=_once)
    except _Twice as twice:
        return None, f"the key {twice} stands twice in one object"
    except (ValueError, RecursionError) as error:
        return None, _in_words(data, error)
    return value, ""


def _has_each_key_once(data: bytes, value: Any) -> bool:
    """Whether that is certain: as many quotes before colons come out as went in, and
    none of them was spelt otherwise.
    """
    if any(spelt in data for spelt in _SPELT):
        return False
    try:
        plain = orjson.dumps(value)
    except orjson.JSONEncodeError:
        return False
    return plain.count(b'":') == len(_KEY_END.findall(data))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, item in pairs:
        if key in made:
            raise _Twice(ascii(key) if len(key) < 60 else ascii(key[:60]) + "…")
        made[key] = item
    return made


def _in_words(data: bytes, error: Exception) -> str:
    told = str(error)
    if isinstance(error, RecursionError) or "depth limit" in told or "ecursion" in told:
        return _TOO_DEEP
    if b"\0" in data:
        count = data.count(b"\0")
        return (
            f"it holds {count:,} NUL bytes, which pad a file that was not written to "
            "its end; take them out with: tr -d '\\000'"
        )
    try:
        data.decode()
    except UnicodeDecodeError as problem:
        return f"it is not UTF-8, from byte {problem.start} on"
    if "surrogate" in told:
        return "it holds half of a surrogate pair, which is no character"
    return f"it is no JSON: {told}"
