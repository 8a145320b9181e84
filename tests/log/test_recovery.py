"""Opening after a crash, after damage, and across segments."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from eventsim.core.records import Record
from eventsim.errors import LogCorrupt
from eventsim.log import segments as segments_module
from eventsim.log.index import Index
from eventsim.log.segments import Segment, absorb
from eventsim.log.store import Options, Store
from tests.log.stories import (
    begun,
    dialogue,
    forget,
    fork,
    said,
    segment_of,
    texts,
    told_times,
)

pytestmark = pytest.mark.anyio


async def small_store(path: Path) -> list[Record]:
    """Three dialogues, appended in turns; every record in the order of the log."""
    records: list[Record] = []
    async with Store.open(path, options=Options(stamps=told_times())) as store:
        heads = {}
        for label in "abc":
            (first,) = await store.append(None, [begun(label)], expected_version=0)
            records.append(first)
            heads[label] = first
        for number in range(2):
            for label, head in heads.items():
                added = await store.append(
                    head.stream, [said(number)], expected_version=head.version
                )
                records += added
                heads[label] = added[-1]
    return records


def batches(records: list[Record], data: bytes) -> list[int]:
    """Where each record's line ends."""
    return [data.index(record.line) + len(record.line) + 1 for record in records]


async def test_a_cut_at_every_byte_loses_nothing_that_was_whole(
    tmp_path: Path,
) -> None:
    """Whatever the crash left, whole batches stay and the rest is set aside."""
    records = await small_store(tmp_path / "s")
    data = segment_of(tmp_path / "s").read_bytes()
    closing = data.rindex(b'{"frame"')
    ends = batches(records, data)
    headers = [at + 1 for at in range(len(data)) if data.startswith(b'\n{"frame"', at)]
    near = {edge + by for edge in [*ends, *headers] for by in (-2, -1, 0, 1, 20)}
    chosen = random.Random(1).sample(range(closing), 60)
    for cut in sorted({*range(0, 400, 9), *near, *chosen} & {*range(closing)}):
        path = tmp_path / f"cut-{cut}"
        (path / "segments").mkdir(parents=True)
        (path / "blobs").mkdir()
        shutil.copy(tmp_path / "s" / "store.json", path)
        segment_of(path).write_bytes(data[:cut])
        whole = [r for r, end in zip(records, ends, strict=True) if end <= cut]
        async with Store.open(path) as store:
            assert sum(info.version for info in store.streams()) == len(whole)
            added = (await dialogue(store, "new", 1))[-1]
            boundary = max([0, *(end for end in ends if end <= cut)])
            if store.recovered:
                (torn,) = store.recovered
                assert torn.offset >= boundary
                assert torn.offset + torn.size == cut
                aside = path / str(torn.moved_to)
                assert aside.read_bytes() == data[torn.offset : cut]
            else:
                assert data[:cut].endswith(b"\n") or cut == 0
        forget(path)
        async with Store.open(path, mode="read") as store:
            assert not store.recovered
            assert not store.hurt
            assert (await store.read(added.stream))[-1].line == added.line
        shutil.rmtree(path)


def state_of(data: bytes) -> Index:
    """What one pass over a segment makes known."""
    index, segment = Index(), Segment("0-00000001.jsonl")
    index.segments.append(segment.name)
    suspects: segments_module.Suspects = []
    absorb(index, segment, data, durable=0, suspects=suspects)
    for stream, version, block in suspects:
        if index.streams[stream].version == version:
            index.block(stream, block)
    return index


