"""Blobs: written once, checked always, held within a bound."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from eventsim.core.values import sha256_hex
from eventsim.errors import LogCorrupt, LogError, NotFound
from eventsim.log.store import Options, Store
from tests.log.stories import FaultyDisk

pytestmark = pytest.mark.anyio


async def test_a_blob_is_its_digest_and_written_once(tmp_path: Path) -> None:
    """Putting it again changes no file."""
    async with Store.open(tmp_path) as store:
        name = await store.put_blob(b"data")
        assert name == sha256_hex(b"data")
        path = tmp_path / "blobs" / name
        before = path.stat().st_ino
        assert await store.put_blob(b"data") == name
    async with Store.open(tmp_path) as store:
        assert await store.put_blob(b"data") == name
        assert path.stat().st_ino == before
        assert await store.get_blob(name) == b"data"
    assert [each.name for each in (tmp_path / "blobs").iterdir()] == [name]


async def test_damage_is_named_and_healed_by_putting(tmp_path: Path) -> None:
    """The error has the file; whoever still has the bytes mends it."""
    async with Store.open(tmp_path) as store:
        name = await store.put_blob(b"data")
    (tmp_path / "blobs" / name).write_bytes(b"dada")
    async with Store.open(tmp_path) as store:
        with pytest.raises(LogCorrupt, match=f"blobs/{name}"):
            await store.get_blob(name)
        await store.put_blob(b"data")
        assert await store.get_blob(name) == b"data"
    assert (tmp_path / "blobs" / name).read_bytes() == b"data"


async def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    """Names that are no digest do not reach the file system."""
    async with Store.open(tmp_path) as store:
        for name in ("0" * 64, "../store.json", ""):
            with pytest.raises(NotFound):
                await store.get_blob(name)


async def test_the_cache_is_bounded_in_bytes(tmp_path: Path) -> None:
    """The least recently used is read from its file again; large ones always are."""
    async with Store.open(tmp_path, options=Options(blob_cache_bytes=25)) as store:
        names = [await store.put_blob(bytes([n]) * 10) for n in range(3)]
        large = await store.put_blob(b"x" * 26)
        for each in (tmp_path / "blobs").iterdir():
            each.unlink()
        assert await store.get_blob(names[2]) == b"\2" * 10
        assert await store.get_blob(names[1]) == b"\1" * 10
        for gone in (names[0], large):
            with pytest.raises(NotFound):
                await store.get_blob(gone)


@pytest.mark.parametrize("operation", ["write", "fsync"])
async def test_a_failed_write_leaves_nothing_under_the_name(
    tmp_path: Path, operation: str
) -> None:
    """Neither half a blob nor a stray file; appends are not affected."""
    disk = FaultyDisk(operation, 10**9, errno.ENOSPC, partly=2)
    async with Store.open(tmp_path, options=Options(disk=disk)) as store:
        disk.left = 0
        with pytest.raises(LogError, match="the disk is full"):
            await store.put_blob(b"data")
        assert list((tmp_path / "blobs").iterdir()) == []
        disk.left = 10**9
        assert await store.get_blob(await store.put_blob(b"data")) == b"data"
