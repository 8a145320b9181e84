"""Edits: what is different on a fork, as given events and a preparation of its own.

An edit of a message is a fork just before it: the edited message is given, those after
it, up to where the fork goes on, are taken over as they were. Tools, policy, task and
clock are changed by a preparation that continues the parent's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from eventsim.behaviour.personas import PERSONAS
from eventsim.core.events import (
    Answer,
    AssistantReplied,
    BehaviourDrawn,
    By,
    Event,
    ModelAbandoned,
    ModelCalled,
    ModelFailed,
    ModelRejected,
    PersonaAssigned,
    PolicyWritten,
    PreparationEnded,
    PreparationStarted,
    Ref,
    Source,
    TaskAssigned,
    TaskCreated,
    ToolAbandoned,
    ToolCalled,
    ToolDefined,
    ToolReturned,
    TrajectoryImported,
    UserMessaged,
    asked_calls,
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
    "changed_events",
    "edit_preparation",
    "given_beside",
    "task_in_words",
]

_PRELUDE = (BehaviourDrawn, ModelCalled, ModelFailed, ModelRejected, ModelAbandoned)
_PASSING = (*_PRELUDE, ToolAbandoned)
_SPOKEN = UserMessaged | AssistantReplied | ToolReturned


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
    """A task by its goal, for the person that the open one is about."""
    tasks, state = opened.materials.tasks, opened.state
    number = min(len(state.verdicts), len(tasks) - 1)
    nobody = Profile(name="", role="", known_info=())
    return Task(
        title=text[:80],
        difficulty="medium",
        goal=text,
        objectives=(Objective(number=1, text=text, kind="read"),),
        profile=tasks[number].profile if tasks else nobody,
        rubric=Rubric(criteria=(f"What the person wants is done: {text}",)),
    )


# --- messages -----------------------------------------------------------------------


def changed_events(
    opened: Opened, changes: Sequence[Change]
) -> tuple[int, tuple[Event, ...]]:
    """The position after which the fork begins, and what is given there. Raises:
    UsageError for what cannot be changed, or a task that ends in between.
    """
    for change in changes:
        _check(opened, change)
    start = min(change.position for change in changes)
    while start > 0 and isinstance(opened.events[start - 1], _PRELUDE):
        start -= 1
    mounted = start > 0 and opened.states.at(start - 1).toolset is not None
    imported = start > 0 and isinstance(opened.events[0], TrajectoryImported)
    # Nothing is mounted before the messages of an import.
    if not (mounted or imported):
        raise UsageError(
            f"nothing can be changed before position {start}: the dialogue begins there"
        )
    return start - 1, tuple(_renumbered(opened, start, _rest(opened, start, changes)))


def _check(opened: Opened, change: Change) -> None:
    if not 0 <= change.position < len(opened.events):
        raise UsageError(
            f"position {change.position} is after the place where the fork goes on, "
            f"{len(opened.events) - 1}"
        )
    event = opened.events[change.position]
    if change.what == "insert":
        return
    if not isinstance(event, _SPOKEN):
        raise UsageError(
            f"position {change.position} holds {event.kind}; only messages and results "
            "of tools can be replaced or dropped"
        )
    if change.what == "drop" and isinstance(event, ToolReturned):
        raise UsageError(
            f"position {change.position} is the result of a call; drop the reply that "
            "asked for it, or replace the result"
        )


def _rest(opened: Opened, start: int, changes: Sequence[Change]) -> Iterator[Event]:
    """The path from `start` on with its changes, every message given."""
    dropped = -1
    replies = sum(asked_calls(e) is not None for e in opened.events[:start])
    for position in range(start, len(opened.events)):
        event = opened.events[position]
        of_reply = asked_calls(event) is not None
        here = [change for change in changes if change.position == position]
        for change in here:
            if change.what == "insert":
                yield _said(change)
        if any(change.what == "drop" for change in here):
            dropped = replies if of_reply else dropped
        elif isinstance(event, ToolCalled | ToolReturned) and event.reply == dropped:
            pass
        elif not isinstance(event, _PASSING):
            changed = next((c for c in here if c.what == "replace"), None)
            yield _taken(event, changed, position)
        replies += of_reply


def _said(change: Change) -> Event:
    if change.role == "assistant":
        return AssistantReplied(text=change.text, by="edit")
    return UserMessaged(text=change.text, given=True, by="edit")


def _taken(event: Event, change: Change | None, position: int) -> Event:
    by: By = "copy" if change is None else "edit"
    match event:
        case UserMessaged():
            text = event.text if change is None else change.text
            done = event.is_task_complete and change is None
            return UserMessaged(
                text=text,
                calls=event.calls,
                is_task_complete=done,
                given=True,
                by=by,
            )
        case AssistantReplied():
            text = event.text if change is None else change.text
            return event.model_copy(update={"text": text, "by": by, "answer": Answer()})
        case ToolCalled():
            return event.model_copy(update={"by": by})
        case ToolReturned():
            update: dict[str, object] = {"by": by, "answer": None}
            if change is not None:
                update |= {"content": change.text, "changes": ()}
                update["is_error"] = change.text.startswith('{"error"')
            return event.model_copy(update=update)
    raise UsageError(
        f"{event.kind} stands at position {position}, between the change and the place "
        f"where the fork goes on; fork at {position - 1} or before"
    )


def _renumbered(opened: Opened, start: int, events: Iterator[Event]) -> Iterator[Event]:
    """Replies are counted along the path, and calls named after them."""
    replies = sum(asked_calls(e) is not None for e in opened.events[:start])
    for event in events:
        asked = asked_calls(event)
        if asked is not None:
            calls = [
                call.model_copy(update={"id": f"call_{replies}_{index}"})
                for index, call in enumerate(asked)
            ]
            yield event.model_copy(update={"calls": tuple(calls)})
            replies += 1
        elif isinstance(event, ToolCalled | ToolReturned):
            yield event.model_copy(update={"reply": replies - 1})
        else:
            yield event


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


def given_beside(
    opened: Opened, edits: Edits, preparation: Ref | None
) -> tuple[Event, ...]:
    """What is given before anything is said: persona and task."""
    given: list[Event] = []
    if edits.persona is not None:
        given.append(persona_given(edits.persona, opened))
    if edits.task is not None and preparation is not None:
        again = reassigned(opened, edits.task, preparation)
        given += [again] if again is not None else []
    return tuple(given)
