"""Function specifications to tools and back, as all formats write them. Pure.

What a row lists beside functions (a web search that the endpoint itself performs) is
no tool of ours: it is kept in its place and not offered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from eventsim.core.schemas import check_of
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import freeze
from eventsim.exchange.json_text import RowUnusable, parsed

__all__ = ["Tools", "functions_of", "placed", "read_tools"]

_ANYTHING = freeze({"type": "object", "properties": {}})


class Tools(NamedTuple):
    """The functions of a row; what else it lists, each with its place; and remarks."""

    definitions: tuple[ToolDefinition, ...] = ()
    others: tuple[tuple[int, Any], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def style(self) -> dict[str, Any]:
        """What the row's style holds of it."""
        return {"other_tools": self.others} if self.others else {}


def read_tools(value: Any) -> Tools:
    """The tools of a row: a list of functions, wrapped or bare, or the JSON text of
    one. Raises: RowUnusable.
    """
    if isinstance(value, str):
        value = parsed(value, "the tools are") if value.strip() else []
    if value is None:
        return Tools()
    if not isinstance(value, list):
        raise RowUnusable("the tools are not a list")
    definitions: list[ToolDefinition] = []
    others: list[tuple[int, Any]] = []
    notes: dict[str, None] = {}
    for place, item in enumerate(value):
        if _is_other(item):
            others.append((place, item))
            notes[f"a tool of type {item['type'][:60]!r} is kept and not offered"] = (
                None
            )
            continue
        tool, note = _tool(item, place + 1)
        definitions.append(tool)
        if note:
            notes[note] = None
    return Tools(tuple(definitions), tuple(others), tuple(notes))


def _is_other(item: Any) -> bool:
    """Whether it says of itself that it is no function."""
    if not isinstance(item, dict) or isinstance(item.get("function"), dict):
        return False
    kind = item.get("type")
    is_kind = isinstance(kind, str) and kind not in ("", "function")
    return is_kind and not isinstance(item.get("parameters"), dict)


def _tool(item: Any, number: int) -> tuple[ToolDefinition, str]:
    """One function, wrapped or bare, and a remark on it."""
    function = item.get("function", item) if isinstance(item, dict) else None
    if not isinstance(function, dict):
        raise RowUnusable(f"tool {number} is not an object")
    name = function.get("name")
    if not isinstance(name, str) or not name:
        raise RowUnusable(f"tool {number} has no name")
    description = function.get("description")
    parameters, note = _schema(function.get("parameters"))
    tool = ToolDefinition(
        name=name,
        description=description if isinstance(description, str) else "",
        parameters=parameters,
        returns=freeze({}),
    )
    return tool, note


def _schema(value: Any) -> tuple[Any, str]:
    """A schema that arguments can be checked against; one that is none takes all."""
    if not isinstance(value, dict):
        return _ANYTHING, ""
    try:
        check = check_of(value)
    except ValueError:
        return _ANYTHING, "the schema of a tool is none: it takes any arguments"
    return freeze(value), _OUTSIDE if check.outside else ""


_OUTSIDE = (
    "the schema of a tool refers to something outside of it, which is not fetched: "
    "it takes any arguments"
)


def functions_of(
    tools: Sequence[ToolDefinition],
    style: Mapping[str, Any] = freeze({}),
    *,
    bare: bool = False,
) -> list[dict[str, Any]]:
    """The tools as OpenAI functions, `bare` without the wrapper around them, and what
    the row's `style` lists beside them.
    """
    wrapped: list[Mapping[str, Any]] = [tool.as_function() for tool in tools]
    made = [dict(each["function"]) if bare else dict(each) for each in wrapped]
    return placed(made, style.get("other_tools") or ())


def placed(items: list[Any], others: Sequence[Sequence[Any]]) -> list[Any]:
    """The items with others put in, each at its place (ascending) in the result."""
    for place, other in others:
        items.insert(place, other)
    return items
