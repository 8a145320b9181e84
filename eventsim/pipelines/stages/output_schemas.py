"""Stage 2: what each tool returns, predicted in one conversation. Source: PAPER.md, 2.

The first request shows all tools; each later one only names the next. A field keeps
the type that it has first in the toolset: other types are repaired where that loses
nothing, and a tool whose output cannot be made to fit is rejected.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import orjson

from eventsim.config import Role
from eventsim.core.events import Event, ToolOutputPredicted, ToolRejected
from eventsim.core.preparation import Preparation
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import freeze
from eventsim.pipelines.stage import Ask, Input, Workbench
from eventsim.pipelines.stages.field_types import FieldTypes, Settled
from eventsim.pipelines.stages.json_schemas import fault_of, kinds_of, plain
from eventsim.pipelines.stages.showing import specification_line
from eventsim.prompts.render import render

__all__ = ["OutputSchemas", "returned_schema"]

_KEYS = ("returns", "output_schema", "outputSchema", "schema", "return_schema")
_MOST_TRIES = 3

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "returns": {
            "type": "object",
            "properties": {
                "type": {"type": "string", "enum": ["object", "array"]},
            },
            "required": ["type"],
            "additionalProperties": True,
        }
    },
    "required": ["returns"],
    "additionalProperties": False,
}


class OutputSchemas:
    """Ends a stream of tools: those whose output is predicted may be mounted."""

    name = "output_schemas"
    prompt = "output_schemas"
    role: Role = "tool_designer"
    needs_database = False

    def ask(self, state: Preparation, given: Input) -> Ask | None:
        """The next tool that has no output yet, after all that was said before."""
        waiting = _waiting(state)
        if not waiting:
            return None
        tools = (*state.settled, *waiting)
        system = render(
            given.prompts[self.prompt],
            title=given.source.called,
            about=given.source.about,
            tools=[specification_line(tool.as_function()) for tool in tools],
            types=FieldTypes.of_inputs(tools).known,
        )
        turns: list[tuple[Literal["user", "assistant"], str]] = []
        for number, (tool, answer) in enumerate(
            zip(state.settled, state.answers, strict=True), 1
        ):
            turns.append(("user", _request(tool, number)))
            turns.append(("assistant", answer.text))
        turns.append(("user", _request(waiting[0], len(state.settled) + 1)))
        return Ask(system, tuple(turns), self.name, SCHEMA)

    def check(self, value: Any, state: Preparation, given: Input) -> str:
        """Why the output cannot be used; after a few tries the tool is rejected."""
        tries = min(_MOST_TRIES, given.config.limits.samples)
        if len(state.rejected) + 1 >= tries:
            return ""
        return _settled(value, state).conflict

    def derive(
        self,
        value: Any,
        state: Preparation,
        given: Input,  # noqa: ARG002
        bench: Workbench | None,  # noqa: ARG002
    ) -> tuple[Event, ...]:
        """The tool's output, or its rejection: each answer settles one tool."""
        tool, settled = _waiting(state)[0], _settled(value, state)
        if settled.conflict:
            reason = f"its output could not be predicted: {settled.conflict}"
            return (ToolRejected(name=tool.name, reason=reason),)
        return (
            ToolOutputPredicted(
                name=tool.name,
                returns=freeze(settled.schema),
                repaired=settled.repaired,
            ),
        )


def _waiting(state: Preparation) -> list[ToolDefinition]:
    """Those that no answer settled, and that did not come with an output."""
    return [
        tool
        for tool in state.tools
        if tool.name not in state.predicted and not tool.returns
    ]


def _request(tool: ToolDefinition, number: int) -> str:
    return f"Tool {number}: {tool.name}. Write the JSON Schema of what it returns."


def _settled(value: Any, state: Preparation) -> Settled:
    """The predicted schema with the types of the toolset; `conflict` says why not."""
    schema = plain(returned_schema(value))
    fault = fault_of(schema)
    if fault:
        return Settled({}, (), fault)
    settled = FieldTypes.of_toolset(state.tools).settle(schema)
    fault = settled.conflict or _shape_fault(settled.schema)
    return Settled(settled.schema, settled.repaired, fault)


def returned_schema(value: Any) -> Any:
    """The schema in an answer: under a known name, or the answer itself."""
    if isinstance(value, Mapping):
        for key in _KEYS:
            inner = value.get(key)
            if isinstance(inner, str):
                try:
                    inner = orjson.loads(inner)
                except orjson.JSONDecodeError:
                    continue
            if isinstance(inner, Mapping):
                return inner
    return value


def _shape_fault(schema: Mapping[str, Any]) -> str:
    """Why a sound schema says too little of what a tool returns."""
    kinds = kinds_of(schema)
    if kinds == {"array"}:
        items = schema.get("items")
        if not isinstance(items, Mapping) or not kinds_of(items):
            return "the array does not say what its items are"
        return _record_fault(items) if kinds_of(items) == {"object"} else ""
    if kinds == {"object"}:
        return _record_fault(schema)
    return "it must be an array or an object"


def _record_fault(schema: Mapping[str, Any]) -> str:
    properties = schema.get("properties")
    if not properties:
        options = [
            o
            for k in ("anyOf", "oneOf")
            for o in schema.get(k) or ()
            if isinstance(o, Mapping) and o.get("properties")
        ]
        return "" if options else "the object has no fields"
    for name, inner in properties.items():
        if not isinstance(inner, Mapping) or not (kinds_of(inner) or "$ref" in inner):
            return f"the field {name} has no type"
    return ""
