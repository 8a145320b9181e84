"""Hermes function-calling rows. Pure.

`conversations` by system, human, gpt and tool; the system's text holds the tools in
`<tools>`, the assistant's its calls in `<tool_call>`, results come in
`<tool_response>`. The tools are taken out of the system's text and put back there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from eventsim.core.state import Message
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
from eventsim.exchange.functions import Tools, functions_of, read_tools
from eventsim.exchange.json_text import NotJson, dialect_of, parsed, written
from eventsim.exchange.system import SystemPart, split_system

__all__ = ["FORMAT"]

_USUAL: Mapping[str, Any] = {"tools": ["spaced", "\n", "\n"]}
_PLACE = "<tools></tools>"


class _Tagged(NamedTuple):
    """What stands in a pair of tags at [start, end): its text, and the white space
    before and after it.
    """

    start: int
    end: int
    text: str
    before: str
    after: str


def _tagged(text: str, tag: str) -> Iterator[_Tagged]:
    """What stands in these tags, in order: each from an opening one to the next that
    closes. One pass, whatever the text is.
    """
    opening, closing = f"<{tag}>", f"</{tag}>"
    at = text.find(opening)
    while at >= 0:
        close = text.find(closing, at)
        if close < 0:
            return
        yield _within(text, at, len(opening), close, len(closing))
        at = text.find(opening, close)


def _within(text: str, at: int, opening: int, close: int, closing: int) -> _Tagged:
    whole = text[at + opening : close]
    inner = whole.strip()
    before = whole[: len(whole) - len(whole.lstrip())]
    after = whole[len(before) + len(inner) :]
    return _Tagged(at, close + closing, inner, before, after)


def _tools_in(text: str) -> _Tagged | None:
    """The first <tools> that holds an array or objects: prompts also speak of them."""
    opening, closing = "<tools>", "</tools>"
    close, is_list = -1, False
    at = text.find(opening)
    while at >= 0:
        if close < at:
            close = text.find(closing, at)
            if close < 0:
                return None
            is_list = text[at:close].rstrip()[-1:] in ("]", "}")
        if is_list and _first(text, at + len(opening), close) in ("[", "{"):
            return _within(text, at, len(opening), close, len(closing))
        at = text.find(opening, at + 1)
    return None


def _first(text: str, start: int, end: int) -> str:
    """The first character that is no white space."""
    while start < end and text[start].isspace():
        start += 1
    return text[start]


def _read(row: Any, _: Mapping[str, Any]) -> Conversation:
    turns = field(row, "conversations", list)
    if not turns:
        raise RowUnusable("the row has no conversations")
    built, style = Builder(), dict[str, Any]()
    tools = Tools()
    for number, turn in enumerate(turns, 1):
        where = f"turn {number}"
        speaker = field(turn, "from", str, where)
        text = text_of(turn.get("value"), where)
        try:
            if speaker == "system":
                text, tools = _without_tools(text, tools, built, style)
                fields = {k: v for k, v in turn.items() if k not in ("from", "value")}
                built.system(text, fields)
            else:
                _add(built, speaker, text, style)
        except RowUnusable as problem:
            raise RowUnusable(f"{where}: {problem}") from None
    return Conversation(
        system=built.instructions,
        tools=tools.definitions,
        events=built.end(),
        row_id=id_of(row, "id"),
        style={**style, **built.system_style({}), **tools.style},
        notes=(*built.notes, *tools.notes),
    )


def _without_tools(
    text: str, tools: Tools, built: Builder, style: dict[str, Any]
) -> tuple[str, Tools]:
    """A system's text with an empty place where its tools stood, and the tools."""
    found = None if "tools" in style else _tools_in(text)
    if found is None:
        return text, tools
    try:
        value = parsed(found.text, "<tools> is")
    except NotJson:
        lines = found.text.split("\n")
        if len(lines) == 1:
            raise
        value = [parsed(line, "a line of <tools> is") for line in lines if line.strip()]
        style["lines"], dialect = True, dialect_of(lines[0], value[0])
    else:
        dialect = dialect_of(found.text, value)
    listed = value if isinstance(value, list) else [value]
    first = listed[0] if listed else None
    style["tools"] = [dialect, found.before, found.after]
    style["wrapped"] = isinstance(first, dict) and "function" in first
    style["single"] = isinstance(value, dict)
    before = (built.instructions or "") + text[: found.start]
    style["place"] = before.count(_PLACE)
    return text[: found.start] + _PLACE + text[found.end :], read_tools(listed)


