"""A bundle taken into another store: the same records, compared where they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from eventsim.core import events as e
from eventsim.core.records import Record
from eventsim.errors import BadInput, LogConflict
from eventsim.log.bundle import read_bundle, write_bundle
from eventsim.log.pruning import plan, prune
from eventsim.log.store import Store
from eventsim.log.taking import absent_of, take_bundle, taken_of
from eventsim.log.verify import verify, verify_trajectory
from tests.log.stories import whole_run

pytestmark = pytest.mark.anyio
Told = dict[str, Sequence[Record]]


async def bundled(path: Path) -> tuple[Path, Told]:
    """A bundle of a fork, and the records of the store that it is from."""
    async with Store.open(path / "from") as store:
        told = await whole_run(store)
        await write_bundle(store, told["fork"][0].stream, path / "b.jsonl")
    return path / "b.jsonl", told


async def test_records_keep_their_identity_and_their_proof(tmp_path: Path) -> None:
    """Byte for byte; what the bundle was without is no damage; out again the same."""
    file, told = await bundled(tmp_path)
    bundle, fork = await read_bundle(file), told["fork"][0].stream
    async with Store.open(tmp_path / "to") as store:
        taken = await take_bundle(store, bundle)
        assert await store.path(fork) == await bundle.path()
        assert (taken.label, taken.streams) == ("r1-1.1", len(bundle.in_order))
        assert await absent_of(store) == set(bundle.left_out) != set()
        assert not (await verify(store)).problems
        assert not (await verify_trajectory(store, "r1-1.1")).problems
        again = await take_bundle(store, bundle)
        assert (again.streams, again.records) == (0, 0)
        assert len(store.streams(family="upkeep")) == 1
    async with Store.open(tmp_path / "to", mode="read") as store:
        assert await taken_of(store) == set(bundle.in_order)
        await write_bundle(store, fork, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == file.read_bytes()


async def test_what_was_broken_off_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After any number of streams; each is whole or not there."""
    file, told = await bundled(tmp_path)
    bundle = await read_bundle(file)
    adopt = Store.adopt
    for most in range(len(bundle.in_order)):
        left = [most]

        async def breaks(self: Store, records: Any, left: list[int] = left) -> int:
            if not left[0]:
                raise OSError("the light went out")
            left[0] -= 1
            return await adopt(self, records)

        async with Store.open(tmp_path / f"to{most}") as store:
            with monkeypatch.context() as patched:
                patched.setattr(Store, "adopt", breaks)
                with pytest.raises(OSError, match="light"):
                    await take_bundle(store, bundle)
            assert not (await verify(store)).problems
        async with Store.open(tmp_path / f"to{most}") as store:
            await take_bundle(store, bundle)
            assert await store.path(told["fork"][0].stream) == await bundle.path()
            assert len(store.streams(family="upkeep")) == 1
            assert await taken_of(store) == set(bundle.in_order)


async def test_what_the_store_made_itself_stays_its_own(tmp_path: Path) -> None:
    """A bundle of its own brings nothing, and takes no work away."""
    file, told = await bundled(tmp_path)
    async with Store.open(tmp_path / "from") as store:
        taken = await take_bundle(store, await read_bundle(file))
        assert (taken.streams, taken.records) == (0, 0)
        assert await taken_of(store) == set()
        assert await store.read(told["run"][0].stream) == told["run"]


async def test_a_longer_bundle_goes_on_with_a_shorter_one(tmp_path: Path) -> None:
    """And one that goes another way is refused."""
    async with Store.open(tmp_path / "from") as store:
        told = await whole_run(store)
        stream = told["dialogue"][0].stream
        await write_bundle(store, told["dialogue"][3].ref, tmp_path / "short")
        await write_bundle(store, stream, tmp_path / "long")
    async with Store.open(tmp_path / "to") as store:
        await take_bundle(store, await read_bundle(tmp_path / "short"))
        assert len(await store.read(stream)) == 4
        taken = await take_bundle(store, await read_bundle(tmp_path / "long"))
        assert taken.records == len(told["dialogue"]) - 4
        assert await store.read(stream) == list(told["dialogue"])
        assert not (await verify(store)).problems
    async with Store.open(tmp_path / "other") as store:
        await take_bundle(store, await read_bundle(tmp_path / "short"))
        own = e.TrajectoryEnded(reason="completed")
        await store.append(stream, [own], expected_version=4)
        with pytest.raises(LogConflict, match="goes on otherwise"):
            await take_bundle(store, await read_bundle(tmp_path / "long"))
        assert not (await verify(store)).problems


async def test_what_was_deleted_here_does_not_come_back(tmp_path: Path) -> None:
    """It was deleted on purpose."""
    file, told = await bundled(tmp_path)
    async with Store.open(tmp_path / "from") as store:
        doomed = await plan(store, [store.info(told["fork"][0].stream)], forks=False)
    await prune(tmp_path / "from", doomed, "asked for")
    async with Store.open(tmp_path / "from") as store:
        with pytest.raises(BadInput, match=r"r1-1\.1 in .* was deleted"):
            await take_bundle(store, await read_bundle(file))
