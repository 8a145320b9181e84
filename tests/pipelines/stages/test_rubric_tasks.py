"""Stage 3 of the task-oriented pipeline: questions, each with its rubric."""

from __future__ import annotations

from typing import Any

import pytest

from eventsim.core.tools import ToolDefinition
from eventsim.pipelines.stages.rubric_tasks import TRIES, RubricTasks
from eventsim.pipelines.stages.specification import read_specification
from tests.pipelines.stages.staging import Story, everything, given, text
from tests.pipelines.stages.staging import function as spec

QUESTION = "How much is the lamp Aurora, and is it in stock?"


def _tool(called: str, /, **properties: Any) -> ToolDefinition:
    found = read_specification(spec(called, "Look it up.", **properties))
    assert isinstance(found, ToolDefinition)
    return found


TOOLS = (_tool("search_lamps", name=text()), _tool("get_price", lamp_id=text()))
RUBRIC = {
    "criteria": ["The price of the lamp is told."],
    "expected_calls": [
        {"tool": "search_lamps", "arguments": {"name": "Aurora"}},
        {"tool": "get_price", "arguments": {"lamp_id": "<lamp_id from search_lamps>"}},
    ],
    "checkpoints": ["The lamp is found."],
}
SECOND = {"title": "Beacon", "question": "What does the lamp Beacon cost?", **RUBRIC}


def _story(question: str = QUESTION, count: int = 2, **config: Any) -> Story:
    import dataclasses

    looked = given(question, pipeline="task-oriented", **config)
    looked = dataclasses.replace(looked, tools=TOOLS, count=count)
    return Story(RubricTasks(), looked)


def test_the_first_task_is_the_question_that_the_toolset_was_made_for() -> None:
    """Whatever the model repeats of it."""
    story = _story()
    assert QUESTION in everything(story.ask())  # type: ignore[arg-type]
    story.answer({"title": "Aurora", "question": "Something else?", **RUBRIC})
    (created,) = story.of("task.created")
    assert created.task.question == created.task.goal == QUESTION
    assert created.task.rubric.expected_calls[1].arguments == {
        "lamp_id": "<lamp_id from search_lamps>"
    }
    assert created.witness is None
    assert not created.task.proven


def test_further_tasks_follow_and_the_stage_ends() -> None:
    """The next request names what was asked; after the last there is none."""
    story = _story()
    story.answer({"title": "Aurora", "question": "", **RUBRIC})
    assert f"1. {QUESTION}" in everything(story.ask())  # type: ignore[arg-type]
    story.answer(SECOND)
    assert [task.question for task in story.state.tasks] == [
        QUESTION,
        SECOND["question"],
    ]
    assert story.ask() is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"criteria": []}, "its rubric has no criteria"),
        (
            {"criteria": [f"Lamp {n} is told." for n in range(13)]},
            "its rubric has too much in criteria: no more than 12 are taken, "
            "each of 600 letters at most",
        ),
        (
            {"checkpoints": ["It is found. " * 60]},
            "its rubric has too much in checkpoints: no more than 12 are taken, "
            "each of 600 letters at most",
        ),
        ({"expected_calls": []}, "its rubric expects no call of a tool"),
        (
            {"expected_calls": [{"tool": "fly", "arguments": {}}]},
            "it expects a call of 'fly', and no tool has that name",
        ),
        (
            {"expected_calls": [{"tool": "get_price", "arguments": {"id": 1}}]},
            "it expects get_price to take 'id', which it does not",
        ),
        ({"question": "Why?"}, "its question has 4 letters"),
    ],
)
def test_a_task_that_cannot_be_judged_is_rejected(
    change: dict[str, Any], reason: str
) -> None:
    """With the reason, which the next request tells the writer."""
    story = _story(question="")
    assert story.answer({**SECOND, **change}) == ""
    (rejected,) = story.of("task.rejected")
    assert rejected.reason == reason
    assert reason in everything(story.ask())  # type: ignore[arg-type]


def test_a_question_is_not_asked_twice() -> None:
    """Of one session."""
    story = _story(question="")
    story.answer(SECOND)
    story.answer(SECOND)
    (rejected,) = story.of("task.rejected")
    assert rejected.reason == "its question was asked before"


def test_a_task_is_tried_a_few_times_and_then_left() -> None:
    """What was accepted before stands."""
    story = _story(question="", count=3)
    story.answer(SECOND)
    story.play(lambda _: SECOND)
    assert len(story.of("task.rejected")) == TRIES
    assert len(story.state.tasks) == 1


@pytest.mark.parametrize("difficulty", ["easy", "medium", "hard"])
def test_the_difficulty_is_that_of_the_configuration(difficulty: str) -> None:
    """Asked for and recorded; mixed is drawn for each task."""
    story = _story(question="", difficulty=difficulty)
    assert f"it shall be {difficulty}" in everything(story.ask())  # type: ignore[arg-type]
    story.answer(SECOND)
    assert story.state.tasks[0].difficulty == difficulty


def test_an_earlier_task_that_is_long_is_shown_as_cut() -> None:
    """Its beginning says what it was about; that there is more is seen."""
    story = _story(question="")
    story.answer({**SECOND, "question": f"What does it cost? {'And now? ' * 90}"})
    line = next(x for x in everything(story.ask()).splitlines() if x.startswith("1. "))  # type: ignore[arg-type]
    assert line.endswith(" ...")
    assert len(line) < 450


def test_the_prompt_shows_tools_and_policy() -> None:
    """Each tool by its signature."""
    story = _story()
    story.state = story.state._replace(policy="1. Be brief.")
    asked = story.ask()
    assert asked is not None
    assert asked.system.startswith("# Your part: rubric_tasks\n")
    assert "- search_lamps(name: string): Look it up." in asked.system
    assert "1. Be brief." in asked.system
