"""The stand-alone verifier agrees with the log, and finds whatever was changed."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from eventsim.core.events import (
    PolicySet,
    PreparationStarted,
    RunStarted,
    Source,
    TrajectoryForked,
    TrajectoryStarted,
    UserMessaged,
)
from eventsim.log.bundle import write_bundle
from eventsim.log.sealing.sealer import seal
from eventsim.log.store import Options, Store
from tools import verify_store

pytestmark = pytest.mark.anyio
SCRIPT = Path(verify_store.__file__)
PARTS = ("records", "sealed")


async def fill(path: Path, options: Options | None = None) -> str:
    """A run, a preparation, a dialogue and a fork of it, whose stream is returned."""
    async with Store.open(path, options=options) as store:
        blob = await store.put_blob(b"a policy, a prompt, an image")
        source = Source(
            name="a", title="A", image=blob, rows_digest="d", sqlite_version="3"
        )
        plan = RunStarted(
            label="run",
            identity="plan",
            config={},
            prompts={"user": blob},
            sources=(source,),
        )
        (run,) = await store.append(None, [plan], expected_version=0)
        tasks = PreparationStarted(
            label="p", purpose="tasks", source=source, run=run.ref, policy=blob
        )
        (head,) = await store.append(None, [tasks], expected_version=0)
        start = TrajectoryStarted(
            label="t",
            index=0,
            seed=1,
            lineage="l",
            pipeline="p",
            run=run.ref,
            preparation=head.ref,
        )
        said = [UserMessaged(text=f"message {number}, naïve") for number in range(5)]
        events = [start, PolicySet(sha256=blob), *said]
        records = await store.append(None, events, expected_version=0)
        for number, more in enumerate(said):
            version = len(records) + number
            await store.append(records[0].stream, [more], expected_version=version)
        forked = TrajectoryForked(
            label="t.1", parent=records[3].ref, position=3, seed=2, lineage="m"
        )
        fork = await store.append(None, [forked, said[0]], expected_version=0)
        return fork[0].stream


@pytest.fixture
async def store(tmp_path: Path) -> Path:
    """A store of four streams in one segment."""
    await fill(tmp_path / "store")
    return tmp_path / "store"


def segment_of(store: Path, number: int = 0) -> Path:
    """One of the store's segments."""
    return sorted(store.glob("segments/*.jsonl"))[number]


def test_it_needs_nothing_but_the_standard_library() -> None:
    """Its three files can be copied to a machine that has only Python."""
    files = [SCRIPT, *(SCRIPT.with_name(f"verify_{x}.py") for x in PARTS)]
    known = sys.stdlib_module_names | {file.stem for file in files} | {"compression"}
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                assert {a.name for a in node.names} <= known
            elif isinstance(node, ast.ImportFrom):
                assert (node.module or "").split(".")[0] in known


