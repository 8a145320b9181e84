"""Hermes function-calling rows. Pure.

`conversations` by system, human, gpt and tool; the system's text holds the tools in
`<tools>`, the assistant's its calls in `<tool_call>`, results come in
`<tool_response>`. The tools are taken out of the system's text and put back there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from eventsim.core.state import Message
from eventsim.core.tools import ToolDefinition
from eventsim.exchange.conversation import (
    Builder,
    Conversation,
    RowUnusable,
    Transcript,
)
from eventsim.exchange.formats.format import Format, field, text_of
from eventsim.exchange.formats.json_text import dialect_of, parsed, written
from eventsim.exchange.functions import functions_of, read_tools

__all__ = ["FORMAT"]

_TOOLS = re.compile(r"<tools>(\s*)(\[.*?\]|\{.*?\})(\s*)</tools>", re.DOTALL)
_CALL = re.compile(r"<tool_call>(\s*)(.*?)(\s*)</tool_call>", re.DOTALL)
_RESULT = re.compile(r"<tool_response>(\s*)(.*?)(\s*)</tool_response>", re.DOTALL)
_USUAL: Mapping[str, Any] = {"tools": ["", "\n", "\n"], "dialect": "spaced"}
_PLACE = "<tools></tools>"


def _read(row: Any, _: Mapping[str, Any]) -> Conversation:
    turns = field(row, "conversations", list)
    if not turns:
        raise RowUnusable("the row has no conversations")
    built, style = Builder(), dict[str, Any]()
    system: str | None = None
    tools: tuple[ToolDefinition, ...] = ()
    for number, turn in enumerate(turns, 1):
        where = f"turn {number}"
        speaker = field(turn, "from", str, where)
        text = text_of(turn.get("value"), where)
        try:
            if speaker == "system" and number == 1:
                system, tools = _system(text, style)
            else:
                _add(built, speaker, text, style)
        except RowUnusable as problem:
            raise RowUnusable(f"{where}: {problem}") from None
    return Conversation(
        system=system,
        tools=tools,
        events=built.end(),
        row_id=str(row.get("id") or ""),
        style=style,
        notes=tuple(built.notes),
    )


def _system(text: str, style: dict[str, Any]) -> tuple[str, tuple[ToolDefinition, ...]]:
    found = _TOOLS.search(text)
    if found is None:
        return text, ()
    value = parsed(found[2], "<tools>")
    tools = value if isinstance(value, list) else [value]
    wrapped = bool(tools) and isinstance(tools[0], dict) and "function" in tools[0]
    style["tools"] = [dialect_of(found[2], value), found[1], found[3]]
    style["wrapped"], style["single"] = wrapped, isinstance(value, dict)
    return text[: found.start()] + _PLACE + text[found.end() :], read_tools(tools)


def _add(built: Builder, speaker: Any, text: str, style: dict[str, Any]) -> None:
    match speaker:
        case "human" | "user":
            built.user(text)
        case "gpt" | "assistant":
            calls = [_call(found, style) for found in _CALL.finditer(text)]
            said = _CALL.split(text, maxsplit=1)[0] if calls else text
            if calls and said:
                style.setdefault("between", said[len(said.rstrip()) :])
                said = said.rstrip()
            built.assistant(said, calls)
        case "tool" | "function" | "observation":
            results = list(_RESULT.finditer(text))
            for found in results:
                style.setdefault("results", [found[1], found[3]])
                built.result(found[2])
            if not results:
                style.setdefault("results", None)
                built.result(text)
        case _:
            raise RowUnusable(
                f"nobody speaks as {speaker!r}: there are system, human, gpt, tool"
            )


def _call(found: re.Match[str], style: dict[str, Any]) -> dict[str, Any]:
    value = parsed(found[2], "a <tool_call>")
    if not isinstance(value, dict):
        raise RowUnusable("a <tool_call> is not an object")
    order = [key for key in value if key in ("name", "arguments")]
    style.setdefault("calls", [dialect_of(found[2], value), found[1], found[3]])
    style.setdefault("order", order)
    return value


# --- writing ------------------------------------------------------------------------


def _write(transcript: Transcript) -> dict[str, Any]:
    style = transcript.style or _USUAL
    turns: list[dict[str, Any]] = []
    system = _with_tools(transcript, style)
    if system is not None:
        turns.append({"from": "system", "value": system})
    results: list[str] = []
    for message in transcript.messages:
        if message.call is not None:
            results.append(_result(message, style))
            continue
        turns += _told(results)
        turns.append(_turn(message, style))
    return {"conversations": [*turns, *_told(results)]}


def _told(results: list[str]) -> list[dict[str, Any]]:
    """The results of one reply are one turn."""
    told = [{"from": "tool", "value": "\n".join(results)}] if results else []
    results.clear()
    return told


def _with_tools(transcript: Transcript, style: Mapping[str, Any]) -> str | None:
    system = transcript.system
    if not transcript.tools:
        return system
    functions: Any = functions_of(transcript.tools, bare=not style.get("wrapped", True))
    if style.get("single"):
        functions = functions[0]
    dialect, before, after = style.get("tools") or ["spaced", "\n", "\n"]
    text = f"<tools>{before}{written(functions, dialect or 'spaced')}{after}</tools>"
    if system is not None and _PLACE in system:
        return system.replace(_PLACE, text, 1)
    return text if system is None else f"{system}\n\n{text}"


def _turn(message: Message, style: Mapping[str, Any]) -> dict[str, Any]:
    speaker = "human" if message.speaker == "user" else "gpt"
    if not message.calls:
        return {"from": speaker, "value": message.text}
    dialect, before, after = style.get("calls") or ["spaced", "\n", "\n"]
    order: Sequence[str] = style.get("order") or ("name", "arguments")
    calls = []
    for call in message.calls:
        value = {"name": call.name, "arguments": call.arguments}
        text = written({key: value[key] for key in order}, dialect)
        calls.append(f"<tool_call>{before}{text}{after}</tool_call>")
    said = message.text + style.get("between", "\n") if message.text else ""
    return {"from": speaker, "value": said + "\n".join(calls)}


def _result(message: Message, style: Mapping[str, Any]) -> str:
    around = style.get("results", ["\n", "\n"])
    if around is None:
        return message.text
    return f"<tool_response>{around[0]}{message.text}{around[1]}</tool_response>"


FORMAT = Format(
    name="hermes",
    about="Hermes function calling, tools and calls in tags",
    read=_read,
    write=_write,
)
