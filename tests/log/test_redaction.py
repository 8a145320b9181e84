"""Redaction and pruning: what must go is gone from every file, the rest is proven."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from eventsim.core import events as e
from eventsim.core.records import Record
from eventsim.errors import BadInput, LogBusy, LogError, UsageError
from eventsim.log.backup import back_up
from eventsim.log.bundle import read_bundle, write_bundle
from eventsim.log.bundle_redaction import redact_bundle
from eventsim.log.checkpoint import Checkpoint
from eventsim.log.codec import layout, split, tombstone
from eventsim.log.disk import Disk
from eventsim.log.following import Cursor, follow
from eventsim.log.pruning import plan, prune, pruned_of
from eventsim.log.redaction import redact, redactions_of
from eventsim.log.sealing.sealer import seal
from eventsim.log.store import Options, Store
from eventsim.log.verify import verify
from tests.log.stories import begun, dialogue, forget, fork, said, whole_run
from tools import verify_store

pytestmark = pytest.mark.anyio

SECRET = "the code is 4711-0815"
PLAIN = Options(seals=False)


def called(number: int) -> e.ModelCalled:
    """A model call; its request held all that came before."""
    return e.ModelCalled(
        role="user", provider="p", model="m", request_sha256=f"{number:064d}",
        ordinal=number, attempt=0, seed=1, idempotency_key=f"key-{number}",
    )  # fmt: skip


async def told(store: Store) -> list[Record]:
    """root, call 1, the secret, call 2, a message, call 3, a message."""
    (root,) = await store.append(None, [begun("t")], expected_version=0)
    extras = await store.put_blob(SECRET.encode())
    answer = e.Answer(
        response_id="r", finish_reason="stop", usage=e.Usage(), latency_ms=1,
        extras=extras,
    )  # fmt: skip
    events = [
        called(1),
        e.UserMessaged(text=SECRET, answer=answer),
        called(2),
        said(2),
        called(3),
        said(3),
    ]
    return [root, *await store.append(root.stream, events, expected_version=1)]


def holds(path: Path, text: str) -> list[str]:
    """Files of a store whose bytes hold a text, plain or sealed."""
    found = []
    for file in sorted(p for p in path.rglob("*") if p.is_file()):
        data = file.read_bytes()
        if file.suffix == ".sealed":
            data = verify_store.plain_bytes(data)
        if text.encode() in data:
            found.append(str(file.relative_to(path)))
    return found


async def is_whole(path: Path) -> bool:
    """By our own verifier, and by the one that shares no code with it."""
    async with Store.open(path, mode="read") as store:
        ours = [p for p in (await verify(store)).problems if "aaaaaaaa" not in p.what]
    theirs = verify_store.verify_store(path).problems
    return not ours and all("a" * 32 in problem for problem in theirs)


@pytest.mark.parametrize("sealed", [False, True])
async def test_what_is_redacted_is_gone_and_the_rest_is_proven(
    tmp_path: Path, *, sealed: bool
) -> None:
    """The payload, its salt and the blob that only it names; the digests of requests
    that held it, forks' too. Hashes, places and all other records are what they were.
    """
    if sealed and shutil.which("zstd") is None:
        pytest.skip("the independent verifier cannot read sealed files here")
    async with Store.open(tmp_path, options=PLAIN) as store:
        records = await told(store)
        child = await fork(store, records[4], "t.1")
        child += await store.append(child[0].stream, [called(9)], expected_version=2)
        early = await fork(store, records[1], "t.2")
        early += await store.append(early[0].stream, [called(8)], expected_version=2)
    if sealed:
        seal(tmp_path, whole=True)
    assert len(holds(tmp_path, SECRET)) == 2
    done = await redact(tmp_path, [records[2]], "a code")
    assert (done.records, done.covered, done.blobs) == (1, 3, 1)
    assert holds(tmp_path, SECRET) == []
    for _ in range(2):
        async with Store.open(tmp_path, mode="read") as store:
            found = await store.read(records[0].stream)
            assert [r.hash for r in found] == [r.hash for r in records]
            gone = [r.position for r in found if r.redacted]
            assert gone == [2, 3, 5]
            kept = [r.position for r in found if not r.redacted]
            assert [found[n] for n in kept] == [records[n] for n in kept]
            assert found[2].event is None
            forked = await store.read(child[0].stream)
            assert [r.redacted for r in forked] == [False, False, True]
            assert await store.read(early[0].stream) == early
            (event,) = await redactions_of(store)
            assert (event.of, event.why) == (records[2].ref, "a code")
        assert await is_whole(tmp_path)
        forget(tmp_path)
    again = await redact(tmp_path, [found[2]], "again")
    assert (again.records, again.covered) == (0, 0)


async def test_a_tombstone_is_as_long_as_the_line(tmp_path: Path) -> None:
    """So no other record moves: offsets, cursors and indexes stay true."""
    async with Store.open(tmp_path, options=PLAIN) as store:
        records = await told(store)
        line = records[2].line
        assert len(tombstone(line)) == len(line)
        parts = layout(tombstone(line))
        assert parts is not None
        assert parts.digest is not None
        assert split(tombstone(line)).hash == records[2].hash
        with pytest.raises(ValueError, match="no payload"):
            tombstone(tombstone(line))
    cursors = [c async for _, c in follow(tmp_path, endless=False)]
    await redact(tmp_path, [records[2]], "why")
    for at in (1, 3, 6):
        rest = [
            r.hash
            async for r, _ in follow(tmp_path, cursors[at], endless=False)
            if r.stream == records[0].stream
        ]
        assert rest == [r.hash for r in records[at + 1 :]]


async def test_a_redaction_that_is_not_explained_is_a_problem(tmp_path: Path) -> None:
    """And so is one that is explained and was not carried out."""
    async with Store.open(tmp_path, options=PLAIN) as store:
        records = await told(store)
    path = tmp_path / "segments" / "0-00000001.jsonl"
    before = path.read_bytes()
    await redact(tmp_path, [records[6]], "why")
    after = path.read_bytes()
    path.write_bytes(after[: len(before)])
    forget(tmp_path)
    async with Store.open(tmp_path, mode="read") as store:
        problems = (await verify(store)).problems
    (unexplained,) = (p for p in problems if p.field == "payload")
    assert unexplained.position == 6
    path.write_bytes(before + after[len(before) :])
    forget(tmp_path)
    async with Store.open(tmp_path, mode="read") as store:
        problems = (await verify(store)).problems
    assert any("is still there; do it again" in problem.what for problem in problems)
    await redact(tmp_path, [records[6]], "again")
    assert await is_whole(tmp_path)


async def test_roots_and_empty_payloads_are_refused(tmp_path: Path) -> None:
    """In one line that says what to do."""
    async with Store.open(tmp_path, options=PLAIN) as store:
        run = (await whole_run(store))["run"]
    with pytest.raises(UsageError, match=r"begins a stream.*log prune"):
        await redact(tmp_path, [run[0]], "why")
    with pytest.raises(UsageError, match="no payload to take out"):
        await redact(tmp_path, [run[1]], "why")
    async with Store.open(tmp_path, mode="read") as store:
        assert store.streams(family="upkeep") == []


async def test_nobody_redacts_beside_a_writer(tmp_path: Path) -> None:
    """What is announced is finished by the next redaction."""
    async with Store.open(tmp_path, options=PLAIN) as store:
        records = await told(store)
        with pytest.raises(LogBusy, match="is being written by process"):
            await redact(tmp_path, [records[6]], "why")
    done = await redact(tmp_path, [records[6]], "why")
    assert done.records == 1
    async with Store.open(tmp_path, mode="read") as store:
        assert len(await redactions_of(store)) == 1


async def test_what_crashes_left_is_searched_too(tmp_path: Path) -> None:
    """An end that was set aside may hold the same line."""
    async with Store.open(tmp_path, options=PLAIN) as store:
        records = await told(store)
    torn = tmp_path / "segments" / "0-00000001.jsonl.torn-1"
    other = tmp_path / "segments" / "0-00000001.jsonl.torn-2"
    torn.write_bytes(b"x" + records[2].line)
    other.write_bytes(b"something else")
    done = await redact(tmp_path, [records[2]], "why")
    assert done.leftovers == 1
    assert other.exists()
    assert holds(tmp_path, SECRET) == []


async def test_a_bundle_of_before_and_one_of_after(tmp_path: Path) -> None:
    """The old one is redacted by the same refs; a new one brings the explanation."""
    path, old, new = tmp_path / "s", tmp_path / "old", tmp_path / "new"
    async with Store.open(path, options=PLAIN) as store:
        records = (await whole_run(store))["dialogue"]
        await write_bundle(store, records[0].stream, old)
    await redact(path, [records[3]], "a secret")
    async with Store.open(path, mode="read") as store:
        await write_bundle(store, records[0].stream, new)
        gone = {event.of for event in await redactions_of(store)}
    bundle = await read_bundle(new)
    assert [r.redacted for r in await bundle.path()] == [
        n == 3 for n in range(len(records))
    ]
    assert len(bundle.streams(family="upkeep")) == 1
    text = b'"text":"hello 1'
    assert text in old.read_bytes()
    assert redact_bundle(old, gone) == 1
    assert text not in old.read_bytes()
    assert (await read_bundle(old)).head(records[0].stream) == records[-1].ref
    for file in (old, new):
        assert verify_store.verify_bundle(file).problems == []


async def test_what_is_pruned_is_gone_and_the_log_says_so(tmp_path: Path) -> None:
    """Its lines, blobs that only it named, and its place among the others; the rest
    reads, verifies, replays from its bytes; a check-point of before still passes.
    """
    async with Store.open(tmp_path, options=PLAIN) as store:
        stories = await whole_run(store)
        keep = await dialogue(store, "keep")
        lost = await store.append(
            None, [begun("lost"), said(0, SECRET)], expected_version=0
        )
        heads = [store.head(info.stream) for info in store.streams()]
        late = await store.append(keep[0].stream, [said(9)], expected_version=4)
        planned = await plan(store, [store.find("lost")], forks=False)
    assert (planned.count("dialogue"), planned.records) == (1, 2)
    checkpoint = Checkpoint("heads", 0, tuple(heads), bytes(32))
    done = await prune(tmp_path, planned, "not wanted")
    assert done.streams == 1
    assert holds(tmp_path, SECRET) == []
    for _ in range(2):
        async with Store.open(tmp_path, mode="read") as store:
            assert await store.read(keep[0].stream) == [*keep, *late]
            for records in stories.values():
                assert await store.read(records[0].stream) == records
            (pruned,) = await pruned_of(store)
            assert (pruned.stream, pruned.label) == (lost[0].stream, "lost")
            report = await verify(store, checkpoint=checkpoint)
            assert [p for p in report.problems if "aaaaaaa" not in p.what] == []
        assert await is_whole(tmp_path)
        forget(tmp_path)
    async with Store.open(tmp_path, options=PLAIN) as store:
        more = await store.append(keep[0].stream, [said(10)], expected_version=5)
        assert (await store.read(keep[0].stream))[-1:] == [*more]


async def test_what_others_build_on_is_not_pruned(tmp_path: Path) -> None:
    """A parent of forks, a run with trajectories: it says who builds on it; --forks, or
    the run as a whole, takes them along, and then nothing of it is left.
    """
    async with Store.open(tmp_path, options=PLAIN) as store:
        await whole_run(store)
        keep = await dialogue(store, "keep")
        with pytest.raises(UsageError, match=r"r1-1\.1 is a fork of r1-1 .*--forks"):
            await plan(store, [store.find("r1-1")], forks=False)
        both = await plan(store, [store.find("r1-1")], forks=True)
        assert sorted(info.label for info in both.streams) == ["r1-1", "r1-1.1"]
        whole = await plan(store, [store.find("r1", family="run")], forks=True)
    done = await prune(tmp_path, whole, "all")
    assert done.streams == 5
    assert done.blobs == 3
    async with Store.open(tmp_path, mode="read") as store:
        left = [i.label for i in store.streams() if i.family != "upkeep"]
        assert left == ["keep"]
        assert await store.read(keep[0].stream) == keep
    assert await is_whole(tmp_path)


class Dies(Disk):
    """Fails for good from the n-th rename or removal on."""

    def __init__(self, calls: int) -> None:
        self.left = calls

    def rename(self, path: Path, to: Path) -> None:
        """While it lives."""
        self._count()
        super().rename(path, to)

    def remove(self, path: Path) -> None:
        """While it lives."""
        self._count()
        super().remove(path)

    def _count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise OSError(5, "Input/output error")


@pytest.mark.parametrize("sealed", [False, True])
async def test_pruning_may_be_broken_off_anywhere(
    tmp_path: Path, *, sealed: bool
) -> None:
    """Over several segments, after each rename: what stays reads as it was, and the
    next pruning finishes it.
    """
    made, options = tmp_path / "made", Options(segment_bytes=2500, seals=False)
    async with Store.open(made, options=options) as store:
        keep, lost = await dialogue(store, "keep"), await dialogue(store, "lost")
        for number in range(12):
            for records in (keep, lost):
                records += await store.append(
                    records[0].stream, [said(number)], expected_version=len(records)
                )
        planned = await plan(store, [store.find("lost")], forks=False)
    if sealed:
        seal(made, whole=True)
    count = len(list((made / "segments").iterdir()))
    assert count > 3
    for calls in range(count + 2):
        path = tmp_path / str(calls)
        shutil.copytree(made, path)
        try:
            await prune(path, planned, "why", Dies(calls))
        except LogError:
            async with Store.open(path, mode="read") as store:
                assert await store.read(keep[0].stream) == keep
                assert store.hurt == ()
        async with Store.open(path, mode="read") as store:
            nothing = await plan(store, [], forks=False)
        await prune(path, nothing, "")
        async with Store.open(path, mode="read") as store:
            assert await store.read(keep[0].stream) == keep
            assert [i.label for i in store.streams(family="dialogue")] == ["keep"]
            assert store.hurt == ()
        assert not list(path.rglob("*.new"))


async def test_a_cursor_of_before_a_pruning_is_refused(tmp_path: Path) -> None:
    """Where it no longer stands at a frame; otherwise something would be left out."""
    async with Store.open(tmp_path, options=PLAIN) as store:
        await dialogue(store, "lost")
        await dialogue(store, "keep")
        planned = await plan(store, [store.find("lost")], forks=False)
    cursors: list[Cursor] = [c async for _, c in follow(tmp_path, endless=False)]
    await prune(tmp_path, planned, "why")
    with pytest.raises(BadInput, match="pruned since"):
        async for _ in follow(tmp_path, cursors[2], endless=False):
            pass


async def test_a_backup_takes_a_redaction_over(tmp_path: Path) -> None:
    """A copy of before holds the payload: the next one replaces it there too."""
    path, copy = tmp_path / "s", tmp_path / "copy"
    async with Store.open(path, options=PLAIN) as store:
        records = await told(store)
    back_up(path, copy)
    await redact(path, [records[2]], "why")
    back_up(path, copy)
    assert holds(copy, SECRET) == []
    assert await is_whole(copy)