async def test_any_flipped_bit_blocks_only_the_stream_that_it_hits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No other stream is cut, and none is silently shorter or different."""
    monkeypatch.setattr(segments_module, "pinpoint", lambda raw, fits: None)
    records = await small_store(tmp_path)
    data = segment_of(tmp_path).read_bytes()
    closing = data.rindex(b'{"frame"')
    ends = batches(records, data)
    starts = [end - len(r.line) - 1 for end, r in zip(ends, records, strict=True)]
    lengths = {record.stream: record.version for record in records}
    for at in range(closing):
        changed = bytearray(data)
        changed[at] ^= 1 << at % 8
        index = state_of(bytes(changed))
        hit = [
            record.stream
            for record, start, end in zip(records, starts, ends, strict=True)
            if start <= at < end
        ]
        for stream, version in lengths.items():
            known = index.streams[stream]
            if stream in hit:
                assert known.block is not None, at
                assert known.version < version
            else:
                assert known.block is None, at
                assert known.version == version


async def test_damage_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    """The error has the file, the offset, the stream, the position and the byte."""
    records = await small_store(tmp_path)
    path = segment_of(tmp_path)
    data = path.read_bytes()
    wrong = records[4]
    offset = data.index(wrong.line)
    path.write_bytes(data.replace(wrong.line, wrong.line.replace(b"hello", b"hallo")))
    for catalogue in ("kept", "deleted"):
        async with Store.open(tmp_path, mode="read") as store:
            with pytest.raises(LogCorrupt) as caught:
                await store.read(wrong.stream)
            error = caught.value
            assert (error.file, error.offset) == (
                f"segments/{path.name}",
                offset,
            ), catalogue
            assert (error.stream, error.position) == (wrong.stream, wrong.position)
            assert 'recorded "hello 0 é", found "hallo 0 é"' in str(error)
            assert len(await store.read(wrong.stream, stop=1)) == 1
            for other in {record.stream for record in records} - {wrong.stream}:
                assert len(await store.read(other)) == 3
        forget(tmp_path)
    async with Store.open(tmp_path) as store:
        assert not store.recovered
        assert [hurt.streams for hurt in store.hurt] == [(wrong.stream,)]
        with pytest.raises(LogCorrupt):
            await store.append(wrong.stream, [said(9)], expected_version=1)
        kept = await fork(store, (await store.read(wrong.stream, stop=1))[0], "a.1")
        assert len(await store.path(kept[0].stream)) == 3
    async with Store.open(tmp_path, mode="read") as store:
        assert len(store.hurt) == 1
        assert store.find("b").damaged is not None


async def test_damage_to_the_last_batch_is_found_after_a_clean_close(
    tmp_path: Path,
) -> None:
    """The closing frame states the final offset."""
    records = await small_store(tmp_path)
    path = segment_of(tmp_path)
    data = bytearray(path.read_bytes())
    data[data.index(records[-1].line) + 10] ^= 1
    path.write_bytes(data)
    forget(tmp_path)
    async with Store.open(tmp_path) as store:
        assert not store.recovered
        assert store.find("c").damaged is not None
    assert path.read_bytes()[: len(data)] == data


async def test_lost_middle_of_a_log_blocks_streams_that_had_records_there(
    tmp_path: Path,
) -> None:
    """A hole of zeros, header included: gaps are seen, nothing is truncated."""
    records = await small_store(tmp_path)
    path = segment_of(tmp_path)
    data = path.read_bytes()
    ends = batches(records, data)
    hole = bytes(ends[4] - ends[2])
    path.write_bytes(data[: ends[2]] + hole + data[ends[4] :])
    forget(tmp_path)
    async with Store.open(tmp_path) as store:
        assert not store.recovered
        damaged = {info.label for info in store.streams() if info.damaged}
        assert damaged == {"a", "b"}
        assert texts(await store.read(records[2].stream)) == ["hello 0 é", "hello 1 é"]


async def test_segments_roll_over_and_read_as_one(tmp_path: Path) -> None:
    """A stream goes on in the next segment; each segment ends with its offset."""
    options = Options(segment_bytes=4000, seals=False)
    async with Store.open(tmp_path, options=options) as store:
        told = [await dialogue(store, label, 12) for label in ("a", "b")]
        assert len(await store.path(told[0][0].stream)) == 13
    files = sorted((tmp_path / "segments").iterdir())
    assert len(files) > 2
    for path in files:
        last = path.read_bytes().splitlines()[-1]
        assert b'"bytes":0' in last
    for catalogue in ("kept", "deleted"):
        async with Store.open(tmp_path, mode="read") as store:
            for records in told:
                read = await store.read(records[0].stream)
                assert [r.line for r in read] == [r.line for r in records], catalogue
        forget(tmp_path)


async def test_a_segment_cut_before_another_is_damage(tmp_path: Path) -> None:
    """Only the end of the whole log can be torn."""
    options = Options(segment_bytes=4000, seals=False)
    async with Store.open(tmp_path, options=options) as store:
        records = await dialogue(store, "a", 12)
    first = segment_of(tmp_path)
    first.write_bytes(first.read_bytes()[:-600])
    forget(tmp_path)
    async with Store.open(tmp_path, options=options) as store:
        assert not store.recovered
        assert store.hurt
        with pytest.raises(LogCorrupt):
            await store.read(records[0].stream)


async def test_a_reader_passes_over_a_torn_end_and_leaves_it(tmp_path: Path) -> None:
    """Reading repairs nothing; the writer who comes next does."""
    await small_store(tmp_path)
    path = segment_of(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"frame":{"dur')
    async with Store.open(tmp_path, mode="read") as store:
        (torn,) = store.recovered
        assert (torn.offset, torn.size, torn.moved_to) == (len(whole), 14, None)
    assert path.read_bytes().endswith(b'{"dur')
    async with Store.open(tmp_path) as store:
        (torn,) = store.recovered
        assert torn.moved_to == f"segments/{path.name}.torn-1"
    assert path.read_bytes() == whole
    async with Store.open(tmp_path) as store:
        assert store.recovered == ()
    assert path.read_bytes() == whole
