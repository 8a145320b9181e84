"""ShareGPT rows as LLaMA-Factory reads them. Pure.

`conversations` of {from, value} by human, gpt, function_call, observation and system;
`system` and `tools` (a text) beside them.
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
from eventsim.exchange.formats.json_text import dialect_of, parsed, written
from eventsim.exchange.functions import functions_of, read_tools

__all__ = ["FORMAT"]

_USUAL: Mapping[str, Any] = {"system": "field", "tools": "text"}


def _read(row: Any, _: Mapping[str, Any]) -> Conversation:
    turns = field(row, "conversations", list)
    if not turns:
        raise RowUnusable("the row has no conversations")
    built = Builder()
    system = field(row, "system", str)
    style: dict[str, Any] = {"system": "field" if "system" in row else ""}
    for number, turn in enumerate(turns, 1):
        where = f"turn {number}"
        speaker = field(turn, "from", str, where)
        text = text_of(turn.get("value"), where)
        try:
            if speaker == "system" and number == 1 and system is None:
                system, style["system"] = text, "turn"
            else:
                _add(built, speaker, text, style)
        except RowUnusable as problem:
            raise RowUnusable(f"{where}: {problem}") from None
    return Conversation(
        system=system,
        tools=read_tools(_tools(row, style)),
        events=built.end(),
        row_id=str(row.get("id") or ""),
        style=style,
        notes=tuple(built.notes),
    )


def _add(built: Builder, speaker: Any, text: str, style: dict[str, Any]) -> None:
    match speaker:
        case "human" | "user":
            built.user(text)
        case "gpt" | "assistant":
            built.assistant(text)
        case "function_call":
            value = parsed(text, "the call")
            style.setdefault("calls", dialect_of(text, value))
            calls = value if isinstance(value, list) else [value]
            if not all(isinstance(call, dict) for call in calls):
                raise RowUnusable("a call is not an object")
            built.assistant("", calls)
        case "observation" | "tool":
            built.result(text)
        case _:
            raise RowUnusable(
                f"nobody speaks as {speaker!r}: there are human, gpt, function_call, "
                "observation, system"
            )


def _tools(row: Mapping[str, Any], style: dict[str, Any]) -> Any:
    tools = row.get("tools")
    style["tools"] = "" if "tools" not in row else "list"
    if isinstance(tools, str):
        style["tools"] = "empty" if not tools.strip() else "text"
        text = tools
        tools = parsed(text, "tools") if text.strip() else []
        style["dialect"] = dialect_of(text, tools)
    if isinstance(tools, list) and tools and isinstance(tools[0], dict):
        style["wrapped"] = "function" in tools[0]
    return tools


def _write(transcript: Transcript) -> dict[str, Any]:
    style = transcript.style or _USUAL
    turns: list[dict[str, Any]] = []
    if transcript.system is not None and style.get("system") == "turn":
        turns.append({"from": "system", "value": transcript.system})
    for message in transcript.messages:
        turns.extend(_turns(message, style))
    row: dict[str, Any] = {"conversations": turns}
    if style.get("system") == "field" and transcript.system is not None:
        row["system"] = transcript.system
    bare = not style.get("wrapped", False)
    functions = functions_of(transcript.tools, bare=bare)
    match style.get("tools"):
        case "text":
            row["tools"] = written(functions, style.get("dialect", "compact"))
        case "empty":
            row["tools"] = ""
        case "list":
            row["tools"] = functions
    return row


def _turns(message: Message, style: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if message.call is not None:
        yield {"from": "observation", "value": message.text}
        return
    speaker = "human" if message.speaker == "user" else "gpt"
    if message.text or not message.calls:
        yield {"from": speaker, "value": message.text}
    if not message.calls:
        return
    calls = [
        {
            "name": call.name,
            "arguments": call.arguments
            if call.raw_arguments is None
            else call.raw_arguments,
        }
        for call in message.calls
    ]
    value: Any = calls[0] if len(calls) == 1 else calls
    dialect = style.get("calls")
    text = written(value, dialect) if dialect else encode(value).decode()
    yield {"from": "function_call", "value": text}


FORMAT = Format(
    name="sharegpt",
    about="ShareGPT conversations, as LLaMA-Factory reads them",
    read=_read,
    write=_write,
)
