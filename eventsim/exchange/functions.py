"""Function specifications to tools and back, as all formats write them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jsonschema_rs
import orjson

from eventsim.core.tools import ToolDefinition
from eventsim.core.values import freeze
from eventsim.exchange.conversation import RowUnusable

__all__ = ["functions_of", "read_tools", "tool_of"]

_ANYTHING = freeze({"type": "object", "properties": {}})


def read_tools(value: Any) -> tuple[ToolDefinition, ...]:
    """The tools of a row: a list of functions, wrapped or bare, or the JSON text of
    one. Raises: RowUnusable.
    """
    if isinstance(value, str):
        try:
            value = orjson.loads(value) if value.strip() else []
        except ValueError as error:
            raise RowUnusable(f"the tools are no JSON: {error}") from None
    if value is None:
        return ()
    if not isinstance(value, list):
        raise RowUnusable("the tools are not a list")
    tools = [tool_of(item, number) for number, item in enumerate(value, 1)]
    return tuple(tools)


def tool_of(item: Any, number: int) -> ToolDefinition:
    """One function, wrapped or bare. Raises: RowUnusable."""
    function = item.get("function", item) if isinstance(item, dict) else None
    if not isinstance(function, dict):
        raise RowUnusable(f"tool {number} is not an object")
    name = function.get("name")
    if not isinstance(name, str) or not name:
        raise RowUnusable(f"tool {number} has no name")
    description = function.get("description")
    return ToolDefinition(
        name=name,
        description=description if isinstance(description, str) else "",
        parameters=_schema(function.get("parameters")),
        returns=freeze({}),
    )


def _schema(value: Any) -> Any:
    """A schema that arguments can be checked against; one that is none takes all."""
    if not isinstance(value, dict):
        return _ANYTHING
    try:
        jsonschema_rs.validator_for(value)
    except (ValueError, jsonschema_rs.ValidationError):
        return _ANYTHING
    return freeze(value)


def functions_of(
    tools: Sequence[ToolDefinition], *, bare: bool = False
) -> list[dict[str, Any]]:
    """The tools as OpenAI functions; `bare` without the wrapper around them."""
    wrapped: list[Mapping[str, Any]] = [tool.as_function() for tool in tools]
    return [dict(each["function"]) if bare else dict(each) for each in wrapped]
