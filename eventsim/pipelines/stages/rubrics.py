"""Rubrics as models write them, read into values or rejected.

A rubric that expects a tool nobody has, or that nothing can be judged by, would fail
every trajectory: it is rejected here, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventsim.core.tasks import ExpectedCall, Rubric
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import freeze

__all__ = ["RUBRIC_FIELDS", "read_rubric", "texts_of"]

RUBRIC_FIELDS: Mapping[str, Any] = {
    "criteria": {"type": "array", "items": {"type": "string"}},
    "expected_calls": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "tool": {"type": "string"},
                "arguments": {"type": "object"},
            },
            "required": ["tool", "arguments"],
        },
    },
    "checkpoints": {"type": "array", "items": {"type": "string"}},
}
"""The properties of an answer that hold a rubric, as JSON Schema."""

_MOST = 12
_LONGEST = 600


def read_rubric(
    value: Mapping[str, Any], tools: Sequence[ToolDefinition]
) -> Rubric | str:
    """The rubric in an answer, or why it cannot be used."""
    criteria = texts_of(value.get("criteria"))
    if not criteria:
        return "its rubric has no criteria"
    checkpoints = texts_of(value.get("checkpoints"))
    for what, listed in (("criteria", criteria), ("checkpoints", checkpoints)):
        if len(listed) > _MOST or max(map(len, listed), default=0) > _LONGEST:
            return (
                f"its rubric has too much in {what}: no more than {_MOST} are taken, "
                f"each of {_LONGEST} letters at most"
            )
    by_name = {tool.name: tool for tool in tools}
    calls: list[ExpectedCall] = []
    given = value.get("expected_calls")
    for raw in given if isinstance(given, list | tuple) else ():
        call = _call(raw, by_name)
        if isinstance(call, str):
            return call
        calls.append(call)
    if tools and not calls:
        return "its rubric expects no call of a tool"
    return Rubric(
        criteria=tuple(criteria),
        expected_calls=tuple(calls),
        checkpoints=tuple(checkpoints),
    )


def _call(raw: Any, by_name: Mapping[str, ToolDefinition]) -> ExpectedCall | str:
    if isinstance(raw, str):
        raw = {"tool": raw}
    if not isinstance(raw, Mapping):
        return "one of its expected calls is no object"
    name = str(raw.get("tool") or raw.get("name") or "").strip()
    tool = by_name.get(name)
    if tool is None:
        return f"it expects a call of {name or 'nothing'!r}, and no tool has that name"
    arguments = raw.get("arguments")
    arguments = arguments if isinstance(arguments, Mapping) else {}
    known = tool.parameters.get("properties", {})
    unknown = [argument for argument in arguments if argument not in known]
    if unknown:
        return f"it expects {name} to take {unknown[0]!r}, which it does not"
    return ExpectedCall(tool=name, arguments=freeze(arguments))


def texts_of(value: Any) -> list[str]:
    """The texts of a list, each on one line; a single text is a list of one."""
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, Sequence):
        return []
    lines = [" ".join(str(one).split()) for one in value if isinstance(one, str | int)]
    return [line for line in lines if line]
