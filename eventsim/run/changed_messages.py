"""Edits of messages: what is given on a fork from the first changed one on. Pure.

An edit of a message is a fork just before it: the edited message is given, those after
it, up to where the fork goes on, are taken over as they were. What was mounted in
between is mounted again; a verdict in between would be about another dialogue.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eventsim.core.events import (
    Answer,
    AssistantReplied,
    BehaviourDrawn,
    By,
    ClockSet,
    EnvironmentMounted,
    Event,
    ModelAbandoned,
    ModelCalled,
    ModelFailed,
    ModelRejected,
    PersonaAssigned,
    PolicySet,
    TaskAssigned,
    ToolAbandoned,
    ToolCalled,
    ToolReturned,
    ToolsetMounted,
    TrajectoryForked,
    TrajectoryImported,
    UserMessaged,
    asked_calls,
)
from eventsim.errors import UsageError
from eventsim.run.edits import Change
from eventsim.run.paths import Opened

__all__ = ["changed_events"]

_PRELUDE = (BehaviourDrawn, ModelCalled, ModelFailed, ModelRejected, ModelAbandoned)
_MOUNTS = (EnvironmentMounted, ToolsetMounted, PolicySet, ClockSet, TrajectoryForked)
_PASSING = (*_PRELUDE, *_MOUNTS, ToolAbandoned)
_SPOKEN = UserMessaged | AssistantReplied | ToolReturned


def changed_events(
    opened: Opened, changes: Sequence[Change]
) -> tuple[int, tuple[Event, ...]]:
    """The position after which the fork begins, and what is given there. Raises:
    UsageError for what cannot be changed, or a task that ends in between.
    """
    for change in changes:
        _check(opened, change)
    _check_together(changes)
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
    last = len(opened.events) - (change.what != "insert")
    if not 0 <= change.position <= last:
        raise UsageError(
            f"position {change.position} is after the place where the fork goes on, "
            f"{len(opened.events) - 1}"
        )
    if change.what != "drop" and not change.text.strip():
        raise UsageError(f"position {change.position}: give the message some words")
    if change.what == "insert":
        _check_place(opened, change.position)
        return
    event = opened.events[change.position]
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


def _check_place(opened: Opened, position: int) -> None:
    """A message cannot stand between a call and its result."""
    if position == 0:
        return
    before = opened.states.at(position - 1)
    if before.pending or before.open_tool is not None:
        first = position
        while first < len(opened.events) and opened.states.at(first - 1).pending:
            first += 1
        raise UsageError(
            f"position {position} stands between a call and its result; insert before "
            f"the reply that makes the call, or at {first}"
        )


def _check_together(changes: Sequence[Change]) -> None:
    """One message is changed in one way."""
    seen: set[int] = set()
    for change in changes:
        if change.what == "insert":
            continue
        if change.position in seen:
            raise UsageError(
                f"position {change.position} is changed in two ways; keep one"
            )
        seen.add(change.position)


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
    for change in changes:
        if change.position == len(opened.events):
            yield _said(change)


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
                update |= {"content": change.text, "changes": (), "duration_us": 0}
                update["is_error"] = change.text.startswith('{"error"')
            return event.model_copy(update=update)
        case PersonaAssigned() | TaskAssigned():
            return event.model_copy(update={"by": event.by or by})
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
