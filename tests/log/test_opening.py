"""What can be opened, by whom, and what is said where it cannot."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from eventsim.errors import (
    BadInput,
    LogBusy,
    LogCorrupt,
    LogError,
    LogTooNew,
    NotFound,
)
from eventsim.log import frames
from eventsim.log.leases import alone
from eventsim.log.store import Options, Store
from tests.log.stories import FaultyDisk, dialogue, forget, said, segment_of

pytestmark = pytest.mark.anyio

HOLD = """
import sys
from pathlib import Path
from eventsim.log.leases import alone
with alone(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


async def opened(path: Path, mode: str) -> None:
    """Open and close."""
    async with Store.open(path, mode=mode):  # type: ignore[arg-type]
        pass


async def test_a_new_store_is_described(tmp_path: Path) -> None:
    """The directory and its parents are made."""
    path = tmp_path / "deep" / "store"
    await opened(path, "write")
    described = (path / "store.json").read_text()
    assert described == '{"format":"eventsim-store","major":1,"minor":0}\n'


async def test_an_absent_store_is_not_made_by_reading(tmp_path: Path) -> None:
    """Neither is an empty directory taken for one."""
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(NotFound, match="there is no store in"):
            await opened(path, "read")
    assert list(tmp_path.iterdir()) == []


async def test_a_store_that_was_half_made_is_made_again(tmp_path: Path) -> None:
    """The disk was full before the store was described."""
    for after in range(3):
        path = tmp_path / str(after)
        disk = FaultyDisk("fsync", after, errno.ENOSPC)
        with pytest.raises(LogError, match="the disk is full"):
            async with Store.open(path, options=Options(disk=disk)):
                pass
        async with Store.open(path) as store:
            await dialogue(store, "a")
        async with Store.open(path, mode="read") as store:
            assert store.find("a").version == 4


async def test_other_directories_and_files_are_left_alone(tmp_path: Path) -> None:
    """Nothing is written where something else is."""
    file = tmp_path / "letter.txt"
    file.write_text("dear")
    with pytest.raises(BadInput, match=r"is not a store.*letter\.txt"):
        await opened(tmp_path, "write")
    with pytest.raises(BadInput, match="is a file"):
        await opened(file, "write")
    assert [each.name for each in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("mode", ["read", "write"])
async def test_newer_formats_are_refused_by_name(
    tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both the store's and a segment's."""
    async with Store.open(tmp_path) as store:
        await dialogue(store, "a")
    marker = tmp_path / "store.json"
    now = marker.read_text()
    marker.write_text(now.replace('"major":1', '"major":2'))
    with pytest.raises(LogTooNew, match="store format 2"):
        await opened(tmp_path, mode)
    marker.write_text(now.replace('"minor":0', '"minor":9'))
    await opened(tmp_path, "read")
    monkeypatch.setattr(frames, "MAJOR", frames.MAJOR + 1)
    segment_of(tmp_path, 2).write_bytes(frames.encode_segment_header("0", 2, 0))
    monkeypatch.undo()
    with pytest.raises(LogTooNew, match="format 3"):
        await opened(tmp_path, mode)


async def test_a_damaged_description_is_named(tmp_path: Path) -> None:
    """The file is in the error."""
    await opened(tmp_path, "write")
    (tmp_path / "store.json").write_text("{")
    with pytest.raises(LogCorrupt, match=r"store\.json"):
        await opened(tmp_path, "read")


async def test_a_reader_beside_a_writer(tmp_path: Path) -> None:
    """It sees what was there when it opened, and after a refresh what came since."""
    async with Store.open(tmp_path) as store:
        records = await dialogue(store, "a")
        async with Store.open(tmp_path, mode="read") as reader:
            assert len(await reader.read(records[0].stream)) == 4
            await store.append(records[0].stream, [said(9)], expected_version=4)
            assert len(await reader.read(records[0].stream)) == 4
            await reader.refresh()
            assert len(await reader.read(records[0].stream)) == 5


async def test_who_works_alone_is_waited_for(tmp_path: Path) -> None:
    """A writer is told who holds the store; a reader needs no lock."""
    await opened(tmp_path, "write")
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    await anyio.to_thread.run_sync(child.stdout.readline)
    try:
        with pytest.raises(LogBusy, match=f"process {child.pid}"):
            await opened(tmp_path, "write")
        await opened(tmp_path, "read")
    finally:
        child.kill()
        child.communicate()
    await opened(tmp_path, "write")


async def test_nobody_works_alone_beside_a_writer(tmp_path: Path) -> None:
    """It is told who writes."""
    async with Store.open(tmp_path):
        with (
            pytest.raises(LogBusy, match=f"written by process {os.getpid()}"),
            alone(tmp_path),
        ):
            pass


async def test_a_reader_cannot_write(tmp_path: Path) -> None:
    """It says so."""
    await opened(tmp_path, "write")
    async with Store.open(tmp_path, mode="read") as store:
        with pytest.raises(LogError, match="for reading only"):
            await dialogue(store, "a")
        with pytest.raises(LogError, match="for reading only"):
            await store.put_blob(b"x")


@pytest.fixture
def public_directory() -> Iterator[Path]:
    """A directory that other users can reach."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o755)
    yield path
    for each in [path, *path.rglob("*")]:
        each.chmod(0o755)
    shutil.rmtree(path)


async def test_a_store_is_read_without_permission_to_write(
    public_directory: Path,
) -> None:
    """With and without a catalogue; nothing is made or changed."""
    path = public_directory / "store"
    async with Store.open(path) as store:
        records = await dialogue(store, "a")
        blob = await store.put_blob(b"data")
    for catalogue in ("kept", "deleted"):
        for each in [path, *path.rglob("*")]:
            each.chmod(0o555 if each.is_dir() else 0o444)
        before = sorted((p, p.stat().st_mtime_ns) for p in path.rglob("*"))
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            async with Store.open(path, mode="read") as store:
                assert len(await store.read(records[0].stream)) == 4, catalogue
                assert await store.get_blob(blob) == b"data"
            with pytest.raises(LogError, match=r"permission denied|read-only"):
                await opened(path, "write")
            with pytest.raises(LogError, match="cannot create"):
                await opened(path / "inner", "write")
        finally:
            if root:
                os.seteuid(0)
        assert sorted((p, p.stat().st_mtime_ns) for p in path.rglob("*")) == before
        for each in [path, *path.rglob("*")]:
            each.chmod(0o755)
        forget(path)
