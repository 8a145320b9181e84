"""Imports into a real store: what is recorded, what is refused, and going on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from eventsim.core.events import (
    ImportEnded,
    ImportStarted,
    TrajectoryImported,
    UserMessaged,
)
from eventsim.exchange.formats.registry import FORMATS
from eventsim.log.store import Store
from eventsim.log.verify import verify
from eventsim.run.mounts import Mounts
from eventsim.run.paths import open_path
from eventsim.run.replay import replay
from eventsim.run.shelf import Shelf
from tests.exchange.rows import ROWS
from tests.run.importing.files import imported, lines, rows_of

pytestmark = pytest.mark.anyio

HF = ROWS["messages"]


@pytest.mark.parametrize("name", [name for name in ROWS if name != "tau2"])
async def test_a_file_comes_back_as_it_was(tmp_path: Path, name: str) -> None:
    """Also what no event says; every stream verifies and replays."""
    rows = [{**ROWS[name], "uuid": f"u-{n}", "score": n / 2} for n in range(3)]
    path = lines(tmp_path / "rows.jsonl", *rows)
    async with Store.open(tmp_path / "s", mode="write") as store:
        done = await imported(store, path, name, licence="CC0-1.0")
        assert (done.rows, done.imported, done.rejected) == (3, 3, [])
        assert dict(done.beside) == {"/uuid": 3, "/score": 3}
        assert await rows_of(store, name) == rows
        assert not (await verify(store)).problems
        for info in store.streams(family="dialogue"):
            found = await replay(store, Shelf(store), Mounts(store), info.stream)
            assert found.divergence is None
            assert found.events == info.position + 1


async def test_where_a_row_came_from_is_on_record(tmp_path: Path) -> None:
    """File, digest, row, format, licence, benchmark; equal tools are there once."""
    path = lines(tmp_path / "rows.jsonl", HF, {**HF, "id": "x-2"})
    async with Store.open(tmp_path / "s", mode="write") as store:
        await imported(store, path, "messages", licence="MIT", benchmark="probe")
        (run,) = store.streams(family="run")
        started, ended = [r.event for r in await store.read(run.stream)]
        assert isinstance(started, ImportStarted)
        assert (started.file, started.licence) == ("rows.jsonl", "MIT")
        assert (started.format, started.benchmark) == ("messages", "probe")
        assert isinstance(ended, ImportEnded)
        first, second = store.streams(family="dialogue")
        roots = [(await store.read(i.stream))[0].event for i in (first, second)]
        assert all(isinstance(root, TrajectoryImported) for root in roots)
        assert [(r.row, r.row_id) for r in roots] == [(1, ""), (2, "x-2")]  # type: ignore[union-attr]
        assert len(store.streams(family="preparation")) == 1


async def test_a_bad_row_is_rejected_and_the_others_are_not(tmp_path: Path) -> None:
    """Each with its number and reason, in the answer and in the log."""
    deep = b'{"messages":' + b"[" * 3000 + b"]" * 3000 + b"}"
    path = lines(
        tmp_path / "rows.jsonl",
        HF,
        b'{"messages":[{"role":"user","content":"\\ud800"}]}',
        b"nonsense",
        deep,
        b'{"messages":[{"role":"user","content":"\xff"}]}',
        b'{"messages":[{"role":"user","content":"' + b"x" * 70_000 + b'"}]}',
        {"messages": [{"role": "robot", "content": "?"}]},
        {"messages": [{"role": "tool", "content": "?"}]},
        b'{"n":123456789012345678901234567890,"messages":[]}',
        b"",
        {"messages": [{"role": "user", "content": "a\0b"}]},
    )
    async with Store.open(tmp_path / "s", mode="write") as store:
        done = await imported(store, path, "messages", most_bytes=65_536)
        assert done.imported == 2
        said = dict(done.rejected)
        assert "surrogate" in said[2]
        assert "no JSON" in said[3]
        assert "nested" in said[4] or "depth" in said[4]
        assert "not UTF-8" in said[5]
        assert "at most 0 MB" in said[6]
        assert "nobody speaks as 'robot'" in said[7]
        assert "no call waits" in said[8]
        assert "64 bits" in said[9]
        assert set(said) == set(range(2, 10))
        last = store.streams(family="dialogue")[-1]
        assert last.index == 10  # blank lines are no rows
        again = await imported(store, path, "messages", most_bytes=65_536)
        assert (again.imported, again.existing) == (0, 2)
        assert dict(again.rejected) == said


async def test_an_import_that_was_broken_off_goes_on(tmp_path: Path) -> None:
    """With --limit, then whole: every row once."""
    path = lines(tmp_path / "rows.jsonl", *({**HF, "id": str(n)} for n in range(9)))
    async with Store.open(tmp_path / "s", mode="write") as store:
        first = await imported(store, path, "messages", limit=4)
        assert (first.imported, first.rows) == (4, 4)
        assert store.streams(family="run")[0].ended is None
    async with Store.open(tmp_path / "s", mode="write") as store:
        second = await imported(store, path, "messages")
        assert (second.imported, second.existing) == (5, 4)
        assert second.label == first.label
        assert [row["id"] for row in await rows_of(store, "messages")] == [
            str(n) for n in range(9)
        ]
        assert store.streams(family="run")[0].ended is not None


async def test_a_document_keeps_what_stands_around_its_rows(tmp_path: Path) -> None:
    """tau2 results: policy and tools of all simulations stand beside them."""
    simulation = ROWS["tau2"]
    document = {
        "timestamp": "now",
        "info": {"environment_info": {"policy": "Be kind.", "tool_defs": HF["tools"]}},
        "tasks": [{"id": "1"}],
        "simulations": [simulation, {**simulation, "id": "sim-2"}],
    }
    path = tmp_path / "results.json"
    path.write_bytes(orjson.dumps(document))
    async with Store.open(tmp_path / "s", mode="write") as store:
        done = await imported(store, path, "tau2")
        assert done.imported == 2
        (run,) = store.streams(family="run")
        started = (await store.read(run.stream))[0].event
        assert isinstance(started, ImportStarted)
        assert (started.benchmark, started.licence) == ("tau2", "MIT")
        opened = await open_path(
            store, Shelf(store), store.streams(family="dialogue")[0].stream
        )
        assert opened.materials.policy == "Be kind."
        join = FORMATS["tau2"].join
        assert join is not None
        whole = join(started.around, await rows_of(store, "tau2"))
        assert orjson.loads(orjson.dumps(whole)) == document


async def test_whatever_goes_wrong_with_a_row_is_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also what nobody thought of: one line, and the others are imported."""

    def read(row: Any, around: Any) -> Any:
        match row["uuid"]:
            case 1:
                raise KeyError(f"{object()}")
            case 2:
                raise RecursionError
            case 3:
                said = FORMATS["messages"].read(HF, around)
                bad = UserMessaged(text="\ud800", given=True, by="import")
                return replace(said, events=(bad, *said.events[1:]))
            case 4:
                said = FORMATS["messages"].read(HF, around)
                return replace(said, style={"n": float("nan")})
        return FORMATS["messages"].read(row, around)

    path = lines(tmp_path / "rows.jsonl", *({**HF, "uuid": n} for n in range(6)))
    monkeypatch.setitem(FORMATS, "probe", replace(FORMATS["messages"], read=read))
    async with Store.open(tmp_path / "s", mode="write") as store:
        done = await imported(store, path, "probe")
        assert (done.imported, [row for row, _ in done.rejected]) == (2, [2, 3, 4, 5])
        said = [reason for _, reason in done.rejected]
        assert "KeyError" in said[0]
        assert "0x…" in said[0]
        assert "RecursionError" in said[1]
        assert "surrogate" in said[2]
        assert "NaN" in said[3]
        again = await imported(store, path, "probe")
        assert (again.existing, again.rejected) == (2, done.rejected)
        assert not (await verify(store)).problems


