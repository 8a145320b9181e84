"""Edits: what is different on a fork, as given events and a preparation of its own.

Tools, policy, task and clock are changed by a preparation that continues the parent's,
persona and task are given anew; messages stand in `changed_messages.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from eventsim.behaviour.personas import PERSONAS
from eventsim.core.events import (
    Event,
    PersonaAssigned,
    PolicyWritten,
    PreparationEnded,
    PreparationStarted,
    Ref,
    Source,
    TaskAssigned,
    TaskCreated,
    ToolDefined,
)
from eventsim.core.tasks import Objective, Profile, Rubric, Task
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import digest_of
from eventsim.errors import UsageError
from eventsim.log.store import Store
from eventsim.run.paths import Opened

__all__ = [
    "Change",
    "Edits",
    "edit_preparation",
    "given_with",
    "task_in_words",
]


@dataclass(frozen=True, slots=True)
class Change:
    """One message that is different: another text at `position`, a message of `role`
    before it, or none there.
    """

    position: int
    what: Literal["replace", "insert", "drop"]
    text: str = ""
    role: Literal["user", "assistant"] = "user"


@dataclass(frozen=True, slots=True)
class Edits:
    """Everything that is different on a fork; None is what the parent has."""

    changes: tuple[Change, ...] = ()
    persona: str | None = None
    policy: str | None = None
    clock: str | None = None
    tools: tuple[ToolDefinition, ...] = ()
    without: tuple[str, ...] = ()
    task: Task | None = None

    @property
    def prepares(self) -> bool:
        """Whether the fork needs a preparation of its own."""
        some = self.policy is not None or self.clock is not None
        return some or bool(self.tools or self.without) or self.task is not None


def task_in_words(text: str, opened: Opened) -> Task:
    """A task by its goal in words, for the person that the open one is about; each
    sentence, or what a "then" parts, is an objective. Raises: UsageError without any.
    """
    clauses = [clause for part in _PARTS.split(text) if (clause := _clause(part))]
    if not clauses:
        raise UsageError("the task needs some words: what the user wants")
    tasks, state = opened.materials.tasks, opened.state
    number = min(len(state.verdicts), len(tasks) - 1)
    nobody = Profile(name="", role="", known_info=())
    goal = "; ".join(clauses)
    return Task(
        title=_titled(clauses[0]),
        difficulty="medium",
        goal=f"In the end, this is done or known to you: {goal}.",
        objectives=tuple(
            Objective(number=n, text=clause, kind=_kind(clause))
            for n, clause in enumerate(clauses, 1)
        ),
        profile=tasks[number].profile if tasks else nobody,
        rubric=Rubric(criteria=tuple(f"This is done: {clause}." for clause in clauses)),
    )


_PARTS = re.compile(r"(?<=[.!?])\s+|;\s+|,?\s+(?:and\s+)?then\s+(?=[a-z])")
_WISH = re.compile(
    r"^(?:(?:please|the user|you|i|they|he|she|wants?|would like|needs?|to)\b\s*)+",
    re.IGNORECASE,
)
_CHANGES = frozenset(
    "add book buy cancel change close create delete enter give insert make mark merge "
    "move open order pay place post put record register remove rename replace reset "
    "return schedule send set submit transfer update write".split()
)
_LONGEST_TITLE = 80


def _clause(part: str) -> str:
    """A sentence as an infinitive clause."""
    clause = _WISH.sub("", " ".join(part.split())).strip(" .!?;,")
    first, _, rest = clause.partition(" ")
    plain = first[:1].lower() + first[1:] if first[1:].islower() else first
    return f"{plain} {rest}".strip()


def _kind(clause: str) -> Literal["read", "write"]:
    return "write" if clause.split()[0] in _CHANGES else "read"


def _titled(clause: str) -> str:
    title = clause[:1].upper() + clause[1:]
    if len(title) <= _LONGEST_TITLE:
        return title
    return f"{title[:_LONGEST_TITLE].rpartition(' ')[0]} …"


# --- who, with what, what for -------------------------------------------------------


def persona_given(name: str, opened: Opened) -> PersonaAssigned:
    """A persona by its name, or described."""
    there = opened.state.persona
    language = there.language if there is not None else "English"
    known = PERSONAS.get(name)
    return PersonaAssigned(
        name=name if known else "described",
        description=known.description if known else name,
        language=language,
        by="edit",
    )


async def edit_preparation(
    store: Store, opened: Opened, edits: Edits, label: str
) -> Ref:
    """The preparation of a fork whose tools, policy, task or clock are changed.

    Raises: UsageError for a tool that is not there.
    """
    materials = opened.materials
    names = {tool.name for tool in edits.tools}
    offered = {tool.name for tool in materials.toolset}
    for name in edits.without:
        if name not in offered:
            known = ", ".join(sorted(offered)) or "none"
            raise UsageError(f"no tool is named {name!r}; the tools are {known}")
    gone = names | set(edits.without)
    toolset = (*(t for t in materials.toolset if t.name not in gone), *edits.tools)
    tools = await _tools(store, edits.tools, label) if edits.tools else None
    replaces = 0
    if edits.task is not None:
        number = len(opened.state.verdicts) + 1
        replaces = number if number <= len(materials.tasks) else 0
    started = PreparationStarted(
        label=f"tasks-{label}",
        purpose="tasks",
        source=materials.source,
        tools_from=tools,
        continues=opened.footing.preparation,
        replaces=replaces,
        dialogue=opened.head,
        toolset=tuple(tool.digest for tool in toolset),
        now=materials.now if edits.clock is None else edits.clock,
    )
    events: list[Event] = [
        started,
        *([PolicyWritten(text=edits.policy)] if edits.policy is not None else []),
        *([TaskCreated(task=edits.task)] if edits.task is not None else []),
        PreparationEnded(),
    ]
    records = await store.append(None, events, expected_version=0)
    return records[-1].ref


async def _tools(store: Store, tools: Sequence[ToolDefinition], label: str) -> Ref:
    events: list[Event] = [
        PreparationStarted(
            label=f"tools-{label}",
            purpose="tools",
            source=Source(name="added by an edit", title=""),
        ),
        *(ToolDefined(tool=tool) for tool in tools),
        PreparationEnded(),
    ]
    records = await store.append(None, events, expected_version=0)
    return records[-1].ref


def reassigned(opened: Opened, task: Task, preparation: Ref) -> TaskAssigned | None:
    """The open task, given anew; None where none is open."""
    there = opened.state.task
    if there is None:
        return None
    return TaskAssigned(
        number=there.assigned.number,
        title=task.title,
        digest=digest_of(task),
        by="edit",
        preparation=preparation,
    )


def given_with(
    opened: Opened,
    edits: Edits,
    preparation: Ref | None,
    messages: tuple[Event, ...] = (),
) -> tuple[Event, ...]:
    """What is given on a fork: persona and task, then `messages`."""
    given: list[Event] = []
    if edits.persona is not None:
        given.append(persona_given(edits.persona, opened))
        messages = tuple(m for m in messages if not isinstance(m, PersonaAssigned))
    if edits.task is not None and preparation is not None:
        again = reassigned(opened, edits.task, preparation)
        if again is not None and not any(isinstance(m, TaskAssigned) for m in messages):
            given.append(again)
        messages = tuple(
            again if again is not None and isinstance(m, TaskAssigned) else m
            for m in messages
        )
    return (*given, *messages)