async def test_a_whole_store_is_whole(store: Path) -> None:
    """Run as a process without any installed package: exit 0 and the counts."""
    command = [sys.executable, "-E", "-s", "-S", str(SCRIPT), str(store)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "4 streams, 16 records, 1 blobs: whole\n"
    assert (done.returncode, done.stderr) == (0, "")


async def test_heads_are_those_of_the_log(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is signed or compared is what eventsim itself gives as the head."""
    assert verify_store.main(["--heads", str(store)]) == 0
    printed = capsys.readouterr().out.splitlines()[:-1]
    async with Store.open(store, mode="read") as log:
        heads = [log.head(info.stream) for info in log.streams()]
    assert sorted(printed) == sorted(f"{h.stream} {h.version} {h.hash}" for h in heads)


async def test_no_flipped_bit_goes_unnoticed(store: Path) -> None:
    """Every byte is under some digest; only the last frame may pass as torn."""
    path = segment_of(store)
    data = path.read_bytes()
    last = data.rfind(b'{"frame"')
    for at in range(0, len(data), 5):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        found = verify_store.verify_store(store)
        assert found.problems or (found.notes and at >= last), at


async def test_damage_is_placed_by_file_offset_stream_and_position(store: Path) -> None:
    """The line says where to look, and later records add no noise."""
    path = segment_of(store)
    data = path.read_bytes()
    at = data.index(b"message 2")
    line = data.rindex(b"\n", 0, at) + 1
    path.write_bytes(data.replace(b"message 2", b"message 7", 1))
    found = verify_store.verify_store(store)
    first = found.problems[0]
    async with Store.open(store, mode="read") as log:
        stream = log.find("t").stream
    assert first == (
        f"segments/{path.name} at byte {line}, stream {stream}, position 4: "
        "the record does not match its hash, or not the one before it"
    )
    assert [p for p in found.problems if f"stream {stream}, position 5" in p] == []


def cut_a_record(data: bytes) -> bytes:
    """Without the first record that is not the first of its frame."""
    start = data.index(b'","version":3,')
    start = data.rindex(b"\n", 0, start) + 1
    return data[:start] + data[data.index(b"\n", start) + 1 :]


def swap_two_records(data: bytes) -> bytes:
    """Two neighbours in each other's place."""
    start = data.rindex(b"\n", 0, data.index(b'","version":3,')) + 1
    middle = data.index(b"\n", start) + 1
    end = data.index(b"\n", middle) + 1
    return data[:start] + data[middle:end] + data[start:middle] + data[end:]


def reframe(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """A change by someone who makes the frames fit again, digests and checks."""
    lines = data.splitlines(keepends=True)
    result, body, header = lines[0], b"", b""

    def flush() -> bytes:
        if not header:
            return b""
        fields, _ = verify_store.checked_line(header, 0) or ({}, 0)
        old = f'"bytes":{fields["bytes"]},'.encode()
        new = change(body) if body else body
        prefix = header[: header.index(b',"check"')]
        prefix = prefix.replace(old, b'"bytes":%d,' % len(new))
        digest = verify_store.sha256(new).encode()
        prefix = prefix.replace(fields["sha256"].encode(), digest)
        durable = f'"durable":{fields["durable"]},'.encode()
        prefix = prefix.replace(durable, b'"durable":%d,' % len(result))
        check = verify_store.sha256(prefix)[:16].encode()
        return prefix + b',"check":"' + check + b'"}}\n' + new

    for line in lines[1:]:
        if line.startswith(b'{"frame"'):
            result += flush()
            header, body = line, b""
        else:
            body += line
    return result + flush()


@pytest.mark.parametrize(
    "change",
    [
        cut_a_record,
        swap_two_records,
        lambda data: data.replace(b"message 1", b"message 11", 1),
        lambda data: reframe(data, lambda b: b.replace(b"message 3", b"message 4")),
        lambda data: reframe(data, lambda b: b.replace(b'"time_us":1', b'"time_us":2')),
        lambda data: data[:200] + b"\n\n" + data[200:],
    ],
    ids=["cut", "swap", "longer", "reframed", "other time", "blank lines"],
)
async def test_an_edit_is_found_even_if_the_frames_fit(
    store: Path, change: Callable[[bytes], bytes]
) -> None:
    """Whoever edits a record would have to recompute every hash after it."""
    path = segment_of(store)
    path.write_bytes(change(path.read_bytes()))
    assert verify_store.verify_store(store).problems


async def test_reframing_without_a_change_is_no_damage(store: Path) -> None:
    """The tests above fail for what was changed, not for how."""
    path = segment_of(store)
    path.write_bytes(reframe(path.read_bytes(), lambda body: body))
    assert verify_store.verify_store(store).problems == []


async def test_a_torn_tail_is_a_note_and_no_damage(store: Path) -> None:
    """What was never acknowledged may be there or not."""
    path = segment_of(store)
    whole = path.read_bytes()
    frame = whole[whole.index(b'{"frame"') :][:300]
    path.write_bytes(whole + frame)
    found = verify_store.verify_store(store)
    assert found.problems == []
    assert found.notes == [
        f"segments/{path.name} at byte {len(whole)}: 300 bytes that were never "
        "acknowledged"
    ]


async def test_a_missing_or_short_segment_is_found(tmp_path: Path) -> None:
    """Each segment states how long the one before it was."""
    store = tmp_path / "store"
    for _ in range(4):
        await fill(store, Options(segment_bytes=2000, seals=False))
    assert verify_store.verify_store(store).problems == []
    middle = segment_of(store, 1)
    data = middle.read_bytes()
    middle.write_bytes(data[:-40])
    assert any(
        f"segments/{middle.name} at byte" in problem
        for problem in verify_store.verify_store(store).problems
    )
    middle.unlink()
    problems = verify_store.verify_store(store).problems
    assert "segments at byte 0: segment 2 is missing" in problems


def provide_zstd(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the program is not installed, one that does the same by the library."""
    if shutil.which("zstd") is None:
        program = place / "bin" / "zstd"
        program.parent.mkdir()
        program.write_text(
            f"#!{sys.executable}\n"
            "import sys, zstandard\n"
            "data = zstandard.decompress(sys.stdin.buffer.read())\n"
            "sys.stdout.buffer.write(data)\n"
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)


async def test_a_sealed_segment_is_read_as_the_plain_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same streams, heads and references; damage to it is placed; where nothing
    can decompress, it says so and does not call it whole.
    """
    provide_zstd(tmp_path, monkeypatch)
    store = tmp_path / "store"
    for _ in range(3):
        await fill(store, Options(segment_bytes=2000, seals=False))
    plain = verify_store.verify_store(store)
    assert seal(store, whole=True).left == {}
    sealed = verify_store.verify_store(store)
    assert sealed.problems == []
    assert sealed.records == plain.records
    assert {k: v.hashes for k, v in sealed.chains.items()} == {
        k: v.hashes for k, v in plain.chains.items()
    }
    file = min(store.glob("segments/*.sealed"))
    data = file.read_bytes()
    for at in range(0, len(data), 97):
        file.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        found = verify_store.verify_store(store)
        assert any(f"segments/{file.name} at byte" in p for p in found.problems), at
    file.write_bytes(data)
    monkeypatch.setenv("PATH", "")
    if sys.version_info < (3, 14):
        with pytest.raises(verify_store.NotKnown, match=r"Python 3\.14 or .* zstd"):
            verify_store.verify_store(store)


async def test_a_damaged_or_missing_blob_is_found(store: Path) -> None:
    """A blob is named by its bytes, and referred to by records."""
    (blob,) = (store / "blobs").iterdir()
    data = blob.read_bytes()
    blob.write_bytes(data + b"!")
    (problem,) = verify_store.verify_store(store).problems
    assert problem.startswith(f"blobs/{blob.name} at byte 0: the bytes of the blob")
    blob.unlink()
    found = verify_store.verify_store(store).problems
    assert any(f"refers to blob {blob.name}, which is not there" in p for p in found)


async def test_a_bundle_is_verified_as_a_store_is(tmp_path: Path) -> None:
    """Whole as written; any edit, cut or swapped line is found."""
    fork = await fill(tmp_path / "store")
    path = tmp_path / "fork.jsonl"
    async with Store.open(tmp_path / "store", mode="read") as log:
        await write_bundle(log, fork, path)
    assert verify_store.main([str(path)]) == 0
    data = path.read_bytes()
    for at in range(0, len(data), 11):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert verify_store.main([str(path)]) != 0, at
        path.write_bytes(data[:at])
        assert verify_store.main([str(path)]) != 0, at


@pytest.mark.parametrize("content", [None, b"", b"{}", b"not json", b'{"bundle":{}}'])
def test_what_is_no_store_is_wrong_usage(
    tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2 and one line, no traceback."""
    path = tmp_path / "thing"
    if content is not None:
        path.write_bytes(content)
    assert verify_store.main([str(path)]) == 2
    assert capsys.readouterr().out.count("\n") == 1


def test_a_newer_format_is_not_judged(tmp_path: Path) -> None:
    """A store that this verifier cannot know is neither whole nor damaged."""
    (tmp_path / "store.json").write_text('{"format":"eventsim-store","major":2}')
    assert verify_store.main([str(tmp_path)]) == 2
