"""A tool as a model sees it, and how it is executed, which no model sees."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from eventsim.core.values import JsonObject, Value, digest_of

__all__ = ["Requestor", "SqlStatement", "ToolDefinition"]

Requestor = Literal["assistant", "user"]
"""Whose call it is."""


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
    """A function tool: name, description and JSON Schemas of arguments and result.

    One that an external environment executes names it, and what it is called `inner`
    there, if that is not its name. `reads` promises that a call changes nothing,
    `repeatable` that a second one like the first does not either. `requestor` is whose
    tool it is: the user may have some, which the assistant never sees (dual control, as
    in tau2).
    """

    name: str
    description: str
    parameters: JsonObject
    returns: JsonObject
    statement: SqlStatement | None = None
    environment: str = ""
    inner: str = ""
    reads: bool = False
    repeatable: bool = False
    requestor: Requestor = "assistant"

    @cached_property
    def digest(self) -> str:
        """Identity of the tool: the digest of everything above, without what tools of
        earlier releases did not have and this one does not use.
        """
        fields = self.model_dump(mode="json")
        for name in ("environment", "inner", "reads", "repeatable"):
            if not fields[name]:
                del fields[name]
        if self.requestor == "assistant":
            del fields["requestor"]
        return digest_of(fields)

    @cached_property
    def writes(self) -> bool:
        """Whether a call can change the environment."""
        if self.environment:
            return not self.reads
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
