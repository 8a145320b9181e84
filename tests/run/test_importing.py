"""Imports into a real store: what is recorded, what is refused, and going on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from eventsim.core.events import ImportEnded, ImportStarted, TrajectoryImported
from eventsim.errors import BadInput
from eventsim.exchange.formats.registry import FORMATS
from eventsim.log.store import Store
from eventsim.log.verify import verify
from eventsim.run.importing.importing import Imported, Importing
from eventsim.run.importing.masking import masker
from eventsim.run.importing.rows import open_rows
from eventsim.run.mounts import Mounts
from eventsim.run.paths import open_path
from eventsim.run.replay import replay
from eventsim.run.shelf import Shelf
from eventsim.run.transcripts import origin_of_path, row_of
from tests.exchange.rows import ROWS

pytestmark = pytest.mark.anyio

HF = ROWS["messages"]


def lines(path: Path, *rows: Any) -> Path:
    """A file of JSON lines; bytes are lines as they are."""
    path.write_bytes(
        b"".join(
            (row if isinstance(row, bytes) else orjson.dumps(row)) + b"\n"
            for row in rows
        )
    )
    return path


async def imported(store: Store, path: Path, name: str, **options: Any) -> Imported:
    """What came of importing a file."""
    most = options.pop("most_bytes", 1 << 20)
    file = await open_rows(path, FORMATS[name], most_bytes=most)
    return await Importing(store, file, FORMATS[name], **options).go()


async def rows_of(store: Store, name: str) -> list[Any]:
    """All imported rows, written again."""
    shelf = Shelf(store)
    rows = []
    for info in store.streams(family="dialogue"):
        opened = await open_path(store, shelf, info.stream)
        origin = await origin_of_path(opened, shelf)
        rows.append(row_of(opened, FORMATS[name], origin))
    return orjson.loads(orjson.dumps(rows))


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


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is empty"),
        (b" \n\n ", "is empty"),
        ("[]".encode("utf-16"), "UTF-16"),
        (b"[1, 2", "no JSON"),
    ],
)
async def test_a_file_that_cannot_be_read_says_why(
    tmp_path: Path, data: bytes, why: str
) -> None:
    """Before anything is written."""
    path = tmp_path / "rows.json"
    path.write_bytes(data)
    with pytest.raises(BadInput, match=why):
        await open_rows(path, FORMATS["messages"])


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


async def test_personal_data_is_replaced_before_anything_is_written(
    tmp_path: Path,
) -> None:
    """In every file of the store, consistently in calls, results and texts."""
    secrets = [
        "ana.lima@example.org",
        "+33 6 12 34 56 78",
        "4111 1111 1111 1111",
        "DE89 3704 0044 0532 0130 00",
        "203.0.113.9",
    ]
    row = orjson.loads(orjson.dumps(HF))
    row["messages"][1]["content"] = "I am " + ", ".join(secrets) + ". Order 20260523."
    call = row["messages"][2]["tool_calls"][0]["function"]
    call["arguments"]["city"] = secrets[0]
    path = lines(tmp_path / "rows.jsonl", row)
    async with Store.open(tmp_path / "s", mode="write") as store:
        await imported(
            store, path, "messages", mask=masker(), masked=("email", "phone")
        )
        (made,) = await rows_of(store, "messages")
    assert made["messages"][1]["content"] == (
        "I am <EMAIL_1>, <PHONE_1>, <CARD_1>, <IBAN_1>, <IP_1>. Order 20260523."
    )
    call = made["messages"][2]["tool_calls"][0]["function"]
    assert call["arguments"]["city"] == "<EMAIL_1>"
    for file in (tmp_path / "s").rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert not [secret for secret in secrets if secret.encode() in data]
