"""Trees of siblings: the same in any store, and different below different parents."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventsim.core.events import TrajectoryForked, content_digest
from eventsim.errors import UsageError
from eventsim.log.store import Store
from eventsim.run.branching import Branch, grow
from eventsim.run.fleet import Fleet
from eventsim.run.paths import known_events
from tests.run.conftest import CONFIG, generate

pytestmark = pytest.mark.anyio


async def tree(store: Store, *, most: int, depth: int = 2) -> list[Branch]:
    """The branches of the first trajectory, at each of its calls."""
    made: list[Branch] = []

    async def on_fork(branch: Branch) -> None:
        made.append(branch)

    root = store.streams(family="dialogue")[0]
    await grow(
        store, Fleet(store), root, at="every-tool-call", count=1, depth=depth, seed=3,
        most=most, on_fork=on_fork,
    )  # fmt: skip
    return made


async def contents(store: Store, made: list[Branch]) -> list[list[str]]:
    """The content digests of each path."""
    found = []
    for branch in made:
        records = await store.path(store.find(branch.state.label).stream)
        found.append([content_digest(event) for event in known_events(records)])
    return found


async def forked(store: Store, branch: Branch) -> TrajectoryForked:
    """The event that a branch begins with."""
    (record,) = await store.read(store.find(branch.state.label).stream, stop=1)
    assert isinstance(record.event, TrajectoryForked)
    return record.event


async def test_one_seed_gives_one_tree_in_any_store(tmp_path: Path) -> None:
    """Grown at once or in two goes, every event is the same but for times and salts."""
    found = []
    for name, goes in (("a", (5,)), ("b", (2, 5))):
        await generate(tmp_path / name, CONFIG.model_copy(update={"count": 1}))
        async with Store.open(
            tmp_path / name, mode="write", durability="memory"
        ) as store:
            for most in goes:
                made = await tree(store, most=most)
            found.append(await contents(store, made))
    assert len(found[0]) == 5
    assert found[0] == found[1]


async def test_children_of_different_parents_draw_different_seeds(own: Path) -> None:
    """Each parent has a lineage of its own, and each position its own draws."""
    async with Store.open(own, mode="write", durability="memory") as store:
        made = await tree(store, most=12)
        assert {branch.depth for branch in made} == {1, 2}
        events = [await forked(store, branch) for branch in made]
        assert len({event.seed for event in events}) == len(events)
        assert len({event.lineage for event in events}) == len(events)


async def test_a_single_position_has_no_depth(own: Path) -> None:
    """Its forks would be forked where they had not begun."""
    async with Store.open(own, mode="write", durability="memory") as store:
        root = store.streams(family="dialogue")[0]
        before = len(store.streams(family="dialogue"))

        async def on_fork(_: Branch) -> None:
            raise AssertionError

        with pytest.raises(UsageError, match="leave out --depth"):
            await grow(
                store, Fleet(store), root, at=9, count=1, depth=2, seed=1, most=9,
                on_fork=on_fork,
            )  # fmt: skip
        assert len(store.streams(family="dialogue")) == before
