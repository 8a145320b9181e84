"""The rules that every pipeline's dialogues share. Pure.

Each looks at the state and names one step, or nothing. A pipeline lists them in order
(`pipelines/pipeline.py`); what is particular to one stands in its own file.
"""

from __future__ import annotations

from typing import Literal

from eventsim.behaviour.personas import assign_persona, may_be
from eventsim.config import EMBEDDED
from eventsim.core import events as e
from eventsim.core.arguments import argument_error, error_content
from eventsim.core.draws import Draws
from eventsim.core.effects import CallTool, Step
from eventsim.core.faults import draw_fault, replaces
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue, Message
from eventsim.core.tasks import Task
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import digest_of
from eventsim.pipelines.calls import call_model, exhausted
from eventsim.quality.checks import judge as check
from eventsim.roles import assistant, judge, tool, user
from eventsim.roles.chat import request_seed

__all__ = [
    "abandon",
    "assign_task",
    "call",
    "call_tools",
    "close_task",
    "end_unprepared",
    "give_up",
    "introduce",
    "limit",
    "mount",
    "stop_at_end",
    "verdict",
]

_REQUESTS = {
    "user": user.request,
    "assistant": assistant.request,
    "tool": tool.request,
    "judge": judge.request,
}
Speaker = Literal["user", "assistant", "tool", "judge"]
Ending = Literal[
    "turn_limit",
    "step_limit",
    "token_limit",
    "time_limit",
    "context_limit",
    "model_failed",
    "model_rejected",
]


def call(
    state: Dialogue,
    materials: Materials,
    role: Speaker,
    before: tuple[e.Event, ...] = (),
) -> Step:
    """The step that lets a role's model speak; `state` already holds `before`."""
    return call_model(
        role,
        _REQUESTS[role](state, materials),
        materials.config.roles.of(role),
        Draws(state.seed, state.lineage),
        ordinal=state.ordinal(role),
        rejections=state.rejections,
        failures=state.failures,
        last_failure=state.last_failure,
        seed=request_seed(state, role),
        before=before,
    )


# --- beginning and end --------------------------------------------------------------


def stop_at_end(state: Dialogue, _: Materials) -> Step | None:
    """Nothing follows the end."""
    return Step() if state.ended is not None else None


def end_unprepared(_: Dialogue, materials: Materials) -> Step | None:
    """A dialogue whose preparation failed ends at once, and says so."""
    if not materials.unprepared:
        return None
    detail = materials.unprepared
    return Step((e.TrajectoryEnded(reason="not_prepared", detail=detail),))


def abandon(state: Dialogue, materials: Materials) -> Step | None:
    """An open intent on the path: its outcome will never be known here."""
    if state.open_model is not None:
        abandoned = e.ModelAbandoned(
            role=state.open_model.role,
            possibly_billed=state.open_model.provider != EMBEDDED,
        )
        return Step((abandoned,))
    if state.open_tool is not None and not _is_played(state, materials):
        open_tool = state.open_tool
        return Step((e.ToolAbandoned(reply=open_tool.reply, index=open_tool.index),))
    return None


def mount(state: Dialogue, materials: Materials) -> Step | None:
    """What is not mounted yet, or not any more: a fork may begin between any two of
    these, and may stand on something else than its parent.
    """
    source, preparation = materials.source, materials.preparation
    missing: list[e.Event] = []
    there = state.environment
    if there is None or _identity(there) != _identity(source):
        missing.append(
            e.EnvironmentMounted(
                name=source.name,
                image=source.image,
                rows_digest=source.rows_digest,
                sqlite_version=source.sqlite_version,
                external=source.environments_digest,
                preparation=preparation,
            )
        )
    offered = state.toolset
    if offered is None or offered.digests != materials.digests:
        missing.append(
            e.ToolsetMounted(
                names=tuple(tool.name for tool in materials.toolset),
                digests=materials.digests,
                preparation=preparation,
            )
        )
    if state.policy != materials.policy_sha256:
        missing.append(e.PolicySet(sha256=materials.policy_sha256))
    if state.clock != materials.now:
        missing.append(e.ClockSet(now=materials.now))
    return Step(tuple(missing)) if missing else None


