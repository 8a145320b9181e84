"""One type a field: the first use of a name among a toolset's tools is canonical.

Tools are chained, so that what one returns is what another takes: `order_id` must not
be a number here and a text there. Types are those of JSON Schema without null, arrays
by the type of their items.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from eventsim.core.tools import ToolDefinition
from eventsim.core.values import freeze
from eventsim.pipelines.stages.json_schemas import kinds_of

__all__ = ["FieldTypes", "Settled"]

_SCALARS = frozenset({"string", "integer", "number", "boolean"})
_ANNOTATIONS = ("title", "description")
_KEYS = ("_id", "_ids", "_number", "_code", "_key")


@dataclass(frozen=True, slots=True)
class Settled:
    """A schema whose fields have the types they have elsewhere, `repaired` those that
    were changed; `conflict` says which could not be.
    """

    schema: dict[str, Any]
    repaired: tuple[str, ...] = ()
    conflict: str = ""


@dataclass(slots=True)
class FieldTypes:
    """Types by the name of a field."""

    known: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_inputs(cls, tools: Iterable[ToolDefinition]) -> FieldTypes:
        """The types of what the tools take, in their order."""
        types = cls()
        for tool in tools:
            types.learn(tool.parameters)
        return types

    @classmethod
    def of_toolset(cls, tools: Iterable[ToolDefinition]) -> FieldTypes:
        """The types of what the tools take, then of what they return."""
        tools = tuple(tools)
        types = cls.of_inputs(tools)
        for tool in tools:
            types.learn(tool.returns)
        return types

    def learn(self, schema: Mapping[str, Any]) -> None:
        """Take in the fields of a schema; those that are known keep their type."""
        for name, inner in _fields(schema):
            kind = _kind(inner)
            if kind:
                self.known.setdefault(name, kind)

    def settle(self, schema: Mapping[str, Any]) -> Settled:
        """The schema with the known types; what is new in it is known afterwards,
        unless there is a conflict.
        """
        inside = FieldTypes(dict(self.known))
        repaired: list[str] = []
        conflicts: list[str] = []
        made = inside._settle(schema, repaired, conflicts)
        if conflicts:
            return Settled(made, tuple(repaired), conflicts[0])
        self.known.update(inside.known)
        return Settled(made, tuple(repaired))

    def with_keys(self, tool: ToolDefinition) -> ToolDefinition:
        """The tool with the known types for the keys that it takes, where they are
        simple ones: a call could not be chained otherwise.
        """
        properties = tool.parameters["properties"]
        made = {}
        for name, inner in properties.items():
            wanted, kind = self.known.get(name, ""), _kind(inner)
            keyed = name == "id" or name.endswith(_KEYS)
            differs = wanted in _SCALARS and kind in _SCALARS and wanted != kind
            made[name] = _retyped(inner, wanted) if keyed and differs else inner
        if made == properties:
            return tool
        schema = {**tool.parameters, "properties": made}
        return tool.model_copy(update={"parameters": freeze(schema)})

    def _settle(
        self, schema: Any, repaired: list[str], conflicts: list[str]
    ) -> dict[str, Any]:
        made = dict(schema)
        properties = made.get("properties")
        if isinstance(properties, Mapping):
            made["properties"] = {
                name: self._field(name, inner, repaired, conflicts)
                for name, inner in properties.items()
            }
        if isinstance(made.get("items"), Mapping):
            made["items"] = self._settle(made["items"], repaired, conflicts)
        for key in ("anyOf", "oneOf", "allOf"):
            if isinstance(made.get(key), list | tuple):
                made[key] = [
                    self._settle(option, repaired, conflicts)
                    if isinstance(option, Mapping)
                    else option
                    for option in made[key]
                ]
        return made

    def _field(
        self, name: str, schema: Any, repaired: list[str], conflicts: list[str]
    ) -> Any:
        if not isinstance(schema, Mapping):
            return schema
        kind, wanted = _kind(schema), self.known.get(name, "")
        if wanted and kind != wanted and not _wider(wanted, kind):
            if _mendable(kind, wanted):
                repaired.append(name)
                return _retyped(schema, wanted)
            conflicts.append(
                f"the field {name} is {_words(kind)} here and {_words(wanted)} "
                "in another tool"
            )
            return schema
        if kind:
            self.known[name] = kind
        return self._settle(schema, repaired, conflicts)


def _fields(schema: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every property of the schema, those inside others too."""
    if not isinstance(schema, Mapping):
        return
    properties = schema.get("properties")
    if isinstance(properties, Mapping):
        for name, inner in properties.items():
            if isinstance(inner, Mapping):
                yield str(name), inner
                yield from _fields(inner)
    yield from _fields(schema.get("items"))
    for key in ("anyOf", "oneOf", "allOf"):
        for option in schema.get(key) or ():
            yield from _fields(option)


def _kind(schema: Mapping[str, Any]) -> str:
    """The one type of a field; "" if it has none or several."""
    kinds = kinds_of(schema)
    if kinds == {"integer", "number"}:
        return "number"
    if len(kinds) != 1:
        return ""
    (kind,) = kinds
    if kind != "array":
        return kind
    items = schema.get("items")
    inner = _kind(items) if isinstance(items, Mapping) else ""
    return f"array of {inner}" if inner else "array"


def _wider(wanted: str, kind: str) -> bool:
    """Whether the wanted type is an array of anything, and this is an array."""
    return wanted == "array" and kind.startswith("array")


def _mendable(kind: str, wanted: str) -> bool:
    """Whether a field can take the wanted type without losing what it holds."""
    if not kind:
        return wanted in _SCALARS
    if kind in _SCALARS or wanted in _SCALARS:
        return kind in _SCALARS and wanted in _SCALARS
    inner = kind.removeprefix("array").removeprefix(" of ")
    needed = wanted.removeprefix("array").removeprefix(" of ")
    arrays = kind.startswith("array") and wanted.startswith("array")
    return arrays and (not inner or inner in _SCALARS) and needed in _SCALARS


def _retyped(schema: Mapping[str, Any], wanted: str) -> dict[str, Any]:
    """The field with another type; what only held for the old one goes."""
    kind = schema.get("type")
    options = [o for k in ("anyOf", "oneOf") for o in schema.get(k) or ()]
    nullable = isinstance(kind, list | tuple) and "null" in kind
    nullable = nullable or any(
        isinstance(o, Mapping) and o.get("type") == "null" for o in options
    )
    made: dict[str, Any] = {k: schema[k] for k in _ANNOTATIONS if k in schema}
    outer, _, inner = wanted.partition(" of ")
    made = {"type": [outer, "null"] if nullable else outer, **made}
    if inner:
        made["items"] = {"type": inner}
    return made


def _words(kind: str) -> str:
    if not kind:
        return "of several types"
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
