"""The user-oriented pipeline with executed tools: what happens next. Pure.

`decide` looks at the state and names one step; rules are tried in order and the first
that has something to say wins. Source: PAPER.md, section 4.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from eventsim.behaviour.draw import draw_rules
from eventsim.behaviour.personas import PERSONAS
from eventsim.behaviour.rule import View
from eventsim.core import events as e
from eventsim.core.draws import Draws
from eventsim.core.effects import CallModel, CallTool, Step
from eventsim.core.fold import fold
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue
from eventsim.core.values import digest_of, sha256_hex
from eventsim.quality.checks import judge
from eventsim.roles import assistant, user
from eventsim.roles.chat import request_seed

__all__ = ["NAME", "decide"]

NAME = "user-oriented+execution"
"""Recorded in `trajectory.started`."""


def decide(state: Dialogue, materials: Materials) -> Step:
    """The next step of the path; a step that is `done` when it has ended."""
    for rule in _RULES:
        step = rule(state, materials)
        if step is not None:
            return step
    raise AssertionError("no rule knows what comes next")


def _stop_at_end(state: Dialogue, _: Materials) -> Step | None:
    return Step() if state.ended is not None else None


def _abandon(state: Dialogue, _: Materials) -> Step | None:
    """An open intent on the path: its outcome will never be known here."""
    if state.open_model is not None:
        abandoned = e.ModelAbandoned(
            role=state.open_model.role,
            possibly_billed=state.open_model.provider != "rule-based",
        )
        return Step((abandoned,))
    if state.open_tool is not None:
        open_tool = state.open_tool
        return Step((e.ToolAbandoned(reply=open_tool.reply, index=open_tool.index),))
    return None


def _mount(state: Dialogue, materials: Materials) -> Step | None:
    """What is not mounted yet: a fork may begin between any two of these."""
    source, preparation = materials.source, materials.preparation
    missing: list[e.Event] = []
    if state.environment is None:
        missing.append(
            e.EnvironmentMounted(
                name=source.name,
                image=source.image,
                rows_digest=source.rows_digest,
                sqlite_version=source.sqlite_version,
                preparation=preparation,
            )
        )
    if state.toolset is None:
        missing.append(
            e.ToolsetMounted(
                names=tuple(tool.name for tool in materials.toolset),
                digests=tuple(tool.digest for tool in materials.toolset),
                preparation=preparation,
            )
        )
    if state.policy is None:
        digest = sha256_hex(materials.policy.encode())
        missing.append(e.PolicySet(sha256=digest))
    if state.clock is None:
        missing.append(e.ClockSet(now=materials.now))
    if state.persona is None:
        name = Draws(state.seed, state.lineage).choice(sorted(PERSONAS), "persona")
        described = PERSONAS[name].description
        missing.append(e.PersonaAssigned(name=name, description=described))
    return Step(tuple(missing)) if missing else None


def _give_up(state: Dialogue, materials: Materials) -> Step | None:
    limits = materials.config.limits
    if state.failures + state.rejections >= limits.attempts:
        reason: Literal["model_failed", "model_rejected"] = (
            "model_failed" if state.failures else "model_rejected"
        )
        return _end(state, materials, reason, state.last_problem)
    return None


def _limit(state: Dialogue, materials: Materials) -> Step | None:
    limits = materials.config.limits
    if state.turns >= limits.max_turns:
        return _end(state, materials, "turn_limit", f"{limits.max_turns} turns")
    if state.pending and state.steps > limits.max_steps:
        return _end(state, materials, "step_limit", f"{limits.max_steps} steps")
    return None


def _end(
    state: Dialogue,
    materials: Materials,
    reason: Literal["turn_limit", "step_limit", "model_failed", "model_rejected"],
    detail: str,
) -> Step:
    ended = e.TrajectoryEnded(reason=reason, detail=detail)
    if state.task is None:
        return Step((ended,))
    return Step((_verdict(state, materials), ended))


def _call_tools(state: Dialogue, materials: Materials) -> Step | None:
    if not state.pending:
        return None
    waiting = state.pending[0]
    tool = materials.tool_by_name.get(waiting.call.name)
    intent = e.ToolCalled(
        reply=waiting.reply,
        index=waiting.index,
        name=waiting.call.name,
        tool=tool.digest if tool is not None else None,
    )
    effect = CallTool(intent, waiting.call, tool, state.tool_calls)
    return Step((intent,), effect)


def _close_task(state: Dialogue, materials: Materials) -> Step | None:
    if state.task is None or not state.task.complete:
        return None
    return Step((_verdict(state, materials),))


def _verdict(state: Dialogue, materials: Materials) -> e.VerdictGiven:
    assert state.task is not None
    number = state.task.assigned.number
    judgment, findings = judge(
        materials.tasks[number - 1],
        state.task.changes,
        state.task.statements,
        state.task.complete,
    )
    return e.VerdictGiven(
        task=number, judgment=judgment, basis="proven", findings=findings
    )


def _assign_task(state: Dialogue, materials: Materials) -> Step | None:
    if state.task is not None:
        return None
    number = len(state.verdicts) + 1
    last = state.messages[-1] if state.messages else None
    if number <= len(materials.tasks):
        if last is not None and last.speaker != "assistant":
            return None  # the thanks for the task before are answered first
        task = materials.tasks[number - 1]
        assigned = e.TaskAssigned(
            number=number,
            title=task.title,
            digest=digest_of(task),
            preparation=materials.preparation,
        )
        return Step((assigned,))
    if last is None or last.speaker == "assistant" or last.closing:
        return Step((e.TrajectoryEnded(reason="completed"),))
    return None


def _speak(state: Dialogue, materials: Materials) -> Step | None:
    last = state.messages[-1].speaker if state.messages else "assistant"
    if last == "assistant":
        return _let_user_speak(state, materials)
    return _call_model(state, materials, "assistant", ())


def _let_user_speak(state: Dialogue, materials: Materials) -> Step:
    assert state.task is not None
    assert state.persona is not None
    task = materials.tasks[state.task.assigned.number - 1]
    last = state.messages[-1].text if state.messages else ""
    view = View(
        task=state.task.assigned.number,
        message=state.task.user_messages,
        objectives=len(task.objectives),
        persona=state.persona.name,
        question_open=last.rstrip().endswith("?"),
    )
    drawn = draw_rules(
        view,
        Draws(state.seed, state.lineage),
        state.user_calls,
        materials.config.behaviours,
    )
    events = _not_recorded(
        state.behaviours,
        tuple(
            e.BehaviourDrawn(rule=rule, instruction=instruction)
            for rule, instruction in drawn
        ),
    )
    return _call_model(fold(events, state), materials, "user", events)


def _not_recorded(
    recorded: tuple[e.BehaviourDrawn, ...], drawn: tuple[e.BehaviourDrawn, ...]
) -> tuple[e.BehaviourDrawn, ...]:
    """What is left of a draw that the path holds a beginning of. What a fork inherited
    from its parent's lineage stands as it is.
    """
    known = len(recorded)
    return drawn[known:] if drawn[:known] == recorded else ()


def _call_model(
    state: Dialogue,
    materials: Materials,
    role: Literal["user", "assistant"],
    before: tuple[e.Event, ...],
) -> Step:
    choice = materials.config.roles.of(role)
    if role == "user":
        body = user.request(state, materials)
        ordinal = state.user_calls
    else:
        body = assistant.request(state, materials)
        ordinal = state.assistant_calls
    attempt = state.failures + state.rejections
    key = f"{state.seed} {state.lineage} {role} {ordinal} {attempt}"
    intent = e.ModelCalled(
        role=role,
        provider=choice.endpoint,
        model=choice.model,
        request_sha256=sha256_hex(body),
        ordinal=ordinal,
        attempt=attempt,
        seed=request_seed(state, role),
        params=choice.params,
        idempotency_key=sha256_hex(key.encode())[:32],
    )
    return Step((*before, intent), CallModel(intent, body))


_RULES: tuple[Callable[[Dialogue, Materials], Step | None], ...] = (
    _stop_at_end,
    _abandon,
    _mount,
    _give_up,
    _close_task,
    _limit,
    _call_tools,
    _assign_task,
    _speak,
)
