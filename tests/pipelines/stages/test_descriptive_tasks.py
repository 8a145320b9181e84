"""Stage 3 of the user-oriented pipelines: tasks with proof, or with a rubric."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from eventsim.pipelines.stages.descriptive_tasks import (
    ATTEMPTS,
    TRIES,
    DescriptiveTasks,
)
from tests.pipelines.stages.benching import BenchStory, opened
from tests.pipelines.stages.staging import everything

PROFILE = {
    "name": "Tom Reed",
    "role": "league secretary",
    "known_info": ["The new phone is 555 0199"],
    "unknown_info": [],
}
SOLUTION = [
    {"objective": 1, "tool": "search_players", "arguments": {"name": "Player C"}},
    {
        "objective": 1,
        "tool": "get_player",
        "arguments": {"player_id": "$1.player_id"},
    },
    {
        "objective": 2,
        "tool": "update_player",
        "arguments": {"player_id": "$1.player_id", "phone": "555 0199"},
    },
]
TASK: dict[str, Any] = {
    "title": "A new phone",
    "goal": "In the end, you know a position, and a phone is changed.",
    "profile": PROFILE,
    "objectives": [
        {"text": 'Find the position of the player "Player C".', "kind": "read"},
        {"text": 'to change the phone of that player to "555 0199"', "kind": "write"},
    ],
    "solution": SOLUTION,
    "facts": [{"objective": 1, "about": "the position", "value": "$2.position"}],
}
DECLARED = {
    **TASK,
    "solution": [],
    "facts": [{"objective": 1, "about": "the position", "value": "goal"}],
    "changes": [
        {
            "objective": 2,
            "table": "player",
            "op": "update",
            "key": {"player_id": 3},
            "new": {"phone": "555 0199"},
        }
    ],
}
JUDGED = {
    **{name: TASK[name] for name in ("title", "goal", "profile", "objectives")},
    "criteria": ["The phone is changed."],
    "expected_calls": [{"tool": "update_player", "arguments": {"phone": "555 0199"}}],
    "checkpoints": [],
}


def _asked(story: BenchStory) -> str:
    asked = story.ask()
    assert asked is not None
    return everything(asked)


# --- over a database ----------------------------------------------------------------


def test_a_task_counts_with_its_witness() -> None:
    """Checks come from what the solution did; clauses and role are put in form."""
    with opened(DescriptiveTasks()) as story:
        assert story.answer(TASK) == ""
        (created,) = story.of("task.created")
        assert story.ask() is None
    task = created.task
    assert [o.text for o in task.objectives] == [
        'find the position of the player "Player C"',
        'change the phone of that player to "555 0199"',
    ]
    assert task.profile.role == "You are a league secretary."
    assert task.profile.known_info == ("The new phone is 555 0199.",)
    assert task.checks.facts[0].values == ("goal",)
    assert task.checks.changes[0].new == {"phone": "555 0199"}
    assert task.proven
    assert created.witness.solution[2].arguments["player_id"] == 3
    assert created.witness.nothing_fails
    assert created.witness.altered_fails


def test_the_hidden_solution_stays_hidden() -> None:
    """No reference and no tool is in what the person who plays the user reads."""
    with opened(DescriptiveTasks()) as story:
        story.answer(TASK)
        task = story.state.tasks[0]
    shown = " ".join(
        (task.goal, *(o.text for o in task.objectives), *task.profile.known_info)
    )
    for call in SOLUTION:
        assert call["tool"] not in shown
    assert "$" not in shown


def test_arguments_may_stand_behind_the_name_of_a_tool() -> None:
    """Small models copy the signature."""
    written = [
        {"objective": 1, "tool": "search_players(name: 'Player C')", "arguments": {}},
        {"objective": 1, "tool": "get_player(player_id: 3)"},
        {
            "objective": 2,
            "tool": "update_player(player_id: $1.player_id; phone: '555 0199')",
        },
    ]
    with opened(DescriptiveTasks()) as story:
        story.answer({**TASK, "solution": written})
        (created,) = story.of("task.created")
    assert created.witness.solution[2].arguments == {
        "player_id": 3,
        "phone": "555 0199",
    }


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"objectives": []}, "it has no objectives"),
        ({"goal": ""}, "it has no goal"),
        ({"goal": "I want the phone to be changed."}, "in the person's own words"),
        ({"profile": {}}, "its profile has no name"),
        (
            {"profile": {**PROFILE, "known_info": ["The key is $1.player_id."]}},
            "it shows the hidden solution",
        ),
        (
            {"profile": {**PROFILE, "unknown_info": ["What $2.position is."]}},
            "it shows the hidden solution",
        ),
        (
            {"profile": {**PROFILE, "role": "player $1.player_id"}},
            "it shows the hidden solution",
        ),
        ({"facts": []}, "no fact says what the answer must state"),
        ({"solution": SOLUTION[:2]}, "the solution makes none"),
        (
            {"solution": [{"objective": 1, "tool": "fly", "arguments": {}}]},
            "no tool has that name",
        ),
        ({"solution": []}, "it has no solution"),
        (
            {"facts": [{"objective": 1, "about": "it", "value": "$2.shoe"}]},
            "the result of call 2 has only",
        ),
        (
            {"facts": [{"objective": 1, "about": "it", "value": "$2"}]},
            '"$2" names no field',
        ),
        ({"facts": [{"objective": 9, "about": "it", "value": 1}]}, "of no objective"),
    ],
)
def test_a_task_without_proof_is_rejected_and_the_writer_is_told(
    change: dict[str, Any], reason: str
) -> None:
    """One line, which the next request holds."""
    with opened(DescriptiveTasks()) as story:
        assert story.answer({**TASK, **change}) == ""
        (rejected,) = story.of("task.rejected")
        assert reason in rejected.reason
        assert reason in _asked(story)


def test_a_task_is_tried_a_few_times_and_then_left() -> None:
    """The asking stops although every answer is useless."""
    with opened(DescriptiveTasks(), count=2) as story:
        story.play(lambda _: {**TASK, "facts": []})
        assert len(story.of("task.rejected")) == len(story.asked) == TRIES


def test_a_task_is_proved_after_those_before_and_keeps_their_person() -> None:
    """What it asks for must not have been asked before."""
    other = {
        **TASK,
        "profile": {**PROFILE, "name": "Somebody Else"},
        "objectives": [
            {"text": 'find the phone of the player "Player C"', "kind": "read"}
        ],
        "solution": SOLUTION[:2],
        "facts": [{"objective": 1, "about": "the phone", "value": "$2.phone"}],
    }
    with opened(DescriptiveTasks(), count=2) as story:
        story.answer(TASK)
        assert "The person is still Tom Reed." in _asked(story)
        assert "Tasks of the same session so far:" in _asked(story)
        story.answer(TASK)
        (rejected,) = story.of("task.rejected")
        assert rejected.reason.startswith("it asks again what was asked before")
        story.answer(other)
        second = story.state.tasks[1]
    assert second.profile.name == "Tom Reed"
    assert second.checks.facts[0].values == ("555 0199",)


# --- solvers ------------------------------------------------------------------------


def test_solvers_try_a_task_that_declares_what_must_come_of_it() -> None:
    """One that meets it makes the task; they see it without its checks."""
    with opened(DescriptiveTasks()) as story:
        story.answer(DECLARED)
        assert story.of("task.rejected") == []
        asked = story.ask()
        assert asked is not None
        assert asked.system.startswith("# Your part: task_solver\n")
        text = everything(asked)
        assert 'change the phone of that player to "555 0199"' in text
        assert "the position is" not in text
        assert '"goal"' not in text
        story.answer({"calls": [SOLUTION[0]]})
        assert story.of("task.created") == []
        story.answer({"calls": SOLUTION})
        (created,) = story.of("task.created")
        assert story.ask() is None
    assert created.task.checks.facts[0].values == ("goal",)


def test_a_task_that_no_solver_does_is_rejected() -> None:
    """After a few attempts, with the last reason; then the writer is asked again."""
    with opened(DescriptiveTasks()) as story:
        story.answer(DECLARED)
        wrong = {**SOLUTION[2], "arguments": {"player_id": 4, "phone": "555 0199"}}
        for _ in range(ATTEMPTS):
            story.answer({"calls": [*SOLUTION[:2], wrong]})
        (rejected,) = story.of("task.rejected")
        assert rejected.reason == "the update in player that it expects is not made"
        assert "# Your part: descriptive_tasks" in _asked(story)


def test_a_solver_may_not_bend_the_task() -> None:
    """What it changes beyond what is declared is no solution."""
    more = {**SOLUTION[2], "arguments": {"player_id": 4, "phone": "555 0111"}}
    with opened(DescriptiveTasks()) as story:
        story.answer(DECLARED)
        story.answer({"calls": [*SOLUTION, more]})
        assert story.of("task.created") == []


# --- without a database -------------------------------------------------------------


def _simulated(story: BenchStory) -> BenchStory:
    story.input = dataclasses.replace(story.input, schema_text="", data_view="")
    story.bench = None
    return story


def test_a_task_over_simulated_tools_gets_a_rubric() -> None:
    """It is judged, and needs no workbench."""
    with opened(DescriptiveTasks(), pipeline="user-oriented") as opened_story:
        story = _simulated(opened_story)
        assert "CSV" not in _asked(story)
        assert '"criteria"' in _asked(story)
        assert story.answer(JUDGED) == ""
        (created,) = story.of("task.created")
    assert created.witness is None
    assert not created.task.proven
    assert created.task.rubric.criteria == ("The phone is changed.",)


def test_a_rubric_that_expects_unknown_tools_is_rejected() -> None:
    """It would fail every trajectory."""
    calls = [{"tool": "call_phone", "arguments": {}}]
    with opened(DescriptiveTasks(), pipeline="user-oriented") as opened_story:
        story = _simulated(opened_story)
        story.answer({**JUDGED, "expected_calls": calls})
        (rejected,) = story.of("task.rejected")
    assert "no tool has that name" in rejected.reason


# --- the prompt ---------------------------------------------------------------------


def test_the_prompt_shows_a_limited_view_only() -> None:
    """Few rows of each table; tools with what they return, never their statements."""
    with opened(DescriptiveTasks()) as story:
        text = _asked(story)
    assert text.startswith("# Your part: descriptive_tasks\n")
    shown = [n for n in range(1, 31) if f"\n{n},Player " in text]
    assert 0 < len(shown) <= 8
    assert "Returns rows of {player_id, name}." in text
    assert "SELECT" not in text
    assert "RETURNING" not in text


def test_tasks_differ_by_what_is_drawn() -> None:
    """Rows, tables, the name's first letter: other streams, other requests."""
    wishes = set()
    for lineage in "abcdef":
        with opened(DescriptiveTasks(), lineage=lineage) as story:
            asked = story.ask()
            assert asked is not None
            wishes.add(asked.turns[-1][1])
    assert len(wishes) == 6
