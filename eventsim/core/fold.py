"""`evolve(state, event) -> state`: the one place where events become state. Pure.

Replay, resume, forks and every projection rest on it, so it never looks at anything
but its two arguments. An event that cannot follow the state is a broken path.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never, cast

from eventsim.core import events as e
from eventsim.core.state import Dialogue, Message, OpenTask, PendingCall
from eventsim.errors import LogError

__all__ = ["evolve", "fold"]


def fold(events: Iterable[e.Event], state: Dialogue | None = None) -> Dialogue:
    """The state after all events, from the beginning or from `state`."""
    folded = Dialogue() if state is None else state
    for event in events:
        folded = evolve(folded, event)
    return folded


def evolve(state: Dialogue, event: e.Event) -> Dialogue:
    """The state after one more event. Raises: LogError on a path that cannot be."""
    changed = _apply(state, cast("e.DialogueEvent", event))
    return changed._replace(length=state.length + 1)


def _apply(state: Dialogue, event: e.DialogueEvent) -> Dialogue:
    match event:
        case e.TrajectoryStarted():
            return state._replace(
                root=event,
                label=event.label,
                seed=event.seed,
                lineage=event.lineage,
            )
        case e.TrajectoryForked():
            return state._replace(
                label=event.label,
                seed=event.seed,
                lineage=event.lineage,
                failures=0,
                last_failure=None,
                rejected=(),
                ended=None,
            )
        case e.TrajectoryEnded():
            return state._replace(ended=event, rejected=())
        case e.EnvironmentMounted():
            return state._replace(environment=event)
        case e.ToolsetMounted():
            return state._replace(toolset=event)
        case e.PolicySet():
            return state._replace(policy=event.sha256)
        case e.PersonaAssigned():
            return state._replace(persona=event)
        case e.ClockSet():
            return state._replace(clock=event.now)
        case e.TaskAssigned():
            return state._replace(task=OpenTask(event, state.length))
        case e.VerdictGiven():
            return _answered(state, event.answer)._replace(
                verdicts=(*state.verdicts, event), task=None
            )
        case e.BehaviourDrawn():
            return state._replace(behaviours=(*state.behaviours, event))
        case e.ModelCalled() | e.ModelFailed() | e.ModelRejected() | e.ModelAbandoned():
            return _model(state, event)
        case e.UserMessaged():
            return _user(state, event)
        case e.AssistantReplied():
            return _assistant(state, event)
        case e.ToolCalled() | e.ToolReturned() | e.ToolAbandoned():
            return _tool(state, event)
        case _:
            assert_never(event)


def _model(
    state: Dialogue,
    event: e.ModelCalled | e.ModelFailed | e.ModelRejected | e.ModelAbandoned,
) -> Dialogue:
    match event:
        case e.ModelCalled():
            return state._replace(open_model=event)
        case e.ModelFailed():
            spent = _spend(state, event.usage, event.latency_ms)
            return spent._replace(
                open_model=None,
                failures=state.failures + 1,
                last_failure=event,
                last_problem=f"{event.reason}: {event.detail}",
            )
        case e.ModelRejected():
            spent = _spend(state, event.answer.usage, event.answer.latency_ms)
            return spent._replace(
                open_model=None,
                failures=0,
                last_failure=None,
                rejected=(*state.rejected, (event.raw, event.reason)),
                last_problem=event.reason,
            )
        case e.ModelAbandoned():
            return state._replace(open_model=None)


def _spend(state: Dialogue, usage: e.Usage, latency_ms: int) -> Dialogue:
    tokens = usage.input_tokens + usage.output_tokens
    return state._replace(
        tokens=state.tokens + tokens,
        cost_usd=state.cost_usd + (usage.cost_usd or 0.0),
        latency_ms=state.latency_ms + latency_ms,
        context_tokens=usage.input_tokens or state.context_tokens,
    )


def _answered(state: Dialogue, answer: e.Answer | None) -> Dialogue:
    """The state after a model call that brought what was wanted."""
    if answer is None:
        return state
    return _spend(state, answer.usage, answer.latency_ms)._replace(
        open_model=None, failures=0, last_failure=None, rejected=()
    )


def _user(state: Dialogue, event: e.UserMessaged) -> Dialogue:
    state = _answered(state, event.answer)
    task = state.task
    if task is not None:
        task = replace(
            task,
            user_messages=task.user_messages + 1,
            complete=task.complete or event.is_task_complete,
        )
    message = Message(
        state.length,
        "user",
        event.text,
        closing=event.is_task_complete and not event.given,
    )
    simulated = not (event.given or event.asked)
    return state._replace(
        messages=(*state.messages, message),
        task=task,
        behaviours=(),
        user_calls=state.user_calls + simulated,
        steps=0,
        turns=state.turns + 1,
    )


def _assistant(state: Dialogue, event: e.AssistantReplied) -> Dialogue:
    state = _answered(state, event.answer)
    task = state.task
    if task is not None and event.text:
        task = replace(task, statements=(*task.statements, event.text))
    pending = tuple(
        PendingCall(state.assistant_calls, index, call)
        for index, call in enumerate(event.calls)
    )
    message = Message(
        state.length,
        "assistant",
        event.text,
        event.calls,
        reasoning=event.reasoning,
    )
    return state._replace(
        messages=(*state.messages, message),
        task=task,
        pending=pending,
        assistant_calls=state.assistant_calls + 1,
        steps=state.steps + bool(event.calls),
        turns=state.turns + bool(event.text),
    )


def _tool(
    state: Dialogue, event: e.ToolCalled | e.ToolReturned | e.ToolAbandoned
) -> Dialogue:
    match event:
        case e.ToolCalled():
            return state._replace(open_tool=event)
        case e.ToolAbandoned():
            return state._replace(open_tool=None)
        case e.ToolReturned():
            return _returned(state, event)


def _returned(state: Dialogue, event: e.ToolReturned) -> Dialogue:
    if not state.pending or state.pending[0].index != event.index:
        raise LogError(
            f"position {state.length}: a tool result that no call is waiting for"
        )
    state = _answered(state, event.answer)
    answered, *waiting = state.pending
    task = state.task
    if task is not None and event.changes:
        task = replace(task, changes=(*task.changes, *event.changes))
    message = Message(state.length, "tool", event.content, call=answered.call)
    return state._replace(
        messages=(*state.messages, message),
        task=task,
        pending=tuple(waiting),
        open_tool=None,
        turns=state.turns + 2,
        tool_calls=state.tool_calls + 1,
    )
