"""JSON Schemas as models write them: made plain where that is safe, else a reason.

Both the arguments and the results of tools are checked here. Nothing is resolved over
a network: a schema that points outside of itself is refused before it is compiled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
import orjson

__all__ = ["LARGEST_BYTES", "fault_of", "kinds_of", "plain", "subschemas"]

LARGEST_BYTES = 20_000
_DEEPEST = 12
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_IDENTITIES = ("$schema", "$id")
_MANY = ("anyOf", "oneOf", "allOf", "prefixItems")
_ONE = ("items", "additionalProperties", "not", "contains", "propertyNames")
_NAMED = ("properties", "patternProperties", "$defs", "definitions")
_TYPE_NAMES = {
    "any": None,
    "arr": "array",
    "bool": "boolean",
    "date": "string",
    "datetime": "string",
    "dict": "object",
    "double": "number",
    "enum": "string",
    "float": "number",
    "int": "integer",
    "list": "array",
    "long": "integer",
    "map": "object",
    "none": "null",
    "str": "string",
    "text": "string",
    "time": "string",
}
_BOUNDS = (
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
)


def plain(schema: Any) -> Any:
    """The schema with the common slips of writers put right: types by the names of
    programming languages, `required: true` on a property, a property in brackets, an
    enum without a type, an object or array that does not say that it is one. Anything
    else stays as it is.
    """
    return _plain(schema, 0)


def _plain(schema: Any, depth: int) -> Any:
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return schema
    made = {str(k): v for k, v in schema.items() if k not in _IDENTITIES}
    _name_types(made)
    properties = made.get("properties")
    if isinstance(properties, Mapping):
        made.setdefault("type", "object")
        made["properties"], needed = _properties(properties, depth)
        listed = made.get("required")
        if needed and (listed is None or isinstance(listed, list | tuple)):
            made["required"] = [*(listed or ()), *needed]
    elif "items" in made:
        made.setdefault("type", "array")
    if made.get("required") is None:
        made.pop("required", None)
    elif isinstance(made["required"], list | tuple):
        made["required"] = _distinct(made["required"])
    for key in _ONE:
        if key in made:
            made[key] = _plain(made[key], depth + 1)
    for key in _MANY:
        if isinstance(made.get(key), list | tuple):
            made[key] = [_plain(item, depth + 1) for item in made[key]]
    for key in _NAMED[1:]:
        if isinstance(made.get(key), Mapping):
            made[key] = {k: _plain(v, depth + 1) for k, v in made[key].items()}
    return made


def _name_types(schema: dict[str, Any]) -> None:
    """Put the names of types right in place; an enum tells its own."""
    kind = schema.get("type")
    if isinstance(kind, str):
        word = kind.strip().lower()
        if word in {"date", "datetime", "time"}:
            formats = {"datetime": "date-time"}
            schema.setdefault("format", formats.get(word, word))
        named = _TYPE_NAMES.get(word, word)
        if named is None:
            schema.pop("type")
        else:
            schema["type"] = named
    elif isinstance(kind, list | tuple):
        words = [k.strip().lower() if isinstance(k, str) else k for k in kind]
        schema["type"] = _distinct(
            [_TYPE_NAMES.get(w, w) if isinstance(w, str) else w for w in words]
        )
    elif kind is None and isinstance(schema.get("enum"), list | tuple):
        kinds = _distinct([_kind_of_value(value) for value in schema["enum"]])
        if kinds:
            schema["type"] = kinds[0] if len(kinds) == 1 else kinds


def _properties(
    properties: Mapping[str, Any], depth: int
) -> tuple[dict[str, Any], list[str]]:
    """The properties made plain, and those that say of themselves that they must be."""
    made: dict[str, Any] = {}
    needed: list[str] = []
    for name, given in properties.items():
        schema = _unbracketed(given)
        inner = _plain(schema, depth + 1)
        if isinstance(inner, dict) and isinstance(schema.get("required"), bool):
            inner.pop("required", None)
            if schema["required"]:
                needed.append(str(name))
        made[str(name)] = inner
    return made, needed


def _unbracketed(schema: Any) -> Any:
    """A property that was written in brackets: its schema alone, or the fields of the
    items of an array.
    """
    if not isinstance(schema, list | tuple) or len(schema) != 1:
        return schema
    inner = schema[0]
    if not isinstance(inner, Mapping) or isinstance(inner.get("type"), str):
        return inner
    if inner and all(isinstance(field, Mapping) for field in inner.values()):
        return {"type": "array", "items": {"type": "object", "properties": inner}}
    return inner


def _distinct(items: Any) -> list[Any]:
    found: list[Any] = []
    for item in items:
        if item not in found:
            found.append(item)
    return found


def _kind_of_value(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list() | tuple():
            return "array"
        case _:
            return "object"


def kinds_of(schema: Any) -> frozenset[str]:
    """The types that a schema allows, of its options too, without null; none if it
    does not say.
    """
    if not isinstance(schema, Mapping):
        return frozenset()
    kind = schema.get("type")
    found = {kind} if isinstance(kind, str) else set(kind or ())
    for key in ("anyOf", "oneOf"):
        for option in schema.get(key) or ():
            found |= kinds_of(option)
    if "const" in schema and not found:
        found = {_kind_of_value(schema["const"])}
    return frozenset(found) - {"null"}


def subschemas(schema: Any, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The schema and all inside it, each with the path of property names to it."""
    if not isinstance(schema, Mapping):
        return
    yield path, schema
    for key in _ONE:
        yield from subschemas(schema.get(key), path)
    for key in _MANY:
        for item in schema.get(key) or ():
            yield from subschemas(item, path)
    for key in _NAMED:
        inner = schema.get(key)
        if isinstance(inner, Mapping):
            for name, item in inner.items():
                yield from subschemas(item, f"{path}.{name}" if path else str(name))


