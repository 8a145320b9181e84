"""ShareGPT rows as LLaMA-Factory reads them. Pure.

`conversations` of {from, value} by human, gpt, function_call, observation and system;
`system` and `tools` (a text) beside them. Its converter drops every row in which human
and observation, function_call and gpt do not alternate: results of one reply are one
observation, and what has no place between two turns is left out, and named.
Source: LLaMA-Factory, `data/converter.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from eventsim.core.events import ToolCall
from eventsim.core.state import Message
from eventsim.core.values import encode, freeze
from eventsim.exchange.conversation import (
    Builder,
    Conversation,
    RowUnusable,
    Transcript,
)
from eventsim.exchange.formats.format import (
    MALFORMED,
    REASONING,
    Format,
    field,
    id_of,
    text_of,
)
from eventsim.exchange.functions import functions_of, read_tools
from eventsim.exchange.json_text import (
    NotJson,
    dialect_of,
    parsed,
    parsed_json,
    written,
)
from eventsim.exchange.system import split_system

__all__ = ["FORMAT"]

_USUAL: Mapping[str, Any] = freeze({"system": "field", "tools": "text"})
_OLDER: dict[str, Any] = {"observations": "each", "arguments": "either"}
"""How earlier releases wrote what they had not noted of a row."""
_ALTERNATING: dict[str, Any] = {"observations": "items", "arguments": "object"}
_FIELD: Mapping[str, Any] = freeze({"field": True})
_OPENING = ("human", "observation")
_OBSERVING = ("observation", "tool")
_TEXTS = ("human", "gpt")
_BEFORE_CALL = "text before a call"
_BEFORE_USER = "text before the user's first message"
_UNANSWERED = {
    "human": "the user's last message",
    "observation": "results that nobody answers",
}


def _read(row: Any, _: Mapping[str, Any]) -> Conversation:
    turns = field(row, "conversations", list)
    if not turns:
        raise RowUnusable("the row has no conversations")
    built, style = Builder(), dict[str, Any]()
    system = field(row, "system", str)
    style["system"] = "field" if "system" in row else ""
    if system is not None:
        built.system(system, _FIELD)
    for number, turn in enumerate(turns, 1):
        where = f"turn {number}"
        speaker = field(turn, "from", str, where)
        text = text_of(turn.get("value"), where)
        try:
            if speaker == "system":
                fields = {k: v for k, v in turn.items() if k not in ("from", "value")}
                built.system(text, fields)
                style["system"] = style["system"] or "turn"
            elif speaker in _OBSERVING:
                _observed(built, text, style, alone=_is_alone(turns, number - 1))
            else:
                _add(built, speaker, text, style)
        except RowUnusable as problem:
            raise RowUnusable(f"{where}: {problem}") from None
    tools = read_tools(_tools(row, style))
    usual = _FIELD if style["system"] == "field" else {}
    return Conversation(
        system=built.instructions,
        tools=tools.definitions,
        events=built.end(),
        row_id=id_of(row, "id"),
        style={**style, **built.system_style(usual), **tools.style},
        notes=(*built.notes, *tools.notes),
    )


def _add(built: Builder, speaker: Any, text: str, style: dict[str, Any]) -> None:
    match speaker:
        case "human" | "user":
            built.user(text)
        case "gpt" | "assistant":
            built.assistant(text)
        case "function_call":
            value = parsed(text, "the call is")
            style.setdefault("calls", dialect_of(text, value))
            calls = value if isinstance(value, list) else [value]
            if not all(isinstance(call, dict) for call in calls):
                raise RowUnusable("a call is not an object")
            as_text = any(isinstance(call.get("arguments"), str) for call in calls)
            style.setdefault("arguments", "string" if as_text else "object")
            built.assistant("", calls)
        case _:
            raise RowUnusable(
                f"nobody speaks as {speaker!r}: there are human, gpt, function_call, "
                "observation, system"
            )


def _is_alone(turns: list[Any], place: int) -> bool:
    """Whether an observation stands between turns of other speakers."""
    around = [*turns[max(place - 1, 0) : place], *turns[place + 1 : place + 2]]
    return not any(isinstance(t, dict) and t.get("from") in _OBSERVING for t in around)


def _observed(built: Builder, text: str, style: dict[str, Any], *, alone: bool) -> None:
    """One result; or those of all calls that wait, as a JSON list or in one text."""
    waiting = built.waiting
    items = _list_of(text, waiting) if alone and waiting > 1 else None
    if items is not None:
        style.setdefault("observations", "list")
        style.setdefault("results", dialect_of(text, items))
        for item in items:
            built.result(item if isinstance(item, str) else _result(item, style))
        return
    built.result(text)
    if waiting > 1:
        style.setdefault("observations", "one" if alone else "each")
    if waiting > 1 and alone:
        built.note("one result of several calls stands as that of the first")
        for _ in range(waiting - 1):
            built.result("")


def _list_of(text: str, length: int) -> list[Any] | None:
    try:
        value = parsed_json(text, "the observation is")
    except NotJson:
        return None
    return value if isinstance(value, list) and len(value) == length else None


def _result(item: Any, style: Mapping[str, Any]) -> str:
    return written(item, style.get("results", "spaced"))


def _tools(row: Mapping[str, Any], style: dict[str, Any]) -> Any:
    tools = row.get("tools")
    style["tools"] = "" if "tools" not in row else "list"
    if isinstance(tools, str):
        style["tools"] = "empty" if not tools.strip() else "text"
        text = tools
        tools = parsed(text, "the tools are") if text.strip() else []
        style["dialect"] = dialect_of(text, tools)
    if isinstance(tools, list) and tools and isinstance(tools[0], dict):
        style["wrapped"] = "function" in tools[0]
    return tools


# --- writing ------------------------------------------------------------------------


def _write(transcript: Transcript) -> dict[str, Any]:
    style = transcript.style or _USUAL
    usual = {} if style.get("system") == "turn" else _FIELD
    turns, fields = list[dict[str, Any]](), dict[str, Any]()
    for part in split_system(transcript.system, style, usual):
        if "field" in part.fields:
            fields["system"] = part.text
        else:
            turns.append({"from": "system", "value": part.text, **part.fields})
    row = {"conversations": [*turns, *_said(transcript)[0]], **fields}
    bare = not style.get("wrapped", False)
    functions = functions_of(transcript.tools, style, bare=bare)
    how = style.get("tools")
    match "text" if functions and how in ("", "empty") else how:
        case "text":
            row["tools"] = written(functions, style.get("dialect", "compact"))
        case "empty":
            row["tools"] = ""
        case "list":
            row["tools"] = functions
    return row


def _said(transcript: Transcript) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """The turns, and what could not be said in them. Those that the row had are as it
    had them; all others alternate.
    """
    style, own = dict(transcript.style or _USUAL), transcript.from_row
    turns, lost = list[dict[str, Any]](), dict[str, None]()
    turns.extend(_turns(transcript.messages[:own], _OLDER | style))
    for turn in _turns(transcript.messages[own:], style | _ALTERNATING):
        _alternate(turns, turn, lost)
    while own < len(transcript.messages) and turns and not _answers(turns[-1]):
        lost[_UNANSWERED[turns.pop()["from"]]] = None
    return turns, tuple(lost)


def _alternate(
    turns: list[dict[str, Any]], turn: dict[str, Any], lost: dict[str, None]
) -> None:
    """Add a turn where human and observation alternate with gpt and function_call."""
    last = turns[-1] if turns else None
    if last is None:
        if _answers(turn):
            lost[_BEFORE_USER] = None
        else:
            turns.append(turn)
    elif _answers(last) != _answers(turn):
        turns.append(turn)
    elif last["from"] == turn["from"] and turn["from"] in _TEXTS:
        turns[-1] = {**last, "value": f"{last['value']}\n\n{turn['value']}"}
    elif last["from"] == "gpt":
        turns[-1] = turn
        lost[_BEFORE_CALL] = None
    else:
        turns.append(turn)


def _answers(turn: Mapping[str, Any]) -> bool:
    return turn["from"] not in _OPENING


def _turns(
    messages: Sequence[Message], style: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    results: list[str] = []
    for message in messages:
        if message.call is not None:
            results.append(message.text)
            continue
        yield from _observations(results, style)
        results = []
        speaker = "human" if message.speaker == "user" else "gpt"
        if message.text or not message.calls:
            yield {"from": speaker, "value": message.text}
        if message.calls:
            yield {"from": "function_call", "value": _calls(message, style)}
    yield from _observations(results, style)


def _observations(
    results: list[str], style: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """The results of one reply: one turn, a list if there are several."""
    if style["observations"] == "one" and results and not any(results[1:]):
        results = results[:1]
    if len(results) > 1 and style["observations"] != "each":
        values = [_value(text, style) for text in results]
        text = written(values, style.get("results", "spaced"))
        yield {"from": "observation", "value": text}
        return
    for text in results:
        yield {"from": "observation", "value": text}


def _value(text: str, style: Mapping[str, Any]) -> Any:
    """A result as an item of a list: what its JSON says, if it gives the text back."""
    try:
        value = parsed_json(text, "it is")
    except RowUnusable:
        return text
    is_exact = style["observations"] == "items" or _result(value, style) == text
    return value if is_exact and not isinstance(value, str) else text


def _calls(message: Message, style: Mapping[str, Any]) -> str:
    calls = [
        {"name": call.name, "arguments": _arguments(call, style["arguments"])}
        for call in message.calls
    ]
    value: Any = calls[0] if len(calls) == 1 else calls
    dialect = style.get("calls")
    return written(value, dialect) if dialect else encode(value).decode()


def _arguments(call: ToolCall, how: str) -> Any:
    raw = call.raw_arguments
    if how == "string":
        return raw or encode(call.arguments).decode()
    return raw if how == "either" and raw is not None else call.arguments


def _loses(transcript: Transcript) -> tuple[str, ...]:
    return _said(transcript)[1]


FORMAT = Format(
    name="sharegpt",
    about="ShareGPT conversations, as LLaMA-Factory reads them",
    read=_read,
    write=_write,
    lacks=frozenset({REASONING, MALFORMED}),
    loses=_loses,
)
