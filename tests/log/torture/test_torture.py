"""The fault suite itself: it keeps every promise, and it would see a broken one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from eventsim.log.store import Store
from eventsim.log.torture.medium import Medium
from eventsim.log.torture.power import lose_power
from eventsim.log.torture.runner import FAMILIES, Plan, torture
from eventsim.log.torture.tally import (
    PROMISES,
    Acknowledged,
    Tally,
    Tick,
    compare,
    message,
)
from eventsim.log.torture.workload import fifty_events, root
from eventsim.log.torture.writers import Crew, Shift

pytestmark = pytest.mark.anyio

SMALL = Plan(loops=24, losses=300, rounds=4, step=53, bits=1, call_step=3, seed=7)


@contextmanager
def unseen(_title: str) -> Iterator[Tick]:
    """Progress that nobody looks at."""
    yield lambda _total: None


@pytest.mark.parametrize("family", FAMILIES)
async def test_the_log_keeps_its_promises(
    tmp_path: Path, family: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is lost, doubled, half there, wrong, silent, foreign or stuck."""
    (tally,) = await torture(tmp_path, SMALL, unseen, only=[family])
    with capsys.disabled():
        counts = ", ".join(f"{name} {getattr(tally, name)}" for name in PROMISES)
        sys.stdout.write(
            f"\n{tally.family}: {tally.cases} cases, {tally.acknowledged} "
            f"acknowledged, {tally.located} located, {tally.torn} torn; {counts}\n"
        )
    assert tally.broken == []
    assert tally.kept
    assert tally.cases > 3
    assert tally.acknowledged > 50
    assert list(tmp_path.iterdir()) == []


async def test_several_processes_may_make_the_same_store(tmp_path: Path) -> None:
    """One of them makes it, the others find it being written, or made; in any order."""
    tally = Tally("making")
    with Crew() as crew:
        for number in range(20):
            path, told = tmp_path / str(number), Acknowledged()
            shift = Shift(
                path=str(path), token=str(number), seed=number, tasks=1, batches=1,
                delay_s=0, writers=6, killed=0,
            )  # fmt: skip
            await crew.work(shift, told, tally, f"store {number}")
            async with Store.open(path, mode="read") as store:
                await compare(tally, told, store, f"store {number}")
    assert tally.broken == []
    assert tally.acknowledged >= 20 * 6


class _Lying(Medium):
    """Says that it synced, and did not."""

    def fsync(self, descriptor: int) -> None:
        pass


async def test_a_disk_that_lies_about_syncing_is_found_out(tmp_path: Path) -> None:
    """Then acknowledged records are lost, and the count says so."""
    tally = await lose_power(tmp_path, 40, 3, lambda _total: None, disk=_Lying)
    assert tally.lost > 0
    assert not tally.kept
    assert "seed 3" in tally.broken[0]


async def test_what_differs_from_what_was_acknowledged_is_counted(
    tmp_path: Path,
) -> None:
    """Lost, wrong, half there and doubled, each by its own count."""
    async with Store.open(tmp_path) as store:
        whole = [root("a"), message("whole", 1, 2), message("whole", 2, 2)]
        records = await store.append(None, whole, expected_version=0)
        stream = records[0].stream
        told = Acknowledged()
        told.batch(records)
        told.blobs.add(await store.put_blob(b"here"))
        tally = Tally("none")
        await compare(tally, told, store, "as it is")
        assert tally.kept
        assert tally.acknowledged == 3
        again = [message("whole", 1, 2), message("half", 1, 2)]
        await store.append(stream, again, expected_version=3)
        told.take(stream, {2: "0" * 64, 9: "1" * 64})
        told.blobs.add("2" * 64)
        tally = Tally("all")
        await compare(tally, told, store, "altered")
    counts = (tally.lost, tally.wrong, tally.half, tally.doubled)
    assert counts == (2, 1, 1, 1)


async def test_the_store_that_is_cut_and_flipped_has_fifty_events(
    tmp_path: Path,
) -> None:
    """Of every family of streams, two forks among them."""
    async with Store.open(tmp_path) as store:
        told = await fifty_events(store)
        families = [info.family for info in store.streams()]
        forks = [info for info in store.streams() if info.parent is not None]
    assert len(told) == 51
    assert set(families) == {"run", "preparation", "dialogue"}
    assert len(forks) == 2
