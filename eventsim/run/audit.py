"""Audit: where one event of a path comes from, down to the request that produced it.

Requests are rebuilt from the path before them, never read from storage, and must hash
to what the intent recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson

from eventsim.core.effects import CallModel
from eventsim.core.events import (
    AssistantReplied,
    Behaviour,
    BehaviourDrawn,
    Event,
    ModelCalled,
    ModelFailed,
    ModelRejected,
    PreparationStarted,
    Ref,
    ToolAbandoned,
    ToolCalled,
    ToolReturned,
    TrajectoryForked,
    TrajectoryImported,
    TrajectoryStarted,
    UserMessaged,
    VerdictGiven,
    asked_calls,
)
from eventsim.core.records import Record
from eventsim.core.values import encode, sha256_hex
from eventsim.run.paths import Opened, OpenedPath
from eventsim.run.transcripts import Origin

__all__ = ["Audit", "Link", "RebuiltRequest", "audit", "rebuild_request"]


@dataclass(frozen=True, slots=True)
class RebuiltRequest:
    """A request as it was sent. `matches` when it hashes to the recorded digest."""

    position: int
    intent: ModelCalled
    body: bytes
    matches: bool

    @property
    def json(self) -> dict[str, Any]:
        """The body, parsed."""
        body: dict[str, Any] = orjson.loads(self.body)
        return body


@dataclass(frozen=True, slots=True)
class Link:
    """One step of the chain back: what it is, and the stream and hash it stands in."""

    position: int
    what: str
    stream: str
    version: int
    hash: str


@dataclass(frozen=True, slots=True)
class Audit:
    """What is known of one event.

    `attempts` are the calls made for it, failed, rejected and abandoned ones too;
    `causes` lead from the event before it back to the root, across forks and mounts.
    `origin` is the file that its path was imported from, where that is known.
    """

    record: Record
    event: Event
    producer: str
    request: RebuiltRequest | None
    attempts: tuple[tuple[int, str], ...]
    behaviours: tuple[Behaviour, ...]
    causes: tuple[Link, ...]
    origin: Origin | None = None


def audit(opened: OpenedPath, origin: Origin | None = None) -> Audit:
    """Audit the last event of an opened path, of that `origin` if it was imported."""
    position = len(opened.events) - 1
    event = opened.events[position]
    call = _intent_of(opened.events, position)
    attempts = _attempts(opened.events, call) if call is not None else ()
    first = attempts[0][0] if attempts else position
    return Audit(
        record=opened.records[position],
        event=event,
        producer=_producer(opened.events, position, call),
        request=rebuild_request(opened, call) if call is not None else None,
        attempts=attempts,
        behaviours=_behaviours(opened.events, first, event),
        causes=tuple(_causes(opened, position)),
        origin=origin,
    )


def rebuild_request(opened: OpenedPath, position: int) -> RebuiltRequest:
    """The request of the intent at `position`, from the path before it."""
    intent = opened.events[position]
    assert isinstance(intent, ModelCalled)
    step = opened.step_after(position)
    body = step.effect.body if isinstance(step.effect, CallModel) else b"{}"
    matches = sha256_hex(body) == intent.request_sha256
    return RebuiltRequest(position, intent, body, matches)


def _intent_of(events: tuple[Event, ...], position: int) -> int | None:
    """The model call that an event is, is the outcome of, or carries out."""
    event = events[position]
    if isinstance(event, ToolCalled | ToolReturned | ToolAbandoned):
        reply = _reply(events, event.reply)
        return None if reply is None else _intent_of(events, reply)
    if isinstance(event, ModelCalled):
        return position
    outcome = isinstance(event, AssistantReplied | ModelRejected | ModelFailed) or (
        isinstance(event, UserMessaged) and not (event.given or event.asked)
    )
    if outcome and isinstance(events[position - 1], ModelCalled):
        return position - 1
    return None


def _reply(events: tuple[Event, ...], ordinal: int) -> int | None:
    """The position of the path's reply number `ordinal`."""
    replies = (at for at, event in enumerate(events) if asked_calls(event) is not None)
    return next(islice(replies, ordinal, None), None)


def _asked(
    events: tuple[Event, ...], event: ToolCalled | ToolReturned
) -> tuple[str, str, int]:
    """Who asked for a call, the call in words, and where they did."""
    at = _reply(events, event.reply)
    assert at is not None
    call = (asked_calls(events[at]) or ())[event.index]
    who = "the user" if isinstance(events[at], UserMessaged) else "the assistant"
    return who, f"{call.name} {encode(call.arguments).decode()}", at


