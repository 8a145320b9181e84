"""What sides stand on, fact by fact, and runs task by task."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from eventsim.config import ModelChoice, Roles
from eventsim.core import events as e
from eventsim.core.fold import fold
from eventsim.core.materials import Materials
from eventsim.core.values import freeze
from eventsim.run.paths import Opened
from eventsim.run.standings import Difference, differing, facts_of
from eventsim.run.taskwise import against, shared_tasks, tasks_of
from tests.builders import TOOL, materials, started, task

ENDED = e.TrajectoryEnded(reason="completed")


def opened(given: Materials, *events: e.Event, index: int = 1) -> Opened:
    """A path that stands on these materials."""
    root = started().model_copy(update={"index": index, "label": f"run-{index}"})
    state = fold([root, *events])
    assert state.footing is not None
    return Opened((), (root, *events), state, {state.footing: given})


def found(*sides: Materials) -> dict[str, Difference]:
    """What differs between them, by name."""
    return {d.what: d for d in differing(*(facts_of(opened(m)) for m in sides))}


def verdict(judgment: Any, number: int = 1) -> e.VerdictGiven:
    """Of a task."""
    return e.VerdictGiven(task=number, judgment=judgment, basis="proven", findings=())


def test_what_is_the_same_is_no_fact() -> None:
    """Equal materials differ in nothing."""
    assert found(materials(), materials()) == {}


def test_parameters_settings_and_models_are_facts_of_their_own() -> None:
    """Under names that people know from the configuration."""
    warm = ModelChoice(model="m", params=freeze({"temperature": 0.7}))
    cold = ModelChoice(model="m", params=freeze({"temperature": 0.2}))
    differ = found(
        materials(roles=Roles(assistant=cold), faults={"timeout": 0.1}),
        materials(roles=Roles(assistant=warm), behaviours={"small_talk": 2}),
    )
    assert differ["temperature of assistant"].values == ("0.2", "0.7")
    assert differ["faults.timeout"].values == ("0.1", "0.0")
    assert differ["behaviours.small_talk"].values == (None, "2")
    assert set(differ) == {
        "temperature of assistant", "faults.timeout", "behaviours.small_talk",
    }  # fmt: skip


def test_a_changed_tool_says_which_part_changed_and_how() -> None:
    """Description and parameters one by one, with the lines that differ."""
    parameters = freeze(
        {
            "type": "object",
            "properties": {
                "customer_id": {"type": "integer", "minimum": 1},
                "limit": {"type": "integer"},
            },
            "required": ["customer_id"],
        }
    )
    update = {"description": "Get a customer.", "parameters": parameters}
    other = TOOL.model_copy(update=update)
    changed = found(materials(), replace(materials(), toolset=(other,)))
    tool = changed["tool get_customer"]
    assert tool.is_text
    assert tool.changed == ("description", "parameter customer_id", "parameter limit")
    assert tool.lines[:3] == (
        "@@ description",
        "-Get one customer by customer id.",
        "+Get a customer.",
    )
    gone = found(materials(), replace(materials(), toolset=()))["tool get_customer"]
    assert gone.values[1] is None


def test_the_policy_and_the_prompts_are_compared_line_by_line() -> None:
    """With a line around what differs."""
    prompts = dict(materials().prompts)
    one = replace(materials(), policy="a\nb\nc\nd", prompts={**prompts, "user": "x"})
    two = replace(materials(), policy="a\nb\nC\nd", prompts={**prompts, "user": "y"})
    differ = found(one, two)
    assert differ["policy"].lines == (" b", "-c", "+C", " d")
    assert differ["prompt user"].lines == ("-x", "+y")


def test_of_more_than_two_texts_are_numbered_versions() -> None:
    """Two that are the same have the same number."""
    sides = [replace(materials(), policy=text) for text in ("a", "b", "a")]
    assert found(*sides)["policy"].versions == (1, 2, 1)


def test_a_task_of_one_title_that_is_another_task_is_shown() -> None:
    """By what stands behind the title."""
    other = task(1).model_copy(update={"goal": "Another goal."})
    changed = found(materials(), replace(materials(), tasks=(other,)))["task 1"]
    assert changed.is_text
    assert changed.changed == ("goal",)


def test_tasks_are_matched_by_what_they_ask_for() -> None:
    """Not by where they stand: the runs have them in other orders."""
    one = replace(materials(), tasks=(task(1), task(2)))
    two = replace(materials(), tasks=(task(2), task(3)))
    left = opened(one, verdict("valid"), verdict("invalid", 2), ENDED)
    right = opened(two, verdict("valid"), verdict("valid", 2), ENDED)
    rows = tasks_of([[left], [right]])
    assert [row.title for row in shared_tasks(rows)] == ["Look up a city (2)"]
    assert [row.change(1) for row in rows] == [None, "better", None]
    counted = against(rows, 1)
    assert (counted.better, counted.worse, counted.same) == (1, 0, 0)


def test_a_task_with_another_profile_is_still_that_task() -> None:
    """Equal title and objectives are enough; it says that it is not the very same."""
    profile = task(1).profile.model_copy(update={"role": "You are new."})
    other = task(1).model_copy(update={"profile": profile})
    left = opened(materials(), verdict("valid"), ENDED)
    right = opened(replace(materials(), tasks=(other,)), verdict("invalid"), ENDED)
    (row,) = tasks_of([[left], [right]])
    assert row.change(1) == "worse"
    assert not row.is_same


def test_equal_tasks_of_one_run_are_matched_by_their_place() -> None:
    """Each once, whatever order the paths come in."""
    left = [opened(materials(), verdict("valid"), ENDED, index=n) for n in (1, 2)]
    right = [opened(materials(), verdict("invalid"), ENDED, index=n) for n in (2, 1)]
    rows = tasks_of([left, right])
    places = [[r.index for r in row.results if r is not None] for row in rows]
    assert places == [[1, 1], [2, 2]]


def test_what_is_still_open_is_neither_better_nor_worse() -> None:
    """A trajectory that ended before the task is: it was not reached."""
    valid = opened(materials(), verdict("valid"), ENDED)
    (row,) = tasks_of([[valid], [opened(materials())]])
    assert row.change(1) == "open"
    (row,) = tasks_of([[valid], [opened(materials(), ENDED)]])
    assert row.change(1) == "worse"
