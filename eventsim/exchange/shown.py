"""Tools as a conversation shows them: their calls and results give a definition. Pure.

For conversations that came without definitions, or without what tools return: so that
they can be gone on with by a model that plays the tools.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from eventsim.core.state import Message
from eventsim.core.tasks import ExpectedCall
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import freeze
from eventsim.exchange.json_text import RowUnusable, parsed_json

__all__ = ["fitted_tools", "is_played", "shape_of", "shown_tools"]


def shown_tools(
    messages: Iterable[Message],
    known: Sequence[ToolDefinition],
    expected: Iterable[ExpectedCall] = (),
) -> tuple[ToolDefinition, ...]:
    """A definition of each tool that is called, or `expected` to be, and not `known`,
    in order of its first call; a parameter is required if every call has it.
    """
    names = {tool.name for tool in known}
    calls: dict[str, list[Mapping[str, Any]]] = {}
    of_user: set[str] = set()
    said = list(messages)
    results = _results(said)
    for message in said:
        for call in message.calls:
            if call.name not in names:
                calls.setdefault(call.name, []).append(call.arguments)
                if message.speaker == "user":
                    of_user.add(call.name)
    for wanted in expected:
        if wanted.tool not in names:
            calls.setdefault(wanted.tool, []).append(wanted.arguments)
    return tuple(
        ToolDefinition(
            name=name,
            description=f"{name.replace('_', ' ').capitalize()}.",
            parameters=freeze(_parameters(arguments)),
            returns=freeze(shape_of(results.get(name, ()))),
            requestor="user" if name in of_user else "assistant",
        )
        for name, arguments in calls.items()
    )


def fitted_tools(
    messages: Iterable[Message], known: Sequence[ToolDefinition]
) -> tuple[ToolDefinition, ...]:
    """The `known` tools that a model is to play and whose result nobody described, each
    with what its results show, if it has any.
    """
    results = _results(messages)
    return tuple(
        tool.model_copy(
            update={"returns": freeze(shape_of(results.get(tool.name, ())))}
        )
        for tool in known
        if is_played(tool) and not tool.returns
    )


def is_played(tool: ToolDefinition) -> bool:
    """Whether nothing executes a tool."""
    return tool.statement is None and not tool.environment


def _results(messages: Iterable[Message]) -> dict[str, list[Any]]:
    """What each tool gave, but for errors."""
    found: dict[str, list[Any]] = {}
    for message in messages:
        if message.call is not None:
            value = _value(message.text)
            if not (isinstance(value, dict) and "error" in value):
                found.setdefault(message.call.name, []).append(value)
    return found


def _parameters(calls: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names = dict.fromkeys(name for arguments in calls for name in arguments)
    return {
        "type": "object",
        "properties": {
            name: shape_of([each[name] for each in calls if name in each])
            for name in names
        },
        "required": [name for name in names if all(name in each for each in calls)],
    }


def shape_of(values: Iterable[Any]) -> dict[str, Any]:
    """A JSON Schema that all of these values fit."""
    seen = list(values)
    kinds = list(dict.fromkeys(_kind(value) for value in seen))
    if "number" in kinds and "integer" in kinds:
        kinds.remove("integer")
    if not kinds:
        return {}
    schema: dict[str, Any] = {"type": kinds[0] if len(kinds) == 1 else kinds}
    objects = [value for value in seen if isinstance(value, Mapping)]
    if objects:
        names = dict.fromkeys(name for value in objects for name in value)
        schema["properties"] = {
            name: shape_of([each[name] for each in objects if name in each])
            for name in names
        }
    lists = [item for v in seen if isinstance(v, list | tuple) for item in v]
    if lists:
        schema["items"] = shape_of(lists)
    return schema


def _kind(value: Any) -> str:
    for kind, types in _KINDS:
        if isinstance(value, types):
            return kind
    return "null"


_KINDS: tuple[tuple[str, Any], ...] = (
    ("boolean", bool),
    ("integer", int),
    ("number", float),
    ("string", str),
    ("array", (list, tuple)),
    ("object", Mapping),
)


def _value(text: str) -> Any:
    """What a result says; its text where that is no JSON, or none that can be kept."""
    try:
        return parsed_json(text, "it is")
    except RowUnusable:
        return text
