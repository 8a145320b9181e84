"""Function specifications as models propose them, read into tools or rejected.

Harmless differences of shape are made the same; what makes a tool useless to an
assistant is a reason to leave it out. Everything is a function of the proposal and of
the tools that stand already, so that replay finds the same tools again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from eventsim.core.events import Event, ToolDefined, ToolRejected
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import freeze
from eventsim.pipelines.stages.field_types import FieldTypes
from eventsim.pipelines.stages.json_schemas import fault_of, kinds_of, plain

__all__ = ["MOST_TOOLS", "proposed_tools", "read_proposals", "read_specification"]

MOST_TOOLS = 128
"""What endpoints take in one request."""

_NAME = re.compile(r"[a-z][a-z0-9_]{2,63}")
_PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LONGEST_DESCRIPTION = 2_000
_SCHEMA_KEYS = ("parameters", "input_schema", "inputSchema", "args_schema")
_LISTS = ("tools", "functions", "new_tools", "answer")

_FORMATTERS = frozenset(
    "format parse stringify concat concatenate capitalize lowercase uppercase "
    "truncate pad trim round reverse".split()
)
_ARITHMETIC = frozenset(
    "add subtract multiply divide sum average compute calculate convert round "
    "increment decrement max min mean".split()
)


def proposed_tools(value: Any) -> Sequence[Any] | None:
    """The proposals in an answer: a list, or an object that holds one; None if there
    is neither. One function alone is a list of one.
    """
    if isinstance(value, list | tuple):
        return value
    if not isinstance(value, Mapping):
        return None
    for key in _LISTS:
        inner = value.get(key)
        if isinstance(inner, list | tuple):
            return inner
        if isinstance(inner, Mapping):
            return _by_name(inner)
    if isinstance(value.get("function"), Mapping) or isinstance(value.get("name"), str):
        return (value,)
    return None


def _by_name(tools: Mapping[str, Any]) -> list[Any]:
    """Tools given as an object: name to specification, or one specification."""
    if isinstance(tools.get("name"), str) or "function" in tools:
        return [tools]
    return [
        {"name": name, **inner} if isinstance(inner, Mapping) else inner
        for name, inner in tools.items()
    ]


def read_proposals(
    proposals: Iterable[Any],
    standing: Sequence[ToolDefinition],
    most: int = MOST_TOOLS,
    values: Collection[str] = (),
) -> tuple[Event, ...]:
    """A `ToolDefined` for each sound proposal, a `ToolRejected` for each other, in
    order. `standing` are the tools there are already; `most` is how many are taken; no
    description may hold one of `values`, which are those of a single question.

    A key that another tool takes keeps the type it has there.
    """
    taken = {tool.name for tool in standing}
    types = FieldTypes.of_inputs(standing)
    events: list[Event] = []
    added = 0
    for number, proposal in enumerate(proposals, 1):
        read = read_specification(proposal, number)
        if isinstance(read, ToolRejected):
            events.append(read)
        elif said := _said(read, values):
            reason = f"its description holds {said!r}, which is a value of the question"
            events.append(ToolRejected(name=read.name, reason=reason))
        elif read.name in taken:
            name = f"{read.name} (again)"  # the first of that name stands
            reason = "there is a tool of that name already"
            events.append(ToolRejected(name=name, reason=reason))
        elif added == most or len(taken) == MOST_TOOLS:
            reason = (
                f"no more than {most} are taken at a time"
                if added == most
                else f"there are {MOST_TOOLS} tools already"
            )
            events.append(ToolRejected(name=read.name, reason=reason))
        else:
            tool = types.with_keys(read)
            types.learn(tool.parameters)
            taken.add(tool.name)
            added += 1
            events.append(ToolDefined(tool=tool))
    return tuple(events)


def _said(tool: ToolDefinition, values: Collection[str]) -> str:
    """The first value that the tool's description holds as a whole."""
    for value in sorted(values):
        if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", tool.description):
            return value
    return ""


def read_specification(proposal: Any, number: int = 1) -> ToolDefinition | ToolRejected:
    """One proposal as a tool, or why it is none; `number` names one without a name."""
    function = _function(proposal)
    raw = function.get("name") if function is not None else None
    label = str(raw)[:64] if isinstance(raw, str) and raw.strip() else f"tool {number}"
    if function is None:
        return ToolRejected(name=label, reason="it is no function specification")
    name = _snake(raw) if isinstance(raw, str) else ""
    reason = _name_fault(name)
    if reason:
        return ToolRejected(name=label, reason=reason)
    described = function.get("description")
    about = " ".join(described.split()) if isinstance(described, str) else ""
    parameters = _parameters(function)
    reason = (
        _description_fault(about)
        or _parameters_fault(parameters)
        or _triviality(name, parameters)
    )
    if reason:
        return ToolRejected(name=name, reason=reason)
    return ToolDefinition(
        name=name, description=about, parameters=freeze(parameters), returns={}
    )