def _identity(of: e.EnvironmentMounted | e.Source) -> tuple[str, str, str]:
    beside = of.external if isinstance(of, e.EnvironmentMounted) else None
    digest = of.environments_digest if isinstance(of, e.Source) else beside
    return of.name, of.rows_digest, digest or ""


def introduce(state: Dialogue, materials: Materials) -> Step | None:
    """Who the user is: once a path, and again where a run goes on with others."""
    there, config = state.persona, materials.config
    if there is not None and (there.by or may_be(there, config)):
        return None
    texts = [m.text for m in state.messages if m.speaker == "user"]
    draws = Draws(state.seed, state.lineage)
    return Step((assign_persona(draws, config, said=texts, before=there),))


# --- limits -------------------------------------------------------------------------


def give_up(state: Dialogue, materials: Materials) -> Step | None:
    """Too many tries of one call, or one that no repetition mends."""
    limits = materials.config.limits
    last = state.last_failure
    if exhausted(limits, state.failures, state.rejections, last):
        reason: Ending = "model_rejected" if last is None else "model_failed"
        if last is not None and last.reason == "context_length":
            reason = "context_limit"  # the model's own
        return _end(state, materials, reason, state.last_problem)
    return None


def limit(state: Dialogue, materials: Materials) -> Step | None:
    """A limit of the configuration that the path has reached."""
    limits = materials.config.limits
    begun = state.begun
    if state.turns - begun.turns >= limits.max_turns:
        return _end(state, materials, "turn_limit", f"{limits.max_turns} turns")
    if state.pending and state.steps > limits.max_steps:
        return _end(state, materials, "step_limit", f"{limits.max_steps} steps")
    tokens = state.tokens - begun.tokens
    if limits.max_tokens is not None and tokens >= limits.max_tokens:
        return _end(state, materials, "token_limit", f"{limits.max_tokens} tokens")
    seconds = (state.latency_ms - begun.latency_ms) / 1_000
    if limits.max_seconds is not None and seconds >= limits.max_seconds:
        detail = f"{limits.max_seconds:g} seconds of model calls"
        return _end(state, materials, "time_limit", detail)
    context = limits.max_context_tokens
    if context is not None and state.context_tokens >= context:
        detail = f"{context} tokens of input in one call"
        return _end(state, materials, "context_limit", detail)
    return None


def _end(state: Dialogue, materials: Materials, reason: Ending, detail: str) -> Step:
    ended = e.TrajectoryEnded(reason=reason, detail=detail)
    if state.task is None:
        return Step((ended,))
    task = materials.tasks[state.task.assigned.number - 1]
    if not task.proven and _is_done(state, task):
        return Step((ended,))  # only the judge could say, and it did not
    return Step((verdict(state, materials), ended))


# --- tools --------------------------------------------------------------------------


def call_tools(state: Dialogue, materials: Materials) -> Step | None:
    """The first call that waits: executed, or played by a model. One that was made and
    abandoned, and must not be made twice, gets a result that says so.
    """
    if not state.pending:
        return None
    waiting = state.pending[0]
    tool = materials.called(waiting)
    if state.abandoned_tool is not None and _acts_once(state, materials, tool):
        said = f"{waiting.call.name} was interrupted; what it did is unknown"
        returned = e.ToolReturned(
            reply=waiting.reply,
            index=waiting.index,
            content=error_content("unavailable", said),
            is_error=True,
        )
        return Step((returned,))
    intent = state.open_tool or e.ToolCalled(
        reply=waiting.reply,
        index=waiting.index,
        name=waiting.call.name,
        fault=_fault(state, materials, tool),
    )
    if _is_played(state, materials, intent):
        before = (intent,) if state.open_tool is None else ()
        opened = state._replace(open_tool=intent, length=state.length + len(before))
        return call(opened, materials, "tool", before)
    effect = CallTool(intent, waiting.call, tool, state.tool_calls)
    return Step((intent,), effect)


