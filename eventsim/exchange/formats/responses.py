"""OpenAI Responses items, as NeMo Gym stores rollouts. Pure.

A row has `responses_create_params` with `input` items and `tools`, and a `response`
with `output` items; a bare list of items is taken as input. Reasoning, message and
calls that follow each other are one reply of the assistant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from eventsim.core.state import Message
from eventsim.core.values import encode
from eventsim.exchange.conversation import (
    Builder,
    Conversation,
    RowUnusable,
    Transcript,
)
from eventsim.exchange.formats.format import Format, field, text_of
from eventsim.exchange.functions import functions_of, read_tools

__all__ = ["FORMAT"]


class _Reply:
    """The parts of a reply as its items come in."""

    def __init__(self) -> None:
        self.reasoning: str | None = None
        self.text: str | None = None
        self.calls: list[dict[str, Any]] = []
        self.open = False

    def into(self, built: Builder) -> None:
        """Say it, if there is something to say."""
        if self.open:
            built.assistant(self.text or "", self.calls, self.reasoning)
        self.__init__()  # type: ignore[misc]


def _read(row: Any, _: Mapping[str, Any]) -> Conversation:
    params = field(row, "responses_create_params", dict) or row
    given = params.get("input")
    if isinstance(given, str):
        given = [{"role": "user", "content": given}]
    output = (field(row, "response", dict) or {}).get("output") or []
    if not isinstance(given, list) or not isinstance(output, list) or not given:
        raise RowUnusable("the row has no responses_create_params.input items")
    built, reply, system = Builder(), _Reply(), []
    if isinstance(params.get("instructions"), str):
        system.append(params["instructions"])
    for number, item in enumerate([*given, *output], 1):
        try:
            said = _item(item, built, reply)
        except RowUnusable as problem:
            raise RowUnusable(f"item {number}: {problem}") from None
        if said is not None:
            if built.events:
                raise RowUnusable(f"item {number}: the system speaks in the dialogue")
            system.append(said)
    reply.into(built)
    return Conversation(
        system="\n\n".join(system) if system else None,
        tools=read_tools(params.get("tools")),
        events=built.end(),
        row_id=str(row.get("id") or row.get("uuid") or ""),
        style={
            "input": len(given),
            "items": [_shape(item) for item in [*given, *output]],
            "instructions": isinstance(params.get("instructions"), str),
            "response": "response" in row,
            "tools": "tools" in params,
        },
        notes=tuple(built.notes),
    )


def _item(item: Any, built: Builder, reply: _Reply) -> str | None:
    """Take one item in; the text, if the system said it."""
    if not isinstance(item, dict):
        raise RowUnusable("it is not an object")
    kind = item.get("type", "message")
    match kind, item.get("role"):
        case "message", "system" | "developer":
            return text_of(item.get("content"), "it")
        case "message", "user":
            reply.into(built)
            built.user(text_of(item.get("content"), "it"))
        case "message", "assistant":
            if reply.text is not None or reply.calls:
                reply.into(built)
            reply.text, reply.open = text_of(item.get("content"), "it"), True
        case "reasoning", _:
            if reply.open:
                reply.into(built)
            parts = item.get("summary") or item.get("content")
            reply.reasoning, reply.open = text_of(parts, "it"), True
        case "function_call", _:
            call = {
                "name": item.get("name"),
                "arguments": item.get("arguments"),
                "id": item.get("call_id"),
            }
            reply.calls.append(call)
            reply.open = True
        case "function_call_output", _:
            reply.into(built)
            output = item.get("output")
            text = output if isinstance(output, str) else encode(output).decode()
            call_id = item.get("call_id")
            built.result(text, call_id=call_id if isinstance(call_id, str) else None)
        case _:
            raise RowUnusable(f"nothing is known of items of type {kind!r}")
    return None


def _shape(item: dict[str, Any]) -> str:
    """How an item is written: its type named or not, its text bare or in parts."""
    named = "t" if "type" in item else ""
    return named + ("p" if isinstance(item.get("content"), list) else "")


def _write(transcript: Transcript) -> dict[str, Any]:
    style = transcript.style
    items: list[dict[str, Any]] = []
    instructions = style.get("instructions", False)
    if transcript.system is not None and not instructions:
        items.append({"role": "system", "content": transcript.system})
    for message in transcript.messages:
        items.extend(_items(message))
    shapes = style.get("items") or ()
    items = [
        _shaped(item, shapes[at] if at < len(shapes) else "t")
        for at, item in enumerate(items)
    ]
    first = style.get("input", _opening(items))
    params: dict[str, Any] = {"input": items[:first]}
    if instructions:
        params["instructions"] = transcript.system
    if style.get("tools", True):
        params["tools"] = [
            {"type": "function", **each}
            for each in functions_of(transcript.tools, bare=True)
        ]
    row: dict[str, Any] = {"responses_create_params": params}
    if style.get("response", True) or items[first:]:
        row["response"] = {"output": items[first:]}
    return row


def _opening(items: list[dict[str, Any]]) -> int:
    """Where the assistant first speaks."""
    for at, item in enumerate(items):
        if item.get("role") not in ("system", "user"):
            return at
    return len(items)


def _items(message: Message) -> Iterator[dict[str, Any]]:
    if message.call is not None:
        yield {
            "type": "function_call_output",
            "call_id": message.call.given_id or message.call.id,
            "output": message.text,
        }
        return
    if message.reasoning is not None:
        parts = [{"type": "summary_text", "text": message.reasoning}]
        yield {"type": "reasoning", "summary": parts}
    if message.text or not message.calls:
        yield {"role": message.speaker, "content": message.text}
    for call in message.calls:
        yield {
            "type": "function_call",
            "call_id": call.given_id or call.id,
            "name": call.name,
            "arguments": call.raw_arguments or encode(call.arguments).decode(),
        }


def _shaped(item: dict[str, Any], shape: str) -> dict[str, Any]:
    if "content" not in item:
        return item
    if "p" in shape:
        kind = "output_text" if item["role"] == "assistant" else "input_text"
        item = {**item, "content": [{"type": kind, "text": item["content"]}]}
    return {"type": "message", **item} if "t" in shape else item


FORMAT = Format(
    name="responses",
    about="OpenAI Responses items, as NeMo Gym stores rollouts",
    read=_read,
    write=_write,
)
