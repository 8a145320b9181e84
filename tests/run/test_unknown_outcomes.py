"""Calls of external environments whose outcome is unknown: never made twice."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from eventsim.core.events import EnvironmentSpec
from eventsim.log.store import Store
from eventsim.run.fleet import Fleet
from eventsim.run.fork import fork
from eventsim.run.mounts import Mounts
from eventsim.run.paths import open_path
from eventsim.run.replay import replay
from eventsim.run.shelf import Shelf
from tests.environments.external.conftest import of_class, over_http
from tests.run.acting import Script, alone, played, results

pytestmark = pytest.mark.anyio


async def test_an_interrupted_write_to_a_service_is_not_made_again(
    tmp_path: Path,
) -> None:
    """What it did is unknown, and says so; the dialogue goes on, and replays. What only
    reads is asked again.
    """
    calls = [[("put", {"name": "a"})], [("look", {})]]
    with over_http() as url:
        lasting = EnvironmentSpec(name="s", kind="mcp", target=url, keeps_state=True)
        async with Store.open(tmp_path, mode="write", durability="memory") as store:
            stream = await played(store, alone(lasting), calls)
            records = await store.path(stream)
            called = [r.position for r in records if r.kind == "tool.called"]
            for position, done in zip(called, ("unavailable", "a: 1"), strict=True):
                head, _ = await fork(store, store.find(stream), position, seed=1)
                async with Fleet(store, player=Script(calls[1:])) as fleet:
                    state = await fleet.advance(head.stream)
                assert state.ended is not None
                opened = await open_path(store, Shelf(store), head.stream)
                assert opened.events[position + 2].kind == "tool.abandoned"
                assert done in results(opened.events)[0]
                assert orjson.loads(results(opened.events)[-1]) == {"a": 1}
                found = await replay(
                    store, Shelf(store), Mounts(store), head.stream, execute=True
                )
                assert found.divergence is None


async def test_a_replay_does_not_repeat_what_brought_no_answer(tmp_path: Path) -> None:
    """Its outcome was unknown, and a hanging call would cost its whole limit again."""
    log = tmp_path / "log"
    spec = of_class("Clock", settings={"log": str(log)})
    async with Store.open(tmp_path / "s", mode="write", durability="memory") as store:
        stream = await played(store, alone(spec), [[("wind", {})], [("stop", {})]])
        opened = await open_path(store, Shelf(store), stream)
        assert "unavailable" in results(opened.events)[1]
        assert log.read_text().split() == ["wind", "stop"]
        found = await replay(store, Shelf(store), Mounts(store), stream, execute=True)
        assert found.divergence is None
        assert log.read_text().split() == ["wind", "stop", "wind"]


async def test_a_call_lasts_as_long_as_the_request(tmp_path: Path) -> None:
    """The start of what answers it is no part of it."""
    async with Store.open(tmp_path, mode="write", durability="memory") as store:
        stream = await played(store, alone(of_class("Slow")), [[("quick", {})]])
        spent = [
            event.duration_us
            for record in await store.path(stream)
            if (event := record.event) is not None and event.kind == "tool.returned"
        ]
        assert 0 < spent[0] < 300_000