def _is_played(
    state: Dialogue, materials: Materials, intent: e.ToolCalled | None = None
) -> bool:
    """Whether a model gives the result of the first call that waits. Calls that could
    never reach a tool (unknown, arguments that break its schema) do not reach it.
    """
    intent = intent or state.open_tool
    if not state.pending or intent is None:
        return False
    waiting = state.pending[0].call
    definition = materials.called(state.pending[0])
    if definition is None or replaces(intent.fault):
        return False
    if definition.statement is not None or definition.environment:
        return False
    return argument_error(definition, waiting.arguments) is None


def _acts_once(
    state: Dialogue, materials: Materials, definition: ToolDefinition | None
) -> bool:
    """Whether the abandoned call may have changed what keeps its state by itself, so
    that a second one would do it again.
    """
    assert state.abandoned_tool is not None
    if definition is None or not definition.writes or definition.repeatable:
        return False
    if definition.environment not in materials.source.lasting:
        return False
    if replaces(state.abandoned_tool.fault):
        return False
    return argument_error(definition, state.pending[0].call.arguments) is None


def _fault(
    state: Dialogue, materials: Materials, definition: ToolDefinition | None
) -> str:
    if definition is None:
        return ""
    draws = Draws(state.seed, state.lineage)
    faults = materials.config.faults
    return draw_fault(faults, draws, state.tool_calls, definition)


# --- tasks --------------------------------------------------------------------------


def verdict(state: Dialogue, materials: Materials) -> e.VerdictGiven:
    """The verdict on the open task by its checks alone."""
    assert state.task is not None
    number = state.task.assigned.number
    judgment, findings = check(
        materials.tasks[number - 1],
        state.task.changes,
        state.task.statements,
        state.task.complete,
    )
    return e.VerdictGiven(
        task=number, judgment=judgment, basis="proven", findings=findings
    )


def close_task(state: Dialogue, materials: Materials) -> Step | None:
    """The verdict on a task that is over: by its checks, or by the judge."""
    if state.task is None:
        return None
    task = materials.tasks[state.task.assigned.number - 1]
    if not _is_done(state, task):
        return None
    if task.proven:
        return Step((verdict(state, materials),))
    return call(state, materials, "judge")


def _is_done(state: Dialogue, task: Task) -> bool:
    """Whether the user has ended the task; a question is over once it is answered."""
    assert state.task is not None
    if not task.question:
        return state.task.complete
    last = state.messages[-1] if state.messages else None
    answered = last is not None and last.speaker == "assistant" and not last.calls
    return state.task.user_messages > 0 and answered


def _is_open(last: Message | None) -> bool:
    """Whether what the user asked for last has no answer yet."""
    return last is not None and last.awaits_assistant


def assign_task(state: Dialogue, materials: Materials) -> Step | None:
    """The next task, or the end when there is none."""
    if state.task is not None:
        return None
    number = len(state.verdicts) + 1
    last = state.messages[-1] if state.messages else None
    if number <= len(materials.tasks):
        inferred = number == materials.inferred
        if last is not None and last.awaits_assistant and not inferred:
            return None  # the thanks for the task before are answered first
        task = materials.tasks[number - 1]
        assigned = e.TaskAssigned(
            number=number,
            title=task.title,
            digest=digest_of(task),
            begun=int(inferred and _is_open(last)),
            preparation=materials.preparation,
        )
        return Step((assigned,))
    if last is None or not last.awaits_assistant or last.closing:
        return Step((e.TrajectoryEnded(reason="completed"),))
    return None
