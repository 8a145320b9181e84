"""Verifying finds one changed byte anywhere, and says where."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from eventsim.core import events as e
from eventsim.core.records import Record
from eventsim.log.segments import DIRECTORY
from eventsim.log.store import Options, Store
from eventsim.log.verify import Problem, Report, verify
from tests.log.stories import begun, forget, said, segment_of, told_times, whole_run

pytestmark = pytest.mark.anyio


async def filled(path: Path) -> dict[str, list[Record]]:
    """A store in which everything is in order."""
    async with Store.open(path, options=Options(stamps=told_times())) as store:
        return await whole_run(store)


async def report_of(path: Path) -> Report:
    """What a reader finds."""
    async with Store.open(path, mode="read") as store:
        return await verify(store)


def in_place(path: Path, old: bytes, new: bytes) -> None:
    """Change the bytes of the first segment."""
    file = segment_of(path)
    data = file.read_bytes()
    assert old in data
    file.write_bytes(data.replace(old, new))


async def test_a_whole_store_has_no_problem(tmp_path: Path) -> None:
    """And is counted; also while a writer holds it."""
    told = await filled(tmp_path)
    report = await report_of(tmp_path)
    assert report.problems == ()
    assert report.failed == 0
    assert report.streams == 5
    assert report.records == sum(len(records) for records in told.values())
    assert report.blobs == 3
    async with Store.open(tmp_path) as store:
        assert (await verify(store)).problems == ()


async def test_any_changed_byte_is_found_and_attributed(tmp_path: Path) -> None:
    """Payload, salt, hash, envelope, frames, header: nothing is blind."""
    told = await filled(tmp_path)
    path = segment_of(tmp_path)
    data = path.read_bytes()
    closing = data.rindex(b'{"frame"')
    records = [record for each in told.values() for record in each]
    spans = [
        (start := data.index(record.line), start + len(record.line), record)
        for record in records
    ]
    draw = random.Random(3)
    for at in sorted(draw.sample(range(closing), 120)):
        changed = bytearray(data)
        changed[at] ^= 1 << draw.randrange(8)
        path.write_bytes(changed)
        report = await report_of(tmp_path)
        assert report.problems, at
        hit = [record for start, end, record in spans if start <= at < end]
        if hit:
            problem = report.problems[0]
            assert (problem.stream, problem.position) == (
                hit[0].stream,
                hit[0].position,
            ), at
            assert report.failed == 1
    path.write_bytes(data)
    assert (await report_of(tmp_path)).problems == ()


@pytest.mark.parametrize(
    ("part", "field"),
    [
        (b'"text":"hello 2', "payload.text"),
        (b'"version":6,', "version"),
        (b'"position":4,', "position"),
        (b'"kind":"trajectory.ended/', "kind"),
        (b'"label":"r1-1.1"', "payload.label"),
    ],
)
async def test_the_field_that_changed_is_named(
    tmp_path: Path, part: bytes, field: str
) -> None:
    """With what was recorded and what is found."""
    await filled(tmp_path)
    in_place(tmp_path, part, part[:-2] + bytes([part[-2] ^ 1]) + part[-1:])
    problem = (await report_of(tmp_path)).problems[0]
    assert problem.field == field
    assert problem.label is not None
    assert "recorded" in problem.what
    assert str(problem).startswith(f"{problem.label}@{problem.position}: {field}: ")


async def test_lost_records_are_told(tmp_path: Path) -> None:
    """A cut-out line leaves a gap, though its frame is mended by nobody."""
    told = await filled(tmp_path)
    in_place(tmp_path, told["dialogue"][3].line + b"\n", b"")
    (problem,) = (await report_of(tmp_path)).problems
    assert (problem.field, problem.label) == ("records", "r1-1")
    assert problem.position == told["dialogue"][3].position
    async with Store.open(tmp_path) as store:
        assert not store.recovered
        assert store.find("r1-1").damaged is not None
        assert store.find("r1-1.1").version == len(told["fork"])


async def test_a_log_that_was_written_wrongly_is_told(tmp_path: Path) -> None:
    """Sound bytes can still refer to what is not there."""
    told = await filled(tmp_path)
    gone = told["tasks"][-1].ref.model_copy(update={"version": 9})
    other = told["run"][0].ref.model_copy(update={"hash": "0" * 64})
    async with Store.open(tmp_path) as store:
        root = begun("x", run=other, preparation=gone)
        mounted = e.EnvironmentMounted(
            name="x",
            image="0" * 64,
            rows_digest="",
            sqlite_version="",
            preparation=gone,
        )
        await store.append(None, [root, mounted], expected_version=0)
        found = {p.field: p.what for p in (await verify(store)).problems}
    assert "hash" in found["payload.run"]
    assert found["payload.preparation"].startswith("version 9 of stream")
    assert "is missing" in found["payload.image"]
    assert len(found) == 3


async def test_blobs_are_checked_whether_referred_to_or_not(tmp_path: Path) -> None:
    """A missing and a damaged one that a record names, and a damaged one of nobody."""
    told = await filled(tmp_path)
    run = told["run"][0].event
    assert isinstance(run, e.RunStarted)
    blobs = tmp_path / "blobs"
    (blobs / run.prompts["user"]).write_bytes(b"You are a robot.")
    (blobs / run.sources[0].image).unlink()
    (blobs / ("0" * 64)).write_bytes(b"?")
    problems = {p.field: p for p in (await report_of(tmp_path)).problems}
    assert problems["payload.prompts.user"].label == "r1"
    assert problems["payload.sources.0.image"].label == "r1"
    assert problems["payload.sources.0.image"].what.endswith("is missing")
    assert problems["blob"].file == "blobs/" + "0" * 64
    assert len(problems) == 3


async def test_a_torn_end_is_no_problem_but_said(tmp_path: Path) -> None:
    """Nothing of it was acknowledged."""
    await filled(tmp_path)
    path = segment_of(tmp_path)
    size = path.stat().st_size
    with path.open("ab") as file:
        file.write(b'{"frame"')
    report = await report_of(tmp_path)
    assert report.problems == ()
    assert report.torn == ((f"{DIRECTORY}/{path.name}", size),)


async def test_a_lost_segment_is_told(tmp_path: Path) -> None:
    """What stood in it is missing from streams that go on after it."""
    options = Options(segment_bytes=3000, seals=False)
    async with Store.open(tmp_path, options=options) as store:
        (last,) = await store.append(None, [begun("a")], expected_version=0)
        for number in range(20):
            (last,) = await store.append(
                last.stream, [said(number)], expected_version=last.version
            )
    segment_of(tmp_path, 2).unlink()
    forget(tmp_path)
    report = await report_of(tmp_path)
    assert any(problem.field == "version" for problem in report.problems)
    async with Store.open(tmp_path, mode="read") as store:
        assert store.find("a").damaged is not None


async def test_a_catalogue_that_lies_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the store believes is compared with its bytes."""
    await filled(tmp_path)
    async with Store.open(tmp_path, mode="read") as store:
        store._index.require(store.find("r1-1").stream).digest = bytes(32)
        (problem,) = (await verify(store)).problems
    assert isinstance(problem, Problem)
    assert (problem.field, problem.label) == ("catalogue", "r1-1")


async def test_a_store_without_segments_is_read_without_a_crash(tmp_path: Path) -> None:
    """Nothing is left to check but the blobs."""
    await filled(tmp_path)
    for segment in (tmp_path / "segments").iterdir():
        segment.unlink()
    report = await report_of(tmp_path)
    assert report.records == 0
    assert report.blobs == 3
