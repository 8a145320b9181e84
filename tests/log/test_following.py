"""Following a log that other processes write."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import anyio
import pytest

from eventsim.core.records import Record
from eventsim.errors import LogCorrupt
from eventsim.log.following import Cursor, follow
from eventsim.log.store import Options, Store
from tests.log.stories import dialogue, fork, said
from tests.log.test_crash import WRITER

pytestmark = pytest.mark.anyio


async def _all(store: Path, cursor: Cursor | None = None) -> list[Record]:
    return [record async for record, _ in follow(store, cursor, endless=False)]


async def test_each_record_comes_once_and_in_order(tmp_path: Path) -> None:
    """Over several segments, as reading gives them; a fork after its parent."""
    options = Options(segment_bytes=1500)
    async with Store.open(tmp_path, options=options) as store:
        told = [await dialogue(store, label, 9) for label in ("a", "b")]
        told.append(await fork(store, told[0][4], "a.1", 3))
        live = await _all(tmp_path)
    for found in (live, await _all(tmp_path)):
        for records in told:
            own = [r for r in found if r.stream == records[0].stream]
            assert [r.line for r in own] == [r.line for r in records]
            assert [r.event for r in own] == [r.event for r in records]
        assert len(found) == sum(map(len, told))
        places = [(r.stream, r.version) for r in found]
        parent = (told[0][4].stream, told[0][4].version)
        assert places.index(parent) < places.index((told[2][0].stream, 1))


async def test_a_cursor_goes_on_behind_any_record(tmp_path: Path) -> None:
    """Also in the midst of a batch, and in another process: it is a word."""
    options = Options(segment_bytes=1500)
    async with Store.open(tmp_path, options=options) as store:
        records = await dialogue(store, "a", 3)
        for _ in range(3):
            batch = [said(number) for number in range(4)]
            last = records[-1]
            records += await store.append(
                last.stream, batch, expected_version=last.version
            )
    seen = [pair async for pair in follow(tmp_path, endless=False)]
    assert len(seen) == len(records) == 16
    for at, (_, cursor) in enumerate(seen, 1):
        rest = await _all(tmp_path, Cursor.read(str(cursor)))
        assert [r.hash for r in rest] == [r.hash for r in records[at:]]


async def test_a_subscriber_sees_what_is_appended_later(tmp_path: Path) -> None:
    """It waits, and gets each record when it is durable; others are left out."""
    seen: list[Record] = []
    async with Store.open(tmp_path) as store:
        first = await dialogue(store, "a", 1)
        stream = first[0].stream

        async def watch() -> None:
            async with Store.open(tmp_path, mode="read") as reader:
                async for record, _ in reader.subscribe(stream=stream, poll_s=0.01):
                    seen.append(record)
                    if record.version == 6:
                        return

        async with anyio.create_task_group() as group:
            group.start_soon(watch)
            for version in range(2, 6):
                await anyio.sleep(0.02)
                await dialogue(store, f"b{version}", 1)
                await store.append(stream, [said(version)], expected_version=version)
    assert [record.version for record in seen] == [1, 2, 3, 4, 5, 6]


async def test_a_writer_that_is_killed_again_and_again_is_followed(
    tmp_path: Path,
) -> None:
    """One follower over five lives of a writer: all that was acknowledged, once."""
    store = tmp_path / "store"
    root = Path(__file__).resolve().parents[2]
    async with Store.open(store) as opened:
        await dialogue(opened, "first", 1)
    seen: list[tuple[str, int]] = []
    acknowledged: dict[str, int] = {}

    def live() -> None:
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(store)],
            stdout=subprocess.PIPE,
            cwd=root,
            text=True,
        ) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(0.2)
            child.send_signal(signal.SIGKILL)
            for line in child.stdout.read().splitlines()[:-1]:
                stream, version, _ = line.split()
                acknowledged[stream] = max(acknowledged.get(stream, 0), int(version))

    async with anyio.create_task_group() as group:

        async def watch() -> None:
            async for record, _ in follow(store, poll_s=0.005):
                seen.append((record.stream, record.version))

        group.start_soon(watch)
        for _ in range(5):
            await anyio.to_thread.run_sync(live)
        with anyio.fail_after(30):
            while not set(acknowledged.items()) <= set(seen):
                await anyio.sleep(0.02)
        group.cancel_scope.cancel()
    assert len(seen) == len(set(seen))
    versions: dict[str, int] = {}
    for stream, version in seen:
        assert version == versions.get(stream, 0) + 1
        versions[stream] = version
    assert len(acknowledged) > 5


async def test_damage_ends_it_with_the_place(tmp_path: Path) -> None:
    """What comes before is given out."""
    async with Store.open(tmp_path) as store:
        records = await dialogue(store, "a", 5)
    (segment,) = (tmp_path / "segments").glob("*.jsonl")
    data = segment.read_bytes()
    at = data.index(b"hello 3")
    segment.write_bytes(data[:at] + b"j" + data[at + 1 :])
    following = follow(tmp_path, endless=False)
    seen = [(await anext(following)).record.hash for _ in range(4)]
    assert seen == [record.hash for record in records[:4]]
    with pytest.raises(LogCorrupt, match="bytes are damaged") as caught:
        await anext(following)
    assert caught.value.offset < at
