"""The catalogue can be deleted, damaged or stale at any time."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from eventsim.core.records import Record
from eventsim.log.catalogue import load_catalogue
from eventsim.log.store import Store
from tests.log.stories import dialogue, forget, fork, said, segment_of, whole_run

pytestmark = pytest.mark.anyio


async def contents(path: Path) -> dict[str, list[bytes]]:
    """Every stream's lines, as a reader sees them."""
    async with Store.open(path, mode="read") as store:
        return {
            info.stream: [record.line for record in await store.read(info.stream)]
            for info in store.streams()
        }


async def filled(path: Path) -> dict[str, list[Record]]:
    """A store that was closed."""
    async with Store.open(path) as store:
        return await whole_run(store)


async def test_what_it_says_is_what_a_scan_says(tmp_path: Path) -> None:
    """Summaries are equal with and without it."""
    await filled(tmp_path)
    assert load_catalogue(tmp_path) is not None
    async with Store.open(tmp_path, mode="read") as store:
        kept = store.streams()
    forget(tmp_path)
    async with Store.open(tmp_path, mode="read") as store:
        assert store.streams() == kept
    assert len(kept) == 5


async def test_it_is_brought_up_to_date_and_not_made_again(tmp_path: Path) -> None:
    """A second session writes only the rows of streams that changed."""
    records = await filled(tmp_path)
    with closing(sqlite3.connect(tmp_path / "catalogue.sqlite")) as database:
        database.execute("ALTER TABLE streams ADD COLUMN old INTEGER DEFAULT 0")
        database.execute("ALTER TABLE streams DROP COLUMN old")
        before = dict(database.execute("SELECT id, crc FROM streams"))
    async with Store.open(tmp_path) as store:
        head = records["fork"][-1]
        await store.append(head.stream, [said(5)], expected_version=head.version)
    with closing(sqlite3.connect(tmp_path / "catalogue.sqlite")) as database:
        after = dict(database.execute("SELECT id, crc FROM streams"))
    changed = {stream for stream in after if before.get(stream) != after[stream]}
    assert changed == {head.stream}
    assert len((await contents(tmp_path))[head.stream]) == 4


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE streams SET offsets = zeroblob(length(offsets))",
        "UPDATE streams SET summary = replace(summary, 'r1-1', 'r1-9')",
        "DELETE FROM streams WHERE number = 2",
        "UPDATE segments SET summary = '{}'",
        "UPDATE segments SET summary = replace(summary, 'scanned\":', 'scanned\":9')",
        "UPDATE about SET layout = 'another'",
        "DROP TABLE segments",
        "DELETE FROM about",
    ],
)
async def test_a_spoiled_one_is_not_believed(tmp_path: Path, spoil: str) -> None:
    """Reading is right without it, and the next writer makes it again."""
    await filled(tmp_path)
    due = await contents(tmp_path)
    with closing(sqlite3.connect(tmp_path / "catalogue.sqlite")) as database:
        database.execute(spoil)
        database.commit()
    assert await contents(tmp_path) == due
    async with Store.open(tmp_path):
        pass
    assert load_catalogue(tmp_path) is not None
    assert await contents(tmp_path) == due


async def test_a_file_that_is_no_database_is_replaced(tmp_path: Path) -> None:
    """Garbage where the catalogue should be costs a scan."""
    await filled(tmp_path)
    due = await contents(tmp_path)
    (tmp_path / "catalogue.sqlite").write_bytes(b"garbage" * 999)
    assert await contents(tmp_path) == due
    async with Store.open(tmp_path) as store:
        await dialogue(store, "more")
    assert load_catalogue(tmp_path) is not None
    assert len(await contents(tmp_path)) == 6


async def test_segments_that_were_put_back_make_it_stale(tmp_path: Path) -> None:
    """An earlier copy of the log, or another log, is read as it is."""
    await filled(tmp_path)
    early = segment_of(tmp_path).read_bytes()
    due = await contents(tmp_path)
    async with Store.open(tmp_path) as store:
        await dialogue(store, "more")
    segment_of(tmp_path).write_bytes(early)
    assert await contents(tmp_path) == due
    async with Store.open(tmp_path) as store:
        head = next(i for i in store.streams() if i.label == "r1-1.1")
        record = (await store.read(head.stream))[-1]
        await fork(store, record, "again")
    assert len(await contents(tmp_path)) == 6


async def test_without_permission_for_it_writing_goes_on(tmp_path: Path) -> None:
    """It is never needed."""
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "store.json").write_text(
        '{"format":"eventsim-store","major":1}'
    )
    for name in ("segments", "blobs", "catalogue.sqlite"):
        (tmp_path / "store" / name).mkdir()
    await filled(tmp_path / "store")
    assert len(await contents(tmp_path / "store")) == 5


@pytest.mark.parametrize("part", ["streams", "segments"])
async def test_rows_of_different_times_are_not_trusted(
    tmp_path: Path, part: str
) -> None:
    """A power loss may bring back an old page: each row is right, the whole is not."""
    records = await filled(tmp_path)
    old = tmp_path / "old.sqlite"
    shutil.copy(tmp_path / "catalogue.sqlite", old)
    async with Store.open(tmp_path) as store:
        head = records["fork"][-1]
        await store.append(head.stream, [said(5)], expected_version=head.version)
    with closing(sqlite3.connect(tmp_path / "catalogue.sqlite")) as database:
        database.execute("ATTACH ? AS old", (str(old),))
        database.execute(f"INSERT OR REPLACE INTO {part} SELECT * FROM old.{part}")
        database.commit()
    assert load_catalogue(tmp_path) is None
    async with Store.open(tmp_path) as store:
        assert store.head(head.stream).version == head.version + 1
    assert load_catalogue(tmp_path) is not None


async def test_a_changed_name_of_a_row_is_not_trusted(tmp_path: Path) -> None:
    """The check of a row covers the stream that it is of."""
    records = await filled(tmp_path)
    with closing(sqlite3.connect(tmp_path / "catalogue.sqlite")) as database:
        wrong = ("f" * 32, records["fork"][0].stream)
        database.execute("UPDATE streams SET id = ? WHERE id = ?", wrong)
        database.commit()
    assert load_catalogue(tmp_path) is None
