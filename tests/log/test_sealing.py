"""Sealed segments: the same log, clustered by stream and compressed."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventsim.core.records import Record, base64_of, payload_digest, record_hash
from eventsim.errors import LogCorrupt, LogError, LogTooNew
from eventsim.log import frames
from eventsim.log.backup import back_up
from eventsim.log.bundle import read_bundle, write_bundle
from eventsim.log.disk import Disk
from eventsim.log.following import Cursor, follow
from eventsim.log.frames import encode_frame, encode_segment_header
from eventsim.log.sealing import form
from eventsim.log.sealing.reading import Sealed
from eventsim.log.sealing.sealer import seal
from eventsim.log.store import Options, Store
from eventsim.log.verify import verify
from tests.log.stories import dialogue, forget, fork, said, whole_run

pytestmark = pytest.mark.anyio

PLAIN = Options(seals=False)


def files(path: Path) -> list[str]:
    """Names in the directory of segments."""
    return sorted(entry.name for entry in (path / "segments").iterdir())


async def held(path: Path) -> dict[str, list[Record]]:
    """Every stream, with its events."""
    async with Store.open(path, mode="read") as store:
        return {i.stream: await store.read(i.stream) for i in store.streams()}


async def test_a_sealed_store_is_the_same_store(tmp_path: Path) -> None:
    """With its catalogue and without: the same records, forks, heads and verdict."""
    async with Store.open(tmp_path, options=PLAIN) as store:
        await whole_run(store)
    before = await held(tmp_path)
    done = seal(tmp_path, whole=True)
    assert (done.segments, done.left) == (1, {})
    assert done.sealed_bytes < done.plain_bytes
    assert files(tmp_path) == ["0-00000001.sealed"]
    for _ in range(2):
        assert await held(tmp_path) == before
        async with Store.open(tmp_path, mode="read") as store:
            assert (await verify(store)).problems == ()
            fork_of = next(i for i in store.streams() if i.parent is not None)
            path = await store.path(fork_of.stream)
            assert [r.position for r in path] == list(range(len(path)))
        forget(tmp_path)


async def test_what_is_sealed_goes_on(tmp_path: Path) -> None:
    """In a new segment: streams that are sealed are appended to and forked."""
    async with Store.open(tmp_path, options=PLAIN) as store:
        told = await dialogue(store, "a")
    seal(tmp_path, whole=True)
    async with Store.open(tmp_path, options=PLAIN) as store:
        told += await store.append(told[0].stream, [said(9)], expected_version=4)
        forked = await fork(store, told[1], "a.1")
    assert files(tmp_path) == ["0-00000001.sealed", "0-00000002.jsonl"]
    seal(tmp_path, whole=True)
    forget(tmp_path)
    again = await held(tmp_path)
    assert again[told[0].stream] == told
    assert again[forked[0].stream] == forked


async def test_a_full_segment_is_sealed_by_itself(tmp_path: Path) -> None:
    """While the store is open; the one that is being written stays plain."""
    async with Store.open(tmp_path, options=Options(segment_bytes=4000)) as store:
        told = await dialogue(store, "a", 40)
        assert await store.read(told[0].stream) == told
    names = files(tmp_path)
    assert len(names) > 4
    assert [name for name in names if name.endswith(".jsonl")] == names[-1:]
    forget(tmp_path)
    assert (await held(tmp_path))[told[0].stream] == told


async def test_one_stream_is_read_without_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Damage to one block is told of the streams in it, with file, offset, stream and
    position; every other block is read as ever.
    """
    monkeypatch.setattr(form, "BLOCK_BYTES", 1500)
    async with Store.open(tmp_path, options=PLAIN) as store:
        told = [await dialogue(store, str(n), 6) for n in range(8)]
    seal(tmp_path, whole=True)
    path = tmp_path / "segments" / "0-00000001.sealed"
    sealed = Sealed(path, "s")
    blocks, begin = sealed.contents.blocks, sealed.header["index"][0]
    sealed.close()
    assert len(blocks) >= 4
    offset = blocks[1].offset
    start = begin - sum(b.salts + b.packed for b in blocks)
    data = bytearray(path.read_bytes())
    data[start + offset + blocks[1].salts + blocks[1].packed // 2] ^= 1
    path.write_bytes(data)
    for _ in range(2):
        damages = []
        async with Store.open(tmp_path, mode="read") as store:
            for records in told:
                try:
                    assert await store.read(records[0].stream) == records
                except LogCorrupt as damage:
                    damages.append((records[0].stream, damage))
            problems = (await verify(store)).problems
        assert 0 < len(damages) < 4
        for stream, damage in damages:
            assert (damage.file, damage.offset, damage.stream) == (
                "segments/0-00000001.sealed",
                start + offset,
                stream,
            )
            assert damage.position is not None
        hurt = {p.stream for p in problems if "aaaaaaaa" not in p.what}
        assert hurt == {stream for stream, _ in damages}
        forget(tmp_path)


async def test_every_bit_of_a_block_counts(tmp_path: Path) -> None:
    """A salt is under the hashes; one bit of a zstd frame's header is read by nobody,
    and its change is found all the same.
    """
    async with Store.open(tmp_path, options=PLAIN) as store:
        told = await dialogue(store, "a")
    seal(tmp_path, whole=True)
    path = tmp_path / "segments" / "0-00000001.sealed"
    whole = path.read_bytes()
    salts = whole.index(b"\n") + 1
    descriptor = whole.index(b"\x28\xb5\x2f\xfd") + 4
    for at, bit in ((salts + 20, 1), (descriptor, 1 << 4)):
        data = bytearray(whole)
        data[at] ^= bit
        path.write_bytes(data)
        async with Store.open(tmp_path, mode="read") as store:
            with pytest.raises(LogCorrupt, match="a block is not as it was written"):
                await store.read(told[0].stream)
            assert (await verify(store)).problems


class Stops(Disk):
    """Dies before the n-th call of those that change names."""

    def __init__(self, calls: int) -> None:
        self.left = calls

    def _call(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise OSError(5, "Input/output error")

    def rename(self, path: Path, to: Path) -> None:
        """Once it is its turn."""
        self._call()
        super().rename(path, to)

    def remove(self, path: Path) -> None:
        """Once it is its turn."""
        self._call()
        super().remove(path)


async def test_sealing_may_be_broken_off_anywhere(tmp_path: Path) -> None:
    """Before the new name, with both files there: all is read, and it is finished the
    next time.
    """
    made = tmp_path / "made"
    async with Store.open(made, options=PLAIN) as store:
        await whole_run(store)
    before = await held(made)
    for calls, names in (
        (0, ["0-00000001.jsonl"]),
        (1, ["0-00000001.jsonl", "0-00000001.sealed"]),
    ):
        path = tmp_path / str(calls)
        shutil.copytree(made, path)
        with pytest.raises(LogError, match="cannot seal"):
            seal(path, Stops(calls), whole=True)
        assert [n for n in files(path) if not n.endswith(".new")] == names
        forget(path)
        assert await held(path) == before
        assert seal(path, whole=True).segments == 1
        assert await held(path) == before
        assert "0-00000001.jsonl" not in files(path)


async def test_a_reader_a_writer_and_a_follower_do_not_notice(tmp_path: Path) -> None:
    """While segments are sealed under them: each record once, whatever was read."""
    options = Options(segment_bytes=3000, seals=False)
    async with Store.open(tmp_path, options=options) as store:
        told = await dialogue(store, "a", 30)
        async with Store.open(tmp_path, mode="read") as reader:
            assert await reader.read(told[0].stream, stop=3) == told[:3]
            followed: list[tuple[Record, Cursor]] = []
            async for record, cursor in follow(tmp_path, endless=False):
                followed.append((record, cursor))
                if len(followed) == 5:
                    seal(tmp_path)
            assert await reader.read(told[0].stream) == told
        told += await store.append(told[0].stream, [said(99)], expected_version=31)
        assert await store.read(told[0].stream) == told
        assert (await verify(store)).records == len(told)
    assert [r.line for r, _ in followed] == [r.line for r in told[:-1]]
    for at in (3, 12, 30):
        rest = [
            r.line
            async for r, _ in follow(tmp_path, followed[at - 1][1], endless=False)
        ]
        assert rest == [r.line for r in told[at:]]


async def test_a_backup_of_sealed_segments(tmp_path: Path) -> None:
    """Of a store that was plain when it was copied first: the copy is the same."""
    store_path, copy = tmp_path / "store", tmp_path / "copy"
    async with Store.open(store_path, options=PLAIN) as store:
        await whole_run(store)
    back_up(store_path, copy)
    seal(store_path, whole=True)
    back_up(store_path, copy)
    assert files(copy) == files(store_path) == ["0-00000001.sealed"]
    assert await held(copy) == await held(store_path)
    assert back_up(store_path, copy).copied_bytes == 0


async def test_a_bundle_of_sealed_records_is_the_same(tmp_path: Path) -> None:
    """Byte for byte."""
    written = []
    async with Store.open(tmp_path / "store", options=PLAIN) as store:
        told = await whole_run(store)
    stream = list(told.values())[-1][0].stream
    for name in ("plain", "sealed"):
        async with Store.open(tmp_path / "store", mode="read") as store:
            await write_bundle(store, stream, tmp_path / name)
        written.append((tmp_path / name).read_bytes())
        seal(tmp_path / "store", whole=True)
    assert written[0] == written[1]
    assert (await read_bundle(tmp_path / "sealed")).head(stream)


async def test_what_cannot_come_back_stays_plain(tmp_path: Path) -> None:
    """A segment of format 1, or a damaged one, is left as it is, with the reason."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frames, "MAJOR", 1)
        async with Store.open(tmp_path / "old", options=PLAIN) as store:
            await dialogue(store, "a")
    before = (tmp_path / "old/segments/0-00000001.jsonl").read_bytes()
    assert b'"major":1' in before.splitlines()[0]
    done = seal(tmp_path / "old", whole=True)
    assert set(done.left.values()) == {"it is not of the present format"}
    assert (tmp_path / "old/segments/0-00000001.jsonl").read_bytes() == before
    async with Store.open(tmp_path / "new", options=PLAIN) as store:
        await dialogue(store, "a")
    path = tmp_path / "new" / "segments" / "0-00000001.jsonl"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    (why,) = seal(tmp_path / "new", whole=True).left.values()
    assert why.startswith("it is damaged at byte")
    assert path.read_bytes() == data


async def test_a_newer_sealed_format_is_refused(tmp_path: Path) -> None:
    """In one line that says what to do."""
    async with Store.open(tmp_path, options=PLAIN) as store:
        await dialogue(store, "a")
    path = tmp_path / "segments" / "0-00000001.sealed"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(form, "MAJOR", 7)
        data = form.encode((path.with_suffix(".jsonl")).read_bytes())
    path.write_bytes(data)
    path.with_suffix(".jsonl").unlink()
    forget(tmp_path)
    with pytest.raises(LogTooNew, match=r"sealed format 7.*newer eventsim"):
        async with Store.open(tmp_path, mode="read"):
            pass


def told(
    payloads: list[tuple[int, bytes]], frames: list[int], redacted: set[int]
) -> bytes:
    """A plain segment whose records are of any kind; `frames` are their sizes."""
    data = encode_segment_header("0", 1, 0)
    heads: dict[int, tuple[str, int, str]] = {}
    lines = []
    for number, (which, payload) in enumerate(payloads):
        stream, version, previous = heads.get(which, ("", 0, "0" * 64))
        version += 1
        salt = number.to_bytes(16, "big")
        envelope = b'{"stream":"%b","version":%d,"kind":"of.later/9","time_us":%d' % (
            stream.encode(),
            version,
            number,
        )
        digest = payload_digest(salt, payload)
        hashed = record_hash(previous, digest, envelope)
        stream = stream or hashed[:32]
        heads[which] = stream, version, hashed
        named = base64_of(bytes.fromhex(hashed))
        rest = b'"salt":"%b","payload":%b' % (base64_of(salt), payload)
        if number in redacted:
            rest = b'"digest":"%b"%b' % (base64_of(digest), b" " * (number % 3))
        line = b'%b,"hash":"%b",%b}' % (envelope, named, rest)
        lines.append((stream, line))
    sizes = itertools.cycle(frames)
    while lines:
        size = next(sizes)
        part, lines = lines[:size], lines[size:]
        streams: dict[str, int] = {}
        for stream, _ in part:
            streams[stream] = streams.get(stream, 0) + 1
        body = b"".join(line + b"\n" for _, line in part)
        data += encode_frame(len(data), streams, body) + body
    return data + encode_frame(len(data), {}, b"")


@given(
    payloads=st.lists(
        st.tuples(
            st.integers(0, 3),
            st.sampled_from(
                [
                    b"{}",
                    b'{"a":"\\u2028 \\r\\n","payload":{"digest":"x"}}',
                    '{"é":"日本","hash":"not one"}'.encode(),
                    b'{ "spaced" : [1, 2.50] }',
                    b'{"long":"%b"}' % (b"word " * 300),
                ]
            ),
        ),
        max_size=30,
    ),
    frames=st.lists(st.integers(1, 7), min_size=1, max_size=4),
    redacted=st.sets(st.integers(0, 30)),
)
@settings(deadline=None, max_examples=60)
def test_any_bytes_come_back(
    payloads: list[tuple[int, bytes]],
    frames: list[int],
    redacted: set[int],
) -> None:
    """Kinds that this release does not know, any payload, redacted or not: the plain
    segment is given back byte for byte.
    """
    data = told(payloads, frames, redacted)

    async def there_and_back() -> None:
        async with anyio.TemporaryDirectory() as place:
            path = anyio.Path(place) / "x.sealed"
            await path.write_bytes(form.encode(data))
            sealed = Sealed(Path(path), "x")
            assert sealed.plain() == data
            assert sealed.worn() == []
            sealed.close()

    anyio.run(there_and_back)
