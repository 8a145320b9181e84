"""Rows of `messages` and `tools`: Hugging Face and TRL, OpenAI, axolotl. Pure.

Source: the HF messages format with tools. Arguments are objects by default, because
chat templates encode strings twice; what OpenAI calls fine-tuning rows has strings.
Provenance goes into a manifest beside the rows, never into them.
"""

from __future__ import annotations

from collections.abc import Mapping
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

__all__ = ["FORMAT", "OPENAI"]

_SYSTEM = ("system", "developer")


def _read(row: Any, _: Mapping[str, Any]) -> Conversation:
    said = field(row, "messages", list)
    if not said:
        raise RowUnusable("the row has no messages")
    built = Builder()
    system: list[str] = []
    for number, message in enumerate(said, 1):
        where = f"message {number}"
        role = field(message, "role", str, where)
        text = text_of(message.get("content"), where)
        try:
            if role in _SYSTEM:
                if built.events:
                    raise RowUnusable("it speaks as the system inside the dialogue")
                system.append(text)
            else:
                _add(built, role, text, message)
        except RowUnusable as problem:
            raise RowUnusable(f"{where}: {problem}") from None
    if len(system) > 1:
        built.notes.append(f"{len(system)} system prompts were joined into one")
    return Conversation(
        system="\n\n".join(system) if system else None,
        tools=read_tools(row.get("tools")),
        events=built.end(),
        row_id=str(row.get("uuid") or row.get("id") or ""),
        style=_style(row, said),
        notes=tuple(built.notes),
    )


def _add(built: Builder, role: Any, text: str, message: dict[str, Any]) -> None:
    match role:
        case "user":
            built.user(text)
        case "assistant":
            calls = field(message, "tool_calls", list, "the message") or []
            older = message.get("function_call")
            if not calls and isinstance(older, dict):
                calls = [{"function": older}]
            reasoning = message.get("reasoning_content", message.get("reasoning"))
            built.assistant(
                text,
                [_call(call) for call in calls],
                reasoning if isinstance(reasoning, str) else None,
            )
        case "tool" | "function":
            built.result(
                text,
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
    if transcript.system is not None:
        role = style.get("system", "system")
        lines.append({"role": role, "content": transcript.system})
    lines += [_message(message, style) for message in transcript.messages]
    row: dict[str, Any] = {"messages": lines}
    functions = functions_of(transcript.tools)
    match style.get("tools"):
        case "missing":
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
    row = _write(
        Transcript(
            label=transcript.label,
            system=transcript.system,
            tools=transcript.tools,
            messages=transcript.messages,
            style=style,
        )
    )
    if not row.get("tools"):
        row.pop("tools", None)
    return row


FORMAT = Format(
    name="messages",
    about="messages and tools, as HF and TRL read them",
    read=_read,
    write=_write,
)
OPENAI = Format(
    name="openai",
    about="OpenAI chat messages, arguments as text",
    read=_read,
    write=_write_strings,
)