async def test_a_row_that_was_rejected_is_tried_again(tmp_path: Path) -> None:
    """With more room it is taken; the log keeps both facts, and a reason once."""
    long = {"messages": [{"role": "user", "content": "x" * 2_000_000}]}
    path = lines(tmp_path / "rows.jsonl", HF, long, {"messages": []})
    async with Store.open(tmp_path / "s", mode="write") as store:
        for _ in range(2):
            done = await imported(store, path, "messages")
            assert [row for row, _ in done.rejected] == [2, 3]
        assert "--max-row-mb 2" in done.rejected[0][1]
        (run,) = store.streams(family="run")
        assert run.kinds["row.rejected"] == 2
        done = await imported(store, path, "messages", most_bytes=4 << 20)
        assert (done.imported, done.existing, done.accepted) == (1, 1, 1)
        assert [row for row, _ in done.rejected] == [3]
        ended = [
            (r.event.rows, r.event.imported)
            for r in await store.read(run.stream)
            if isinstance(r.event, ImportEnded)
        ]
        assert ended == [(3, 1), (3, 2)]


async def test_the_report_is_the_same_in_one_piece_and_in_two(tmp_path: Path) -> None:
    """What was kept and noted of rows that were there comes from the log."""
    call = {"id": "c1", "type": "function"}
    call |= {"function": {"name": "look", "arguments": "{oops"}}
    broken = [
        {"role": "user", "content": "Look."},
        {"role": "assistant", "content": None, "tool_calls": [call]},
    ]
    rows = [{"uuid": n, "messages": broken} for n in range(5)]
    path = lines(tmp_path / "rows.jsonl", *rows)
    async with Store.open(tmp_path / "whole", mode="write") as store:
        whole = await imported(store, path, "messages")
        assert len(whole.told) == 5
        assert whole.told[0].kept
        assert list(whole.notes.values()) == [5]
    async with Store.open(tmp_path / "parts", mode="write") as store:
        part = await imported(store, path, "messages", limit=3)
        assert (part.rows, part.is_whole) == (3, False)
    async with Store.open(tmp_path / "parts", mode="write") as store:
        rest = await imported(store, path, "messages")
        assert (rest.imported, rest.existing) == (2, 3)
    for name in ("beside", "notes", "told", "rejected", "first"):
        assert getattr(rest, name) == getattr(whole, name)


async def test_many_rows_are_made_durable_together(tmp_path: Path) -> None:
    """Each is a batch of its own; equal counts of kinds are one object in memory."""
    path = lines(tmp_path / "rows.jsonl", *({**HF, "id": str(n)} for n in range(600)))
    async with Store.open(tmp_path / "s", mode="write") as store:
        await imported(store, path, "messages")
        assert store.commits < 20
        kinds = {id(s.kinds) for s in store._index.streams.values()}
        assert len(kinds) < 10
        assert not (await verify(store)).problems


async def test_another_licence_at_a_second_import_is_spoken_of(tmp_path: Path) -> None:
    """The first one stands."""
    path = lines(tmp_path / "rows.jsonl", HF)
    async with Store.open(tmp_path / "s", mode="write") as store:
        await imported(store, path, "messages", licence="MIT")
        same = await imported(store, path, "messages", licence="MIT")
        assert same.remarks == []
        other = await imported(store, path, "messages", licence="CC0-1.0")
        assert "imported as MIT, and that stands" in other.remarks[0]