def fault_of(schema: Any) -> str:
    """Why the schema is of no use, in one line; "" if it is a sound JSON Schema."""
    if not isinstance(schema, Mapping):
        return "it is no JSON object"
    if _depth(schema) > _DEEPEST:
        return f"it is nested more than {_DEEPEST} deep"
    try:
        size = len(orjson.dumps(schema))
    except (TypeError, ValueError) as error:
        return f"it is no JSON: {error}"
    if size > LARGEST_BYTES:
        return f"it is longer than {LARGEST_BYTES} bytes"
    if _points_outside(schema):
        return "it refers to another document"
    try:
        jsonschema_rs.meta.validate(dict(schema))
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
        return _one_line(error)
    for path, inner in subschemas(schema):
        fault = _unsatisfiable(inner)
        if fault:
            return f"{path}: {fault}" if path else fault
    try:
        jsonschema_rs.validator_for(dict(schema))
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
        return _one_line(error)
    return ""


def _depth(value: Any) -> int:
    """How deep schemas are nested; the walk ends a little below what is allowed."""
    deepest, level = 0, [value]
    while level and deepest <= 3 * _DEEPEST:
        below: list[Any] = []
        for item in level:
            if isinstance(item, Mapping):
                below += item.values()
            elif isinstance(item, list | tuple):
                below += item
        level = [i for i in below if isinstance(i, Mapping | list | tuple)]
        deepest += 1
    return deepest // 2  # a schema and the object of its properties


def _points_outside(value: Any) -> bool:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key in _REFERENCES and not str(item).startswith("#"):
                return True
            if _points_outside(item):
                return True
        return False
    if isinstance(value, list | tuple):
        return any(_points_outside(item) for item in value)
    return False


def _unsatisfiable(schema: Mapping[str, Any]) -> str:
    """What no value could ever meet, among the things that writers get wrong."""
    enum = schema.get("enum")
    if enum is not None:
        if not enum:
            return "its enum is empty"
        kinds = schema.get("type")
        allowed = {kinds} if isinstance(kinds, str) else set(kinds or ())
        fits = [v for v in enum if not allowed or _is_of(v, allowed)]
        if not fits:
            return f"no value of its enum is of type {' or '.join(sorted(allowed))}"
    for low, high in _BOUNDS:
        least, most = schema.get(low), schema.get(high)
        if not isinstance(least, int | float) or not isinstance(most, int | float):
            continue
        if least > most:
            return f"its {low} is above its {high}"
    return ""


def _is_of(value: Any, kinds: set[str]) -> bool:
    kind = _kind_of_value(value)
    whole = isinstance(value, float) and value.is_integer() and "integer" in kinds
    return kind in kinds or whole or (kind == "integer" and "number" in kinds)


def _one_line(error: Exception) -> str:
    text = getattr(error, "message", "") or str(error)
    line = " ".join(str(text).split())
    return line if len(line) <= 200 else f"{line[:80]} … {line[-100:]}"
