"""The task of a conversation that has none: inferred from what was said so far.

For dialogues that were made elsewhere. It is judged by its rubric, for nobody knows
the state behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventsim.config import Role
from eventsim.core.events import Event, TaskCreated, TaskRejected
from eventsim.core.preparation import Preparation
from eventsim.core.tasks import Task
from eventsim.pipelines.registry import pipeline
from eventsim.pipelines.stage import Ask, Input, Workbench
from eventsim.pipelines.stages.conversation import told
from eventsim.pipelines.stages.descriptive_tasks import TRIES, task_schema
from eventsim.pipelines.stages.drafts import read_draft
from eventsim.pipelines.stages.offered import tool_lines
from eventsim.pipelines.stages.rubrics import read_rubric
from eventsim.prompts.render import render

__all__ = ["InferredTask"]


class InferredTask:
    """Fills a stream of one task, from the dialogue that it goes on with."""

    name = "inferred_task"
    prompt = "inferred_task"
    role: Role = "task_writer"
    needs_database = False

    def ask(self, state: Preparation, given: Input) -> Ask | None:
        """Once, and again with the reason if the task cannot be used."""
        if state.tasks or state.misses >= TRIES:
            return None
        system = render(
            given.prompts[self.prompt],
            title=given.source.title,
            about=given.source.about,
            tools=tool_lines(given.tools),
            policy=state.policy or given.policy,
        )
        parts = [told(given.dialogue)]
        if state.misses:
            reason = state.rejected_tasks[-1].reason
            parts.append(f"The last task was rejected: {reason}. Write it right.")
        parts.append("Write down what the person wants.")
        schema = task_schema(database=False)
        return Ask(system, (("user", "\n\n".join(parts)),), self.name, schema)

    def check(self, value: Any, state: Preparation, given: Input) -> str:  # noqa: ARG002
        """An object with objectives."""
        if not isinstance(value, Mapping):
            return "it is no object"
        if not isinstance(value.get("objectives"), list | tuple):
            return "it has no list of objectives"
        return ""

    def derive(
        self,
        value: Any,
        state: Preparation,  # noqa: ARG002
        given: Input,
        bench: Workbench | None,  # noqa: ARG002
    ) -> tuple[Event, ...]:
        """The task with its rubric, or why it cannot be used."""
        title = " ".join(str(value.get("title") or "a task").split())[:120]
        draft = read_draft(value, "medium", None)
        if isinstance(draft, str):
            return (TaskRejected(title=title, reason=draft),)
        tools = given.tools if value.get("expected_calls") else ()
        rubric = read_rubric(value, tools)
        if isinstance(rubric, str):
            return (TaskRejected(title=title, reason=rubric),)
        update: dict[str, object] = {"rubric": rubric}
        if not pipeline(given.config.pipeline).simulates_user:
            update["question"] = _question(given, draft.task)
        return (TaskCreated(task=draft.task.model_copy(update=update)),)


def _question(given: Input, task: Task) -> str:
    """What is put to the assistant where nobody plays the user: what they wrote, if it
    has no answer yet.
    """
    dialogue = given.dialogue
    said = dialogue.messages if dialogue is not None else ()
    asked = [message.text for message in said if message.speaker == "user"]
    waits = dialogue is not None and bool(dialogue.pending)
    if asked and (waits or said[-1].awaits_assistant):
        return asked[-1]
    clause = task.objectives[0].text
    return f"{clause[:1].upper()}{clause[1:]}."
