"""OpenAI Responses items, as NeMo Gym stores rollouts. Pure.

A row has `responses_create_params` with `input` items and `tools`, and a `response`
with `output` items; parameters alone, and a bare list of items, are rows as well.
Reasoning, message and calls that follow each other are one reply of the assistant.
Items that nothing is known of and nothing depends on keep their places beside it.
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
from eventsim.exchange.formats.format import (
    Format,
    Rows,
    field,
    id_of,
    list_rows,
    text_of,
)
from eventsim.exchange.functions import functions_of, placed, read_tools
from eventsim.exchange.system import split_system

__all__ = ["FORMAT"]


class _Reply:
    """The parts of a reply as its items come in; `late` if its text follows a call."""

    def __init__(self) -> None:
        self.reasoning: str | None = None
        self.text: str | None = None
        self.calls: list[dict[str, Any]] = []
        self.late = False
        self.open = False


class _Reading:
    """What is said so far, and the reply that may not be complete."""

    def __init__(self) -> None:
        self.built = Builder()
        self.late: list[int] = []
        self._reply = _Reply()

    def close(self) -> None:
        """Say the reply, if there is something to say."""
        reply, self._reply = self._reply, _Reply()
        if not reply.open:
            return
        if reply.late:
            self.late.append(self.built.replies)
        self.built.assistant(reply.text or "", reply.calls, reply.reasoning)

    def message(self, text: str) -> None:
        """A text of the assistant; after calls it belongs to them."""
        if self._reply.text is not None:
            self.close()
        self._reply.text, self._reply.open = text, True
        self._reply.late = bool(self._reply.calls)

    def reasoning(self, text: str) -> None:
        """What is thought before a reply."""
        if self._reply.open:
            self.close()
        self._reply.reasoning, self._reply.open = text, True

    def call(self, item: Mapping[str, Any]) -> None:
        """A call, for the reply that is open."""
        if self._reply.late:
            self.close()
        self._reply.calls.append(
            {
                "name": item.get("name"),
                "arguments": item.get("arguments"),
                "id": item.get("call_id"),
            }
        )
        self._reply.open = True


def _read(row: Any, _: Mapping[str, Any]) -> Conversation:
    shape, params = _shape_of(row)
    given = params.get("input")
    if isinstance(given, str):
        given = [{"role": "user", "content": given}]
    response = field(row, "response", dict) if shape == "row" else None
    output = (response or {}).get("output") or []
    if not isinstance(given, list) or not isinstance(output, list) or not given:
        raise RowUnusable("the row has no responses_create_params.input items")
    items = [*given, *output]
    reading = _Reading()
    built = reading.built
    instructions = params.get("instructions")
    if isinstance(instructions, str):
        built.system(instructions, {})
    beside: list[tuple[int, Any]] = []
    for number, item in enumerate(items, 1):
        try:
            if not _item(item, reading):
                beside.append((number - 1, item))
        except RowUnusable as problem:
            raise RowUnusable(f"item {number}: {problem}") from None
    if len(beside) == len(items):
        raise RowUnusable(f"item 1: {_unknown(items[0])}, and the row has no others")
    for _place, item in beside:
        built.note(f"an item of type {item['type'][:60]!r} is kept beside the dialogue")
    reading.close()
    tools = read_tools(params.get("tools"))
    return Conversation(
        system=built.instructions,
        tools=tools.definitions,
        events=built.end(),
        row_id=id_of(row, "id", "uuid") if isinstance(row, dict) else "",
        style={
            "shape": shape,
            "input": len(given),
            "items": [_shape(item) for item in items],
            "instructions": isinstance(instructions, str),
            "response": response is not None,
            "tools": "tools" in params,
            **({"beside": beside} if beside else {}),
            **({"late": reading.late} if reading.late else {}),
            **built.system_style({"role": "system"}),
            **tools.style,
        },
        notes=(*built.notes, *tools.notes),
    )


def _shape_of(row: Any) -> tuple[str, Mapping[str, Any]]:
    """What a row is, and its parameters: all of it, parameters alone, or items."""
    if isinstance(row, list):
        return "items", {"input": row}
    params = field(row, "responses_create_params", dict)
    if params is not None:
        return "row", params
    return ("row" if "response" in row else "params"), row


def _rows(document: Any) -> Rows:
    """The rows of a document; a list of items is one."""
    if isinstance(document, list) and document and all(map(_is_item, document)):
        return {}, [document]
    return list_rows(document)


def _is_item(value: Any) -> bool:
    if not isinstance(value, dict) or _ROW_FIELDS & set(value):
        return False
    return "role" in value or "type" in value


_ROW_FIELDS = frozenset({"responses_create_params", "response", "input"})


def _item(item: Any, reading: _Reading) -> bool:
    """Take one item in; False if it says nothing to the dialogue."""
    if not isinstance(item, dict):
        raise RowUnusable("it is not an object")
    kind = item.get("type", "message")
    match kind, item.get("role"):
        case "message", "system" | "developer":
            reading.close()
            fields = {k: v for k, v in item.items() if k not in ("content", "type")}
            reading.built.system(text_of(item.get("content"), "it"), fields)
        case "message", "user":
            reading.close()
            reading.built.user(text_of(item.get("content"), "it"))
        case "message", "assistant":
            reading.message(text_of(item.get("content"), "it"))
        case "reasoning", _:
            parts = item.get("summary") or item.get("content")
            reading.reasoning(text_of(parts, "it"))
        case "function_call", _:
            reading.call(item)
        case "function_call_output", _:
            reading.close()
            output = item.get("output")
            call_id = item.get("call_id")
            reading.built.result(
                output if isinstance(output, str) else encode(output).decode(),
                call_id=call_id if isinstance(call_id, str) else None,
            )
        case str(), None if kind not in _TAKING_PART and "call_id" not in item:
            return False
        case _:
            raise RowUnusable(_unknown(item))
    return True


_TAKING_PART = frozenset({"message", "item_reference"})
"""Types of items that say something, even if nothing is known of what."""


def _unknown(item: Mapping[str, Any]) -> str:
    kind, role = item.get("type", "message"), item.get("role")
    if kind == "message":
        return f"nobody speaks as {role!r}: there are system, user, assistant"
    return f"nothing is known of items of type {kind!r}"


def _shape(item: dict[str, Any]) -> str:
    """How an item is written: its type named or not, its text bare or in parts."""
    named = "t" if "type" in item else ""
    return named + ("p" if isinstance(item.get("content"), list) else "")


def _write(transcript: Transcript) -> Any:
    style = transcript.style
    system = split_system(transcript.system, style, {"role": "system"})
    params: dict[str, Any] = {}
    if style.get("instructions"):
        params["instructions"] = system.pop(0).text if system else ""
    items: list[dict[str, Any]] = [
        {"role": "system", "content": part.text, **part.fields} for part in system
    ]
    items = _all_items(transcript, items)
    first = style.get("input", _opening(items))
    shape = style.get("shape", "row")
    if shape == "items":
        return items
    params["input"] = items[:first] if shape == "row" else items
    if style.get("tools", True) or transcript.tools:
        params["tools"] = placed(
            [
                {"type": "function", **each}
                for each in functions_of(transcript.tools, bare=True)
            ],
            style.get("other_tools") or (),
        )
    if shape == "params":
        return params
    row: dict[str, Any] = {"responses_create_params": params}
    if style.get("response", True) or items[first:]:
        row["response"] = {"output": items[first:]}
    return row


def _all_items(
    transcript: Transcript, items: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The items of all messages after those of the system, as the row writes its own,
    with what it has beside them in its place.
    """
    style = transcript.style
    shapes, late = style.get("items") or (), style.get("late") or ()
    beside = list(style.get("beside") or ())
    made: list[dict[str, Any]] = []

    def add(item: dict[str, Any]) -> None:
        _place_next(made, beside)
        shape = shapes[len(made)] if len(made) < len(shapes) else "t"
        made.append(_shaped(item, shape))

    for item in items:
        add(item)
    reply = 0
    for number, message in enumerate(transcript.messages):
        if number == transcript.from_row:
            _place_next(made, beside)
            beside.clear()
        replies = message.speaker == "assistant"
        own = replies and number < transcript.from_row
        for item in _items(message, late=own and reply in late):
            add(item)
        reply += replies
    _place_next(made, beside)
    return made


def _place_next(made: list[dict[str, Any]], beside: list[Any]) -> None:
    """Put what stands beside the items and comes next at their end."""
    while beside and beside[0][0] == len(made):
        made.append(beside.pop(0)[1])


def _opening(items: list[dict[str, Any]]) -> int:
    """Where the assistant first speaks."""
    for at, item in enumerate(items):
        if item.get("role") not in ("system", "user"):
            return at
    return len(items)


def _items(message: Message, *, late: bool) -> Iterator[dict[str, Any]]:
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
    said = {"role": message.speaker, "content": message.text}
    if (message.text or not message.calls) and not late:
        yield said
    for call in message.calls:
        yield {
            "type": "function_call",
            "call_id": call.given_id or call.id,
            "name": call.name,
            "arguments": call.raw_arguments or encode(call.arguments).decode(),
        }
    if late:
        yield said


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
    rows=_rows,
)
