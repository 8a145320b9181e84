"""Stage 3 of the task-oriented pipeline: questions with the rubric of each.

The first task is the question that the toolset was made for; further ones go on from
it, or are about other things of the same work. Source: PAPER.md, 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventsim.config import Role
from eventsim.core.events import Event, TaskCreated, TaskRejected
from eventsim.core.preparation import Preparation
from eventsim.core.tasks import Task
from eventsim.pipelines.stage import Ask, Input, Workbench
from eventsim.pipelines.stages.drawn import difficulty_of, earlier_tasks, focus_of
from eventsim.pipelines.stages.offered import tool_lines
from eventsim.pipelines.stages.rubrics import RUBRIC_FIELDS, read_rubric
from eventsim.prompts.render import render

__all__ = ["RUBRIC_TASK_SCHEMA", "TRIES", "RubricTasks"]

TRIES = 3
"""How often one task is written before the stream goes without it."""

RUBRIC_TASK_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "question": {"type": "string"},
        **RUBRIC_FIELDS,
    },
    "required": ["title", "question", *RUBRIC_FIELDS],
    "additionalProperties": False,
}

_LEAST_LETTERS, _MOST_LETTERS = 15, 2_000
_LONGEST_TITLE = 120


class RubricTasks:
    """Fills a stream of tasks whose question is the user's message."""

    name = "rubric_tasks"
    prompt = "rubric_tasks"
    role: Role = "task_writer"
    needs_database = False

    def ask(self, state: Preparation, given: Input) -> Ask | None:
        """One task at a time, tried a few times each."""
        if len(state.tasks) >= given.count or state.misses >= TRIES:
            return None
        system = render(
            given.prompts[self.prompt],
            title=given.source.called,
            about=given.source.about,
            tools=tool_lines(given.tools),
            policy=state.policy or given.policy,
            now=given.now,
        )
        text = "\n\n".join(filter(None, _wishes(state, given)))
        return Ask(system, (("user", text),), self.name, RUBRIC_TASK_SCHEMA)

    def check(self, value: Any, state: Preparation, given: Input) -> str:
        """An object with a question where one is to be written."""
        if not isinstance(value, Mapping):
            return "it is no object"
        if not _question(value, state, given):
            return "it has no question"
        return ""

    def derive(
        self,
        value: Any,
        state: Preparation,
        given: Input,
        bench: Workbench | None,  # noqa: ARG002
    ) -> tuple[Event, ...]:
        """The task, or why it cannot be used."""
        question = _question(value, state, given)
        title = " ".join(str(value.get("title") or question).split())[:_LONGEST_TITLE]
        problem = _fault(question, state)
        rubric = read_rubric(value, given.tools)
        if problem or isinstance(rubric, str):
            reason = problem or str(rubric)
            return (TaskRejected(title=title, reason=reason),)
        task = Task(
            title=title,
            difficulty=difficulty_of(state, given),
            goal=question,
            question=question,
            rubric=rubric,
        )
        return (TaskCreated(task=task),)


def _wishes(state: Preparation, given: Input) -> tuple[str, ...]:
    difficulty = difficulty_of(state, given)
    last = state.rejected_tasks[-1].reason if state.misses else ""
    rejected = f"The last one was rejected: {last}. Write it right." if last else ""
    if not state.tasks and given.question:
        wish = (
            f"The question of this task stands: {given.question}\n"
            "Repeat it as the question, and write its title and its rubric."
        )
        return rejected, wish
    wish = f"Write a task; it shall be {difficulty}. {focus_of(state, given)}".strip()
    return earlier_tasks(state.tasks, given), rejected, wish


def _question(value: Mapping[str, Any], state: Preparation, given: Input) -> str:
    """The question that the toolset was made for, or the one that was written."""
    if not state.tasks and given.question:
        return given.question
    written = value.get("question")
    return " ".join(written.split()) if isinstance(written, str) else ""


def _fault(question: str, state: Preparation) -> str:
    if not _LEAST_LETTERS <= len(question) <= _MOST_LETTERS:
        return f"its question has {len(question)} letters"
    asked = {task.question.casefold() for task in state.tasks}
    return "its question was asked before" if question.casefold() in asked else ""
