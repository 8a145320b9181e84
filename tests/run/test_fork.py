"""Forks share their parent's past, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventsim.core.events import ToolCalled, UserMessaged
from eventsim.core.fold import fold
from eventsim.errors import LogCorrupt, NotFound
from eventsim.log.store import Store
from eventsim.run.fleet import Fleet
from eventsim.run.fork import fork, sibling_seeds
from eventsim.run.mounts import Mounts
from eventsim.run.paths import known_events, open_path
from eventsim.run.replay import replay
from eventsim.run.shelf import Shelf

pytestmark = pytest.mark.anyio


async def _labels(store: Store) -> list[str]:
    return [info.label for info in store.streams(family="dialogue")]


async def test_a_fork_from_every_position_shares_the_past_and_replays(
    own: Path,
) -> None:
    """Before, between and after calls, between a call and its outcome, after the end;
    the environment at the fork is the parent's at that position.
    """
    async with Store.open(own, mode="write", durability="memory") as store:
        fleet, shelf, mounts = Fleet(store), Shelf(store), Mounts(store)
        info = store.find((await _labels(store))[0])
        parent = await store.path(info.stream)
        events = known_events(parent)
        for position in range(len(events)):
            head, at = await fork(store, info, position, seed=100 + position)
            assert at == position
            opened = await open_path(store, shelf, head.stream)
            assert opened.events[: position + 1] == events[: position + 1]
            there = await mounts.at(
                opened.state, opened.materials, opened.events, opened.grounds
            )
            straight = await mounts.at(
                fold(events[: position + 1]),
                opened.materials,
                events[: position + 1],
                opened.grounds,
            )
            assert await there.digest() == await straight.digest()
            await there.close()
            await straight.close()
            state = await fleet.advance(head.stream)
            assert state.ended is not None
            found = await replay(store, shelf, mounts, head.stream, execute=True)
            assert found.divergence is None, (position, str(found.divergence))
        assert [r.line for r in await store.path(info.stream)] == [
            r.line for r in parent
        ]


async def test_the_environment_of_a_fork_is_not_its_parents_future(own: Path) -> None:
    """Forked before a write, a fork does not see it."""
    async with Store.open(own, mode="write", durability="memory") as store:
        shelf, mounts = Shelf(store), Mounts(store)
        for name in await _labels(store):
            info = store.find(name)
            opened = await open_path(store, shelf, info.stream)
            writes = [
                at
                for at, event in enumerate(opened.events)
                if event.kind == "tool.returned" and getattr(event, "changes", ())
            ]
            if not writes:
                continue
            called = writes[0] - 1
            assert isinstance(opened.events[called], ToolCalled)
            head, _ = await fork(store, info, called - 1, seed=3)
            forked = await open_path(store, shelf, head.stream)
            before = await mounts.at(
                forked.state, forked.materials, forked.events, forked.grounds
            )
            fresh = await mounts.fresh(opened.state, opened.materials)
            after = await mounts.at(
                opened.state, opened.materials, opened.events, opened.grounds
            )
            assert await before.digest() == await fresh.digest()
            assert await before.digest() != await after.digest()
            return
    pytest.fail("no trajectory of the corpus writes")


async def test_forks_of_forks_continue_positions_and_labels(own: Path) -> None:
    """A chain of three forks is one gapless path."""
    async with Store.open(own, mode="write", durability="memory") as store:
        fleet, shelf = Fleet(store), Shelf(store)
        info = store.find((await _labels(store))[1])
        root = info.label
        for depth in range(1, 4):
            head, _ = await fork(store, info, 12 + depth, seed=depth)
            await fleet.advance(head.stream)
            info = store.find(root + ".1" * depth)
        records = await store.path(info.stream)
        assert [record.position for record in records] == list(range(len(records)))
        assert len({record.stream for record in records}) == 4
        found = await replay(store, shelf, Mounts(store), info.stream, execute=True)
        assert found.divergence is None


async def test_what_a_person_says_takes_the_place_of_the_next_message(
    own: Path,
) -> None:
    """The fork stands just before it, whatever position was named before."""
    async with Store.open(own, mode="write", durability="memory") as store:
        fleet, shelf = Fleet(store), Shelf(store)
        info = store.find((await _labels(store))[0])
        events = known_events(await store.path(info.stream))
        said = [at for at, x in enumerate(events) if isinstance(x, UserMessaged)]
        head, at = await fork(store, info, said[0], seed=1, before_user=True)
        assert said[0] < at < said[1]
        state = await fleet.advance(head.stream, said="Never mind, thank you.")
        texts = [m.text for m in state.messages if m.speaker == "user"]
        assert texts[1] == "Never mind, thank you."
        mine = known_events(await store.path(head.stream))
        given = [x for x in mine if isinstance(x, UserMessaged) and x.given]
        assert [x.text for x in given] == ["Never mind, thank you."]
        found = await replay(store, shelf, Mounts(store), head.stream, execute=True)
        assert found.divergence is None


async def test_a_position_that_is_not_there_is_named(own: Path) -> None:
    """The error says which positions there are."""
    async with Store.open(own, mode="write", durability="memory") as store:
        info = store.find((await _labels(store))[0])
        with pytest.raises(NotFound, match="positions 0 to"):
            await fork(store, info, 9_999, seed=1)


async def test_a_fork_without_its_database_is_not_begun(own: Path) -> None:
    """It could never go on, so nothing is recorded of it."""
    async with Store.open(own, mode="write", durability="memory") as store:
        info = store.streams(family="dialogue")[0]
        opened = await open_path(store, Shelf(store), info.stream)
    blob = own / "blobs" / opened.materials.source.image
    blob.write_bytes(blob.read_bytes()[:-1] + b"?")
    async with Store.open(own, mode="write", durability="memory") as store:
        before = len(store.streams())
        with pytest.raises(LogCorrupt, match=opened.materials.source.image):
            await fork(store, info, 12, seed=1)
        assert len(store.streams()) == before


def test_sibling_seeds_begin_with_the_seed_itself_and_differ() -> None:
    """`--seed S -n 3` makes three different forks, the first of them that of S."""
    seeds = sibling_seeds(7, 3)
    assert seeds[0] == 7
    assert len(set(seeds)) == 3
    assert sibling_seeds(7, 2) == seeds[:2]
