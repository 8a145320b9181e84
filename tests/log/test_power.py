"""Single faults that the fault suite found, each with what it broke."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from eventsim.errors import LogError, LogPoisoned
from eventsim.log.disk import Disk
from eventsim.log.store import Options, Store
from eventsim.log.torture.medium import Medium
from eventsim.log.torture.tally import problems_of
from tests.log.stories import begun, dialogue, said, segment_of

pytestmark = pytest.mark.anyio

SEEDS = range(12)


class FailingOnce(Medium):
    """The next call of a name fails."""

    fails = ""

    def _pass(self, call: str) -> None:
        super()._pass(call)
        if call == self.fails:
            self.fails = ""
            raise OSError(5, "Input/output error")


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_new_store_in_new_directories_survives(
    tmp_path: Path, seed: int
) -> None:
    """The name of each directory is synced in the one above."""
    medium, path = Medium(tmp_path, seed), tmp_path / "a" / "b" / "store"
    async with Store.open(path, options=Options(disk=medium)) as store:
        records = await dialogue(store, "kept")
    medium.lose_power()
    async with Store.open(path, mode="read") as store:
        assert await store.read(records[0].stream) == records


@pytest.mark.parametrize("calls", range(24))
async def test_making_a_store_may_be_cut_off_anywhere(
    tmp_path: Path, calls: int
) -> None:
    """It is made when it is opened the next time, and it verifies."""
    for seed in SEEDS:
        root = tmp_path / str(seed)
        root.mkdir()
        medium = Medium(root, seed)
        options = Options(disk=medium)
        medium.burn(calls)
        try:
            async with Store.open(root / "store", options=options) as store:
                await store.put_blob(b"a blob")
        except LogError:
            assert not medium.is_on
        medium.lose_power()
        async with Store.open(root / "store", options=options) as store:
            await dialogue(store, "after")
            assert await problems_of(store) == []


async def test_a_batch_whose_sync_failed_is_durable_once_a_writer_goes_on(
    tmp_path: Path,
) -> None:
    """A failed sync leaves pages that no later one writes: they are written again."""
    for seed in SEEDS:
        root = tmp_path / str(seed)
        root.mkdir()
        medium = FailingOnce(root, seed)
        options, path = Options(disk=medium), root / "store"
        pages = [begun("b"), said(0, "several pages " * 1000)]
        async with Store.open(path, options=options) as store:
            await dialogue(store, "a")
            medium.fails = "fsync"
            with pytest.raises(LogPoisoned):
                await store.append(None, pages, expected_version=0)
        async with Store.open(path, options=options) as store:
            stream = store.find("b").stream
            told = [*await store.read(stream), *await dialogue(store, "c")]
        medium.lose_power()
        async with Store.open(path, options=options) as store:
            assert store.hurt == ()
            held = [*await store.read(stream), *await store.read(told[-1].stream)]
            assert held == told


async def test_a_blob_whose_name_was_not_synced_is_synced_when_put_again(
    tmp_path: Path,
) -> None:
    """What is there already counts only once its name is durable."""
    for seed in SEEDS:
        root = tmp_path / str(seed)
        root.mkdir()
        medium = FailingOnce(root, seed)
        options, path = Options(disk=medium), root / "store"
        async with Store.open(path, options=options) as store:
            medium.fails = "fsync_directory"
            with pytest.raises(LogError):
                await store.put_blob(b"a blob")
            name = await store.put_blob(b"a blob")
        medium.lose_power()
        async with Store.open(path, mode="read") as store:
            assert await store.get_blob(name) == b"a blob"


def test_what_a_crash_left_of_a_file_does_not_enter_the_next_one(
    tmp_path: Path,
) -> None:
    """Process numbers repeat after a restart, and files are written to their end."""
    (tmp_path / f"file.{os.getpid()}.new").write_bytes(b"left over")
    Disk().create(tmp_path / "file", b"whole")
    assert (tmp_path / "file").read_bytes() == b"whole"


class NoNewSegment(Disk):
    """Opens one segment and no more."""

    opened = 0

    def open_append(self, path: Path) -> int:
        if path.suffix == ".jsonl":
            self.opened += 1
            if self.opened > 1:
                raise OSError(28, "No space left on device")
        return super().open_append(path)


async def test_a_segment_that_cannot_be_opened_closes_nothing_of_others(
    tmp_path: Path,
) -> None:
    """The writer closes each descriptor once: its number is another file's soon."""
    options = Options(disk=NoNewSegment(), segment_bytes=4500)
    async with Store.open(tmp_path, options=options) as store:
        with pytest.raises(LogPoisoned):
            await dialogue(store, "a", 40)
        others = [os.open(segment_of(tmp_path), os.O_RDONLY) for _ in range(20)]
    for other in others:
        os.fstat(other)
        os.close(other)
    async with Store.open(tmp_path) as store:
        await dialogue(store, "b")
