"""Arguments of a call: checked against the tool's JSON Schema, then bound.

A message says what is wrong in words that help to mend the call. Whole numbers given
as 25.0 are the integer 25; nothing else is bent into shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from eventsim.core.tools import ToolDefinition
from eventsim.environments.sql.names import joined

__all__ = ["ArgumentCheck", "argument_check"]

_INTEGERS = range(-(1 << 63), 1 << 63)
_TYPES = {
    "integer": "a whole number",
    "number": "a number",
    "string": "a text",
    "boolean": "true or false",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class ArgumentCheck:
    """The compiled schema of a tool's arguments."""

    validator: Any
    properties: Mapping[str, Mapping[str, Any]]
    integers: frozenset[str]

    def problem(self, arguments: Mapping[str, Any]) -> str:
        """What is wrong with the arguments, in a sentence; empty if nothing is."""
        if not self.validator.is_valid(arguments):
            for error in self.validator.iter_errors(arguments):
                return self._sentence(error, arguments)
        for name, value in arguments.items():
            if isinstance(value, int) and value not in _INTEGERS:
                return f"{name} is too large a number."
            if isinstance(value, str) and not _encodes(value):
                return f"{name} holds characters that are not valid Unicode."
        return ""

    def bindings(
        self, names: tuple[str, ...], arguments: Mapping[str, Any]
    ) -> dict[str, Any]:
        """A value for each parameter of the statement; NULL where none is given."""
        bound: dict[str, Any] = {}
        for name in names:
            if name.endswith("__given"):
                bound[name] = int(name.removesuffix("__given") in arguments)
                continue
            value = arguments.get(name)
            if name in self.integers and isinstance(value, float):
                value = int(value)
            bound[name] = value
        return bound

    def _sentence(self, error: Any, arguments: Mapping[str, Any]) -> str:
        keyword = error.kind.name
        if not error.instance_path:
            return self._about_names(keyword, arguments, error)
        name = str(error.instance_path[0])
        schema = self.properties.get(name, {})
        description = schema.get("description", "")
        return f"{name} {_wanted(keyword, schema)}. {description}".rstrip()

    def _about_names(
        self, keyword: str, arguments: Mapping[str, Any], error: Any
    ) -> str:
        if keyword == "required":
            name = next(n for n in _required(error) if n not in arguments)
            description = self.properties.get(name, {}).get("description", "")
            return f"{name} is missing. {description}".rstrip()
        if keyword == "additionalProperties":
            unknown = joined(n for n in arguments if n not in self.properties)
            known = joined(self.properties) or "none"
            return f"There is no argument {unknown}. The arguments are: {known}."
        if keyword == "minProperties":
            return "Nothing to change was given: name at least one new value."
        return f"The arguments do not fit: {error.message}."


def argument_check(tool: ToolDefinition) -> ArgumentCheck:
    """The check of a tool's arguments, compiled once for each digest."""
    check = _CHECKS.get(tool.digest)
    if check is None:
        if len(_CHECKS) >= _MOST_CHECKS:
            _CHECKS.clear()
        check = _CHECKS[tool.digest] = _compile(tool)
    return check


_CHECKS: dict[str, ArgumentCheck] = {}
_MOST_CHECKS = 10_000


def _compile(tool: ToolDefinition) -> ArgumentCheck:
    properties = tool.parameters.get("properties", {})
    return ArgumentCheck(
        validator=jsonschema_rs.validator_for(tool.parameters),
        properties=properties,
        integers=frozenset(
            name for name, schema in properties.items() if "integer" in _types(schema)
        ),
    )


def _types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    types = schema.get("type", ())
    return (types,) if isinstance(types, str) else tuple(types)


def _required(error: Any) -> tuple[str, ...]:
    return (error.kind.property,)


def _wanted(keyword: str, schema: Mapping[str, Any]) -> str:
    match keyword:
        case "type":
            return f"must be {joined(map(_type_words, _types(schema)), 'or')}"
        case "enum":
            allowed = [str(value) for value in schema["enum"] if value is not None]
            return f"must be one of {joined(allowed, 'or')}"
        case "minimum":
            return f"must be at least {schema['minimum']}"
        case "maximum":
            return f"must be at most {schema['maximum']}"
        case "maxLength":
            return f"must be at most {schema['maxLength']} characters long"
        case "minLength":
            return "must not be empty"
        case _:
            return "has not the right form"


def _type_words(name: str) -> str:
    return _TYPES.get(name, name)


def _encodes(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
