"""A tool as a model sees it, and how it is executed, which no model sees."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from eventsim.core.values import JsonObject, Value, digest_of

__all__ = ["SqlStatement", "ToolDefinition"]


class SqlStatement(Value):
    """One parameterised statement: `:name` for each parameter of the tool.

    A parameter that the call leaves out is bound to NULL; `:name__given` is 1 if the
    call has it, else 0. `returns` is the shape of the result: `row` (object or null),
    `rows` (an object: the array `rows`, and `more`, whether rows were left out),
    `value` (object of one row that always exists, aggregates say), `written` (object
    with the row after the write, or `deleted`, the number of rows deleted).
    """

    sql: str
    effect: Literal["read", "insert", "update", "delete"]
    table: str
    returns: Literal["row", "rows", "value", "written"]


class ToolDefinition(Value):
    """A function tool: name, description and JSON Schemas of arguments and result."""

    name: str
    description: str
    parameters: JsonObject
    returns: JsonObject
    statement: SqlStatement | None = None

    @cached_property
    def digest(self) -> str:
        """Identity of the tool: the digest of everything above."""
        return digest_of(self)

    @cached_property
    def writes(self) -> bool:
        """Whether a call can change the environment."""
        return self.statement is not None and self.statement.effect != "read"

    def as_function(self) -> dict[str, object]:
        """The OpenAI function tool: what a request carries."""
        return {
            "type": "function",
            "function": {
                "name": self.name,
                "description": self.description,
                "parameters": self.parameters,
            },
        }