def _function(proposal: Any) -> Mapping[str, Any] | None:
    if not isinstance(proposal, Mapping):
        return None
    inner = proposal.get("function")
    if isinstance(inner, Mapping):
        return inner
    named = isinstance(proposal.get("name"), str)
    return (
        proposal if named and proposal.get("type", "function") == "function" else None
    )


def _snake(name: str) -> str:
    """The name in snake case: `getOrder` and `get-order` are `get_order`."""
    parts = re.split(r"[\s\-./:]+", name.strip())
    return "_".join(
        word
        for part in parts
        for word in _HUMP.sub("_", part).lower().split("_")
        if word
    )


def _name_fault(name: str) -> str:
    if _NAME.fullmatch(name):
        return ""
    if len(name) > 64:
        return "its name is longer than 64 letters"
    return "its name is not snake case of at least three letters"


def _description_fault(about: str) -> str:
    if not about:
        return "it has no description"
    if len(about) > _LONGEST_DESCRIPTION:
        return f"its description is longer than {_LONGEST_DESCRIPTION} letters"
    return ""


def _parameters(function: Mapping[str, Any]) -> Any:
    """The JSON Schema of the arguments, in the one shape that requests carry."""
    given: Any = next((function[k] for k in _SCHEMA_KEYS if function.get(k)), {})
    if not isinstance(given, Mapping):
        return given
    if given and _bare_properties(given):
        given = {"type": "object", "properties": given}
    schema = plain(given)
    schema.setdefault("type", "object")
    if schema.get("properties") is None:
        schema["properties"] = {}
    schema.setdefault("required", [])
    schema.setdefault("additionalProperties", False)
    return schema


def _bare_properties(schema: Mapping[str, Any]) -> bool:
    """Whether an object maps names to schemas, without the object around them."""
    known = {"type", "properties", "required", "$ref", "anyOf", "oneOf", "allOf"}
    return not known & set(schema) and all(
        isinstance(item, Mapping) or (isinstance(item, list) and len(item) == 1)
        for item in schema.values()
    )


def _parameters_fault(schema: Any) -> str:
    fault = fault_of(schema)
    if fault:
        return f"its parameters are no valid JSON Schema: {fault}"
    if schema["type"] != "object":
        return "its parameters are not those of an object"
    properties = schema["properties"]
    for name, inner in properties.items():
        if not _PARAMETER.fullmatch(name):
            return f"the parameter {name[:40]!r} has a name that endpoints refuse"
        if not isinstance(inner, Mapping) or not _typed(inner):
            return f"the parameter {name} has no type"
        described = inner.get("description")
        if not isinstance(described, str) or not described.strip():
            return f"the parameter {name} has no description"
    unknown = [name for name in schema["required"] if name not in properties]
    if unknown:
        return f"it requires {unknown[0]!r}, which is none of its parameters"
    return ""


def _typed(schema: Mapping[str, Any]) -> bool:
    """Whether the schema and all in it say what type they are of."""
    if "$ref" in schema:
        return True
    kinds = kinds_of(schema)
    if not kinds:
        return False
    if "array" in kinds and "type" in schema:
        items = schema.get("items")
        return isinstance(items, Mapping) and _typed(items)
    properties = schema.get("properties")
    if isinstance(properties, Mapping):
        return all(
            isinstance(inner, Mapping) and _typed(inner)
            for inner in properties.values()
        )
    return True


def _triviality(name: str, schema: Mapping[str, Any]) -> str:
    """Whether a tool only works on its own arguments: by its name and their types."""
    first, *rest = name.split("_")
    properties = schema["properties"]
    if first in _FORMATTERS and rest and not _keyed(properties):
        return "it formats values, which needs no tool"
    numbers = [_is_number(inner) for inner in properties.values()]
    if first in _ARITHMETIC and numbers and all(numbers) and not _keyed(properties):
        return "it only calculates with its arguments, which needs no tool"
    return ""


def _keyed(properties: Mapping[str, Any]) -> bool:
    return any(name == "id" or name.endswith(("_id", "Id")) for name in properties)


def _is_number(schema: Mapping[str, Any]) -> bool:
    kinds = kinds_of(schema)
    if kinds == {"array"}:
        return _is_number(schema.get("items") or {})
    return bool(kinds) and kinds <= {"integer", "number"}
