"""What a preparation does next: its stages in order, each until it has nothing to ask.

The same shape as a dialogue's decisions: rules in order, the first with something to
say wins. Pure. Source: PAPER.md, stages 1 to 3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from eventsim.config import EMBEDDED, EndpointProfile
from eventsim.core import events as e
from eventsim.core.effects import Step
from eventsim.core.preparation import Preparation, evolve_preparation
from eventsim.pipelines.calls import call_model, exhausted
from eventsim.pipelines.stage import Ask, Input, Stage, Workbench
from eventsim.roles.chat import (
    encode_request,
    escaped,
    given_back,
    merge_lines,
    read_choice,
)
from eventsim.roles.parsing import read_json

__all__ = ["StageMaterials", "decide_preparation", "derive", "read_answer"]


@dataclass(frozen=True)
class StageMaterials:
    """What a preparation works with: the stages' input, and the stages by name."""

    given: Input
    stages: Mapping[str, Stage]


def decide_preparation(state: Preparation, materials: StageMaterials) -> Step:
    """The next step of the stream; a step that is `done` when it has ended."""
    for rule in _RULES:
        step = rule(state, materials)
        if step is not None:
            return step
    raise AssertionError("no rule knows what comes next")


def _stop_at_end(state: Preparation, _: StageMaterials) -> Step | None:
    return Step() if state.ended is not None else None


def _abandon(state: Preparation, _: StageMaterials) -> Step | None:
    if state.open_model is None:
        return None
    abandoned = e.ModelAbandoned(
        role=state.open_model.role,
        possibly_billed=state.open_model.provider != EMBEDDED,
    )
    return Step((abandoned,))


def _give_up(state: Preparation, materials: StageMaterials) -> Step | None:
    limits = materials.given.config.limits
    failures, last = state.failures, state.last_failure
    if not exhausted(limits, failures, len(state.rejected), last):
        return None
    reason: Literal["model_failed", "model_rejected"] = (
        "model_failed" if last is not None else "model_rejected"
    )
    detail = f"{state.stage}: {state.last_problem}"
    return Step((e.PreparationEnded(reason=reason, detail=detail),))


def _finish(state: Preparation, _: StageMaterials) -> Step | None:
    if state.stage:
        return None
    assert state.started is not None
    made = {
        "questions": state.questions,
        "tools": state.tools,
        "tasks": state.tasks,
    }[state.started.purpose]
    if made:
        return Step((e.PreparationEnded(),))
    detail = f"no {state.started.purpose} came of it{_last_rejection(state)}"
    return Step((e.PreparationEnded(reason="nothing_usable", detail=detail),))


def _last_rejection(state: Preparation) -> str:
    rejected = state.rejected_tasks or state.rejected_tools
    return f"; the last was rejected: {rejected[-1].reason}" if rejected else ""


def _ask(state: Preparation, materials: StageMaterials) -> Step | None:
    stage, given = materials.stages[state.stage], materials.given
    asked = stage.ask(state, given)
    if asked is None:
        return Step((e.StageEnded(stage=state.stage),))
    choice = given.config.roles.of(stage.role)
    profile = given.profiles.get((choice.endpoint, choice.model), _USUAL)
    seed = given.draws.integer(f"model.{stage.role}.{len(state.rejected)}", state.calls)
    return call_model(
        stage.role,
        encode_request(
            choice,
            profile,
            _messages(asked, state),
            seed=seed,
            answer=(asked.name, asked.schema),
        ),
        choice,
        given.draws,
        ordinal=state.calls,
        rejections=len(state.rejected),
        failures=state.failures,
        last_failure=state.last_failure,
        seed=seed,
        stage=state.stage,
    )


_USUAL = EndpointProfile()


def _messages(asked: Ask, state: Preparation) -> list[bytes]:
    """The conversation, and what was wrong with the last answer to it."""
    lines = [("system", escaped(asked.system))]
    lines += [(role, escaped(text)) for role, text in asked.turns]
    return merge_lines([*lines, *given_back(state.rejected)])


# --- answers ------------------------------------------------------------------------


def read_answer(
    response: bytes, stage: Stage, state: Preparation, materials: StageMaterials
) -> e.ModelAnswered | e.ModelRejected:
    """The answer in a response, or why it cannot be used."""
    choice = read_choice(response)
    value, repair, problem = None, "", choice.problem
    if not problem:
        value, repair, problem = read_json(choice.text)
    problem = problem or stage.check(value, state, materials.given)
    if problem:
        return e.ModelRejected(
            role=stage.role,
            stage=stage.name,
            reason=problem,
            raw=choice.raw,
            answer=choice.answer,
        )
    kept = None if choice.content == choice.text else choice.content
    update = {"raw": kept, "repair": repair}
    return e.ModelAnswered(
        role=stage.role,
        stage=stage.name,
        text=choice.text,
        reasoning=choice.reasoning,
        answer=choice.answer.model_copy(update=update),
    )


def derive(
    answered: e.ModelAnswered,
    stage: Stage,
    state: Preparation,
    materials: StageMaterials,
    bench: Workbench | None,
) -> tuple[e.Event, ...]:
    """What an answer means; `state` is the one before it."""
    value = read_json(answered.text).value
    after = evolve_preparation(state, answered)
    return stage.derive(value, after, materials.given, bench)


_RULES: tuple[Callable[[Preparation, StageMaterials], Step | None], ...] = (
    _stop_at_end,
    _abandon,
    _give_up,
    _finish,
    _ask,
)
