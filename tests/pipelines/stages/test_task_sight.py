"""What the stages that work on a database or write tasks never show."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from eventsim.config import Endpoint, Limits, ModelChoice, Roles, RunConfig
from eventsim.core.draws import Draws
from eventsim.environments.sql.view import data_view, schema_text
from eventsim.pipelines.stage import Ask, Input
from eventsim.pipelines.stages.registry import STAGES
from eventsim.prompts.render import installed
from tests.pipelines.stages.benching import BenchStory, given, league, opened
from tests.pipelines.stages.staging import everything
from tests.pipelines.stages.test_descriptive_tasks import (
    DECLARED,
    JUDGED,
    SOLUTION,
    TASK,
)

HIDDEN = {
    "endpoint": "models.internal.example",
    "variable": "LEAGUE_KEY",
    "model": "some-large-model",
    "parameter": "0.4242",
    "folder": "private/mara/league.sqlite",
    "image": "f00dfeed" * 8,
    "seed": "987654321",
    "limit": "31337",
    "seed tools": "get_other_thing",
}
STATEMENTS = ("RETURNING", "SELECT player_id", "UPDATE player", "LIKE '%'")


def shown(name: str, *, database: bool, policy: str = "") -> BenchStory:
    """A stage whose input holds everything that it must keep to itself."""
    params: Any = {"temperature": float(HIDDEN["parameter"])}
    choice = ModelChoice(endpoint="hosted", model=HIDDEN["model"], params=params)
    place = f"https://{HIDDEN['endpoint']}/v1"
    config = RunConfig(
        seed=int(HIDDEN["seed"]),
        count=1,
        limits=Limits(max_tokens=int(HIDDEN["limit"])),
        endpoints={"hosted": Endpoint(base_url=place, key_env=HIDDEN["variable"])},
        roles=Roles(task_writer=choice, tool_designer=choice),
    )
    plain = given(with_tools=name != "sql_tools", count=2)
    source = plain.source.model_copy(
        update={"name": HIDDEN["folder"], "image": HIDDEN["image"]}
    )
    other: Any = {"type": "function", "function": {"name": HIDDEN["seed tools"]}}
    looked: Input = dataclasses.replace(
        plain,
        config=config,
        source=source,
        seed_tools=(other,),
        question="",
        schema_text=plain.schema_text if database else "",
        data_view=plain.data_view if database else "",
    )
    story = BenchStory(STAGES[name], looked)
    story.state = story.state._replace(policy=policy)
    return story


def asked(story: BenchStory) -> Ask:
    """The next request."""
    found = story.ask()
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "database"),
    [
        ("policy", True),
        ("policy", False),
        ("sql_tools", True),
        ("rubric_tasks", False),
        ("descriptive_tasks", True),
        ("descriptive_tasks", False),
    ],
)
def test_requests_show_nothing_beside_their_input(name: str, database: bool) -> None:
    """No endpoint, key, parameter, limit, file, seed, seed tool or statement."""
    text = everything(asked(shown(name, database=database)))
    assert text.startswith(f"# Your part: {name}\n")
    assert [what for what, value in HIDDEN.items() if value in text] == []
    if name != "sql_tools":
        assert [sql for sql in STATEMENTS if sql in text] == []


@pytest.mark.parametrize("name", ["policy", "rubric_tasks", "descriptive_tasks"])
def test_without_a_database_no_rows_or_tables_are_shown(name: str) -> None:
    """What a tool would return is not known before it is played."""
    text = everything(asked(shown(name, database=False)))
    for part in ("CREATE TABLE", "Player ", "555 01", "CSV"):
        assert part not in text


def test_only_the_first_rows_reach_a_writer_or_a_designer() -> None:
    """The limited view is a function of the draws, and of the database no more."""
    view = data_view(league(), Draws(1, "a"))
    hidden = [n for n in range(1, 31) if f"\n{n},Player " not in view]
    assert len(hidden) > 20
    for name in ("sql_tools", "descriptive_tasks"):
        text = everything(asked(shown(name, database=True)))
        assert schema_text(league()) in text
        assert [n for n in hidden if f"\n{n},Player " in text] == []


def test_the_policy_is_shown_to_those_who_write_tasks_alone() -> None:
    """Who writes it has none yet; a solver acts as a program would."""
    for name in ("rubric_tasks", "descriptive_tasks"):
        story = shown(name, database=False, policy="1. Say Policyword.")
        assert "Policyword" in everything(asked(story))
    with opened(STAGES["descriptive_tasks"]) as story:
        story.state = story.state._replace(policy="1. Say Policyword.")
        story.answer(DECLARED)
        solver = asked(story)
    assert solver.system.startswith("# Your part: task_solver\n")
    assert "Policyword" not in everything(solver)


def test_a_solver_sees_neither_solution_nor_facts_nor_other_attempts() -> None:
    """What it finds is a witness only if it finds it by itself."""
    other = [{"objective": 1, "tool": "get_player", "arguments": {"player_id": 17}}]
    fact = {"objective": 1, "about": "the Factum", "value": "goal"}
    draft = {**DECLARED, "title": "Titulus", "solution": other, "facts": [fact]}
    with opened(STAGES["descriptive_tasks"]) as story:
        story.answer(draft)
        first = everything(asked(story))
        story.answer({"calls": [{**SOLUTION[0], "arguments": {"name": "Attemptum"}}]})
        second = everything(asked(story))
    for text in (first, second):
        assert text.startswith("# Your part: task_solver\n")
        assert 'change the phone of that player to "555 0199"' in text
        for secret in ("Factum", "Titulus", "17}", "Attemptum", "player_id = 3"):
            assert secret not in text


def test_a_writer_sees_what_earlier_tasks_asked_and_not_how_they_were_solved() -> None:
    """The next task goes on from the words of those before."""
    with opened(STAGES["descriptive_tasks"], count=2) as story:
        story.answer(TASK)
        text = everything(asked(story))
    assert 'find the position of the player "Player C"' in text
    assert "$1.player_id" not in text.partition("Tasks of the same session so far:")[2]
    assert "altered" not in text
    judged = shown("descriptive_tasks", database=False)
    judged.answer({**JUDGED, "criteria": ["The Criterium holds."]})
    text = everything(asked(judged))
    assert "change the phone of that player" in text
    assert "Criterium" not in text


def test_every_template_is_somebodys() -> None:
    """The parts whose sight is proven: here, beside the tools' stages, in the roles."""
    stages = {stage.prompt for stage in STAGES.values()} | {"task_solver"}
    roles = {
        *("assistant", "assistant_prompted", "user", "user_message"),
        *("tool", "tool_call", "judge", "judge_task"),
    }
    assert set(installed()) == stages | roles
