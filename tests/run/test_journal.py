"""Where events go: one append a model call, and nothing lost that came of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventsim.core import events as e
from eventsim.core.fold import fold
from eventsim.errors import BudgetSpent
from eventsim.log.store import Store
from eventsim.pipelines.user_oriented import EXECUTED
from eventsim.run.journal import StreamJournal
from eventsim.run.loop import advance
from tests.builders import (
    assistant_calls,
    assistant_says,
    materials,
    started,
    user_says,
)
from tests.run.scripted import Scripted

pytestmark = pytest.mark.anyio

ASK = user_says("Where does customer 1 live?")
CALL = assistant_calls(("get_customer", {"customer_id": 1}))
TELL = assistant_says("Customer 1 lives in Oslo.")


class Remote(Scripted):
    """Models are called outside of the process; tools are not. Money for `calls`."""

    calls = 3

    def batches(self, effect: object) -> bool:
        return not hasattr(effect, "body")

    async def admit(self, effect: object, wait_ms: int) -> None:
        if hasattr(effect, "body"):
            self.calls -= 1
            if self.calls < 0:
                raise BudgetSpent("nothing is left")


async def _play(store: Store, world: Scripted) -> list[e.Event]:
    (record,) = await store.append(None, [started()], expected_version=0)
    journal = StreamJournal(store, record.stream, 1)
    assert record.event is not None
    state = fold([record.event])
    with pytest.raises(BudgetSpent):
        await advance(state, materials(), world, journal, EXECUTED.decide, fold)
    return [r.event for r in await store.read(record.stream) if r.event is not None]


async def test_what_came_of_the_last_call_is_kept_when_no_other_may_leave(
    tmp_path: Path,
) -> None:
    """A budget that is spent between two calls loses no answer that was paid."""
    async with Store.open(tmp_path / "store") as store:
        events = await _play(store, Remote([ASK, CALL, TELL]))
    assert isinstance(events[-1], e.AssistantReplied)
    assert [x.kind for x in events if isinstance(x, e.ToolReturned)]
    assert sum(isinstance(x, e.ModelCalled) for x in events) == 3


async def test_a_call_takes_one_append(tmp_path: Path) -> None:
    """What came of a call goes with the intent of the next one."""
    async with Store.open(tmp_path / "store") as store:
        events = await _play(store, Remote([ASK, CALL, TELL]))
        calls = sum(isinstance(x, e.ModelCalled) for x in events)
        assert store.commits == 1 + calls + 1
