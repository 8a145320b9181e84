"""JSON in what a model wrote, read tolerantly. Pure.

Plain JSON first, then JSON in a fence, then JSON with text around it, and a repair as
the last resort; how it was read is said, so that it can be recorded. Whatever comes
in, nothing raises: what cannot be used, or could not be stored, has a problem in words.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn

import orjson

__all__ = [
    "Found",
    "JsonRead",
    "fault_of",
    "find_json",
    "read_json",
    "split_reasoning",
    "storable",
]

DEEPEST = 64
"""Levels of nesting that are taken: far more than any schema, and safe to store."""

_LONGEST = 2_000_000
_LONGEST_REPAIRED = 50_000
_MOST_OPENED = 2_000
_MOST_CURLY = 100
_MOST_TRIES = 200
_FENCE = re.compile(r"```[ \t]*[\w+-]*[ \t]*\r?\n?(.*?)```", re.DOTALL)
_OPENING = re.compile(r"[\[{]")
_LIKELY = re.compile(r"""\{\s*(?:["'}]|\w+\s*:)|\[\s*["'\[\]{\d-]""")
_LONG_NUMBER = re.compile(r"\d{19}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_THOUGHT = re.compile(r"\s*<(think|thinking)>(.*?)</\1>", re.DOTALL)
_OPEN_THOUGHT = re.compile(r"\s*<(?:think|thinking)>(.*)", re.DOTALL)
_END_OF_THOUGHT = re.compile(r"</(?:think|thinking)>")


class JsonRead(NamedTuple):
    """The value; how it was read where it was not plain (`fenced`, `trailing`,
    `repaired`); and why there is none, "" if there is one.
    """

    value: Any
    repair: str = ""
    problem: str = ""


class Found(NamedTuple):
    """An object or array inside a text, and its half-open range."""

    start: int
    end: int
    value: Any


def read_json(text: str) -> JsonRead:
    """The JSON value that a model wrote, reasoning before it left out."""
    _, text = split_reasoning(text)
    text = text.strip().lstrip("\ufeff")
    if len(text) <= _LONGEST and not _LONG_NUMBER.search(text):
        try:
            value = orjson.loads(text)  # nearly always
        except orjson.JSONDecodeError:
            pass
        else:
            if not isinstance(value, str) and _openings(text) <= DEEPEST:
                return JsonRead(value)
    if not text:
        return JsonRead(None, problem="it is empty")
    if len(text) > _LONGEST:
        return JsonRead(None, problem=f"it is longer than {_LONGEST:,} characters")
    if _SURROGATE.search(text):
        return JsonRead(None, problem=_HALF_PAIR)
    for read in (_plain, _fenced, _trailing, _repaired):
        try:
            found = read(text)
        except _Unusable as unusable:
            return JsonRead(None, problem=str(unusable))
        if found is not None:
            problem = fault_of(found.value)
            return JsonRead(None, problem=problem) if problem else found
    return JsonRead(None, problem="it is not JSON")


def _openings(text: str) -> int:
    return text.count("{") + text.count("[")


class _Unusable(Exception):
    """JSON in form, with something in it that no log can hold."""


_HALF_PAIR = "it holds half of a surrogate pair, which is no text"
_NO_NUMBER = "it holds NaN or Infinity, which are no JSON numbers"
_TOO_LARGE = "it holds an integer of more than 64 bits"
_TOO_DEEP = f"it is nested deeper than {DEEPEST} levels"


def _no_number(_: str) -> NoReturn:
    raise _Unusable(_NO_NUMBER)


def _integer(digits: str) -> int:
    if len(digits) > 20:
        raise _Unusable(_TOO_LARGE)
    return int(digits)


_DECODER = json.JSONDecoder(parse_constant=_no_number, parse_int=_integer, strict=False)


def _decode(text: str, start: int = 0) -> tuple[Any, int] | None:
    """The value that begins at `start` and where it ends, None if there is none.

    Line breaks inside strings are let pass: models write them.
    """
    try:
        return _DECODER.raw_decode(text, start)
    except RecursionError:
        raise _Unusable(_TOO_DEEP) from None
    except ValueError:
        return None


def _plain(text: str) -> JsonRead | None:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        decoded = _decode(text)
        if decoded is None or text[decoded[1] :].strip():
            return None
        return JsonRead(decoded[0], "repaired")
    if _LONG_NUMBER.search(text):
        decoded = _decode(text)  # orjson would round a long integer
        value = value if decoded is None else decoded[0]
    if isinstance(value, str):
        return _twice_encoded(value)
    return JsonRead(value)


def _twice_encoded(value: str) -> JsonRead:
    if value.lstrip()[:1] in {"{", "["}:
        decoded = _decode(value.strip())
        if decoded is not None and decoded[1] == len(value.strip()):
            return JsonRead(decoded[0], "repaired")
    return JsonRead(value)


def _fenced(text: str) -> JsonRead | None:
    if "```" not in text:
        return None
    for number, block in enumerate(_FENCE.finditer(text)):
        inner = block[1].strip()
        if number == _MOST_TRIES:
            break
        if inner[:1] in {"{", "["}:
            decoded = _decode(inner)
            if decoded is not None and decoded[1] == len(inner):
                return JsonRead(decoded[0], "fenced")
    return None


def _trailing(text: str) -> JsonRead | None:
    """The first object; without one, the first array."""
    found = [one.value for one in _find(text)]
    for wanted in (dict, list):
        for value in found:
            if isinstance(value, wanted) and value:
                return JsonRead(value, "trailing")
    return JsonRead(found[0], "trailing") if found else None


def find_json(text: str) -> list[Found]:
    """Every object and array in a text that is not inside another, in order.

    It ends at something that begins like JSON and is broken: what follows may be a
    part of that. What could not be stored is not looked for: see `fault_of`.
    """
    found: list[Found] = []
    try:
        found.extend(_find(text))
    except _Unusable:
        return found
    return found


def _find(text: str) -> Iterator[Found]:
    place = 0
    for _ in range(_MOST_TRIES):
        opening = _OPENING.search(text, place)
        if opening is None:
            return
        start = opening.start()
        decoded = _decode(text, start)
        if decoded is not None:
            value, place = decoded
            yield Found(start, place, value)
        elif _LIKELY.match(text, start):
            return
        else:
            place = start + 1


def _repaired(text: str) -> JsonRead | None:
    """What json-repair makes of it, if that is an object or an array with content."""
    likely = _LIKELY.search(text)
    if likely is None:
        return None
    broken = text[likely.start() :]
    if not _repairable(broken):
        return None
    from json_repair import repair_json  # slow to import, and seldom needed

    try:
        value = repair_json(broken, return_objects=True, skip_json_loads=True)
    except (RecursionError, ValueError):
        return None
    if isinstance(value, list):
        inner = [item for item in value if item not in ("", None)]
        value = inner[0] if broken.startswith("{") and inner else value
    if not isinstance(value, dict | list) or not value:
        return None
    return JsonRead(value, "repaired")


def _repairable(text: str) -> bool:
    """Whether a repair takes no time to speak of: with brackets that never close, or
    typographic quotes, it can grow with the square of the length.
    """
    opened = _openings(text)
    unclosed = opened - text.count("}") - text.count("]")
    return (
        len(text) <= _LONGEST_REPAIRED
        and opened <= _MOST_OPENED
        and unclosed <= DEEPEST
        and text.count("\N{LEFT DOUBLE QUOTATION MARK}") <= _MOST_CURLY
    )


# --- what a log can hold ------------------------------------------------------------


def fault_of(value: Any) -> str:
    """Why a JSON value cannot be stored, in words; "" if it can."""
    level = [value]
    for depth in range(DEEPEST + 2):
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict | list | tuple):
                if depth == DEEPEST:
                    return _TOO_DEEP
                below += item
                if isinstance(item, dict):
                    below += item.values()
            else:
                fault = _scalar_fault(item)
                if fault:
                    return fault
        level = below
    return ""


def _scalar_fault(item: Any) -> str:
    if isinstance(item, str):
        return _HALF_PAIR if _SURROGATE.search(item) else ""
    if isinstance(item, float):
        return "" if math.isfinite(item) else _NO_NUMBER
    if isinstance(item, int) and not -(2**63) <= item < 2**64:
        return _TOO_LARGE
    return ""


def storable(text: str) -> str:
    """The text with each half of a surrogate pair written out, as `\\ud800`."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-8", "backslashreplace").decode()


# --- reasoning in the text ----------------------------------------------------------


def split_reasoning(text: str) -> tuple[str | None, str]:
    """The reasoning that a text begins with in `<think>` tags, and the rest.

    Some templates put the opening tag into the prompt, so that only the closing one
    comes back; a thought that never ends leaves no rest.
    """
    if "think" not in text:
        return None, text
    thoughts: list[str] = []
    rest = text
    while (closed := _THOUGHT.match(rest)) is not None:
        thoughts.append(closed[2])
        rest = rest[closed.end() :]
    if (unclosed := _OPEN_THOUGHT.match(rest)) is not None:
        thoughts.append(unclosed[1])
        rest = ""
    elif not thoughts and (end := _END_OF_THOUGHT.search(rest)) is not None:
        thoughts.append(rest[: end.start()])
        rest = rest[end.end() :]
    if not thoughts:
        return None, text
    told = "\n".join(thought.strip() for thought in thoughts).strip()
    return told or None, rest.lstrip()
