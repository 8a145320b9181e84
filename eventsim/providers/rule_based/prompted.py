"""Requests whose tools stand in the prompt, as the assistant by rule understands them.

A request without a `tools` field may list tools in its instructions and want the next
action as JSON. It is put into the usual form here, and the answer into the wanted one.
A note that the last answer could not be used is understood as well: what came before
it is answered again. All of it is read from the messages, as a model would.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

__all__ = ["action", "usual_form"]

_TOOLS = re.compile(r"^# Tools *$(.*?)^# Answer format *$", re.MULTILINE | re.DOTALL)
_REFUSED = "Your last answer could not be used: "
_FORM = "\n\nAnswer with one JSON object of this JSON Schema: "


def usual_form(request: Mapping[str, Any]) -> tuple[Mapping[str, Any], bool]:
    """The request with tools and calls in their own fields, and whether they were in
    the prompt: then the answer has to be an `action`.
    """
    messages = _without_refused([m for m in request["messages"] if isinstance(m, dict)])
    system = _text(messages[0]) if messages else ""
    found = _TOOLS.search(system)
    if found is None or request.get("tools"):
        return {**request, "messages": messages}, False
    first = {"role": "system", "content": system[: found.start()]}
    tools = [{"type": "function", "function": tool} for tool in _objects(found[1])]
    told = [first, *_told(messages[1:])]
    return {**request, "messages": told, "tools": tools}, True


def action(message: Mapping[str, Any]) -> dict[str, Any]:
    """An answer of the usual form as the next action."""
    calls = [
        {
            "name": call["function"]["name"],
            "arguments": orjson.loads(call["function"]["arguments"]),
        }
        for call in message.get("tool_calls", ())
    ]
    said = {"action": "reply", "text": message.get("content", "")}
    wanted = {"action": "call", "calls": calls} if calls else said
    kept = {name: message[name] for name in ("role", "notes") if name in message}
    return {**kept, "content": orjson.dumps(wanted).decode()}


def _without_refused(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages without a refused last answer and the note that says so."""
    kept = list(messages)
    if len(kept) > 2 and _text(kept[-1]).startswith(_REFUSED):
        del kept[-1]
        if kept[-1].get("role") == "assistant":
            del kept[-1]
    return kept


def _objects(text: str) -> list[dict[str, Any]]:
    """The JSON objects that stand on lines of their own."""
    found = [_object(line) for line in text.splitlines()]
    return [tool for tool in found if tool is not None and "name" in tool]


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _told(messages: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The messages with actions as calls, and what answers calls as results."""
    waiting: list[str] = []
    for place, message in enumerate(messages):
        text = _text(message)
        if message.get("role") == "assistant":
            told, waiting = _said(text, place)
            yield told
            continue
        text = text.partition(_FORM)[0]
        results = _results(text, len(waiting))
        for call_id, result in zip(waiting, results, strict=False):
            yield {"role": "tool", "tool_call_id": call_id, "content": result}
        if not results:
            yield {**message, "content": text}
        waiting = []


def _said(text: str, place: int) -> tuple[dict[str, Any], list[str]]:
    """A message of the assistant, and the ids of the calls in it."""
    wanted = _object(text) or {}
    calls = [call for call in wanted.get("calls") or () if isinstance(call, dict)]
    if not calls:
        said = wanted.get("text", text)
        return {"role": "assistant", "content": said}, []
    ids = [f"call_{place}_{number}" for number in range(len(calls))]
    made = [
        {
            "id": call_id,
            "type": "function",
            "function": {
                "name": call.get("name", ""),
                "arguments": call.get("arguments"),
            },
        }
        for call_id, call in zip(ids, calls, strict=True)
    ]
    return {"role": "assistant", "content": "", "tool_calls": made}, ids


def _results(text: str, calls: int) -> list[str]:
    """What stands under the heads `Result of call 1 (NAME):` and so on."""
    heads: list[tuple[int, int]] = []
    for number in range(1, calls + 1):
        head = re.compile(rf"(?:\A|\n\n)Result of call {number} \([^)\n]*\):\n")
        found = head.search(text, heads[-1][1] if heads else 0)
        if found is None:
            break
        heads.append(found.span())
    ends = [start for start, _ in heads[1:]] + [len(text)]
    return [text[head[1] : end] for head, end in zip(heads, ends, strict=False)]


def _text(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    return content if isinstance(content, str) else ""