def _attempts(events: tuple[Event, ...], call: int) -> tuple[tuple[int, str], ...]:
    intent = events[call]
    assert isinstance(intent, ModelCalled)
    found = []
    for position in range(call + 1):
        event = events[position]
        same = (
            isinstance(event, ModelCalled)
            and event.role == intent.role
            and event.ordinal == intent.ordinal
        )
        if same:
            after = events[position + 1] if position + 1 < len(events) else None
            found.append((position, after.kind if after is not None else "open"))
    return tuple(found)


def _behaviours(
    events: tuple[Event, ...], position: int, event: Event
) -> tuple[Behaviour, ...]:
    if not isinstance(event, UserMessaged):
        return ()
    drawn: list[Behaviour] = []
    for earlier in reversed(events[:position]):
        if isinstance(earlier, UserMessaged | AssistantReplied | ToolReturned):
            break
        if isinstance(earlier, BehaviourDrawn):
            drawn = [*earlier.rules, *drawn]
    return tuple(drawn)


_GIVEN = {
    "import": "a file: this was imported, not generated",
    "person": "a person: this was given, not generated",
    "edit": "an edit: this was given, not generated",
    "copy": "an edit before it: this was taken over as it was",
}


def _producer(events: tuple[Event, ...], position: int, call: int | None) -> str:
    event = events[position]
    if call is not None and not isinstance(event, ToolCalled | ToolReturned):
        intent = events[call]
        assert isinstance(intent, ModelCalled)
        return f"{intent.role}, by model {intent.model} of provider {intent.provider}"
    match event:
        case UserMessaged() | AssistantReplied() | ToolCalled() | ToolReturned() if (
            event.by
        ):
            return _GIVEN[event.by]
        case UserMessaged(asked=True):
            return "the task: its question, put as it stands"
        case UserMessaged():
            return "a person: this message was given, not generated"
        case ToolReturned():
            who, call_, at = _asked(events, event)
            return f"the environment, executing {call_} (asked for by {who} at @{at})"
        case ToolCalled():
            who, call_, at = _asked(events, event)
            return f"{who}, by asking for {call_} at @{at}"
        case VerdictGiven(basis="proven"):
            return "the checks of the task"
        case (
            TrajectoryStarted()
            | TrajectoryImported()
            | TrajectoryForked()
            | PreparationStarted()
        ):
            return "the command that began this stream"
        case _:
            return "decided by the pipeline from the path before it"


def _causes(opened: OpenedPath, position: int) -> list[Link]:
    links = []
    at: int | None = position
    while at is not None and at >= 0:
        record = opened.records[at]
        links.append(Link(at, record.kind, record.stream, record.version, record.hash))
        at = _cause(opened.events, at)
    links.extend(
        Link(-1, what, ref.stream, ref.version, ref.hash)
        for what, ref in _mounted(opened).items()
    )
    return links


def _mounted(opened: OpenedPath) -> dict[str, Ref]:
    """What a path builds on, by what it is to it: of one that was imported, the import
    is no run of its own, and its tools stand alone where its rows brought no tasks.
    """
    mounted = opened.mounted
    root = opened.events[0]
    if not (isinstance(opened, Opened) and isinstance(root, TrajectoryImported)):
        return mounted
    if mounted["run"] == root.run:
        del mounted["run"]
    if mounted["tasks"] == root.preparation and not opened.materials.tasks:
        tools = mounted.pop("tasks")
        mounted.setdefault("tools", tools)
    return {"import": root.run, **mounted}


def _cause(events: tuple[Event, ...], position: int) -> int | None:
    """What led directly to an event: its call, its request's last message, or simply
    the event before it.
    """
    event = events[position]
    if isinstance(event, ToolReturned):
        return _last(events, position, (ToolCalled,))
    if isinstance(event, ToolCalled):
        asked = _reply(events, event.reply) or 0
        # A fork between them comes first: the chain leads across it.
        forks = (n for n in range(asked, position) if _forks(events[n]))
        return max(forks, default=asked)
    if isinstance(event, ModelCalled):
        return _last(events, position, (UserMessaged, ToolReturned, AssistantReplied))
    return position - 1 if position else None


def _forks(event: Event) -> bool:
    return isinstance(event, TrajectoryForked)


def _last(
    events: tuple[Event, ...], before: int, kinds: tuple[type[Event], ...]
) -> int | None:
    for position in range(before - 1, -1, -1):
        if isinstance(events[position], (*kinds, TrajectoryForked)):
            return position
    return before - 1 if before else None
