"""External environments: found out, called, mounted again, and when they fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from eventsim.core.events import (
    EnvironmentMounted,
    EnvironmentSpec,
    ToolReturned,
)
from eventsim.core.fold import fold
from eventsim.core.tools import ToolDefinition
from eventsim.errors import BadInput, Diverged
from eventsim.log.store import Store
from eventsim.log.verify import verify
from eventsim.run.external import discover
from eventsim.run.fleet import Fleet
from eventsim.run.fork import fork
from eventsim.run.mounts import Mounts
from eventsim.run.notes import along, notes_of
from eventsim.run.paths import open_path
from eventsim.run.prepare import Seedbed
from eventsim.run.replay import replay
from eventsim.run.shelf import Shelf
from tests.environments.external.conftest import LEDGER, over_http, shelf
from tests.run.acting import Script, alone, played, results
from tests.run.conftest import BEDS

pytestmark = pytest.mark.anyio

STEP = 13


async def test_a_token_is_sent_and_never_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the variable that is named; without it the server says no."""
    token = "shelf-0123456789abcdef0123456789"
    with over_http(token=token) as url:
        spec = EnvironmentSpec(name="s", kind="mcp", target=url, key_env="MY_TOKEN")
        with pytest.raises(BadInput, match="MY_TOKEN is empty"):
            await discover([spec])
        with pytest.raises(BadInput, match="401"):
            await discover([spec.model_copy(update={"key_env": ""})])
        monkeypatch.setenv("MY_TOKEN", token)
        async with Store.open(tmp_path, mode="write", durability="memory") as store:
            stream = await played(store, alone(spec), [[("put", {"name": "a"})]])
            opened = await open_path(store, Shelf(store), stream)
            assert results(opened.events) == ["a: 1"]
        for file in tmp_path.rglob("*"):
            assert file.is_dir() or token.encode() not in file.read_bytes(), file


async def test_a_service_that_keeps_its_state_is_not_asked_again(
    tmp_path: Path,
) -> None:
    """A fork finds it as it is; nothing is done twice, nor by `replay --execute`."""
    with over_http() as url:
        lasting = EnvironmentSpec(name="s", kind="mcp", target=url, keeps_state=True)
        async with Store.open(tmp_path, mode="write", durability="memory") as store:
            stream = await played(store, alone(lasting), [[("put", {"name": "a"})]])
            mounts = Mounts(store)
            found = await replay(store, Shelf(store), mounts, stream, execute=True)
            assert found.divergence is None
            (returned,) = [
                record.position
                for record in await store.path(stream)
                if record.kind == "tool.returned"
            ]
            info = store.find(stream)
            head, _ = await fork(store, info, returned, seed=1, mounts=mounts)
            await mounts.aclose()
            async with Fleet(store, player=Script([[("look", {})]])) as fleet:
                await fleet.advance(head.stream)
            opened = await open_path(store, Shelf(store), head.stream)
            assert orjson.loads(results(opened.events)[-1]) == {"a": 1}


