"""Several writers of one store, in this process and in real ones."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import anyio
import orjson
import pytest

from eventsim.errors import LogBusy, LogPoisoned
from eventsim.log.store import Store
from eventsim.log.verify import verify
from tests.log.stories import dialogue, forget, fork, said

pytestmark = pytest.mark.anyio

WRITE = """
import asyncio, sys
from eventsim.log.store import Store
from tests.log.stories import dialogue
async def main():
    async with Store.open(sys.argv[1]) as store:
        for number in range(int(sys.argv[3])):
            records = await dialogue(store, f"{sys.argv[2]}{number}")
            print(records[-1].stream, flush=True)
        sys.stdin.read()
asyncio.run(main())
"""


class Writer:
    """A process that has appended some dialogues and holds its series."""

    def __init__(self, path: Path, label: str, count: int = 1) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", WRITE, str(path), label, str(count)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._count = count
        self.pid = self._process.pid

    async def streams(self) -> list[str]:
        """When all are durable."""
        out = self._process.stdout
        assert out is not None
        return [
            (await anyio.to_thread.run_sync(out.readline)).strip()
            for _ in range(self._count)
        ]

    def kill(self) -> None:
        """As it is."""
        self._process.send_signal(signal.SIGKILL)
        self._process.communicate()

    async def end(self) -> None:
        """In order."""
        await anyio.to_thread.run_sync(self._process.communicate)
        assert self._process.returncode == 0


async def is_whole(store: Store) -> bool:
    """As far as its own bytes go: the dialogues here refer to a run that is nowhere."""
    problems = (await verify(store)).problems
    return all("aaaaaaaaaaaa is missing" in problem.what for problem in problems)


def frames_of(path: Path, segment: str) -> list[dict[str, object]]:
    """The headers of the frames of a segment."""
    lines = (path / "segments" / segment).read_bytes().splitlines()
    return [orjson.loads(x)["frame"] for x in lines if x.startswith(b'{"frame":')]


async def test_each_writer_has_a_series_of_its_own(tmp_path: Path) -> None:
    """What they append is in files of their own; a reader sees all of it."""
    async with Store.open(tmp_path) as one, Store.open(tmp_path) as two:
        mine = await dialogue(one, "a")
        yours = await dialogue(two, "b")
        async with Store.open(tmp_path, mode="read") as reader:
            assert await reader.read(mine[0].stream) == mine
            assert await reader.read(yours[0].stream) == yours
            assert await is_whole(reader)
    names = sorted(path.name for path in (tmp_path / "segments").iterdir())
    assert names == ["0-00000001.jsonl", "1-00000001.jsonl"]


async def test_a_stream_is_written_by_one_process(tmp_path: Path) -> None:
    """While its owner lives another is refused, and told who it is; once it has ended
    the other goes on with it where it stands.
    """
    owner = Writer(tmp_path, "a")
    (stream,) = await owner.streams()
    async with Store.open(tmp_path) as store:
        with pytest.raises(LogBusy, match=f"stream a0 .* process {owner.pid}"):
            await store.append(stream, [said(9)], expected_version=4)
        with pytest.raises(LogBusy, match="wait for it to end, or fork"):
            await store.claim(stream)
        await owner.end()
        await store.claim(stream)
        await store.append(stream, [said(9)], expected_version=4)
        assert len(await store.read(stream)) == 5
        await dialogue(store, "b")
        assert await is_whole(store)
    assert not [f for f in frames_of(tmp_path, "1-00000001.jsonl") if "epoch" in f]


async def test_a_lease_outlives_no_process(tmp_path: Path) -> None:
    """A killed owner's series goes on in a new epoch, which says where the old one
    ended; what it was just writing is set aside.
    """
    owner = Writer(tmp_path, "a")
    (stream,) = await owner.streams()
    segment = tmp_path / "segments" / "0-00000001.jsonl"
    async with Store.open(tmp_path) as store:
        owner.kill()
        ended = segment.stat().st_size
        with segment.open("ab") as file:
            file.write(b'{"frame":{"durable":1')
        await store.append(stream, [said(9)], expected_version=4)
        (torn,) = store.recovered
        assert (torn.file, torn.offset, torn.size) == (
            "segments/0-00000001.jsonl",
            ended,
            21,
        )
        assert (tmp_path / str(torn.moved_to)).read_bytes() == b'{"frame":{"durable":1'
        assert len(await store.read(stream)) == 5
    epochs = [
        (f["epoch"], f["durable"])
        for f in frames_of(tmp_path, segment.name)
        if "epoch" in f
    ]
    assert epochs == [(2, ended)]


async def test_every_owner_begins_an_epoch(tmp_path: Path) -> None:
    """They ascend, with a catalogue and without; who appends nothing begins none."""
    for number in range(4):
        async with Store.open(tmp_path) as store:
            await dialogue(store, str(number))
        async with Store.open(tmp_path):
            pass
        if number % 2:
            forget(tmp_path)
    frames = frames_of(tmp_path, "0-00000001.jsonl")
    assert [f["epoch"] for f in frames if "epoch" in f] == [2, 3, 4]


async def test_a_fork_of_what_another_process_writes(tmp_path: Path) -> None:
    """Also of what it wrote after this store was opened."""
    async with Store.open(tmp_path) as one, Store.open(tmp_path) as two:
        told = await dialogue(one, "a")
        forked = await fork(two, told[2], "a.1")
        path = await two.path(forked[0].stream)
        assert [r.stream for r in path] == [told[0].stream] * 3 + [forked[0].stream] * 2
        await one.refresh()
        assert await one.path(forked[0].stream) == path


async def test_a_writer_whose_lease_is_lost_stops(tmp_path: Path) -> None:
    """If the file of a lease is removed, two processes hold one series: the first that
    finds bytes which are not its own is poisoned, and what was acknowledged is there.
    """
    async with Store.open(tmp_path) as one:
        mine = await dialogue(one, "a")
        (tmp_path / "leases" / "0").unlink()
        async with Store.open(tmp_path) as two:
            yours = await dialogue(two, "b")
        with pytest.raises(LogPoisoned, match="another process has written to it"):
            await one.append(mine[0].stream, [said(9)], expected_version=4)
    async with Store.open(tmp_path) as store:
        assert await store.read(mine[0].stream) == mine
        assert await store.read(yours[0].stream) == yours
        assert await is_whole(store)


async def test_the_catalogue_of_several_writers(tmp_path: Path) -> None:
    """Whoever closes last, it never says what is not so."""
    async with Store.open(tmp_path) as one:
        await dialogue(one, "a")
        async with Store.open(tmp_path) as two:
            await dialogue(two, "b")
            await dialogue(one, "c")
        await dialogue(one, "d")
    async with Store.open(tmp_path) as store:
        labels = [info.label for info in store.streams()]
        assert labels == ["a", "b", "c", "d"]
        assert [len(await store.read(i.stream)) for i in store.streams()] == [4] * 4
        assert await is_whole(store)


async def test_many_processes_make_one_store(tmp_path: Path) -> None:
    """All at once, some killed: each stream is in one series, and is whole."""
    path = tmp_path / "new" / "store"
    writers = [Writer(path, f"w{number}.", 5) for number in range(5)]
    told = [await writer.streams() for writer in writers]
    writers[1].kill()
    writers[3].kill()
    for number in (0, 2, 4):
        await writers[number].end()
    async with Store.open(path) as store:
        for streams in told:
            assert len(set(streams)) == 5
            for stream in streams:
                assert len(await store.read(stream)) == 4
        assert len(store.streams()) == 25
        assert await is_whole(store)
    series = sorted(path.glob("segments/*.jsonl"))
    assert len(series) == 5
    for stream in (each for streams in told for each in streams):
        assert sum(stream.encode() in file.read_bytes() for file in series) == 1
