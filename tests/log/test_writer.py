"""Appending: order, batches, one commit for many, and what a failure does."""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path

import anyio
import pytest

from eventsim.core import events as e
from eventsim.errors import LogConflict, LogPoisoned, NotFound, UsageError
from eventsim.log.store import Options, Store
from tests.log.stories import (
    FaultyDisk,
    begun,
    dialogue,
    forget,
    fork,
    full_disk,
    said,
    segment_of,
    texts,
    told_times,
)

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("durability", ["fsync", "os", "memory"])
async def test_many_tasks_share_commits_and_keep_their_order(
    tmp_path: Path, durability: str
) -> None:
    """Each stream is gapless and in order, and there are fewer commits than appends."""
    told: dict[str, int] = {}

    async def tell(store: Store, number: int) -> None:
        records = await store.append(None, [begun(f"t{number}")], expected_version=0)
        stream, version = records[0].stream, 1
        for message in range(10):
            batch = [said(2 * message), said(2 * message + 1)]
            records = await store.append(stream, batch, expected_version=version)
            version = records[-1].version
        told[stream] = version

    async with (
        Store.open(tmp_path, durability=durability) as store,  # type: ignore[arg-type]
    ):
        async with anyio.create_task_group() as tasks:
            for number in range(64):
                tasks.start_soon(tell, store, number)
        assert len(told) == 64
        appends = 64 * 11
        assert 0 < store.commits < (appends / 2 if durability == "fsync" else appends)
        for stream in told:
            assert len(await store.read(stream)) == 21
    forget(tmp_path)
    async with Store.open(tmp_path, mode="read") as store:
        for stream, version in told.items():
            records = await store.read(stream)
            assert [record.version for record in records] == [*range(1, version + 1)]
            assert texts(records) == [f"hello {n} é" for n in range(20)]


async def test_a_wrong_expected_version_appends_nothing(tmp_path: Path) -> None:
    """Of two who expect the same version, one is told."""
    async with Store.open(tmp_path) as store:
        records = await dialogue(store, "a")
        stream = records[0].stream
        for wrong in (0, 3, 5):
            with pytest.raises(LogConflict, match=f"version 4, not {wrong}"):
                await store.append(stream, [said(1)], expected_version=wrong)
        with pytest.raises(LogConflict):
            await store.append(None, [begun("b")], expected_version=1)
        results = await asyncio.gather(
            *(store.append(stream, [said(n)], expected_version=4) for n in range(5)),
            return_exceptions=True,
        )
        assert [isinstance(result, LogConflict) for result in results] == [
            False, True, True, True, True,
        ]  # fmt: skip
        assert store.head(stream).version == 5
        with pytest.raises(NotFound):
            await store.append("0" * 32, [said(1)], expected_version=0)
        with pytest.raises(UsageError):
            await store.append(stream, [], expected_version=5)


async def test_appends_of_one_stream_may_follow_without_waiting(
    tmp_path: Path,
) -> None:
    """Order is decided when they are asked for, not when they are durable."""
    async with Store.open(tmp_path) as store:
        stream = (await dialogue(store, "a", 0))[0].stream
        await asyncio.gather(
            *(
                store.append(stream, [said(n)], expected_version=n + 1)
                for n in range(20)
            )
        )
        assert texts(await store.read(stream)) == [f"hello {n} é" for n in range(20)]


async def test_what_is_returned_is_what_is_read(tmp_path: Path) -> None:
    """Records of an append and of a read are equal, also of a whole path."""
    options = Options(stamps=told_times(77))
    async with Store.open(tmp_path, options=options) as store:
        records = await dialogue(store, "a")
        assert [record.time_us for record in records] == [77, 78, 79, 80]
        branch = await fork(store, records[1], "a.1", 2)
        assert await store.read(records[0].stream) == records
        assert await store.read(records[0].stream, start=1, stop=3) == records[1:3]
        assert await store.read(records[0].stream, start=4) == []
        assert await store.path(branch[-1].ref) == [*records[:2], *branch]
        again = await fork(store, branch[1], "a.1.1", 1)
        assert await store.path(again[0].stream) == [*records[:2], *branch[:2], *again]
        assert await store.path(again[0].stream, 1) == [
            *records[:2], *branch[:2], again[0],
        ]  # fmt: skip
        positions = [r.position for r in await store.path(again[0].stream)]
        assert positions == [*range(6)]
        with pytest.raises(NotFound, match="has 2 records, not 3"):
            await store.path(again[0].stream, 3)


