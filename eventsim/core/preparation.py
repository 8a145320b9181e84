"""What a preparation is at a position, and how its events become that. Pure.

Preparations are folded and decided like dialogues: the same loop runs them, so they
are resumed, replayed and audited in the same way. Everything here is derived.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, assert_never, cast

from eventsim.core import events as e
from eventsim.core.tasks import SolutionCall, Task
from eventsim.core.tools import ToolDefinition

__all__ = ["Preparation", "evolve_preparation", "fold_preparation"]


class Preparation(NamedTuple):
    """The state of a preparation stream of `length` events.

    `tools` are those that stand: defined, not rejected, with the output predicted for
    them. `settled` are those whose output the stage at hand predicted or which it
    rejected, in that order. `solutions` are the hidden ones of `tasks`. `answers` are
    those of the stage at hand; what each means was recorded with it. `calls` counts
    answered model calls of the stream; of the call at hand, `rejected` are the answers
    that could not be used, `failures` the tries since then that brought none.
    """

    length: int = 0
    started: e.PreparationStarted | None = None
    questions: tuple[str, ...] = ()
    tools: tuple[ToolDefinition, ...] = ()
    predicted: frozenset[str] = frozenset()
    settled: tuple[ToolDefinition, ...] = ()
    rejected_tools: tuple[e.ToolRejected, ...] = ()
    policy: str = ""
    tasks: tuple[Task, ...] = ()
    solutions: tuple[tuple[SolutionCall, ...], ...] = ()
    rejected_tasks: tuple[e.TaskRejected, ...] = ()
    misses: int = 0
    ended_stages: tuple[str, ...] = ()
    answers: tuple[e.ModelAnswered, ...] = ()
    open_model: e.ModelCalled | None = None
    last_failure: e.ModelFailed | None = None
    calls: int = 0
    failures: int = 0
    rejected: tuple[tuple[str, str], ...] = ()
    last_problem: str = ""
    ended: e.PreparationEnded | None = None

    @property
    def stage(self) -> str:
        """The name of the stage at hand; "" when none is left."""
        assert self.started is not None
        for name in self.started.stages:
            if name not in self.ended_stages:
                return name
        return ""


def fold_preparation(
    events: Iterable[e.Event], state: Preparation | None = None
) -> Preparation:
    """The state after all events, from the beginning or from `state`."""
    folded = Preparation() if state is None else state
    for event in events:
        folded = evolve_preparation(folded, event)
    return folded


def evolve_preparation(state: Preparation, event: e.Event) -> Preparation:
    """The state after one more event."""
    changed = _apply(state, cast("e.PreparationEvent", event))
    return changed._replace(length=state.length + 1)


def _apply(state: Preparation, event: e.PreparationEvent) -> Preparation:
    match event:
        case e.PreparationStarted():
            return state._replace(started=event, policy=event.policy)
        case e.PreparationEnded():
            return state._replace(ended=event)
        case e.StageEnded():
            return state._replace(
                ended_stages=(*state.ended_stages, event.stage), answers=(), settled=()
            )
        case e.ModelCalled():
            return state._replace(open_model=event)
        case e.ModelAnswered():
            return state._replace(
                answers=(*state.answers, event),
                open_model=None,
                last_failure=None,
                calls=state.calls + 1,
                failures=0,
                rejected=(),
            )
        case e.ModelFailed():
            return state._replace(
                open_model=None,
                last_failure=event,
                failures=state.failures + 1,
                last_problem=f"{event.reason}: {event.detail}",
            )
        case e.ModelRejected():
            return state._replace(
                open_model=None,
                last_failure=None,
                failures=0,
                rejected=(*state.rejected, (event.raw, event.reason)),
                last_problem=event.reason,
            )
        case e.ModelAbandoned():
            return state._replace(open_model=None)
        case _:
            return _derived(state, event)


def _derived(
    state: Preparation,
    event: e.QuestionsGenerated
    | e.ToolDefined
    | e.ToolOutputPredicted
    | e.ToolRejected
    | e.PolicyWritten
    | e.TaskCreated
    | e.TaskRejected,
) -> Preparation:
    match event:
        case e.QuestionsGenerated():
            return state._replace(questions=(*state.questions, *event.questions))
        case e.ToolDefined():
            return state._replace(tools=(*state.tools, event.tool))
        case e.ToolOutputPredicted():
            return state._replace(
                tools=tuple(
                    tool.model_copy(update={"returns": event.returns})
                    if tool.name == event.name
                    else tool
                    for tool in state.tools
                ),
                predicted=state.predicted | {event.name},
                settled=(*state.settled, *_named(state, event.name)),
            )
        case e.ToolRejected():
            return state._replace(
                tools=tuple(tool for tool in state.tools if tool.name != event.name),
                rejected_tools=(*state.rejected_tools, event),
                settled=(*state.settled, *_named(state, event.name)),
            )
        case e.PolicyWritten():
            return state._replace(policy=event.text)
        case e.TaskCreated():
            witness = event.witness
            solution = witness.solution if witness is not None else ()
            return state._replace(
                tasks=(*state.tasks, event.task),
                solutions=(*state.solutions, solution),
                misses=0,
            )
        case e.TaskRejected():
            return state._replace(
                rejected_tasks=(*state.rejected_tasks, event), misses=state.misses + 1
            )
        case _:
            assert_never(event)


def _named(state: Preparation, name: str) -> tuple[ToolDefinition, ...]:
    return tuple(tool for tool in state.tools if tool.name == name)
