"""Runs that go on from what there is: a generated path, an import, plain chat."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from eventsim.config import RunConfig
from eventsim.core.events import (
    EnvironmentMounted,
    Start,
    TaskAssigned,
    TrajectoryForked,
)
from eventsim.core.fold import fold
from eventsim.core.state import Dialogue
from eventsim.exchange.formats.registry import FORMATS
from eventsim.exchange.shown import shape_of, shown_tools
from eventsim.log.store import Store
from eventsim.log.verify import verify
from eventsim.run.fleet import Fleet
from eventsim.run.importing.importing import Importing
from eventsim.run.importing.rows import open_rows
from eventsim.run.mounts import Mounts
from eventsim.run.paths import Opened, open_path
from eventsim.run.prepare import Seedbed
from eventsim.run.replay import replay, replay_preparation
from eventsim.run.shelf import Shelf
from eventsim.run.starts import starts_of
from tests.exchange.rows import ROWS, TASK
from tests.run.conftest import BEDS

pytestmark = pytest.mark.anyio

CHAT = "user-oriented"
EXECUTED = "user-oriented+execution"


async def go_on(
    store: Store,
    starts: list[Start],
    pipeline: str,
    *,
    adds_tasks: bool = False,
    beds: tuple[Seedbed, ...] = (),
    **fields: Any,
) -> list[Opened]:
    """The paths that a run came to, each replayed with what it mounts."""
    shelf = Shelf(store)
    config = RunConfig(seed=5, count=len(starts), pipeline=pipeline, **fields)
    async with Fleet(store) as fleet:
        run = await fleet.begin(config, beds, starts=starts, adds_tasks=adds_tasks)
        await fleet.go(await fleet.work(run))
    paths = []
    infos = store.streams(family="dialogue", run=run.ref.stream)
    for info in sorted(infos, key=lambda each: each.index or 0):
        found = await replay(store, shelf, Mounts(store), info.stream, execute=True)
        assert found.divergence is None, str(found.divergence)
        paths.append(await open_path(store, shelf, info.stream))
    for info in store.streams(family="preparation", run=run.ref.stream):
        again = await replay_preparation(store, shelf, info.stream, execute=True)
        assert again.divergence is None, str(again.divergence)
    assert len(paths) == len(starts)
    assert not (await verify(store)).problems
    return paths


async def imported(store: Store, place: Path, name: str, *rows: Any) -> list[Start]:
    """The starts of rows that were imported."""
    path = place / f"{name}.jsonl"
    path.write_bytes(b"\n".join(orjson.dumps(row) for row in rows))
    done = await Importing(
        store, await open_rows(path, FORMATS[name]), FORMATS[name]
    ).go()
    return await starts_of(store, done.label)


async def test_a_path_goes_on_from_every_position(own: Path) -> None:
    """In another run, with what it has: each ends, replays, and counts in that run."""
    async with Store.open(own, mode="write", durability="memory") as store:
        info = store.streams(family="dialogue")[0]
        records = await store.path(info.stream)
        starts = [
            Start(parent=record.ref, position=record.position, label="x")
            for record in records
        ]
        paths = await go_on(store, starts, EXECUTED)
        for start, opened in zip(starts, paths, strict=True):
            event = opened.events[start.position + 1]
            assert isinstance(event, TrajectoryForked)
            before = opened.states.at(start.position)
            tasks_left = len(before.verdicts) < 2
            assert (event.preparation is None) == tasks_left
            assert opened.state.number == event.index
            assert opened.state.ended is not None
            assert opened.footing.run != records[0].event.run  # type: ignore[union-attr]


async def test_more_tasks_are_of_the_data_as_it_is_there(own: Path) -> None:
    """After all that was written: numbers go on, witnesses hold, the tools that there
    were stay on offer.
    """
    async with Store.open(own, mode="write", durability="memory") as store:
        infos = store.streams(family="dialogue")
        shelf = Shelf(store)
        starts = []
        for info in infos:
            starts += await starts_of(store, info.label)
        paths = await go_on(store, starts, EXECUTED, adds_tasks=True, tasks=2)
        for info, opened in zip(infos, paths, strict=True):
            parent = await open_path(store, shelf, info.stream)
            had = len(parent.materials.tasks)
            assert opened.materials.tasks[:had] == parent.materials.tasks
            assert len(opened.materials.tasks) == had + 2
            assigned = [e for e in opened.events if isinstance(e, TaskAssigned)]
            assert [e.number for e in assigned] == list(range(1, len(assigned) + 1))
            mounted = [e for e in opened.events if isinstance(e, EnvironmentMounted)]
            assert len(mounted) == 1
            names = {tool.name for tool in opened.materials.toolset}
            assert {tool.name for tool in parent.materials.toolset} <= names
        assert sum(opened.state.valid or False for opened in paths) >= len(paths) // 3


async def test_a_database_is_mounted_into_a_chat_that_had_none(tmp_path: Path) -> None:
    """Its tools, its policy, its tasks; what was said stands before them."""
    row = {"messages": [{"role": "user", "content": "Tell me a joke."},
                        {"role": "assistant", "content": "No."}]}  # fmt: skip
    async with Store.open(tmp_path / "s", mode="write") as store:
        starts = await imported(store, tmp_path, "messages", row)
        (opened,) = await go_on(
            store, starts, EXECUTED, adds_tasks=True, beds=BEDS[:1], tasks=1
        )
        assert [m.text for m in opened.state.messages[:2]] == ["Tell me a joke.", "No."]
        assert opened.materials.source.rows_digest
        assert opened.state.toolset is not None
        assert [v.basis for v in opened.state.verdicts] == ["proven"]


async def test_a_tool_use_need_is_injected_into_plain_chat(tmp_path: Path) -> None:
    """Tools made from seeds, played by a model, and a task for them."""
    row = {"messages": [{"role": "user", "content": "Hi."},
                        {"role": "assistant", "content": "Hello."}]}  # fmt: skip
    seeds = Seedbed(
        None, "a hotel", "It has rooms.", "hotel", (ROWS["messages"]["tools"][0],)
    )
    async with Store.open(tmp_path / "s", mode="write") as store:
        starts = await imported(store, tmp_path, "messages", row)
        (opened,) = await go_on(
            store, starts, CHAT, adds_tasks=True, beds=(seeds,), tasks=1
        )
        assert opened.materials.toolset
        assert opened.state.verdicts
        assert any(message.call for message in opened.state.messages)


async def test_a_conversation_without_a_task_gets_the_one_it_shows(
    tmp_path: Path,
) -> None:
    """Whoever is to speak next speaks: the assistant after a question, the tool where a
    call waits, the user after an answer.
    """
    whole = ROWS["messages"]
    rows = [
        {**whole, "messages": whole["messages"][:length]} for length in (2, 3, 4, 5)
    ]
    async with Store.open(tmp_path / "s", mode="write") as store:
        starts = await imported(store, tmp_path, "messages", *rows)
        paths = await go_on(store, starts, CHAT)
        speakers = []
        for start, opened in zip(starts, paths, strict=True):
            new = [m for m in opened.state.messages if m.position > start.position]
            speakers.append(new[0].speaker)
            assert opened.materials.inferred == 1
            assert opened.state.verdicts
        assert speakers == ["assistant", "tool", "assistant", "user"]
        begun = [
            next(e.begun for e in p.events if isinstance(e, TaskAssigned))
            for p in paths
        ]
        assert begun == [1, 1, 1, 0]  # what the user asked for is open, or answered


async def test_tools_that_nobody_defined_are_those_that_the_calls_show(
    tmp_path: Path,
) -> None:
    """Of a history, and of the calls that a task expects."""
    history = {"message_history": ROWS["tau2"]["messages"]}
    row = {**TASK, "initial_state": history}
    async with Store.open(tmp_path / "s", mode="write") as store:
        starts = await imported(store, tmp_path, "tau2-tasks", row)
        (opened,) = await go_on(store, starts, CHAT)
        (tool,) = opened.materials.toolset
        assert tool.name == "get_weather"
        assert orjson.loads(orjson.dumps(tool.parameters)) == {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        }
        assert tool.returns["properties"]["degrees"]["type"] == "integer"
        assert opened.materials.inferred == 0
        assert [e.title for e in opened.events if isinstance(e, TaskAssigned)] == [
            "t-1"
        ]


async def test_a_run_that_goes_on_is_resumed_where_it_stands(own: Path) -> None:
    """Each trajectory is begun once, whenever the run was broken off."""
    async with Store.open(own, mode="write", durability="memory") as store:
        starts = await starts_of(store, store.streams(family="run")[0].label)
        config = RunConfig(seed=6, count=2 * len(starts), pipeline=EXECUTED, tasks=1)
        async with Fleet(store) as fleet:
            run = await fleet.begin(config, (), starts=starts, adds_tasks=True)
            work = await fleet.work(run)
            assert len(work.unbegun) == 12
            half = type(work)(run, work.unbegun[:5], ())
            await fleet.go(half)
            again = await fleet.begin(config, (), starts=starts, adds_tasks=True)
            assert again.existed
            left = await fleet.work(again)
            assert len(left.unbegun) == 7
            await fleet.go(left)
        infos = store.streams(family="dialogue", run=run.ref.stream)
        assert sorted(info.index or 0 for info in infos) == list(range(1, 13))
        assert all(info.ended for info in infos)


def test_a_shape_holds_all_values() -> None:
    """Types are joined, fields too."""
    assert shape_of([1, 2.5]) == {"type": "number"}
    assert shape_of([{"a": 1}, {"b": None}])["properties"] == {
        "a": {"type": "integer"},
        "b": {"type": "null"},
    }
    assert shape_of([["x"], []]) == {"type": "array", "items": {"type": "string"}}
    assert shape_of([True, 1])["type"] == ["boolean", "integer"]
    assert shown_tools((), ()) == ()
    assert fold(()) == Dialogue()