def _add(built: Builder, speaker: Any, text: str, style: dict[str, Any]) -> None:
    match speaker:
        case "human" | "user":
            built.user(text)
        case "gpt" | "assistant":
            found = list(_tagged(text, "tool_call"))
            calls = [_call(each, style) for each in found]
            if calls and _after(text, found):
                style["after_call"] = True
                built.note("text after a call is kept beside the dialogue")
            said = text[: found[0].start] if found else text
            if calls and said:
                style.setdefault("between", said[len(said.rstrip()) :])
                said = said.rstrip()
            built.assistant(said, calls)
        case "tool" | "function" | "observation":
            results = list(_tagged(text, "tool_response"))
            for each in results:
                style.setdefault("results", [each.before, each.after])
                built.result(each.text)
            if not results:
                style.setdefault("results", None)
                built.result(text)
        case _:
            raise RowUnusable(
                f"nobody speaks as {speaker!r}: there are system, human, gpt, tool"
            )


def _after(text: str, found: Sequence[_Tagged]) -> bool:
    """Whether something is said between or after the calls."""
    ends = [*(each.start for each in found[1:]), len(text)]
    spans = zip(found, ends, strict=True)
    return any(text[each.end : end].strip() for each, end in spans)


def _call(found: _Tagged, style: dict[str, Any]) -> dict[str, Any]:
    value = parsed(found.text, "a <tool_call> is")
    if not isinstance(value, dict):
        raise RowUnusable("a <tool_call> is not an object")
    order = [key for key in value if key in ("name", "arguments")]
    style.setdefault(
        "calls", [dialect_of(found.text, value), found.before, found.after]
    )
    style.setdefault("order", order)
    return value


# --- writing ------------------------------------------------------------------------


def _write(transcript: Transcript) -> dict[str, Any]:
    style = transcript.style or _USUAL
    turns: list[dict[str, Any]] = []
    for fields, text in _system(transcript, style):
        turns.append({"from": "system", "value": text, **fields})
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


def _system(transcript: Transcript, style: Mapping[str, Any]) -> list[SystemPart]:
    """The parts of the instructions, with the tools in their place."""
    parts = split_system(transcript.system, style, {})
    if not transcript.tools and "tools" not in transcript.style:
        return parts
    text = _listed(transcript, style)
    place = style.get("place", 0)
    for at, part in enumerate(parts):
        pieces = part.text.split(_PLACE)
        if place < len(pieces) - 1:
            before = _PLACE.join(pieces[: place + 1])
            after = _PLACE.join(pieces[place + 1 :])
            parts[at] = part._replace(text=before + text + after)
            return parts
        place -= len(pieces) - 1
    if not parts:
        return [SystemPart({}, text)]
    return [*parts[:-1], parts[-1]._replace(text=f"{parts[-1].text}\n\n{text}")]


def _listed(transcript: Transcript, style: Mapping[str, Any]) -> str:
    bare = not style.get("wrapped", True)
    functions: Any = functions_of(transcript.tools, style, bare=bare)
    dialect, before, after = style.get("tools") or ["spaced", "\n", "\n"]
    if style.get("lines"):
        text = "\n".join(written(each, dialect) for each in functions)
    elif style.get("single") and len(functions) == 1:
        text = written(functions[0], dialect)
    else:
        text = written(functions, dialect or "spaced")
    return f"<tools>{before}{text}{after}</tools>"


def _turn(message: Message, style: Mapping[str, Any]) -> dict[str, Any]:
    speaker = "human" if message.speaker == "user" else "gpt"
    if not message.calls:
        return {"from": speaker, "value": message.text}
    dialect, before, after = style.get("calls") or ["spaced", "\n", "\n"]
    order: Sequence[str] = style.get("order") or ("name", "arguments")
    calls = []
    for call in message.calls:
        value = {"name": call.name, "arguments": call.arguments}
        names = [*order, *(["arguments"] if call.arguments else [])]
        text = written({key: value[key] for key in names}, dialect)
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
    lacks=frozenset({REASONING, MALFORMED}),
)
