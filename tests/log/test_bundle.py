"""A bundle holds all that a path stands on, and says when it is cut."""

from __future__ import annotations

import errno
from pathlib import Path

import aiofiles
import orjson
import pytest

from eventsim.core import events as e
from eventsim.errors import BadInput, LogError, LogTooNew, NotFound
from eventsim.log.bundle import read_bundle, write_bundle
from eventsim.log.store import Store
from tests.log.stories import IMAGE, PROMPT, whole_run

pytestmark = pytest.mark.anyio


async def bundled(path: Path, which: str = "fork") -> Path:
    """A bundle of a stream of a whole run."""
    async with Store.open(path / "store") as store:
        told = await whole_run(store)
        size = await write_bundle(store, told[which][0].stream, path / "b.jsonl")
    assert (path / "b.jsonl").stat().st_size == size
    return path / "b.jsonl"


async def test_it_holds_the_streams_and_blobs_of_the_path(tmp_path: Path) -> None:
    """Ancestors up to the fork, the run up to what is referred to, and no more."""
    async with Store.open(tmp_path / "s") as store:
        told = await whole_run(store)
        await write_bundle(store, told["fork"][0].stream, tmp_path / "b")
        path = await store.path(told["fork"][0].stream)
    bundle = await read_bundle(tmp_path / "b")
    assert await bundle.path() == path
    assert await bundle.path(told["fork"][0].stream) == path
    assert await bundle.read(told["run"][0].stream) == told["run"][:1]
    assert await bundle.read(told["dialogue"][0].stream) == told["dialogue"][:4]
    assert await bundle.read(told["tasks"][0].stream) == told["tasks"]
    assert await bundle.read(told["tools"][0].stream) == told["tools"]
    assert [info.label for info in bundle.streams(family="dialogue")] == [
        "r1-1", "r1-1.1",
    ]  # fmt: skip
    assert bundle.ref == told["fork"][-1].ref
    run, tasks = told["run"][0].event, told["tasks"][0].event
    assert isinstance(run, e.RunStarted)
    assert isinstance(tasks, e.PreparationStarted)
    assert await bundle.get_blob(run.prompts["user"]) == PROMPT
    assert await bundle.get_blob(tasks.source.image) == IMAGE
    with pytest.raises(NotFound):
        await bundle.get_blob(run.sources[1].image)
    header = orjson.loads((tmp_path / "b").read_bytes().split(b"\n")[0])["bundle"]
    assert header["left_out"] == [run.sources[1].image]


async def test_lines_are_those_of_the_log(tmp_path: Path) -> None:
    """Byte for byte."""
    async with Store.open(tmp_path / "s") as store:
        told = await whole_run(store)
        await write_bundle(store, told["dialogue"][2].ref, tmp_path / "b")
    lines = (tmp_path / "b").read_bytes().split(b"\n")
    for record in told["dialogue"][:3]:
        assert record.line in lines
    assert told["dialogue"][3].line not in lines
    bundle = await read_bundle(tmp_path / "b")
    assert (await bundle.path())[-1] == told["dialogue"][2]


async def test_a_bundle_of_a_bundle_is_the_same(tmp_path: Path) -> None:
    """It offers all that writing one needs."""
    file = await bundled(tmp_path)
    bundle = await read_bundle(file)
    await write_bundle(bundle, bundle.ref, tmp_path / "again")
    again, first = (tmp_path / "again").read_bytes(), file.read_bytes()
    assert sorted(again.split(b"\n")[1:-2]) == sorted(first.split(b"\n")[1:-2])


async def test_every_cut_is_found(tmp_path: Path) -> None:
    """At any byte, with one line that names the file."""
    file = await bundled(tmp_path)
    data = file.read_bytes()
    cuts = {*range(0, len(data), 37), len(data) - 1, len(data) - 2}
    cuts |= {at + 1 for at in range(len(data)) if data[at : at + 1] == b"\n"}
    cut = tmp_path / "cut"
    for size in sorted(cuts - {len(data)}):
        cut.write_bytes(data[:size])
        with pytest.raises(BadInput, match=r"cut.* (is cut|or is cut)") as caught:
            await read_bundle(cut)
        assert "\n" not in str(caught.value)


async def test_every_changed_byte_is_found(tmp_path: Path) -> None:
    """Nothing is believed that is not covered by a hash or a count."""
    file = await bundled(tmp_path)
    data = file.read_bytes()
    for at in range(0, len(data) - 1, 11):
        changed = bytearray(data)
        changed[at] ^= 1 << at % 8
        file.write_bytes(changed)
        with pytest.raises((BadInput, LogTooNew)):
            await read_bundle(file)


async def test_lines_that_are_gone_are_missed(tmp_path: Path) -> None:
    """Also where every remaining line is sound."""
    file = await bundled(tmp_path)
    lines = file.read_bytes().split(b"\n")
    for gone in range(1, len(lines) - 1):
        file.write_bytes(b"\n".join(lines[:gone] + lines[gone + 1 :]))
        with pytest.raises(BadInput):
            await read_bundle(file)


async def test_what_is_no_bundle_is_named(tmp_path: Path) -> None:
    """A missing file, a directory, something else, and a newer format."""
    with pytest.raises(NotFound, match="there is no file"):
        await read_bundle(tmp_path / "none")
    with pytest.raises(BadInput, match="is a directory"):
        await read_bundle(tmp_path)
    for data in (b"", b"hello", b"\x00\xff", b"[]\n{}", b'{"bundle":7}\n'):
        (tmp_path / "x").write_bytes(data)
        with pytest.raises(BadInput, match="is not a bundle"):
            await read_bundle(tmp_path / "x")
    file = await bundled(tmp_path)
    file.write_bytes(file.read_bytes().replace(b'"major":2', b'"major":3', 1))
    with pytest.raises(LogTooNew, match="bundle format 3"):
        await read_bundle(file)


async def test_writing_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole or not at all, and one line that says why."""
    file = await bundled(tmp_path)
    before = file.read_bytes()
    opening = aiofiles.open

    def full(*arguments: object, **options: object) -> object:
        raise OSError(errno.ENOSPC, "No space left on device")

    async with Store.open(tmp_path / "store", mode="read") as store:
        stream = store.find("r1-1").stream
        await store.get_blob(next((tmp_path / "store" / "blobs").iterdir()).name)
        monkeypatch.setattr(aiofiles, "open", full)
        with pytest.raises(LogError, match=r"b\.jsonl.*the disk is full"):
            await write_bundle(store, stream, file)
        monkeypatch.setattr(aiofiles, "open", opening)
        with pytest.raises(LogError, match="cannot write the bundle"):
            await write_bundle(store, stream, tmp_path / "none" / "b")
    assert file.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b.jsonl", "store"]
