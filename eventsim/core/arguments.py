"""Arguments of a call, checked against the tool's JSON Schema. Pure.

Every environment, and the role that plays tools, refuses broken arguments in the same
words: what is wrong, said so that the call can be mended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eventsim.core.schemas import check_of
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import encode
from eventsim.core.wording import joined

__all__ = [
    "ArgumentCheck",
    "argument_check",
    "argument_error",
    "error_content",
    "is_unavailable",
    "unknown_tool",
]

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
    """The compiled schema of a tool's arguments; `integers` names those that may be
    whole numbers.
    """

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

    def _sentence(self, error: Any, arguments: Mapping[str, Any]) -> str:
        keyword = error.kind.name
        if not error.instance_path:
            return self._about_names(keyword, arguments, error)
        name, *inner = map(str, error.instance_path)
        if inner:
            return f"{'.'.join([name, *inner])} does not fit: {error.message}."
        schema = self.properties.get(name, {})
        description = schema.get("description", "")
        return f"{name} {_wanted(keyword, schema)}. {description}".rstrip()

    def _about_names(
        self, keyword: str, arguments: Mapping[str, Any], error: Any
    ) -> str:
        if keyword == "required":
            name = error.kind.property
            description = self.properties.get(name, {}).get("description", "")
            return f"{name} is missing. {description}".rstrip()
        if keyword == "additionalProperties":
            unknown = joined(n for n in arguments if n not in self.properties)
            known = joined(self.properties) or "none"
            return f"There is no argument {unknown}. The arguments are: {known}."
        if keyword == "minProperties":
            return "Nothing to change was given: name at least one new value."
        return f"The arguments do not fit: {error.message}."


def error_content(code: str, message: str, **more: Any) -> str:
    """What the assistant sees of a call that failed: JSON text, the same everywhere."""
    return encode({"error": {"code": code, "message": message, **more}}).decode()


def argument_error(tool: ToolDefinition, arguments: Mapping[str, Any]) -> str | None:
    """The content of a call whose arguments break the tool's schema, else None."""
    problem = argument_check(tool).problem(arguments)
    return error_content("invalid_arguments", problem) if problem else None


def is_unavailable(content: str) -> bool:
    """Whether a result is the error that no answer came, so that what the call did is
    unknown.
    """
    return content.startswith('{"error":{"code":"unavailable"')


def unknown_tool(name: str) -> str:
    """The content of a call of a tool that is not offered."""
    return error_content("unknown_tool", f"There is no tool named {name}.")


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
    properties = {
        name: schema if isinstance(schema, Mapping) else {}
        for name, schema in tool.parameters.get("properties", {}).items()
    }
    return ArgumentCheck(
        validator=check_of(tool.parameters).validator,
        properties=properties,
        integers=frozenset(
            name for name, schema in properties.items() if "integer" in _types(schema)
        ),
    )


def _types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    types = schema.get("type", ())
    return (types,) if isinstance(types, str) else tuple(types)


def _wanted(keyword: str, schema: Mapping[str, Any]) -> str:
    match keyword:
        case "type" if "type" in schema:
            return f"must be {joined(map(_type_words, _types(schema)), 'or')}"
        case "enum" if "enum" in schema:
            allowed = [str(value) for value in schema["enum"] if value is not None]
            return f"must be one of {joined(allowed, 'or')}"
        case "minimum" if keyword in schema:
            return f"must be at least {schema['minimum']}"
        case "maximum" if keyword in schema:
            return f"must be at most {schema['maximum']}"
        case "maxLength" if keyword in schema:
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
