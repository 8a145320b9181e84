"""Stage 3 of the user-oriented pipelines: who the user is, what they want, and proof.

Over a database a task counts only with a witness: its hidden solution is carried out
on a trial copy; where that fails, and the task says itself what must come of it,
somebody else may try. Over simulated tools it gets a rubric. Source: PAPER.md, 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventsim.config import Role
from eventsim.core.events import Event, TaskCreated, TaskRejected
from eventsim.core.preparation import Preparation
from eventsim.core.tasks import SolutionCall, Task
from eventsim.pipelines.stage import Ask, Input, Workbench
from eventsim.pipelines.stages.conversation import before
from eventsim.pipelines.stages.drafts import (
    Draft,
    is_solvable,
    read_calls,
    read_draft,
)
from eventsim.pipelines.stages.drawn import (
    difficulty_of,
    earlier_tasks,
    focus_of,
    initial_of,
)
from eventsim.pipelines.stages.offered import tool_lines
from eventsim.pipelines.stages.rubrics import RUBRIC_FIELDS, read_rubric
from eventsim.prompts.render import render
from eventsim.roles.parsing import read_json

__all__ = ["ATTEMPTS", "SOLVER_SCHEMA", "TRIES", "DescriptiveTasks", "task_schema"]

TRIES = 3
"""How often one task is written before the stream goes without it."""

ATTEMPTS = 3
"""How many solvers try a task whose own solution fails."""

_CALLS: Mapping[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            # Written down so that references are counted right; places decide.
            "call": {"type": "integer"},
            "objective": {"type": "integer"},
            "tool": {"type": "string"},
            "arguments": {"type": "object"},
        },
        "required": ["call", "objective", "tool", "arguments"],
    },
}
_TEXTS: Mapping[str, Any] = {"type": "array", "items": {"type": "string"}}
_FACTS: Mapping[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "objective": {"type": "integer"},
            "about": {"type": "string"},
            "value": {"type": ["string", "number"]},
        },
        "required": ["objective", "about", "value"],
    },
}
_CHANGES: Mapping[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "objective": {"type": "integer"},
            "table": {"type": "string"},
            "op": {"type": "string", "enum": ["insert", "update", "delete"]},
            "key": {"type": "object"},
            "new": {"type": "object"},
        },
        "required": ["objective", "table", "op"],
    },
}
SOLVER_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"calls": _CALLS},
    "required": ["calls"],
    "additionalProperties": False,
}
_COUNTS = {"easy": "one or two", "medium": "two or three", "hard": "four or five"}


def task_schema(*, database: bool) -> Mapping[str, Any]:
    """The JSON Schema of an answer that holds a task."""
    properties: dict[str, Any] = {
        "title": {"type": "string"},
        "goal": {"type": "string"},
        "profile": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "role": {"type": "string"},
                "known_info": _TEXTS,
                "unknown_info": _TEXTS,
            },
            "required": ["name", "role", "known_info", "unknown_info"],
        },
        "objectives": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string"},
                    "kind": {
                        "type": "string",
                        "enum": ["read", "write", "check", "refusal"],
                    },
                },
                "required": ["text", "kind"],
            },
        },
    }
    if database:
        proof = {"solution": _CALLS, "facts": _FACTS, "changes": _CHANGES}
        properties |= proof
        required = [name for name in properties if name != "changes"]
    else:
        properties |= RUBRIC_FIELDS
        required = list(properties)
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


class DescriptiveTasks:
    """Fills a stream of tasks for a user simulator."""

    name = "descriptive_tasks"
    prompt = "descriptive_tasks"
    solver_prompt = "task_solver"
    role: Role = "task_writer"
    needs_database = True

    def ask(self, state: Preparation, given: Input) -> Ask | None:
        """One task at a time, tried a few times each, by solvers in between."""
        pending, attempts = _pending(state, given)
        if pending is not None:
            return self._ask_solver(pending, attempts, given)
        if len(state.tasks) >= given.count or state.misses >= TRIES:
            return None
        database = bool(given.schema_text)
        system = render(
            given.prompts[self.prompt],
            title=given.source.called,
            about=given.source.about,
            schema=given.schema_text,
            rows=given.data_view,
            tools=tool_lines(given.tools),
            policy=state.policy or given.policy,
            now=given.now,
        )
        text = "\n\n".join(filter(None, _wishes(state, given)))
        schema = task_schema(database=database)
        return Ask(system, (("user", text),), self.name, schema)

    def _ask_solver(self, draft: Draft, attempts: int, given: Input) -> Ask:
        """The task without its checks, to somebody who has not seen its solution."""
        system = render(
            given.prompts[self.solver_prompt],
            title=given.source.called,
            schema=given.schema_text,
            rows=given.data_view,
            tools=tool_lines(given.tools),
        )
        task = draft.task
        lines = [f"{o.number}. {o.text}" for o in task.objectives]
        known = [f"- {line}" for line in task.profile.known_info]
        parts = [f"The goal: {task.goal}", "\n".join(("The objectives:", *lines))]
        if known:
            parts.append("\n".join(("What is known:", *known)))
        parts.append(f"Write the calls. (Attempt {attempts + 1} of {ATTEMPTS}.)")
        text = "\n\n".join(parts)
        return Ask(system, (("user", text),), self.solver_prompt, SOLVER_SCHEMA)

    def check(self, value: Any, state: Preparation, given: Input) -> str:
        """A task where one is asked for, calls where a solver is."""
        if not isinstance(value, Mapping):
            return "it is no object"
        pending, _ = _pending(state, given)
        if pending is not None:
            calls = read_calls(value.get("calls"), pending.task.objectives)
            return calls if isinstance(calls, str) else ""
        if not isinstance(value.get("objectives"), list | tuple):
            return "it has no list of objectives"
        return ""

    def derive(
        self, value: Any, state: Preparation, given: Input, bench: Workbench | None
    ) -> tuple[Event, ...]:
        """The task with its witness or its rubric, or why it is rejected; nothing
        while solvers are still to try it.
        """
        earlier = state._replace(answers=state.answers[:-1])
        pending, attempts = _pending(earlier, given)
        if pending is not None:
            calls = read_calls(value.get("calls"), pending.task.objectives)
            found = _proved(pending.task, calls, state, given, bench)
            if isinstance(found, TaskCreated) or attempts + 1 >= ATTEMPTS:
                return (found,)
            return ()
        draft = _draft(value, state, given)
        title = _title(value)
        if isinstance(draft, str):
            return (TaskRejected(title=title, reason=draft),)
        if not given.schema_text:
            rubric = read_rubric(value, given.tools)
            if isinstance(rubric, str):
                return (TaskRejected(title=title, reason=rubric),)
            return (TaskCreated(task=draft.task.model_copy(update={"rubric": rubric})),)
        found = _proved(draft.task, draft.solution, state, given, bench)
        if isinstance(found, TaskRejected) and is_solvable(draft.task):
            return ()
        return (found,)


# --- proof --------------------------------------------------------------------------


def _proved(
    task: Task,
    calls: tuple[SolutionCall, ...] | str,
    state: Preparation,
    given: Input,
    bench: Workbench | None,
) -> TaskCreated | TaskRejected:
    assert bench is not None, "descriptive_tasks over a database are proved on it"
    if isinstance(calls, str):
        return TaskRejected(title=task.title, reason=calls)
    if not calls and any(o.kind != "refusal" for o in task.objectives):
        return TaskRejected(title=task.title, reason="it has no solution")
    asked = {o.text.casefold() for earlier in state.tasks for o in earlier.objectives}
    repeated = [o.text for o in task.objectives if o.text.casefold() in asked]
    if repeated:
        reason = f"it asks again what was asked before: {repeated[0]}"
        return TaskRejected(title=task.title, reason=reason)
    found = bench.prove(task, given.tools, calls, accepted=state.solutions)
    if isinstance(found, str):
        return TaskRejected(title=task.title, reason=found)
    whole, witness = found
    return TaskCreated(task=whole, witness=witness)


def _pending(state: Preparation, given: Input) -> tuple[Draft | None, int]:
    """The draft that solvers are to try, and how many have: the last one, if neither
    a task nor a rejection came of it.
    """
    settled = len(state.tasks) + len(state.rejected_tasks)
    values = [read_json(answer.text).value for answer in state.answers]
    drafts = [n for n, value in enumerate(values) if _is_draft(value)]
    if not given.schema_text or len(drafts) <= settled:
        return None, 0
    draft = _draft(values[drafts[-1]], state, given)
    assert isinstance(draft, Draft), "a draft that cannot be read is rejected at once"
    return draft, len(values) - drafts[-1] - 1


def _is_draft(value: Any) -> bool:
    return isinstance(value, Mapping) and "objectives" in value


def _draft(value: Mapping[str, Any], state: Preparation, given: Input) -> Draft | str:
    who = state.tasks[0].profile if state.tasks else None
    return read_draft(value, difficulty_of(state, given), who)


def _title(value: Mapping[str, Any]) -> str:
    return " ".join(str(value.get("title") or "a task").split())[:120]


# --- what is asked ------------------------------------------------------------------


def _wishes(state: Preparation, given: Input) -> tuple[str, ...]:
    difficulty = difficulty_of(state, given)
    rejected = ""
    if state.misses:
        last = state.rejected_tasks[-1]
        rejected = (
            f"The last one, {last.title!r}, was rejected: {last.reason}. "
            "Write another one that avoids this."
        )
    if state.tasks:
        who = state.tasks[0].profile
        person = f"The person is still {who.name}. {who.role}"
    else:
        person = f"The person's first name begins with {initial_of(given)}."
    conversation = before(given.dialogue)
    if conversation:
        person = _IN_THE_MIDST if not state.tasks else person
    wish = (
        f"Write a task; it shall be {difficulty}: {_COUNTS[difficulty]} objectives. "
        f"{person}"
    )
    focus = focus_of(state, given)
    earlier = earlier_tasks(state.tasks, given)
    return (*conversation, earlier, rejected, wish, focus)


_IN_THE_MIDST = (
    "The person is the one of the conversation above, whose name stands there or is a "
    "likely one. The task is what they turn to next: it follows from what was said, "
    "may use what is known from there, and asks for nothing that was answered."
)
