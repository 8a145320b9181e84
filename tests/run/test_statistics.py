"""Counting trajectories: validity, reasons, measures, tools."""

from __future__ import annotations

from typing import Literal

import pytest

from eventsim.core import events as e
from eventsim.core.fold import fold
from eventsim.core.state import Dialogue
from eventsim.core.values import freeze
from eventsim.quality.measures import measure, tabulate
from eventsim.run.statistics import Grouped, Tally, outcome, reasons_of
from tests.builders import REF, started


def dialogue(
    *judgments: Literal["valid", "invalid"],
    ended: str | None = "completed",
    calls: int = 1,
) -> Dialogue:
    """A dialogue with a task for each judgment, and some tool calls in each."""
    events: list[e.Event] = [started()]
    reply = 0
    for number, judgment in enumerate(judgments, start=1):
        asked = tuple(
            e.ToolCall(id=f"{number}.{n}", name=f"tool{n}", arguments=freeze({}))
            for n in range(calls)
        )
        events += [
            e.TaskAssigned(number=number, title="x", digest="d", preparation=REF),
            e.UserMessaged(text="do it"),
            e.AssistantReplied(calls=asked),
            *(
                e.ToolReturned(reply=reply, index=n, content='{"error":{}}')
                for n in range(calls)
            ),
            e.AssistantReplied(text="done"),
            e.UserMessaged(text="thanks", is_task_complete=True),
            e.VerdictGiven(
                task=number,
                judgment=judgment,
                basis="proven",
                findings=(
                    e.Finding(
                        check="fact", passed=judgment == "valid", detail="the city"
                    ),
                ),
            ),
        ]
        reply += 2
    if ended is not None:
        events.append(e.TrajectoryEnded.model_validate({"reason": ended}))
    return fold(events)


def test_a_trajectory_is_valid_if_all_its_tasks_are() -> None:
    """One without an end is open, one without a verdict is not valid."""
    assert outcome(dialogue("valid", "valid")) == "valid"
    assert outcome(dialogue("valid", "invalid")) == "invalid"
    assert outcome(dialogue("valid", ended=None)) == "open"
    assert outcome(dialogue()) == "invalid"


def test_a_task_that_was_never_judged_is_not_valid() -> None:
    """A judge that does not answer leaves its task open, and what came before good."""
    begun = [
        e.TaskAssigned(number=2, title="x", digest="d", preparation=REF),
        e.TrajectoryEnded(reason="model_failed"),
    ]
    assert outcome(fold(begun, dialogue("valid", ended=None))) == "invalid"
    closed = [e.TrajectoryEnded(reason="turn_limit")]
    assert outcome(fold(closed, dialogue("valid", ended=None))) == "valid"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (dialogue("invalid"), ["an answer left out or misreported"]),
        (dialogue("invalid", "invalid"), ["an answer left out or misreported"]),
        (dialogue(), ["no task was brought to its end"]),
        (
            dialogue("invalid", ended="turn_limit"),
            ["the limit of turns", "an answer left out or misreported"],
        ),
    ],
)
def test_reasons_are_said_once_each(state: Dialogue, expected: list[str]) -> None:
    """However often a check failed."""
    words = [reason for reason, _ in reasons_of(state)]
    assert len(words) == len(expected)
    assert all(w.startswith(start) for w, start in zip(words, expected, strict=True))


def test_a_tally_agrees_with_the_table_of_the_paper() -> None:
    """Its running counts give what keeping all measures would."""
    states = [
        dialogue("valid", calls=2),
        dialogue("valid", "invalid", calls=1),
        dialogue("invalid", ended=None, calls=0),
    ]
    tally = Tally()
    for state in states:
        tally.add(state)
    assert tally.table == tabulate(measure(state) for state in states)
    assert (tally.trajectories, tally.ended, tally.open) == (3, 2, 1)
    assert (tally.valid, tally.invalid) == (1, 1)
    assert (tally.tasks, tally.valid_tasks) == (4, 2)
    assert tally.tool_calls == tally.tool_errors == 4
    assert tally.tools == {"tool0": 3, "tool1": 1}
    assert tally.user_messages == 8


def test_an_empty_tally_has_a_table_of_zeros() -> None:
    """As the table of nothing."""
    assert Tally().table == tabulate([])


def test_groups_count_what_belongs_to_them() -> None:
    """A trajectory is in the whole once, and in each of its groups once."""
    grouped = Grouped()
    grouped.add(dialogue("valid"), ("database a", "tag x"))
    grouped.add(dialogue("invalid"), ("database b", "tag x"))
    assert grouped.all.trajectories == 2
    assert {name: tally.trajectories for name, tally in grouped.by.items()} == {
        "database a": 1,
        "database b": 1,
        "tag x": 2,
    }
    assert grouped.by["database b"].valid == 0
