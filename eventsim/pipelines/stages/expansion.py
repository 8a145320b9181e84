"""Stage 1.3: what is missing from a toolset. Source: PAPER.md, 1.3.

An empty list is a good answer, so that nothing is asked twice.
"""

from __future__ import annotations

from typing import Any

from eventsim.config import Role
from eventsim.core.events import Event
from eventsim.core.preparation import Preparation
from eventsim.pipelines.stage import Ask, Input, Workbench
from eventsim.pipelines.stages.conversation import before
from eventsim.pipelines.stages.showing import specification_line
from eventsim.pipelines.stages.specification import proposed_tools, read_proposals
from eventsim.pipelines.stages.tool_specifications import TOOLS_SCHEMA
from eventsim.prompts.render import render

__all__ = ["MOST_NEW", "Expansion"]

MOST_NEW = 10


class Expansion:
    """Adds to a stream of tools what goes with those that are there."""

    name = "expansion"
    prompt = "expansion"
    role: Role = "tool_designer"
    needs_database = False

    def ask(self, state: Preparation, given: Input) -> Ask | None:
        """Ask once, if there is anything to add to."""
        if state.answers or not state.tools:
            return None
        system = render(
            given.prompts[self.prompt],
            title=given.source.called,
            about=given.source.about,
            most=MOST_NEW,
        )
        lines = "\n".join(specification_line(t.as_function()) for t in state.tools)
        request = (
            f"The toolset:\n{lines}\n\nGo through entities, relations and workflows, "
            f"and write the tools that are missing, at most {MOST_NEW}."
        )
        if given.dialogue is not None:
            request += " Those come first that this conversation calls for next."
        request = "\n\n".join((*before(given.dialogue), request))
        return Ask(system, (("user", request),), self.name, TOOLS_SCHEMA)

    def check(self, value: Any, state: Preparation, given: Input) -> str:  # noqa: ARG002
        """Only an answer without any list is none."""
        return "it holds no array of tools" if proposed_tools(value) is None else ""

    def derive(
        self,
        value: Any,
        state: Preparation,
        given: Input,  # noqa: ARG002
        bench: Workbench | None,  # noqa: ARG002
    ) -> tuple[Event, ...]:
        """Each new tool defined or rejected, no more than are asked for."""
        return read_proposals(proposed_tools(value) or (), state.tools, MOST_NEW)
