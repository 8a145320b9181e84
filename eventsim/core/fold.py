"""`evolve(state, event) -> state`: the one place where events become state. Pure.

Replay, resume, forks and every projection rest on it, so it never looks at anything
but its two arguments. An event that cannot follow the state is a broken path.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, assert_never, cast

from eventsim.core import events as e
from eventsim.core.state import Begun, Dialogue, Footing, Message, OpenTask, PendingCall
from eventsim.core.tools import Requestor
from eventsim.errors import LogError

__all__ = ["States", "evolve", "fold"]

_EVERY = 16

_Changes = dict[str, Any]
_Frame = (
    e.TrajectoryStarted
    | e.TrajectoryImported
    | e.TrajectoryForked
    | e.TrajectoryEnded
    | e.EnvironmentMounted
    | e.ToolsetMounted
    | e.PolicySet
    | e.PersonaAssigned
    | e.ClockSet
)


def fold(events: Iterable[e.Event], state: Dialogue | None = None) -> Dialogue:
    """The state after all events, from the beginning or from `state`."""
    folded = Dialogue() if state is None else state
    for event in events:
        folded = evolve(folded, event)
    return folded


class States:
    """The states along a path, at any position: folded once as far as is asked for, and
    remembered every few positions.
    """

    def __init__(self, events: Sequence[e.Event]) -> None:
        self._events = events
        self._kept = [Dialogue()]

    def at(self, position: int) -> Dialogue:
        """After the event at `position`; -1 is before the first. Raises: IndexError,
        LogError on a path that cannot be.
        """
        length = position + 1
        if not 0 <= length <= len(self._events):
            raise IndexError(position)
        while len(self._kept) <= length // _EVERY:
            start = (len(self._kept) - 1) * _EVERY
            part = self._events[start : start + _EVERY]
            self._kept.append(fold(part, self._kept[-1]))
        start = length // _EVERY
        return fold(self._events[start * _EVERY : length], self._kept[start])


def evolve(state: Dialogue, event: e.Event) -> Dialogue:
    """The state after one more event. Raises: LogError on a path that cannot be."""
    changed = _changes(state, cast("e.DialogueEvent", event))
    return state._replace(length=state.length + 1, **changed)


def _changes(state: Dialogue, event: e.DialogueEvent) -> _Changes:
    """The fields that change, together: every replacement makes a whole new state."""
    match event:
        case e.ModelCalled():
            return {"open_model": event}
        case e.AssistantReplied():
            return _assistant(state, event)
        case e.ToolCalled():
            return {"open_tool": event, "abandoned_tool": None}
        case e.ToolReturned():
            return _returned(state, event)
        case e.BehaviourDrawn():
            return {"behaviours": (*state.behaviours, *event.rules)}
        case e.UserMessaged():
            return _user(state, event)
        case e.ToolAbandoned():
            return {"open_tool": None, "abandoned_tool": state.open_tool}
        case e.ModelFailed() | e.ModelRejected() | e.ModelAbandoned():
            return _unanswered(state, event)
        case e.VerdictGiven():
            verdicts = (*state.verdicts, event)
            return {
                **_answered(state, event.answer),
                "verdicts": verdicts,
                "task": None,
            }
        case e.TaskAssigned():
            opened = OpenTask(event, state.length, user_messages=event.begun)
            return {"task": opened, "spoke_under": ()}
        case _:
            return _frame(state, event)


def _frame(state: Dialogue, event: _Frame) -> _Changes:
    """Where the path begins and ends, and what it works with."""
    match event:
        case e.TrajectoryStarted() | e.TrajectoryImported():
            footing = Footing(event.run, event.preparation, event.pipeline)
            return {"root": event, "footing": footing, **_identity(event)}
        case e.TrajectoryForked():
            again: _Changes = {"failures": 0, "last_failure": None, "rejected": ()}
            again["ended"] = None
            if event.index is not None:
                spent = Begun(state.turns, state.tokens, state.latency_ms)
                again["begun"] = spent
            return {**_identity(event), **again, "footing": _moved(state, event)}
        case e.TrajectoryEnded():
            return {"ended": event, "rejected": ()}
        case e.EnvironmentMounted():
            return {"environment": event}
        case e.ToolsetMounted():
            return {"toolset": event}
        case e.PolicySet():
            return {"policy": event.sha256}
        case e.PersonaAssigned():
            return {"persona": event}
        case e.ClockSet():
            return {"clock": event.now}
        case _:
            assert_never(event)


def _identity(
    event: e.TrajectoryStarted | e.TrajectoryImported | e.TrajectoryForked,
) -> _Changes:
    return {
        "label": event.label,
        "number": event.index,
        "seed": event.seed,
        "lineage": event.lineage,
    }


def _moved(state: Dialogue, fork: e.TrajectoryForked) -> Footing | None:
    """What a fork stands on: what it does not name is its parent's."""
    old = state.footing
    if old is None:
        return None
    return Footing(
        fork.run or old.run,
        fork.preparation or old.preparation,
        fork.pipeline or old.pipeline,
    )


