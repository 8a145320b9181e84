"""What every reader of records promises, whatever it reads from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from eventsim.core import events as e
from eventsim.core.records import Record
from eventsim.core.values import sha256_hex
from eventsim.errors import NotFound
from eventsim.log.bundle import read_bundle, write_bundle
from eventsim.log.reader import Reader
from eventsim.log.store import Store
from tests.log.stories import PROMPT, texts, whole_run

pytestmark = pytest.mark.anyio

Told = tuple[Reader, dict[str, list[Record]]]


@pytest.fixture(params=["writer", "reader", "bundle"])
async def told(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Told]:
    """A reader, and what was appended."""
    async with Store.open(tmp_path / "store") as store:
        records = await whole_run(store)
        if request.param == "writer":
            yield store, records
            return
        # A path to the end of the parent, so that the bundle holds all of it too.
        await write_bundle(store, records["fork"][0].stream, tmp_path / "b")
    if request.param == "bundle":
        yield await read_bundle(tmp_path / "b"), records
        return
    async with Store.open(tmp_path / "store", mode="read") as store:
        yield store, records


async def test_read_is_half_open_by_version(told: Told) -> None:
    """start < version <= stop, and a stop past the end is the end."""
    reader, records = told
    fork = records["fork"]
    stream = fork[0].stream
    assert await reader.read(stream) == fork
    assert await reader.read(stream, start=1) == fork[1:]
    assert await reader.read(stream, start=1, stop=2) == fork[1:2]
    assert await reader.read(stream, stop=99) == fork
    assert await reader.read(stream, start=3) == []
    assert await reader.read(stream, start=2, stop=1) == []


async def test_events_come_decoded(told: Told) -> None:
    """As they were appended."""
    reader, records = told
    read = await reader.read(records["fork"][0].stream)
    assert isinstance(read[0].event, e.TrajectoryForked)
    assert texts(read) == ["r1-1.1 0 é", "r1-1.1 1 é"]


async def test_a_path_goes_from_the_root_across_forks(told: Told) -> None:
    """Gapless positions; by stream, by version, by Ref."""
    reader, records = told
    fork = records["fork"]
    whole = [*records["dialogue"][:4], *fork]
    assert await reader.path(fork[0].stream) == whole
    assert await reader.path(fork[0].stream, 2) == whole[:-1]
    assert await reader.path(fork[1].ref) == whole[:-1]
    assert [record.position for record in whole] == [*range(7)]
    wrong = fork[1].ref.model_copy(update={"version": 8})
    with pytest.raises(NotFound):
        await reader.path(wrong)


async def test_heads_and_names(told: Told) -> None:
    """The same names find the same streams."""
    reader, records = told
    fork = records["fork"][-1]
    assert reader.head(fork.stream) == fork.ref
    for name in ("r1-1.1", fork.stream, fork.stream[:8]):
        assert reader.find(name).ref == fork.ref
    info = reader.find("r1-1.1", family="dialogue")
    assert (info.run, info.index, info.parent_label) == ("r1", 1, "r1-1")
    assert [each.label for each in reader.streams(family="preparation")] == [
        "r1-tools",
        "r1-tasks",
    ]
    assert len(reader.streams(run="r1")) == 5


async def test_what_is_not_there_is_not_found(told: Told) -> None:
    """NotFound from each, with one line."""
    reader, _ = told
    for missing in (reader.read("0" * 32), reader.path("0" * 32)):
        with pytest.raises(NotFound):
            await missing
    with pytest.raises(NotFound):
        await reader.get_blob("0" * 64)
    with pytest.raises(NotFound):
        reader.head("0" * 32)
    with pytest.raises(NotFound, match="close: r1"):
        reader.find("r11")


async def test_blobs_come_by_digest(told: Told) -> None:
    """The prompt that the path was made with."""
    reader, _ = told
    assert await reader.get_blob(sha256_hex(PROMPT)) == PROMPT