async def test_a_fork_needs_its_parent(tmp_path: Path) -> None:
    """Stream, version, hash and position must be those of a durable record."""
    async with Store.open(tmp_path) as store:
        parent = (await dialogue(store, "a"))[2]
        right = {"parent": parent.ref, "position": 2}

        async def attempt(**changed: object) -> None:
            fields = {**right, **changed}
            event = e.TrajectoryForked(label="x", seed=1, lineage="f", **fields)  # type: ignore[arg-type]
            await store.append(None, [event], expected_version=0)

        ref = parent.ref
        for wrong, error in (
            ({"parent": ref.model_copy(update={"stream": "0" * 32})}, NotFound),
            ({"parent": ref.model_copy(update={"version": 9})}, NotFound),
            ({"parent": ref.model_copy(update={"version": 0})}, NotFound),
            ({"parent": ref.model_copy(update={"hash": "0" * 64})}, LogConflict),
            ({"position": 1}, LogConflict),
        ):
            with pytest.raises(error):
                await attempt(**wrong)
        assert len(store.streams()) == 1
        await attempt()


@pytest.mark.parametrize("operation", ["write", "fsync"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("after", [4, 6])
async def test_a_failure_is_final_and_told_to_all(
    tmp_path: Path, operation: str, code: int, after: int
) -> None:
    """Nothing is acknowledged after it; what was acknowledged is there later."""
    acknowledged: dict[str, int] = {}
    failures = []
    disk = FaultyDisk(operation, 10**9, code, partly=100)

    async def tell(store: Store, number: int) -> None:
        try:
            records = await store.append(
                None, [begun(f"t{number}")], expected_version=0
            )
            while True:
                last = records[-1]
                acknowledged[last.stream] = last.version
                records = await store.append(
                    last.stream, [said(1)], expected_version=last.version
                )
        except LogPoisoned as error:
            failures.append(error)

    async with Store.open(tmp_path, options=Options(disk=disk)) as store:
        disk.left = after
        async with anyio.create_task_group() as tasks:
            for number in range(8):
                tasks.start_soon(tell, store, number)
        assert len(failures) == 8
        with pytest.raises(LogPoisoned, match="until the store is opened again"):
            await dialogue(store, "late")
        assert "\n" not in str(failures[0])
        for stream, version in acknowledged.items():
            assert len(await store.read(stream)) == version
    async with Store.open(tmp_path) as store:
        assert store.find("t0").version >= 1
        for stream, version in acknowledged.items():
            assert store.head(stream).version >= version
        assert bool(store.recovered) == (operation == "write")
        await dialogue(store, "after")


async def test_a_full_disk_says_so(tmp_path: Path) -> None:
    """One line, with the file and what to do."""
    async with Store.open(tmp_path, options=full_disk(after=4, partly=9)) as store:
        with pytest.raises(LogPoisoned) as caught:
            await dialogue(store, "a", 9)
        assert "the disk is full" in str(caught.value)
        assert "segments/0-00000001.jsonl" in str(caught.value)


async def test_a_waiter_that_gives_up_does_not_undo_its_append(
    tmp_path: Path,
) -> None:
    """What was in line is written; the next append finds it."""
    async with Store.open(tmp_path) as store:
        stream = (await dialogue(store, "a", 0))[0].stream
        with anyio.CancelScope() as scope:
            scope.cancel()
            await store.append(stream, [said(1)], expected_version=1)
        with pytest.raises(LogConflict):
            await store.append(stream, [said(2)], expected_version=1)
        await store.append(stream, [said(3)], expected_version=2)
        assert texts(await store.read(stream)) == ["hello 1 é", "hello 3 é"]


async def test_leaving_by_cancellation_closes_cleanly(tmp_path: Path) -> None:
    """The final offset is stated and the lock is free."""
    with anyio.CancelScope() as scope:
        async with Store.open(tmp_path) as store:
            await dialogue(store, "a")
            scope.cancel()
            await anyio.sleep(60)
    assert b'"bytes":0' in segment_of(tmp_path).read_bytes().splitlines()[-1]
    async with Store.open(tmp_path) as store:
        assert store.find("a").version == 4


async def test_times_and_salts_are_stamped_once_each(tmp_path: Path) -> None:
    """One time a batch, one salt a record, none repeated by default."""
    async with Store.open(tmp_path) as store:
        records = await store.append(
            None, [begun("a"), said(1), said(2)], expected_version=0
        )
    assert len({record.time_us for record in records}) == 1
    salts = {record.line.split(b'"salt":"')[1][:32] for record in records}
    assert len(salts) == 3


async def test_streams_that_begin_together_are_each_a_batch(tmp_path: Path) -> None:
    """One commit, heads in order, and each its own stream after opening again."""
    async with Store.open(tmp_path) as store:
        before = store.commits
        heads = await store.begin([[begun(f"t-{n}"), said(n)] for n in range(50)])
        assert store.commits == before + 1
        assert [store.info(head.stream).label for head in heads][7] == "t-7"
    async with Store.open(tmp_path, mode="read") as store:
        for head in heads:
            records = await store.read(head.stream)
            assert [record.version for record in records] == [1, 2]
            assert records[-1].ref == head
