"""What the user does with tools of their own, read from the prompt and the talk.

A person with a phone in the hand does what the service asks for, and says what came of
it. Which tools there are stands in the system message; what they are asked to do is
understood from the words of the assistant alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from eventsim.providers.rule_based.user.reading import sentences_of
from eventsim.providers.rule_based.user.words import plain, stem

__all__ = ["OwnTool", "act_with_tools", "own_tools", "without_acts"]

_SECTION = re.compile(
    r"^# What you can do yourself\n(.*?)(?=^# |\Z)", re.MULTILINE | re.DOTALL
)
_ITEM = re.compile(r"^- (\{.*\})$", re.MULTILINE)
_RESULT = re.compile(r"^\(Result of ([\w.-]+): (.*)\)$", re.MULTILINE)
_WORD = re.compile(r"[a-z]+|\d+")
_QUOTED = re.compile(r'"([^"]+)"')
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w])")
_OFF = re.compile(r"\b(off|false|disable[ds]?|deactivate|no)\b")
_ON = re.compile(r"\b(on|true|enable[ds]?|activate|yes)\b")


@dataclass(frozen=True, slots=True)
class OwnTool:
    """One tool of the user: its name, and the JSON Schemas of its arguments."""

    name: str
    properties: Mapping[str, Any]
    required: frozenset[str]


def own_tools(system: str) -> tuple[OwnTool, ...]:
    """The tools that the system message lists; none where it has no such section."""
    section = _SECTION.search(system)
    found = _ITEM.findall(section[1]) if section else []
    return tuple(_tool(orjson.loads(each)) for each in found)


def _tool(function: Mapping[str, Any]) -> OwnTool:
    parameters = function.get("parameters") or {}
    return OwnTool(
        name=str(function["name"]),
        properties=parameters.get("properties") or {},
        required=frozenset(parameters.get("required") or ()),
    )


def without_acts(messages: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The talk without what the user did and read on their own side."""
    kept: list[Mapping[str, Any]] = []
    for message in messages:
        content = message.get("content")
        if message.get("role") == "assistant" and _is_act(content):
            continue
        kept.append(message)
    return kept


def _is_act(content: Any) -> bool:
    try:
        said = orjson.loads(content) if isinstance(content, str) else None
    except orjson.JSONDecodeError:
        return False
    return isinstance(said, dict) and bool(said.get("tool_calls"))


def act_with_tools(
    heard: str, tools: Sequence[OwnTool]
) -> tuple[str, list[dict[str, Any]]]:
    """What the user answers to the last message: words about what their own tools
    showed, or calls that the assistant asks for; neither where it is about neither.
    """
    names = {tool.name for tool in tools}
    results = [(n, text) for n, text in _RESULT.findall(heard) if n in names]
    if results:
        return " ".join(_told(name, text) for name, text in results), []
    calls = []
    for sentence in sentences_of(heard):
        for tool in tools:
            arguments = _asked(sentence, tool)
            if arguments is not None:
                calls.append({"name": tool.name, "arguments": arguments})
    return "", calls


# --- what is asked for --------------------------------------------------------------


def _asked(sentence: str, tool: OwnTool) -> dict[str, Any] | None:
    """The arguments of a call that a sentence asks for, when it names the tool word
    by word and everything the tool needs.
    """
    said = {stem(word) for word in _WORD.findall(plain(sentence))}
    named = _WORD.findall(tool.name.lower())
    if not named or not {stem(word) for word in named} <= said:
        return None
    arguments = {
        name: value
        for name, schema in tool.properties.items()
        if (value := _value(sentence, schema)) is not None
    }
    return arguments if tool.required <= arguments.keys() else None


def _value(sentence: str, schema: Mapping[str, Any]) -> Any:
    """The value of an argument that stands in a sentence, by its type."""
    text = plain(sentence)
    choices = schema.get("enum")
    if choices:
        return next((c for c in choices if plain(str(c)) in text), None)
    quoted, number = _QUOTED.search(sentence), _NUMBER.search(text)
    match schema.get("type"):
        case "boolean":
            return False if _OFF.search(text) else True if _ON.search(text) else None
        case "integer":
            return int(float(number[0])) if number else None
        case "number":
            return float(number[0]) if number else None
        case "string":
            return quoted[1] if quoted else None
    return None


# --- what came of it ----------------------------------------------------------------


def _told(name: str, text: str) -> str:
    """A result in a person's words."""
    thing = name.replace("_", " ")
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = text
    if isinstance(value, dict) and value.get("error"):
        error = value["error"]
        why = error.get("message") if isinstance(error, dict) else error
        return f"I tried to {thing}, but it did not work: {why}."
    words = _in_words(value).strip().rstrip(".")
    return f"Done. Here is what I see: {words}." if words else "Done."


def _in_words(value: Any) -> str:
    if isinstance(value, dict):
        said = (f"{k.replace('_', ' ')} is {_in_words(v)}" for k, v in value.items())
        return ", ".join(said)
    if isinstance(value, list):
        return ", ".join(_in_words(item) for item in value) or "nothing"
    if isinstance(value, bool):
        return "on" if value else "off"
    return "empty" if value is None else str(value)
