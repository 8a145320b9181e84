"""Stage 2b: SQL tools, asked for in rounds and tried one by one."""

from __future__ import annotations

from typing import Any

import pytest

from eventsim.pipelines.stages.sql_proposals import read_sql_proposal
from eventsim.pipelines.stages.sql_tools import ROUNDS, SqlTools
from tests.pipelines.stages.benching import BenchStory, opened
from tests.pipelines.stages.staging import everything


def proposal(name: str, sql: str, *parameters: str, **more: Any) -> dict[str, Any]:
    """One proposal in the form that is asked for; all parameters are whole numbers."""
    listed = [
        {"name": p, "type": "integer", "description": p, "required": True}
        for p in parameters
    ]
    about = "Do one thing."
    return {
        "name": name,
        "description": about,
        "parameters": listed,
        "sql": sql,
        **more,
    }


GOOD = proposal("get_club", "SELECT * FROM club WHERE club_id = :club_id", "club_id")
BAD = proposal("get_coach", "SELECT * FROM coach WHERE coach_id = :id", "id")


def _names(story: BenchStory) -> list[str]:
    return [tool.name for tool in story.state.tools]


def test_each_proposal_is_defined_or_rejected_with_its_reason() -> None:
    """What the tool is stands as it was found, whatever was said of it."""
    with opened(SqlTools(), with_tools=False) as story:
        assert story.answer({"tools": [GOOD, BAD]}) == ""
        (defined,) = story.of("tool.defined")
        (rejected,) = story.of("tool.rejected")
    assert defined.tool.statement.returns == "row"
    assert defined.tool.statement.table == "club"
    assert rejected.name == "get_coach"
    assert rejected.reason == "it does not prepare: no such table: coach"


def test_each_round_asks_for_another_kind_and_says_what_exists() -> None:
    """The rejections are said too, so that they are not written again."""
    with opened(SqlTools(), with_tools=False) as story:
        story.answer({"tools": [GOOD, BAD]})
        second = everything(story.ask())  # type: ignore[arg-type]
    assert ROUNDS[1] in second
    assert "Tools that there are already: get_club." in second
    assert "- get_coach: it does not prepare: no such table: coach" in second


@pytest.mark.parametrize(("answers", "asked"), [([GOOD], 3), ([GOOD, BAD], 4)])
def test_a_last_round_mends_what_was_rejected(
    answers: list[dict[str, Any]], asked: int
) -> None:
    """Without rejections there is none; it ends even if nothing is mended."""
    with opened(SqlTools(), with_tools=False) as story:
        story.play(lambda ask: {"tools": answers if len(story.asked) == 0 else []})
        assert len(story.asked) == asked
        assert _names(story) == ["get_club"]


def test_the_same_tool_is_not_taken_twice() -> None:
    """By name or by statement; the first stands."""
    again = {**GOOD, "sql": "SELECT name FROM club WHERE club_id = :club_id"}
    other = {**GOOD, "name": "look_up_club", "sql": GOOD["sql"].lower() + ";"}
    with opened(SqlTools(), with_tools=False) as story:
        story.answer({"tools": [GOOD, again, other]})
        rejected = {r.name: r.reason for r in story.of("tool.rejected")}
        assert _names(story) == ["get_club"]
    assert rejected == {
        "get_club (again)": "there is a tool of that name already",
        "look_up_club": "it does the same as get_club",
    }


def test_a_stream_that_never_gets_a_tool_ends() -> None:
    """Every answer is useless, and the asking stops."""
    with opened(SqlTools(), with_tools=False) as story:
        story.play(lambda _: {"tools": [BAD]})
        assert len(story.asked) == len(ROUNDS) + 1
        assert _names(story) == []


@pytest.mark.parametrize("value", [None, {}, "tools", {"tools": []}])
def test_an_answer_without_tools_is_given_back(value: Any) -> None:
    """It is sampled again, with the reason."""
    with opened(SqlTools(), with_tools=False) as story:
        assert story.answer(value).startswith("it holds no")


def test_the_prompt_shows_the_schema_and_few_rows() -> None:
    """All tables, and of their rows no more than a few."""
    with opened(SqlTools(), with_tools=False) as story:
        asked = story.ask()
    assert asked is not None
    assert asked.system.startswith("# Your part: sql_tools\n")
    assert "CREATE TABLE player" in asked.system
    assert "The tables are: club, player." in everything(asked)
    shown = [n for n in range(1, 31) if f"\n{n},Player " in asked.system]
    assert 0 < len(shown) <= 8


@pytest.mark.parametrize(
    "parameters",
    [
        {"type": "object", "properties": {"club_id": {"type": "int"}}},
        {"club_id": {"type": "INTEGER", "description": "The key."}},
        {"club_id": "integer"},
        [{"name": ":club_id", "type": "integer", "enum": []}],
    ],
)
def test_parameters_are_read_in_any_usual_shape(parameters: Any) -> None:
    """A JSON Schema, an object by name, a list; names with their mark."""
    _, tool = read_sql_proposal({**GOOD, "parameters": parameters}, 1)
    assert not isinstance(tool, str)
    schema = tool.parameters["properties"]["club_id"]
    assert schema["type"] == "integer"
    assert "enum" not in schema


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": "Get the club!"}, "is not snake case"),
        ({"sql": ""}, "it has no statement"),
        ({"description": " "}, "it has no description"),
        ({"description": "A club. " * 200}, "has more than 1,000 letters"),
        ({"parameters": [{"name": "a b"}]}, "is no name of its own"),
        ({"parameters": [{"name": "a", "type": "array"}]}, "has no type"),
    ],
)
def test_what_is_no_tool_says_why(change: dict[str, Any], reason: str) -> None:
    """Before anything is tried."""
    _, found = read_sql_proposal({**GOOD, **change}, 1)
    assert isinstance(found, str)
    assert reason in found
