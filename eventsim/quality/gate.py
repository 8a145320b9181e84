"""The simulator's gate: which simulated user messages may enter a dialogue. Pure.

A message that fails is rejected and drawn again. The checks are crude on purpose and
lenient by design: a missed blunder costs one odd message, a false alarm costs a call
and bends what users say. Each is a function of its own, found here by name; a new one
is that function and one line. They know nothing of how a message was made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eventsim.core.state import Dialogue
from eventsim.core.tasks import Task
from eventsim.quality.user_messages import course, values, voice
from eventsim.quality.user_messages.draft import Draft

__all__ = ["CHECKS", "Check", "advice", "gate"]


@dataclass(frozen=True, slots=True)
class Check:
    """`find` gives what is wrong with a message, in a few words, or nothing; `advice`
    is what a model is told before it tries again.
    """

    find: Callable[[Draft], str]
    advice: str


CHECKS: dict[str, Check] = {
    "too_long": Check(course.too_long, "Keep it to a few sentences."),
    "leaks_reasoning": Check(
        voice.leaks_reasoning,
        "Write only what the person types, without any thoughts about it.",
    ),
    "calls_tools": Check(
        voice.calls_tools, "Write plain sentences: no code and no JSON inside them."
    ),
    "stage_directions": Check(
        voice.stage_directions,
        "No stage directions, no speaker labels and no blanks in brackets.",
    ),
    "talks_about_the_setup": Check(
        voice.talks_about_the_setup,
        "Do not speak of points, objectives, instructions, tasks or formats.",
    ),
    "speaks_as_assistant": Check(
        voice.speaks_as_assistant,
        "You are the one who asks: offer no help and report no work as done.",
    ),
    "ends_early": Check(
        course.ends_early,
        "Something of your goal is still open: ask for it, with is_task_complete "
        "false.",
    ),
    "repeats_itself": Check(
        course.repeats_itself,
        "You said that already: react to the assistant's last message and go on.",
    ),
    "echoes_the_assistant": Check(
        course.echoes_the_assistant,
        "Those are the assistant's words: write what the person answers to them.",
    ),
    "runs_ahead": Check(
        course.runs_ahead, "Ask for the next one or two points of your goal only."
    ),
    "invents_values": Check(
        values.invents_values,
        "Use only names, numbers, dates and values that stand above.",
    ),
}
_FORM = "Answer with the JSON object alone."


def gate(message: str, complete: bool, state: Dialogue, task: Task) -> str:
    """Why a simulated message may not enter the dialogue `state`, in one line that
    begins with the name of the check; "" if it may. `complete` is whether it ends the
    task.
    """
    if not message.strip():
        return "empty: the message has no text"
    draft = Draft(message, complete, state, task)
    for name, check in CHECKS.items():
        if found := check.find(draft):
            return f"{name}: {_in_one_line(found)}"
    return ""


def _in_one_line(found: str) -> str:
    line = " ".join(found.split())
    return line if len(line) <= 120 else f"{line[:117]}..."


_LAST = (
    "If each point was answered or declined, end with a short thanks and set "
    "is_task_complete to true."
)
_STUCK = frozenset(("repeats_itself", "echoes_the_assistant", "speaks_as_assistant"))
"""Of a model that has lost the thread: it is told how to go on."""


def advice(reason: str, state: Dialogue, task: Task) -> str:
    """What a model is told about the rejection of its last try."""
    name = reason.partition(":")[0]
    check = CHECKS.get(name)
    if check is None:
        return _FORM
    if name not in _STUCK or state.task is None or not state.task.user_messages:
        return check.advice
    following = course.next_objective(state, task)
    if not following:
        return f"{check.advice} {_LAST}"
    return f"{check.advice} What you have not asked for yet: {following}."
