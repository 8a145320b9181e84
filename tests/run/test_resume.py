"""An interrupted and resumed dialogue equals an uninterrupted one."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventsim.core.events import (
    Event,
    ModelAbandoned,
    ToolAbandoned,
    content_digest,
)
from eventsim.log.store import Store
from eventsim.run.fleet import Fleet
from eventsim.run.paths import known_events
from tests.run.conftest import CONFIG, generate

pytestmark = pytest.mark.anyio


def without_abandoned(events: tuple[Event, ...]) -> list[str]:
    """Content digests of a path, abandoned attempts aside."""
    kept: list[str] = []
    for event in events:
        if isinstance(event, ModelAbandoned | ToolAbandoned):
            kept.pop()
        else:
            kept.append(content_digest(event))
    return kept


async def test_resumed_at_every_position_it_becomes_the_same_dialogue(
    own: Path,
) -> None:
    """Cut after any event, also between an intent and its outcome: the rest follows
    as if nothing had happened.
    """
    async with Store.open(own, mode="write", durability="memory") as store:
        fleet = Fleet(store)
        abandoned = 0
        for name in [i.label for i in store.streams(family="dialogue")][:3]:
            info = store.find(name)
            events = known_events(await store.path(info.stream))
            for cut in range(1, len(events)):
                records = await store.append(None, events[:cut], expected_version=0)
                stream = records[0].stream
                await fleet.advance(stream)
                resumed = known_events(await store.path(stream))
                assert resumed[:cut] == events[:cut]
                assert without_abandoned(resumed) == [content_digest(e) for e in events]
                abandoned += len(resumed) - len(events)
        assert abandoned > 10


async def test_nothing_recorded_is_asked_again(own: Path) -> None:
    """Going on with an ended trajectory adds nothing."""
    async with Store.open(own, mode="write", durability="memory") as store:
        fleet = Fleet(store)
        before = {i.stream: i.version for i in store.streams()}
        run = await fleet.find(store.streams(family="run")[0])
        work = await fleet.work(run)
        assert work.size == 0
        await fleet.go(work)
        assert {i.stream: i.version for i in store.streams()} == before


async def test_the_same_plan_in_the_same_store_is_the_same_run(own: Path) -> None:
    """A second start finds the first, and has nothing left to do."""
    await generate(own)
    async with Store.open(own, mode="read") as store:
        runs = store.streams(family="run")
        dialogues = store.streams(family="dialogue")
    assert len(runs) == 1
    assert len(dialogues) == CONFIG.count


async def _digests(path: Path) -> dict[str, list[str]]:
    async with Store.open(path, mode="read") as store:
        return {
            info.label: [
                content_digest(event)
                for event in known_events(await store.read(info.stream))
            ]
            for info in store.streams()
        }


async def test_one_seed_gives_the_same_events_at_any_concurrency(
    corpus: Path, tmp_path: Path
) -> None:
    """Labels included; times, salts and hashes differ."""
    await generate(tmp_path / "one", concurrency=1)
    await generate(tmp_path / "many", concurrency=16)
    expected = await _digests(corpus)
    assert len(expected) > CONFIG.count * 2
    assert await _digests(tmp_path / "one") == expected
    assert await _digests(tmp_path / "many") == expected


async def test_another_seed_gives_other_dialogues(corpus: Path, tmp_path: Path) -> None:
    """No label and no dialogue is shared."""
    other = CONFIG.model_copy(update={"seed": 12})
    await generate(tmp_path / "other", other)
    ours, theirs = await _digests(corpus), await _digests(tmp_path / "other")
    dialogues = {k for k in ours if not k.startswith("tools-")}
    assert not dialogues & set(theirs)
