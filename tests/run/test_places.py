"""Places as people type them."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventsim.core.events import TrajectoryForked, UserMessaged
from eventsim.errors import NotFound, UsageError
from eventsim.log.store import Store
from eventsim.run.fork import fork
from eventsim.run.lineage import forks_along
from eventsim.run.places import latest, locate

pytestmark = pytest.mark.anyio


async def test_positions_count_from_both_ends(corpus: Path) -> None:
    """`@-1` is the last one, nothing is the whole, `@u1` the first user message."""
    async with Store.open(corpus, mode="read") as store:
        info = store.streams(family="dialogue")[0]
        label, last = info.label, info.position
        assert (await locate(store, label)).position is None
        assert (await locate(store, label)).end == last
        assert (await locate(store, f"{label}@0")).end == 0
        assert (await locate(store, f"{label}@-1")).end == last
        assert (await locate(store, f"{label}@-{last + 1}")).end == 0
        records = await store.path(info.stream)
        said = [r.position for r in records if isinstance(r.event, UserMessaged)]
        for number, position in enumerate(said, start=1):
            assert (await locate(store, f"{label}@u{number}")).end == position
        assert (await locate(store, f"{label}@u-1")).end == said[-1]


async def test_without_a_name_the_latest_is_meant(corpus: Path) -> None:
    """With a position as well."""
    async with Store.open(corpus, mode="read") as store:
        label = latest(store).label
        assert (await locate(store, None)).info.label == label
        assert (await locate(store, "@3")).info.label == label
        assert (await locate(store, "@3")).position == 3


@pytest.mark.parametrize("where", ["x", "1.5", "u", "", "uu1", "--1"])
async def test_what_cannot_be_a_place_is_wrong_usage(corpus: Path, where: str) -> None:
    """Nothing at all after the sign is no place either."""
    async with Store.open(corpus, mode="read") as store:
        with pytest.raises(UsageError, match="is not a place"):
            await locate(store, f"{latest(store).label}@{where}")


@pytest.mark.parametrize("where", ["100000", "-100000", "u0", "u100", "u-100"])
async def test_a_place_that_is_not_there_is_not_found(corpus: Path, where: str) -> None:
    """And the message says which are."""
    async with Store.open(corpus, mode="read") as store:
        with pytest.raises(NotFound, match=r" to "):
            await locate(store, f"{latest(store).label}@{where}")


async def test_forks_are_known_where_they_leave_a_path(own: Path) -> None:
    """Those of the path itself and of its ancestors, but none that leave an ancestor
    after this path did, and never the path's own beginning.
    """
    async with Store.open(own) as store:
        info = store.streams(family="dialogue")[0]
        early, _ = await fork(store, info, 7, seed=1)
        late, _ = await fork(store, info, 9, seed=2)
        labels = {ref.stream: store.info(ref.stream).label for ref in (early, late)}
        along = forks_along(store, await store.path(info.stream))
        assert along == {7: [labels[early.stream]], 9: [labels[late.stream]]}
        records = await store.path(late.stream)
        assert isinstance(records[-1].event, TrajectoryForked)
        assert forks_along(store, records) == {7: [labels[early.stream]]}
        assert forks_along(store, await store.path(early.stream)) == {}
