"""Tasks: closed shapes that survive storage."""

from __future__ import annotations

import pytest
from hypothesis import given
from pydantic import ValidationError

from eventsim.core.tasks import Checks, ExpectedChange, Fact, Objective, Task, Witness
from eventsim.core.values import digest_of
from tests.strategies import values_of


@given(values_of(Task))
def test_a_task_survives_storage_with_the_same_digest(task: Task) -> None:
    """Whether made or read, a task is the same task."""
    again = Task.model_validate_json(task.model_dump_json())
    assert again == task
    assert digest_of(again) == digest_of(task)


@given(values_of(Witness))
def test_a_witness_survives_storage(witness: Witness) -> None:
    """The evidence for a task can be read back whole."""
    assert Witness.model_validate_json(witness.model_dump_json()) == witness


def test_checks_say_unchanged_by_default() -> None:
    """No expected change and no fact: the state must stay, nothing must be told."""
    assert Checks().changes == ()
    assert Checks().facts == ()


@pytest.mark.parametrize(
    ("shape", "fields"),
    [
        (Objective, {"number": 1, "text": "look", "kind": "wish"}),
        (ExpectedChange, {"objective": 1, "table": "t", "op": "upsert"}),
        (Fact, {"objective": 1, "about": "x", "value": 2}),
        (Fact, {"about": "x"}),
    ],
    ids=["kind", "operation", "unknown field", "missing field"],
)
def test_a_malformed_part_is_refused(shape: type, fields: dict[str, object]) -> None:
    """Closed sets stay closed, and no field is invented or forgotten."""
    with pytest.raises(ValidationError):
        shape(**fields)


def test_a_fact_keeps_its_alternatives_as_a_tuple() -> None:
    """Alternatives are JSON values of any type, in order."""
    fact = Fact(objective=1, about="the total", values=[1, "1.0", None, [2]])
    assert fact.values == (1, "1.0", None, (2,))
