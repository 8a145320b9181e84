"""A request's messages as turns: what was said, called, and returned.

Whatever a transcript holds is accepted: calls without a result, results that are no
JSON, messages in odd order. Nothing is interpreted here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

__all__ = ["Call", "Result", "Turn", "encoded", "read_result", "read_turns"]

_WRAPPERS = frozenset({"rows", "results", "items", "data", "result", "records"})


@dataclass(frozen=True, slots=True)
class Result:
    """What a call returned: rows, or one value, or an error; `text` is verbatim.

    `many` tells a list of rows from one row.
    """

    text: str
    rows: tuple[Mapping[str, Any], ...] = ()
    many: bool = False
    value: Any = None
    error: str | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One call and its result, if that has come; `index` is its message's place."""

    id: str
    name: str
    arguments: Mapping[str, Any]
    index: int
    result: Result | None = None


@dataclass(slots=True)
class Turn:
    """A user message with all that followed it up to the next one.

    `said` is the assistant's closing text, None while the turn is open; `end` the
    index after its last message.
    """

    text: str
    start: int
    end: int
    calls: list[Call] = field(default_factory=list)
    said: str | None = None


def read_result(content: str) -> Result:
    """A tool message's content, as rows where it is JSON that holds rows."""
    try:
        data = orjson.loads(content)
    except orjson.JSONDecodeError:
        return Result(content, value=content)
    if isinstance(data, dict) and "error" in data and len(data) <= 2:
        return _error(content, data["error"])
    if isinstance(data, dict) and len(data) <= 3:
        for name, inner in data.items():
            if name in _WRAPPERS and isinstance(inner, list):
                data = inner
                break
    if isinstance(data, list):
        rows = tuple(row for row in data if isinstance(row, dict) and row)
        if rows or not data:
            return Result(content, rows, many=True)
        plain = tuple({"value": item} for item in data)
        return Result(content, plain, many=True)
    if isinstance(data, dict):
        return Result(content, (data,) if data else ())
    return Result(content, value=data)


def _error(content: str, error: Any) -> Result:
    if isinstance(error, dict):
        message = error.get("message") or error.get("detail") or "the call failed"
        return Result(content, error=str(message), code=str(error.get("code", "")))
    return Result(content, error=str(error))


def read_turns(messages: Sequence[Any]) -> tuple[str, list[Turn]]:
    """The system text and the turns of a request's messages."""
    system: list[str] = []
    turns: list[Turn] = []
    results = _results(messages)
    for index, message in enumerate(messages):
        if not isinstance(message, Mapping):
            continue
        text = _text(message.get("content"))
        match message.get("role"):
            case "system" | "developer":
                system.append(text)
            case "user":
                if turns and turns[-1].said is None and not turns[-1].calls:
                    # Two messages in a row are one turn.
                    turns[-1].text += "\n" + text
                else:
                    turns.append(Turn(text, index, index + 1))
            case "assistant" if turns:
                calls = message.get("tool_calls")
                if isinstance(calls, list | tuple) and calls:
                    turns[-1].calls += _calls(calls, index, results)
                else:
                    turns[-1].said = text
        if turns:
            turns[-1].end = index + 1
    if turns and turns[-1].said is not None:
        turns[-1].end = len(messages)
    return "\n".join(system), turns


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list | tuple):
        parts = (p.get("text") for p in content if isinstance(p, Mapping))
        return "\n".join(p for p in parts if isinstance(p, str))
    return ""


def _results(messages: Sequence[Any]) -> dict[str, str]:
    return {
        str(m.get("tool_call_id")): _text(m.get("content"))
        for m in messages
        if isinstance(m, Mapping) and m.get("role") == "tool"
    }


def _calls(calls: Sequence[Any], index: int, results: Mapping[str, str]) -> list[Call]:
    found = []
    for call in calls:
        function = call.get("function") if isinstance(call, Mapping) else None
        if not isinstance(function, Mapping):
            continue
        identity = str(call.get("id", ""))
        content = results.get(identity)
        found.append(
            Call(
                id=identity,
                name=str(function.get("name", "")),
                arguments=_arguments(function.get("arguments")),
                index=index,
                result=None if content is None else _read(content),
            )
        )
    return found


def _read(content: str) -> Result:
    return _cached(content) if len(content) < 4096 else read_result(content)


def _arguments(text: Any) -> Mapping[str, Any]:
    if isinstance(text, Mapping):
        return text
    try:
        data = orjson.loads(text) if isinstance(text, str | bytes) else {}
    except orjson.JSONDecodeError:
        return {}
    return data if isinstance(data, dict) else {}


def encoded(value: Any) -> bytes:
    """JSON with sorted keys: to compare arguments, and to send them.

    What orjson refuses (integers over 64 bits, lone surrogates) is written out.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return json.dumps(value, sort_keys=True, default=str).encode()


_recent: dict[str, Result] = {}


def _cached(content: str) -> Result:
    """Results are read once; the memory of them is bounded."""
    found = _recent.get(content)
    if found is None:
        if len(_recent) >= 4096:
            _recent.clear()
        found = _recent[content] = read_result(content)
    return found
