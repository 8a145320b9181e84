"""What is decided about a call that was begun and has no outcome."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from eventsim.core import events as e
from eventsim.core.fold import fold
from eventsim.core.materials import Materials
from eventsim.pipelines.user_oriented import EXECUTED
from tests.builders import assistant_calls, materials, started
from tests.pipelines.test_user_oriented import ASK, TELL, THANK
from tests.run.scripted import Scripted, play

pytestmark = pytest.mark.anyio

CALL = assistant_calls(("get_customer", {"customer_id": 1}))


def external(*, keeps_state: bool = True, **fields: Any) -> Materials:
    """Materials whose only tool is that of an external environment."""
    base = materials()
    spec = e.EnvironmentSpec(
        name="s", kind="mcp", target="https://host/mcp", keeps_state=keeps_state
    )
    update = {"statement": None, "environment": "s", **fields}
    return replace(
        base,
        source=base.source.model_copy(update={"environments": (spec,)}),
        toolset=(base.toolset[0].model_copy(update=update),),
    )


async def interrupted(of: Materials, **fields: Any) -> list[e.Event]:
    """A path whose last event is the intent of a call."""
    world = Scripted([ASK, CALL, TELL, THANK])
    await play(world, of, [started()])
    at = next(
        at for at, event in enumerate(world.events) if event.kind == "tool.called"
    )
    return [*world.events[:at], world.events[at].model_copy(update=fields)]


async def test_a_write_to_what_keeps_its_state_is_not_made_again() -> None:
    """Its result says that what it did is unknown, also where a path is forked between
    the two events.
    """
    of = external()
    events = await interrupted(of)
    step = EXECUTED.decide(fold(events), of)
    assert [event.kind for event in step.events] == ["tool.abandoned"]
    step = EXECUTED.decide(fold([*events, *step.events]), of)
    (returned,) = step.events
    assert step.effect is None
    assert isinstance(returned, e.ToolReturned)
    assert returned.is_error
    said = orjson.loads(returned.content)["error"]
    assert said["code"] == "unavailable"
    assert "what it did is unknown" in said["message"]


@pytest.mark.parametrize(
    ("of", "fields"),
    [
        (external(keeps_state=False), {}),
        (external(reads=True), {}),
        (external(repeatable=True), {}),
        (external(), {"fault": "timeout"}),
        (materials(), {}),
    ],
    ids=["made anew", "reads", "repeatable", "never left", "a database"],
)
async def test_all_others_are_made_again(of: Materials, fields: dict[str, Any]) -> None:
    """Nothing can have happened twice."""
    events = await interrupted(of, **fields)
    step = EXECUTED.decide(fold(events), of)
    again = EXECUTED.decide(fold([*events, *step.events]), of)
    assert [event.kind for event in again.events] == ["tool.called"]