def _unanswered(
    state: Dialogue, event: e.ModelFailed | e.ModelRejected | e.ModelAbandoned
) -> _Changes:
    match event:
        case e.ModelFailed():
            return {
                **_spent(state, event.usage, event.latency_ms),
                "open_model": None,
                "failures": state.failures + 1,
                "last_failure": event,
                "last_problem": f"{event.reason}: {event.detail}",
            }
        case e.ModelRejected():
            return {
                **_spent(state, event.answer.usage, event.answer.latency_ms),
                "open_model": None,
                "failures": 0,
                "last_failure": None,
                "rejected": (*state.rejected, (event.raw, event.reason)),
                "last_problem": event.reason,
            }
        case e.ModelAbandoned():
            return {"open_model": None}


def _spent(state: Dialogue, usage: e.Usage, latency_ms: int) -> _Changes:
    tokens = usage.input_tokens + usage.output_tokens
    return {
        "tokens": state.tokens + tokens,
        "cost_usd": state.cost_usd + (usage.cost_usd or 0.0),
        "latency_ms": state.latency_ms + latency_ms,
        "context_tokens": usage.input_tokens or state.context_tokens,
    }


def _answered(state: Dialogue, answer: e.Answer | None) -> _Changes:
    """What a model call that brought what was wanted changes."""
    if answer is None:
        return {}
    changed = _spent(state, answer.usage, answer.latency_ms)
    changed.update(open_model=None, failures=0, last_failure=None, rejected=())
    return changed


def _user(state: Dialogue, event: e.UserMessaged) -> _Changes:
    task = state.task
    if task is not None and not event.calls:
        task = replace(
            task,
            user_messages=task.user_messages + 1,
            complete=task.complete or event.is_task_complete,
        )
    message = Message(
        state.length,
        "user",
        event.text,
        event.calls,
        closing=event.is_task_complete and not event.given,
    )
    simulated = not (event.given or event.asked)
    changed: _Changes = {
        **_answered(state, event.answer),
        "messages": (*state.messages, message),
        "task": task,
        "user_calls": state.user_calls + simulated,
    }
    if event.calls:
        acts = bool(state.messages) and state.messages[-1].is_private
        return {
            **changed,
            "pending": _pending(state, event.calls, "user"),
            "replies": state.replies + 1,
            "steps": state.steps + 1 if acts else 1,
            "turns": state.turns + bool(event.text),
        }
    return {
        **changed,
        "behaviours": (),
        "spoke_under": state.behaviours,
        "steps": 0,
        "turns": state.turns + 1,
    }


def _pending(
    state: Dialogue, calls: Sequence[e.ToolCall], requestor: Requestor
) -> tuple[PendingCall, ...]:
    return tuple(
        PendingCall(state.replies, index, call, requestor)
        for index, call in enumerate(calls)
    )


def _assistant(state: Dialogue, event: e.AssistantReplied) -> _Changes:
    task = state.task
    if task is not None and event.text:
        task = replace(task, statements=(*task.statements, event.text))
    message = Message(
        state.length,
        "assistant",
        event.text,
        event.calls,
        reasoning=event.reasoning,
    )
    return {
        **_answered(state, event.answer),
        "messages": (*state.messages, message),
        "task": task,
        "pending": _pending(state, event.calls, "assistant"),
        "assistant_calls": state.assistant_calls + 1,
        "replies": state.replies + 1,
        "steps": state.steps + bool(event.calls),
        "turns": state.turns + bool(event.text),
    }


def _returned(state: Dialogue, event: e.ToolReturned) -> _Changes:
    if not state.pending or state.pending[0].index != event.index:
        raise LogError(
            f"position {state.length}: a tool result that no call is waiting for"
        )
    answered, *waiting = state.pending
    task = state.task
    if task is not None and event.changes:
        task = replace(task, changes=(*task.changes, *event.changes))
    message = Message(
        state.length,
        "tool",
        event.content,
        call=answered.call,
        requestor=answered.requestor,
    )
    return {
        **_answered(state, event.answer),
        "messages": (*state.messages, message),
        "task": task,
        "pending": tuple(waiting),
        "open_tool": None,
        "abandoned_tool": None,
        "turns": state.turns + 2,
        "tool_calls": state.tool_calls + 1,
    }
