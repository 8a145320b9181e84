"""Stage 1.2: the tools that answer a question. Source: PAPER.md, 1.2.

One answer is enough if any of its tools is sound; the others are rejected one by one.
An answer without a sound tool is given back a few times, then its rejections stand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from eventsim.config import Role
from eventsim.core.events import Event, ToolRejected
from eventsim.core.preparation import Preparation
from eventsim.core.values import encode
from eventsim.pipelines.stage import Ask, Input, Workbench
from eventsim.pipelines.stages.conversation import before
from eventsim.pipelines.stages.showing import fitting
from eventsim.pipelines.stages.specification import proposed_tools, read_proposals
from eventsim.prompts.render import render

__all__ = ["TOOLS_SCHEMA", "ToolSpecifications"]

_MOST_EXAMPLES = 12
_VALUE = re.compile(
    r"(?<=[\"“])[^\"“”]{3,40}(?=[\"”])"
    r"|(?<=[a-z,:;] )[A-Z][a-z]+ [A-Z][a-z]+\b|^[A-Z][a-z]+ [A-Z][a-z]+\b(?= [a-z])"
    r"|\b\d{4}-\d{2}-\d{2}\b|\b\d{4,}\b|\b[\w.]+@[\w.]+\b"
)

_STRINGS: Mapping[str, Any] = {"type": "array", "items": {"type": "string"}}
_PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "enum": ["object"]},
        "properties": {"type": "object", "additionalProperties": {"type": "object"}},
        "required": _STRINGS,
    },
    "required": ["type", "properties", "required"],
}
_TOOL: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "enum": ["function"]},
        "function": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "description": {"type": "string"},
                "parameters": _PARAMETERS,
            },
            "required": ["name", "description", "parameters"],
        },
    },
    "required": ["type", "function"],
}
TOOLS_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"tools": {"type": "array", "items": _TOOL}},
    "required": ["tools"],
    "additionalProperties": False,
}
"""An answer with tools: schemas of arguments inside are checked when they are read."""

_STEPS_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"steps": _STRINGS, "tools": TOOLS_SCHEMA["properties"]["tools"]},
    "required": ["steps", "tools"],
    "additionalProperties": False,
}


class ToolSpecifications:
    """Begins a stream of tools."""

    name = "tool_specifications"
    prompt = "tool_specifications"
    role: Role = "tool_designer"
    needs_database = False

    def ask(self, state: Preparation, given: Input) -> Ask | None:
        """Ask once: what is wrong with an answer is said back by the loop."""
        if state.answers:
            return None
        shown = fitting(given.seed_tools, _MOST_EXAMPLES, given.question)
        system = render(
            given.prompts[self.prompt],
            title=given.source.called,
            about=given.source.about,
            tools=shown.lines,
            left_out=shown.left_out,
        )
        request = (
            f"The question:\n{given.question}\n\nWrite the steps that answer it, then "
            "every tool that they call."
        )
        request = "\n\n".join((*before(given.dialogue), request))
        return Ask(system, (("user", request),), self.name, _STEPS_SCHEMA)

    def check(self, value: Any, state: Preparation, given: Input) -> str:
        """An answer without any sound tool, unless it is the last that is taken."""
        proposals = proposed_tools(value)
        if proposals is None:
            return "it holds no array of tools"
        if not proposals:
            return "it holds no tool"
        events = read_proposals(proposals, state.tools, values=_values(given))
        faults = [
            f"{e.name}: {e.reason}" for e in events if isinstance(e, ToolRejected)
        ]
        if len(faults) < len(events) or _last_try(state, given):
            return ""
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        return f"none of its tools can be used: {faults[0]}{more}"

    def derive(
        self,
        value: Any,
        state: Preparation,
        given: Input,
        bench: Workbench | None,  # noqa: ARG002
    ) -> tuple[Event, ...]:
        """Each tool defined or rejected."""
        proposals = proposed_tools(value) or ()
        return read_proposals(proposals, state.tools, values=_values(given))


def _values(given: Input) -> frozenset[str]:
    """What only this question holds: texts in quotation marks, full names, dates,
    long numbers. A tool that says one of them would serve no other question.
    """
    found = _VALUE.findall(given.question)
    seeds = encode(list(given.seed_tools)).decode()
    known = f"{seeds} {given.source.title} {given.source.about}".casefold()
    return frozenset(value for value in found if value.casefold() not in known)


def _last_try(state: Preparation, given: Input) -> bool:
    return len(state.rejected) + 1 >= given.config.limits.samples
