"""Proof: tasks that pass by doing nothing, or cannot go wrong, are refused."""

from __future__ import annotations

import pytest

from eventsim.core.changes import RowChange
from eventsim.core.tasks import (
    Checks,
    ExpectedChange,
    Fact,
    Objective,
    Profile,
    Task,
)
from eventsim.environments.domains.registry import domain_image
from eventsim.environments.sql.execution import SqlEnvironment
from eventsim.environments.sql.tasks.scene import Call, Step, Unsuitable
from eventsim.environments.sql.tasks.witness import prove
from eventsim.environments.sql.toolgen import generate_tools

IMAGE = domain_image("outdoor")
TOOLS = {tool.name: tool for tool in generate_tools(IMAGE).tools}
WRITE = Call(TOOLS["update_customer"], {"customer_id": 5, "city": "Oslo"})
OTHER_CITY = Call(TOOLS["update_customer"], {"customer_id": 5, "city": "Rome"})
OTHER_ROW = Call(TOOLS["update_customer"], {"customer_id": 6, "city": "Oslo"})
MOVED = ExpectedChange(
    objective=1,
    table="customers",
    op="update",
    key={"customer_id": 5},
    new={"city": "Oslo"},
)


def _task(changes: tuple[ExpectedChange, ...], facts: tuple[Fact, ...] = ()) -> Task:
    return Task(
        title="A task",
        difficulty="easy",
        goal="The city is right.",
        profile=Profile(name="Kim", role="You work here.", known_info=()),
        objectives=(Objective(number=1, text="change the city", kind="write"),),
        checks=Checks(changes=changes, facts=facts),
    )


def _step(*swaps: Call) -> Step:
    return Step("write", "change the city", "it is changed", [WRITE], swaps=[*swaps])


def _env() -> SqlEnvironment:
    return SqlEnvironment.mount(IMAGE, now="2026-06-24 10:00:00", seed=1)


def test_a_proof_says_what_failed_and_leaves_the_state_alone() -> None:
    """The witness names the failing checks; the trials are undone."""
    env = _env()
    before = env.rows_digest()
    for swap in (OTHER_CITY, OTHER_ROW):
        witness = prove(env, _task((MOVED,)), [_step(swap)])
        assert witness.nothing_fails.startswith("change: never done")
        assert witness.altered_fails.startswith("change: ")
        assert [type(change) for change in witness.net_change] == [RowChange]
        assert [call.tool for call in witness.solution] == ["update_customer"]
    assert env.rows_digest() == before


def test_a_task_that_doing_nothing_passes_is_refused() -> None:
    """Without a change or a fact there is nothing to do."""
    with pytest.raises(Unsuitable, match="doing nothing passes"):
        prove(_env(), _task(()), [Step("read", "look", "you know")])


def test_a_reference_that_fails_its_own_checks_is_refused() -> None:
    """The expected change must be what the reference does."""
    wrong = MOVED.model_copy(update={"new": {"city": "Rome"}})
    with pytest.raises(Unsuitable, match="reference fails its own checks"):
        prove(_env(), _task((wrong,)), [_step(OTHER_CITY)])


def test_checks_that_an_altered_write_passes_are_refused() -> None:
    """If any city would do, the task proves nothing."""
    loose = MOVED.model_copy(update={"new": {}, "free": ("city",)})
    with pytest.raises(Unsuitable, match="an altered write passes"):
        prove(_env(), _task((loose,)), [_step(OTHER_CITY)])


def test_a_write_without_an_alternative_is_refused() -> None:
    """Nothing to alter, nothing proven."""
    with pytest.raises(Unsuitable, match="no altered write"):
        prove(_env(), _task((MOVED,)), [_step()])