async def test_a_fork_anywhere_has_what_a_straight_run_has(tmp_path: Path) -> None:
    """A dialogue of over 200 events on a database, an MCP server and a Python class at
    once: at each position the state is that of all calls before it.
    """
    bed = BEDS[0]
    bed = Seedbed(bed.image, bed.title, bed.about, environments=(LEDGER, shelf()))
    async with Store.open(tmp_path, mode="write", durability="memory") as store:
        stream = await played(store, bed, [[("look", {})]])
        offered = (await open_path(store, Shelf(store), stream)).materials.toolset
        written = [tool for tool in offered if tool.statement and not tool.writes][:2]
        replies = [
            [
                ("book", {"amount": number - 3}),
                ("put", {"name": f"thing{number % 4}"}),
                *((tool.name, _some(tool)) for tool in written[:1]),
                *([("take", {"name": "thing1"})] if number % 3 == 0 else []),
            ]
            for number in range(24)
        ]
        stream = await played(store, bed, replies, difficulty="easy")
        mounts, shelf_ = Mounts(store), Shelf(store)
        opened = await open_path(store, shelf_, stream)
        assert len(opened.events) > 200
        mounted = [e for e in opened.events if isinstance(e, EnvironmentMounted)]
        assert [bool(e.external) for e in mounted] == [True]
        look = opened.materials.tool_by_name["look"]
        straight = await mounts.fresh(opened.state, opened.materials)
        done = 0
        for position in range(len(opened.events)):
            event = opened.events[position]
            state = opened.states.at(position)
            if isinstance(event, ToolReturned):
                before = opened.states.at(position - 1)
                call = before.pending[0].call
                tool = opened.materials.tool_by_name[call.name]
                if tool.writes:
                    await straight.call(tool, call.arguments, ordinal=done)
                done += 1
            if position % STEP or state.environment is None:
                continue
            there = await mounts.at(
                state, opened.materials, opened.events[: position + 1], opened.grounds
            )
            assert await there.digest() == await straight.digest()
            one = await there.call(look, {}, ordinal=0)
            other = await straight.call(look, {}, ordinal=0)
            assert one.content == other.content
            await there.close()
        await straight.close()
        found = await replay(store, shelf_, mounts, stream, execute=True)
        assert found.divergence is None
        assert not (await verify(store)).problems
        head, _ = await fork(
            store, store.find(stream), len(opened.events) // 2, seed=1, mounts=mounts
        )
        await mounts.aclose()
        async with Fleet(store, player=Script([[("look", {})]])) as fleet:
            state = await fleet.advance(head.stream)
        assert state.ended is not None


def _some(tool: ToolDefinition) -> dict[str, Any]:
    """Arguments that fit."""
    values: dict[str, Any] = {"integer": 1, "string": "a", "number": 1.0}
    found = {}
    for name in tool.parameters.get("required", ()):
        kind = tool.parameters["properties"][name].get("type", "string")
        found[name] = values[kind if isinstance(kind, str) else kind[0]]
    return found


async def test_one_that_answers_otherwise_is_refused_or_marked(tmp_path: Path) -> None:
    """A fork of it is not begun, or has a note that says what was different."""
    async with Store.open(tmp_path, mode="write", durability="memory") as store:
        replies = [[("put", {"name": "a"})], [("put", {"name": "b"})]]
        stream = await played(store, alone(shelf("--odd")), replies)
        info = store.find(stream)
        before = len(store.streams(family="dialogue"))
        with pytest.raises(Diverged, match="cannot be mounted"):
            await fork(store, info, info.position, seed=1, mounts=Mounts(store))
        assert len(store.streams(family="dialogue")) == before
        head, _ = await fork(store, info, info.position, seed=1)
        async with Fleet(store, player=Script([]), marks_drift=True) as fleet:
            await fleet.advance(head.stream)
        records = await store.path(head.stream)
        noted = along(await notes_of(store), records)
        labels = [n.labels["drift"] for notes in noted.values() for n in notes]
        returned = [r.position for r in records if r.kind == "tool.returned"]
        assert labels == returned


async def test_a_server_that_dies_in_the_midst_is_an_event(tmp_path: Path) -> None:
    """The dialogue goes on, and replays."""
    async with Store.open(tmp_path, mode="write", durability="memory") as store:
        replies = [[("put", {"name": "a"})], [("put", {"name": "b"})], [("look", {})]]
        stream = await played(store, alone(shelf("--die")), replies)
        opened = await open_path(store, Shelf(store), stream)
        first, second, third = results(opened.events)
        assert first == "a: 1"
        assert "unavailable" in second
        assert orjson.loads(third) == {"a": 1}
        assert opened.state.ended is not None
        found = await replay(store, Shelf(store), Mounts(store), stream)
        assert found.divergence is None
        assert fold(opened.events) == opened.state
