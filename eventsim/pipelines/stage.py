"""What a stage of preparation is: typed input, one question at a time, typed output.

A stage is a pure value. It says what to ask a model next, whether the answer can be
used, and which events follow from it. The loop does the rest (recording, retries,
sampling again, budgets, replay), so that a stage is a short file, and any stage can be
replaced by one of the same name. Source: PAPER.md, stages 1 to 3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from eventsim.config import EndpointProfile, Role, RunConfig
from eventsim.core.draws import Draws
from eventsim.core.events import Event, Source
from eventsim.core.preparation import Preparation
from eventsim.core.state import Dialogue
from eventsim.core.tasks import SolutionCall, Task, Witness
from eventsim.core.tools import ToolDefinition

__all__ = ["Ask", "Input", "Stage", "Workbench"]


@dataclass(frozen=True, slots=True)
class Ask:
    """The next request: a system prompt, then turns of one conversation, each
    ("user" or "assistant", text), the last of them the user's.

    `schema` is the JSON Schema of the answer, `name` its name in the request. An array
    or a string as answer is wrapped in an object with one field, for endpoints take
    objects only.
    """

    system: str
    turns: tuple[tuple[Literal["user", "assistant"], str], ...]
    name: str
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class Input:
    """All that a stage may look at beside the state of its stream.

    `seed_tools` are OpenAI function tools. `question` is what a toolset is made for,
    `tools` what a stream of tasks builds on, `count` how many tasks it wants.
    `schema_text` and `data_view` describe a database: its tables, and some of its
    rows; both are empty without one. `draws` are those of the stream. `dialogue` is
    what the preparation is made to go on with, `policy` the instructions it has.
    """

    config: RunConfig
    prompts: Mapping[str, str]
    profiles: Mapping[tuple[str, str], EndpointProfile]
    source: Source
    draws: Draws
    seed_tools: tuple[Mapping[str, Any], ...] = ()
    question: str = ""
    tools: tuple[ToolDefinition, ...] = ()
    count: int = 1
    now: str = ""
    schema_text: str = ""
    data_view: str = ""
    policy: str = ""
    dialogue: Dialogue | None = None


class Workbench(Protocol):
    """A trial copy of the database behind a preparation. Nothing done on it stays,
    except that accepted tasks add up: each is proved on the state after those before.
    """

    def try_tool(self, tool: ToolDefinition) -> ToolDefinition | str:
        """The tool as it really answers (its `returns` and effect as found), or why it
        is rejected: it does not prepare, run, or keep to its declared parameters.
        """
        ...

    def prove(
        self,
        task: Task,
        tools: Sequence[ToolDefinition],
        solution: Sequence[SolutionCall],
        *,
        accepted: Sequence[Sequence[SolutionCall]] = (),
    ) -> tuple[Task, Witness] | str:
        """The task with its checks completed from what the solution did, and the
        witness; or why it is rejected. `accepted` are the solutions of the tasks
        before it. A string argument "$2.customer_id" is that field of the first row
        that call number 2 of the solution returned.
        """
        ...


class Stage(Protocol):
    """One stage. Instances hold no state.

    `name` is the slot that it fills, `prompt` the template it renders, `role` whose
    model answers.
    """

    @property
    def name(self) -> str:
        """Recorded with each call."""
        ...

    @property
    def prompt(self) -> str:
        """The template's name in `eventsim/prompts/`."""
        ...

    @property
    def role(self) -> Role:
        """`tool_designer` or `task_writer`."""
        ...

    @property
    def needs_database(self) -> bool:
        """Whether `derive` uses the workbench: replay then takes its events as they
        were recorded, unless it executes.
        """
        ...

    def ask(self, state: Preparation, given: Input) -> Ask | None:
        """The next request, or None when nothing is left to ask. It depends on the
        events so far only: on `state.answers` (those of this stage), and on what was
        derived. It must come to an end also when every answer is useless.
        """
        ...

    def check(self, value: Any, state: Preparation, given: Input) -> str:
        """Why the parsed answer cannot be used, in one line; "" if it can. What is
        wrong with one of several things in it is no reason: `derive` rejects that.
        """
        ...

    def derive(
        self, value: Any, state: Preparation, given: Input, bench: Workbench | None
    ) -> tuple[Event, ...]:
        """The events that follow from an answer that `check` let pass. `state` is the
        one after it was recorded.
        """
        ...
