"""Rows of `messages` and `tools`: Hugging Face and TRL, OpenAI, axolotl. Pure.

Source: the HF messages format with tools. Arguments are objects by default, because
chat templates encode strings twice; what OpenAI calls fine-tuning rows has strings.
Provenance goes into a manifest beside the rows, never into them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from eventsim.core.state import Message
from eventsim.core.values import encode
from eventsim.exchange.conversation import (
    Builder,
    Conversation,
    RowUnusable,
    Transcript,
    is_malformed,
)
from eventsim.exchange.formats.format import (
    MALFORMED,
    Format,
    field,
    id_of,
    result_text,
    text_of,
)
from eventsim.exchange.functions import functions_of, read_tools
from eventsim.exchange.system import split_system

__all__ = ["FORMAT", "OPENAI"]


def _read(row: Any, _: Mapping[str, Any]) -> Conversation:
    said = field(row, "messages", list)
    if not said:
        raise RowUnusable("the row has no messages")
    built = Builder()
    for number, message in enumerate(said, 1):
        where = f"message {number}"
        role = field(message, "role", str, where)
        try:
            _add(built, role, message)
        except RowUnusable as problem:
            raise RowUnusable(f"{where}: {problem}") from None
    tools = read_tools(row.get("tools"))
    return Conversation(
        system=built.instructions,
        tools=tools.definitions,
        events=built.end(),
        row_id=id_of(row, "uuid", "id"),
        style={
            **_style(row, said),
            **built.system_style({"role": said[0].get("role")}),
            **tools.style,
        },
        notes=(*built.notes, *tools.notes),
    )


def _add(built: Builder, role: Any, message: dict[str, Any]) -> None:
    content = message.get("content")
    match role:
        case "system" | "developer":
            fields = {k: v for k, v in message.items() if k != "content"}
            built.system(text_of(content, "the message"), fields)
        case "user":
            built.user(text_of(content, "the message"))
        case "assistant":
            calls = field(message, "tool_calls", list, "the message") or []
            older = message.get("function_call")
            if not calls and isinstance(older, dict):
                calls = [{"function": older}]
            reasoning = message.get("reasoning_content", message.get("reasoning"))
            built.assistant(
                text_of(content, "the message"),
                [_call(call) for call in calls],
                reasoning if isinstance(reasoning, str) else None,
            )
        case "tool" | "function":
            built.result(
                result_text(content),
                call_id=_text(message.get("tool_call_id")),
                name=_text(message.get("name")),
            )
        case _:
            raise RowUnusable(
                f"nobody speaks as {role!r}: there are system, user, assistant, tool"
            )


def _call(call: Any) -> Mapping[str, Any]:
    if not isinstance(call, dict):
        raise RowUnusable("a tool call is not an object")
    function = call.get("function", call)
    if not isinstance(function, dict):
        raise RowUnusable("a tool call has no function")
    return {**function, "id": call.get("id")}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


# --- how a row writes what can be written in several ways ---------------------------


def _style(row: dict[str, Any], said: list[dict[str, Any]]) -> dict[str, Any]:
    calling = [m for m in said if m.get("role") == "assistant" and m.get("tool_calls")]
    results = [m for m in said if m.get("role") == "tool"]
    style: dict[str, Any] = {}
    if calling:
        function = calling[0]["tool_calls"][0].get("function")
        if isinstance(function, dict) and isinstance(function.get("arguments"), str):
            style["arguments"] = "string"
        if "content" not in calling[0]:
            style["content"] = "missing"
        elif calling[0]["content"] is None:
            style["content"] = "null"
    if results and "name" not in results[0]:
        style["results"] = "unnamed"
    if "tools" not in row:
        style["tools"] = "missing"
    elif isinstance(row["tools"], str):
        style["tools"] = "text"
    if said[0].get("role") == "developer":
        style["system"] = "developer"
    return style


def _write(transcript: Transcript) -> dict[str, Any]:
    style = transcript.style
    lines: list[dict[str, Any]] = []
    usual = {"role": style.get("system", "system")}
    for fields, text in split_system(transcript.system, style, usual):
        lines.append({"role": usual["role"], "content": text, **fields})
    lines += [_message(message, style) for message in transcript.messages]
    row: dict[str, Any] = {"messages": lines}
    functions = functions_of(transcript.tools, style)
    match style.get("tools"):
        case "missing" if not functions:  # it may have got some since
            pass
        case "text":
            row["tools"] = encode(functions).decode()
        case _:
            row["tools"] = functions
    return row


def _message(message: Message, style: Mapping[str, Any]) -> dict[str, Any]:
    if message.call is not None:
        call = message.call
        name = {} if style.get("results") == "unnamed" else {"name": call.name}
        return {
            "role": "tool",
            **name,
            "tool_call_id": call.given_id or call.id,
            "content": message.text,
        }
    line: dict[str, Any] = {"role": message.speaker, "content": message.text}
    if message.reasoning:
        line["reasoning_content"] = message.reasoning
    if not message.calls:
        return line
    if not message.text and style.get("content") == "missing":
        del line["content"]
    elif not message.text and style.get("content") == "null":
        line["content"] = None
    line["tool_calls"] = [
        {
            "id": call.given_id or call.id,
            "type": "function",
            "function": {
                "name": call.name,
                "arguments": (call.raw_arguments or encode(call.arguments).decode())
                if style.get("arguments") == "string"
                else call.arguments,
            },
        }
        for call in message.calls
    ]
    return line


def _write_strings(transcript: Transcript) -> dict[str, Any]:
    style = {"arguments": "string", **transcript.style}
    row = _write(replace(transcript, style=style))
    if not row.get("tools"):
        row.pop("tools", None)
    return row


def _loses(transcript: Transcript) -> tuple[str, ...]:
    """Objects are arguments that could be read; as texts they are as they were."""
    if transcript.style.get("arguments") == "string":
        return ()
    calls = (call for message in transcript.messages for call in message.calls)
    return (MALFORMED,) if any(map(is_malformed, calls)) else ()


FORMAT = Format(
    name="messages",
    about="messages and tools, as HF and TRL read them",
    read=_read,
    write=_write,
    loses=_loses,
)
OPENAI = Format(
    name="openai",
    about="OpenAI chat messages, arguments as text",
    read=_read,
    write=_write_strings,
)
