"""`eventsim log backup`: copies of a store that is being written."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eventsim.errors import BadInput, LogError
from eventsim.log.backup import back_up
from eventsim.log.disk import Disk
from eventsim.log.store import Options, Store
from tests.cli.conftest import call, done, objects
from tests.log.stories import dialogue


def test_copies_of_a_store_that_is_being_written_are_whole(tmp_path: Path) -> None:
    """Each opens, verifies, and has a beginning of what came to be in the end."""
    store = tmp_path / "store"
    command = [sys.executable, "-m", "eventsim", "run", "-n", "60", "--seed", "4"]
    process = subprocess.Popen(
        [*command, "--store", str(store), "--json"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    copies: list[Path] = []
    while process.poll() is None:
        if (store / "store.json").exists():
            copy = tmp_path / f"copy-{len(copies)}"
            result = call("log", "backup", copy, "--json", store=store)
            assert result.returncode == 0, result.stderr
            copies.append(copy)
        time.sleep(0.05)
    assert process.returncode == 0
    assert len(copies) >= 2
    (whole,) = objects("verify", "--json", store=store)
    seen = 0
    for copy in copies:
        (found,) = objects("verify", "--json", store=copy)
        assert found["failed"] == 0
        assert seen <= found["records"] <= whole["records"]
        seen = found["records"]
    (last,) = objects("log", "backup", copies[-1], "--json", store=store)
    assert last["records"] == whole["records"]
    (again,) = objects("log", "backup", copies[-1], "--json", store=store)
    assert again["copied_bytes"] == 0
    (replayed,) = objects("replay", "--all", "--json", store=copies[-1])
    assert (replayed["checked"], replayed["failed"]) == (60, 0)


def test_a_copy_is_a_store_that_goes_on_by_itself(made: Path, tmp_path: Path) -> None:
    """It can be written; then it is no copy any more, and says so."""
    copy = tmp_path / "copy"
    done("log", "backup", copy, store=made)
    done("run", "--domain", "clinic", "-n", "1", "--seed", "5", store=copy)
    done("run", "--domain", "clinic", "-n", "2", "--seed", "6", store=copy)
    other = Path(shutil.copytree(made, tmp_path / "other"))
    done("run", "--domain", "library", "-n", "1", "--seed", "5", store=other)
    result = call("log", "backup", copy, store=other)
    assert result.returncode == 1
    assert "is no copy of" in result.stderr


def test_wrong_places_are_refused(made: Path, tmp_path: Path) -> None:
    """No store, the store itself, a directory with something else, a file."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("x")
    (tmp_path / "file").write_text("x")
    for place, store, said in [
        (tmp_path / "x", tmp_path / "none", "there is no store"),
        (made, made, "is the store itself"),
        (tmp_path / "full", made, "is not a store"),
        (tmp_path / "file", made, "is a file"),
    ]:
        result = call("log", "backup", place, store=store)
        assert result.returncode in {1, 2}
        assert said in result.stderr, result.stderr
        assert len(result.stderr.splitlines()) == 1


class Failing(Disk):
    """Fails at its nth call; a write then leaves half of its bytes."""

    def __init__(self, at: int) -> None:
        self.left = at

    def _count(self) -> bool:
        self.left -= 1
        return self.left == 0

    def write(self, descriptor: int, data: bytes) -> None:
        """Half, then an error."""
        if self._count():
            super().write(descriptor, data[: len(data) // 2])
            raise OSError(28, "No space left on device")
        super().write(descriptor, data)

    def fsync(self, descriptor: int) -> None:
        """An error before anything is synced."""
        if self._count():
            raise OSError(5, "Input/output error")
        super().fsync(descriptor)


@pytest.mark.anyio
async def test_a_copy_that_broke_off_goes_on_where_it_was(tmp_path: Path) -> None:
    """At every write and sync: one line, a store, and the next one ends it."""
    source = tmp_path / "source"
    async with Store.open(source, options=Options(segment_bytes=900)) as store:
        await store.put_blob(b"an image")
        told = [await dialogue(store, label, 8) for label in ("a", "b")]
    failed = 0
    for at in range(1, 200):
        target = tmp_path / f"copy-{at}"
        disk = Failing(at)
        try:
            back_up(source, target, disk)
        except LogError:
            failed += 1
        if disk.left > 0:
            break
        made = back_up(source, target)
        assert made.records == sum(len(records) for records in told)
        async with Store.open(target, mode="read") as copy:
            for records in told:
                read = await copy.read(records[0].stream)
                assert [r.line for r in read] == [r.line for r in records]
    assert failed > 10


def test_a_damaged_blob_is_not_copied(made: Path, tmp_path: Path) -> None:
    """A copy must not look better than it is."""
    store = Path(shutil.copytree(made, tmp_path / "store"))
    blob = next((store / "blobs").iterdir())
    blob.write_bytes(b"x" + blob.read_bytes()[1:])
    result = call("log", "backup", tmp_path / "copy", store=store)
    assert result.returncode == 1
    assert blob.name in result.stderr
    with pytest.raises(BadInput):
        back_up(store, store)
    assert json.loads((store / "store.json").read_text())
