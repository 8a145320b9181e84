"""Output schemas made plain: references put in place, the option that is not null."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventsim.providers.rule_based.tool.names import singular
from eventsim.providers.rule_based.tool.values import kinds_of

__all__ = ["plain", "rows_field"]

_DEEPEST = 12
_ROWS = ("rows", "items", "results", "records", "data")


def plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema without references, choices and parts at its own level."""
    return _plain(schema, schema, 0)


def _plain(schema: Any, root: Mapping[str, Any], depth: int) -> dict[str, Any]:
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return {}
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return _plain(_pointed(reference, root), root, depth + 1)
    made = {k: v for k, v in schema.items() if k not in ("$defs", "definitions")}
    for part in made.pop("allOf", ()):
        inner = _plain(part, root, depth + 1)
        fields = {**made.get("properties", {}), **inner.get("properties", {})}
        needed = [*made.get("required", ()), *inner.get("required", ())]
        made |= inner
        if fields:
            made |= {"properties": fields, "required": needed}
    for choice in ("anyOf", "oneOf"):
        options = [_plain(o, root, depth + 1) for o in made.pop(choice, ())]
        chosen = [o for o in options if kinds_of(o) != ["null"]]
        made |= chosen[0] if chosen else {}
    if isinstance(made.get("properties"), Mapping):
        made["properties"] = {
            name: _plain(inner, root, depth + 1)
            for name, inner in made["properties"].items()
        }
    if isinstance(made.get("items"), Mapping):
        made["items"] = _plain(made["items"], root, depth + 1)
    return made


def _pointed(reference: str, root: Mapping[str, Any]) -> Any:
    place: Any = root
    for part in reference.removeprefix("#").strip("/").split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        place = place.get(name) if isinstance(place, Mapping) and name else place
    return place


def rows_field(schema: Mapping[str, Any], noun: str) -> str:
    """The field of an object that holds records of kind `noun`, "" if the object is
    a record itself.
    """
    properties = schema.get("properties") or {}
    arrays = [
        str(name)
        for name, inner in properties.items()
        if "array" in kinds_of(inner) and "object" in kinds_of(inner.get("items") or {})
    ]
    named = [name for name in arrays if singular(name) == noun.rpartition("_")[2]]
    if named or any(name == "id" or name.endswith("_id") for name in properties):
        return named[0] if named else ""
    usual = [name for name in arrays if name in _ROWS] or arrays
    return usual[0] if usual else ""
