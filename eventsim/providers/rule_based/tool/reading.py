"""What a request to play a tool holds: the call, its tool, and what came before.

All of it is read from the text of the messages, as a model would read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import orjson

__all__ = ["Brief", "Past", "read_brief"]

_HEAD = "# The call to answer\n"
_CALL = re.compile(r"^([A-Za-z0-9_.-]+) with (\{.*\})\s*$", re.MULTILINE)
_ABOUT = re.compile(r"^# The tool\n[^:\n]+: (.*)$", re.MULTILINE)
_PARAMETERS = re.compile(r"^Parameters: (\{.*\})$", re.MULTILINE)
_RETURNS = re.compile(r"^JSON Schema of the result: (\{.*\})$", re.MULTILINE)
_STALE = "leave out all changes"
_TITLE = re.compile(r"the backend of ([^:\n]+):")
_NOW = re.compile(r"current time is (\S+) \(UTC\)")


@dataclass(frozen=True, slots=True)
class Past:
    """A call that was answered before; `result` is None if it was an error."""

    name: str
    arguments: Mapping[str, Any]
    result: Any


@dataclass(frozen=True, slots=True)
class Brief:
    """The call to answer, and all that is known."""

    title: str
    now: datetime
    name: str
    about: str
    arguments: Mapping[str, Any]
    parameters: Mapping[str, Any]
    returns: Mapping[str, Any]
    past: tuple[Past, ...]
    stale: bool


def read_brief(request: Mapping[str, Any]) -> Brief:
    """The parts of a request. Raises: ValueError when it holds no call."""
    messages = [(m.get("role"), _text(m)) for m in request["messages"]]
    asked = [n for n, (_, text) in enumerate(messages) if _HEAD in text]
    if not asked:
        raise ValueError("the request holds no call to answer")
    last = messages[asked[-1]][1].rpartition(_HEAD)[2]
    call, returns = _CALL.search(last), _RETURNS.search(last)
    if call is None or returns is None:
        raise ValueError("the call to answer cannot be read")
    system = messages[0][1]
    about, parameters = _ABOUT.search(last), _PARAMETERS.search(last)
    title, now = _TITLE.search(system), _NOW.search(system)
    return Brief(
        title=title[1] if title else "",
        now=_moment(now[1] if now else ""),
        name=call[1],
        about=about[1] if about else "",
        arguments=_object(call[2]),
        parameters=_object(parameters[1] if parameters else "{}"),
        returns=_object(returns[1]),
        past=tuple(_past(messages[: asked[-1] + 1])),
        stale=_STALE in last,
    )


def _past(messages: Sequence[tuple[Any, str]]) -> Iterator[Past]:
    for (_, asked), (role, said) in pairwise(messages):
        calls = _CALL.findall(asked)
        if role != "assistant" or not calls:
            continue
        answer = _object(said)
        name, arguments = calls[-1]
        result = None if answer.get("error") else answer.get("result")
        yield Past(name, _object(arguments), result)


def _text(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    return content if isinstance(content, str) else ""


def _object(text: str) -> dict[str, Any]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return datetime(2026, 1, 15, 9)  # noqa: DTZ001 - inside a dialogue, all is UTC
