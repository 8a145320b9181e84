"""The task-oriented pipeline: the questions themselves are the user's messages. Pure.

One after another they are put to the assistant as they stand; a model plays the tools
and a judge compares each answer with the rubric. Source: PAPER.md, sections 3 to 5.
"""

from __future__ import annotations

from eventsim.core import events as e
from eventsim.core.effects import Step
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue
from eventsim.pipelines import rules
from eventsim.pipelines.pipeline import Pipeline

__all__ = ["PIPELINE"]


def _speak(state: Dialogue, materials: Materials) -> Step | None:
    if state.messages and state.messages[-1].awaits_assistant:
        return rules.call(state, materials, "assistant")
    assert state.task is not None
    if state.task.user_messages == 0:
        task = materials.tasks[state.task.assigned.number - 1]
        return Step((e.UserMessaged(text=task.question, asked=True),))
    return rules.call(state, materials, "assistant")


PIPELINE = Pipeline(
    name="task-oriented",
    executes=False,
    simulates_user=False,
    question_stages=("questions",),
    tool_stages=("tool_specifications", "expansion", "output_schemas"),
    task_stages=("policy", "rubric_tasks"),
    rules=(
        rules.stop_at_end,
        rules.end_unprepared,
        rules.abandon,
        rules.mount,
        rules.give_up,
        rules.close_task,
        rules.limit,
        rules.call_tools,
        rules.assign_task,
        _speak,
    ),
)
