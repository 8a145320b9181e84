"""The user-oriented pipelines: a simulated user reveals the goal step by step. Pure.

With execution, tools are statements on a real database; without, a model plays them.
Source: PAPER.md, section 4.
"""

from __future__ import annotations

from eventsim.behaviour.draw import draw_rules
from eventsim.behaviour.rule import View
from eventsim.core import events as e
from eventsim.core.draws import Draws
from eventsim.core.effects import Step
from eventsim.core.fold import fold
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue
from eventsim.pipelines import rules
from eventsim.pipelines.pipeline import Pipeline
from eventsim.pipelines.rules import call

__all__ = ["EXECUTED", "SIMULATED"]


def _speak(state: Dialogue, materials: Materials) -> Step | None:
    if state.messages and state.messages[-1].awaits_assistant:
        return call(state, materials, "assistant")
    return _let_user_speak(state, materials)


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
        previous=tuple(drawn.rule for drawn in state.spoke_under),
        declines=any(fact.refusal for fact in task.checks.facts),
    )
    drawn = draw_rules(
        view,
        Draws(state.seed, state.lineage),
        state.user_calls,
        materials.config.behaviours,
        materials.rules,
    )
    # What the path holds stands, a fork's inheritance from its parent's lineage too.
    events: tuple[e.BehaviourDrawn, ...] = ()
    if drawn and not state.behaviours:
        rules = [e.Behaviour(rule=rule, instruction=words) for rule, words in drawn]
        events = (e.BehaviourDrawn(rules=tuple(rules)),)
    return call(fold(events, state), materials, "user", events)


_RULES = (
    rules.stop_at_end,
    rules.end_unprepared,
    rules.abandon,
    rules.mount,
    rules.introduce,
    rules.give_up,
    rules.close_task,
    rules.limit,
    rules.call_tools,
    rules.assign_task,
    _speak,
)

EXECUTED = Pipeline(
    name="user-oriented+execution",
    executes=True,
    simulates_user=True,
    question_stages=(),
    tool_stages=("sql_tools",),
    task_stages=("policy", "descriptive_tasks"),
    rules=_RULES,
)
SIMULATED = Pipeline(
    name="user-oriented",
    executes=False,
    simulates_user=True,
    question_stages=("questions",),
    tool_stages=("tool_specifications", "expansion", "output_schemas"),
    task_stages=("policy", "descriptive_tasks"),
    rules=_RULES,
)
