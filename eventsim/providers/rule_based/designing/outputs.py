"""What tools return: one record, or an array of them, with the fields that the toolset
knows of each kind of thing.

A field has the type that it has first among the tools' parameters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from eventsim.providers.rule_based.designing.drafts import key_name, type_of
from eventsim.providers.rule_based.designing.knowledge import (
    Knowledge,
    Tool,
    from_tools,
)
from eventsim.providers.rule_based.designing.request import answer, read_brief
from eventsim.providers.rule_based.designing.specifications import key_types
from eventsim.providers.rule_based.designing.words import snake

__all__ = ["write_output"]

_NAMED = re.compile(r"^Tool \d+: ([A-Za-z0-9_-]+)", re.MULTILINE)
_USUAL = ("name", "status")
Schema = dict[str, Any]


def write_output(request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a request for the output schema of the tool that it names last."""
    brief = read_brief(request)
    known = from_tools(brief.specifications())
    named = _NAMED.findall(brief.message)
    tool = next((t for t in known.tools if named and t.name == named[-1]), None)
    if tool is None:
        return answer({"returns": _object({"result": {"type": "string"}})})
    return answer({"returns": _returned(known, tool)})


def _returned(known: Knowledge, tool: Tool) -> Schema:
    noun = tool.noun or "result"
    match tool.verb:
        case "search" | "list":
            return {"type": "array", "items": _record(known, noun)}
        case "count":
            return _object({f"{snake(noun)}_count": {"type": "integer"}})
        case "delete":
            key = key_name(noun)
            fields = {
                p.name: {"type": _key_type(known, p.key_of)} for p in tool.keys
            } or {key: {"type": _key_type(known, noun)}}
            return _object({**fields, "deleted": {"type": "integer"}})
        case "other":
            inputs = {p.name: {"type": type_of(p)} for p in tool.params}
            return _object({**inputs, "status": {"type": "string"}})
        case _:
            return _record(known, noun)


def _record(known: Knowledge, noun: str) -> Schema:
    """One thing: its key, its name, its owners with theirs, its attributes."""
    thing = known.thing(noun)
    types = _first_types(known)
    fields: dict[str, Schema] = {key_name(noun): {"type": _key_type(known, noun)}}
    attributes = dict(thing.attributes)
    label = attributes.pop(thing.label, None)
    if label is not None:
        fields[label.name] = _field(label.name, type_of(label), types)
    for owner in thing.owners:
        fields[key_name(owner)] = {"type": _key_type(known, owner)}
        name = known.thing(owner).label
        if name:
            fields[f"{snake(owner)}_{snake(name)}"] = {"type": "string"}
    for words, param in attributes.items():
        if words not in known.things or words not in thing.owners:
            field = _field(param.name, type_of(param), types)
            if param.enum:
                field["enum"] = list(param.enum)
            fields.setdefault(param.name, field)
    if len(fields) == 1:
        fields.update({name: {"type": "string"} for name in _USUAL})
    return _object(fields)


def _first_types(known: Knowledge) -> dict[str, str]:
    """The type of each parameter where it stands first."""
    types: dict[str, str] = {}
    for tool in known.tools:
        for param in tool.params:
            types.setdefault(param.name, type_of(param))
    return types


def _field(name: str, kind: str, types: Mapping[str, str]) -> Schema:
    return {"type": types.get(name, kind)}


def _key_type(known: Knowledge, noun: str) -> str:
    return key_types(known).get(noun, "integer")


def _object(fields: Mapping[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": dict(fields),
        "required": list(fields),
        "additionalProperties": False,
    }
