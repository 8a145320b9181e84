"""The log against a plain list: any order of appends, forks, reads, crashes, power
losses, reopenings, seals, redactions, deletions and concurrent writers.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from eventsim.core.events import Event, TrajectoryForked
from eventsim.core.records import Record
from eventsim.errors import LogBusy, LogConflict, LogError, NotFound
from eventsim.log.codec import tombstone
from eventsim.log.leases import is_held
from eventsim.log.pruning import plan, prune
from eventsim.log.redaction import redact
from eventsim.log.sealing.sealer import seal
from eventsim.log.store import Options, Store
from eventsim.log.torture.medium import Medium
from eventsim.log.verify import verify
from tests.log.stories import begun, forget, fork, said


class LogAgainstList(RuleBasedStateMachine):
    """`batches` is the model: every acknowledged batch, in the order of the log; and
    `blobs`, by name. The disk is one that can lose its power.
    """

    streams = Bundle("streams")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.root = Path(tempfile.mkdtemp())
        self.batches: list[list[Record]] = []
        self.blobs: dict[str, bytes] = {}
        self.labels = 0
        self.machines = 0
        self.store: Store
        self.context: Any

    @initialize(segment_bytes=st.sampled_from([5000, 1 << 20]))
    def open(self, segment_bytes: int) -> None:
        """Segments are small in half of the runs."""
        self.segment_bytes = segment_bytes
        (self.root / "0").mkdir()
        self._boot(self.root / "0")
        self._open()

    def _boot(self, place: Path) -> None:
        """A machine, whose disk holds what is in `place`."""
        self.medium = Medium(place, self.machines)
        self.path = place / "store"
        self.options = Options(
            disk=self.medium, segment_bytes=self.segment_bytes, seals=False
        )

    def _open(self) -> None:
        self.context = Store.open(self.path, options=self.options)
        self.store = self.runner.run(self.context.__aenter__())

    def _close(self) -> None:
        self.runner.run(self.context.__aexit__(None, None, None))

    def told(self, stream: str) -> list[Record]:
        """What the model has of a stream."""
        return [r for batch in self.batches for r in batch if r.stream == stream]

    def label(self) -> str:
        """One that no stream has."""
        self.labels += 1
        return f"t{self.labels}"

    # --- appending --------------------------------------------------------------------

    @rule(target=streams, messages=st.integers(0, 3))
    def begin(self, messages: int) -> str:
        """A new stream, with its first messages in the same batch."""
        batch = [begun(self.label()), *(said(n) for n in range(messages))]
        records = self.runner.run(self.store.append(None, batch, expected_version=0))
        self.batches.append([*records])
        return records[0].stream

    @rule(stream=streams, messages=st.integers(1, 3))
    def append(self, stream: str, messages: int) -> None:
        """More of a stream that is there."""
        version = len(self.told(stream))
        if version:
            batch = [said(version + n, "more") for n in range(messages)]
            appending = self.store.append(stream, batch, expected_version=version)
            self.batches.append([*self.runner.run(appending)])

    @rule(target=streams, stream=streams, data=st.data())
    def branch(self, stream: str, data: st.DataObject) -> str:
        """A fork of any record of any stream, forks included."""
        told = self.told(stream)
        if not told:
            return stream
        parent = data.draw(st.sampled_from(told))
        records = self.runner.run(fork(self.store, parent, self.label()))
        self.batches.append(records)
        return records[0].stream

    @rule(stream=streams, off=st.sampled_from([-1, 1, 7]))
    def conflict(self, stream: str, off: int) -> None:
        """A wrong expectation changes nothing."""
        version = len(self.told(stream))
        if version:
            try:
                self.runner.run(
                    self.store.append(stream, [said(0)], expected_version=version + off)
                )
            except LogConflict:
                return
            raise AssertionError("a wrong version was accepted")

    @rule(number=st.integers(0, 5))
    def put(self, number: int) -> None:
        """A blob, perhaps one that is there."""
        data = f"blob {number}".encode()
        self.blobs[self.runner.run(self.store.put_blob(data))] = data

    @rule(wanted=st.lists(streams, min_size=1, max_size=4, unique=True))
    def together(self, wanted: list[str]) -> None:
        """Several streams at once, which share a frame."""
        done = self._at_once(self._attempts(wanted))
        assert all(records is not None for records in done)

    def _attempts(self, wanted: Sequence[str]) -> list[tuple[str | None, list[Event]]]:
        """A batch for each stream that is there, and one that begins a stream."""
        label = self.label()
        attempts: list[tuple[str | None, list[Event]]] = [
            (stream, [said(n, f"{label}.{stream[:6]}") for n in range(2)])
            for stream in wanted
            if self.told(stream)
        ]
        return [*attempts, (None, [begun(label), said(0, label)])]

    def _at_once(
        self, attempts: Sequence[tuple[str | None, list[Event]]]
    ) -> list[tuple[Record, ...] | None]:
        """What each append returned; None if it failed. The model takes the others."""

        async def attempt(
            stream: str | None, events: list[Event]
        ) -> tuple[Record, ...] | None:
            version = len(self.told(stream)) if stream else 0
            with contextlib.suppress(LogError):
                return await self.store.append(stream, events, expected_version=version)
            return None

        async def all_of_them() -> list[tuple[Record, ...] | None]:
            return await asyncio.gather(*(attempt(*each) for each in attempts))

        done = self.runner.run(all_of_them())
        self.batches += [[*records] for records in done if records]
        return done

    # --- reading ----------------------------------------------------------------------

    @rule(stream=streams, start=st.integers(-1, 12), stop=st.integers(-1, 12))
    def read(self, stream: str, start: int, stop: int) -> None:
        """Any part of a stream, by versions."""
        told = self.told(stream)
        if told:
            found = self.runner.run(self.store.read(stream, start=start, stop=stop))
            assert found == told[max(start, 0) : max(stop, 0)]

    @rule(stream=streams, data=st.data())
    def read_path(self, stream: str, data: st.DataObject) -> None:
        """The path to any record, from its root across forks; by its `Ref` too."""
        told = self.told(stream)
        if not told:
            return
        last = data.draw(st.sampled_from(told))
        path = self.runner.run(self.store.path(last.ref))
        assert path == self.runner.run(self.store.path(stream, last.version))
        assert path[-1] == last
        assert [r.position for r in path] == list(range(last.position + 1))

    @rule()
    def read_elsewhere(self) -> None:
        """A reader of its own, beside the writer, sees all that was acknowledged."""

        async def reading() -> dict[str, list[Record]]:
            async with Store.open(self.path, mode="read") as reader:
                return {
                    info.stream: await reader.read(info.stream)
                    for info in reader.streams()
                }

        held = self.runner.run(reading())
        assert sorted(held) == sorted({r.stream for b in self.batches for r in b})
        assert all(held[stream] == self.told(stream) for stream in held)

    @rule()
    def look(self) -> None:
        """By labels; one that is not there is not found."""
        for batch in self.batches:
            if batch[0].version == 1 and hasattr(batch[0].event, "label"):
                label = getattr(batch[0].event, "label", "")
                assert self.store.find(label).stream == batch[0].stream
        with contextlib.suppress(NotFound):
            self.store.find("nothing is called so")
            raise AssertionError("found what is not there")

    # --- reopening, crashes and power losses ------------------------------------------

    @rule(without_catalogue=st.booleans())
    def reopen(self, without_catalogue: bool) -> None:
        """Clean."""
        self._close()
        if without_catalogue:
            forget(self.path)
        self._open()

    @rule(whole=st.booleans())
    def seal(self, whole: bool) -> None:
        """Nobody sees it, while the store is open or not."""
        if whole:
            self._close()
        seal(self.path, self.medium, whole=whole)
        if whole:
            self._open()

    @rule(fraction=st.floats(0, 1), garbage=st.booleans())
    def crash(self, fraction: float, garbage: bool) -> None:
        """The files as they are at this moment, the last frame cut or followed."""
        self.machines += 1
        place = self.root / str(self.machines)
        copy = place / "store"
        shutil.copytree(self.path, copy)
        self._close()
        segment = max((copy / "segments").glob("0-*.jsonl"))
        data = segment.read_bytes()
        last = data.rfind(b'\n{"frame"') + 1
        torn = garbage
        cut_off = [b for b in self.batches if last and b[-1].line in data[last:]]
        firsts = (b[0].event for b in self.batches if b not in cut_off)
        parents = {e.parent.hash for e in firsts if isinstance(e, TrajectoryForked)}
        if parents & {r.hash for b in cut_off for r in b}:
            cut_off = []  # a fork in another series came after it: it was durable
        if garbage:
            segment.write_bytes(data + b'{"frame":{"durable":12')
        elif cut_off:
            cut = last + int((len(data) - last - 1) * fraction)
            segment.write_bytes(data[:cut])
            self.batches = [b for b in self.batches if b not in cut_off]
            torn = cut > last
        self._boot(place)
        self._open()
        recovered = self.store.recovered
        assert all((copy / str(r.moved_to)).exists() for r in recovered)
        assert any(Path(r.file).name == segment.name for r in recovered) == torn

    @rule(
        wanted=st.lists(streams, max_size=3, unique=True),
        calls=st.integers(0, 12),
        twice=st.booleans(),
    )
    def lose_power(self, wanted: list[str], calls: int, twice: bool) -> None:
        """In some call of the disk while several append; perhaps in recovery again.

        What was not acknowledged is there as a whole batch, or not at all.
        """
        attempts = self._attempts(wanted)
        self.medium.burn(calls)
        done = self._at_once(attempts)
        with contextlib.suppress(LogError):
            self._close()
        self.medium.lose_power()
        if twice:
            self.medium.burn(calls)
            with contextlib.suppress(LogError):
                self._open()
                self._close()
            self.medium.lose_power()
        self._open()
        assert self.store.hurt == ()
        failed = [each for each, was in zip(attempts, done, strict=True) if was is None]
        self._adopt(failed)

    def _adopt(self, failed: Sequence[tuple[str | None, list[Event]]]) -> None:
        """Take what came through of batches that were not acknowledged."""
        for info in self.store.streams():
            held = self.runner.run(self.store.read(info.stream))
            more = held[len(self.told(info.stream)) :]
            if more:
                stream = None if more[0].version == 1 else info.stream
                assert (stream, [r.event for r in more]) in failed
                self.batches.append(more)

    # --- what rewrites files, and other writers ---------------------------------------

    @rule(target=streams, wanted=st.one_of(st.none(), streams), data=st.data())
    def write_beside(self, wanted: str | None, data: st.DataObject) -> str:
        """A second writer at the same time: it begins a stream, or forks one of this
        writer's, and may not go on with those; both see what the other wrote.
        """
        told = self.told(wanted) if wanted else []
        is_held = bool(told) and self.series_of(told[0].stream) in self.held

        async def beside() -> list[Record]:
            async with Store.open(self.path, options=self.options) as other:
                if not told:
                    batch = [begun(self.label()), said(0, "beside")]
                    return [*await other.append(None, batch, expected_version=0)]
                parent = data.draw(st.sampled_from(told))
                if is_held:
                    with contextlib.suppress(LogBusy):
                        await other.append(
                            told[0].stream, [said(0)], expected_version=len(told)
                        )
                        raise AssertionError("two wrote one stream")
                return await fork(other, parent, self.label())

        records = self.runner.run(beside())
        self.batches.append(records)
        self.runner.run(self.store.refresh())
        return records[0].stream

    def series_of(self, stream: str) -> str:
        """The one that a stream is in, by the names of the files."""
        (place,) = self.runner.run(self.store.places(stream, start=0, stop=1))
        return Path(place.file).name.partition("-")[0]

    @property
    def held(self) -> set[str]:
        """Series that somebody writes now."""
        names = (self.path / "leases").iterdir()
        return {each.name for each in names if is_held(self.path, each.name)}

    @rule(stream=streams, data=st.data())
    def redact(self, stream: str, data: st.DataObject) -> None:
        """The event is gone, its hash and place stay; a stream says why."""
        told = [r for r in self.told(stream) if r.version > 1 and not r.redacted]
        if not told:
            return
        record = data.draw(st.sampled_from(told))
        self._close()
        self.runner.run(redact(self.path, [record], "because", self.medium))
        self._open()
        gone = record._replace(event=None, line=tombstone(record.line))
        self.batches = [
            [gone if r.hash == record.hash else r for r in batch]
            for batch in self.batches
        ]
        self._adopt_upkeep()

    @rule(stream=streams)
    def prune(self, stream: str) -> None:
        """The stream is gone with its forks, and what only explained it; a stream says
        so.
        """
        if not self.told(stream):
            return
        planned = self.runner.run(
            plan(self.store, [self.store.info(stream)], forks=True)
        )
        gone = {info.stream for info in planned.streams}
        self._close()
        self.runner.run(prune(self.path, planned, "because", self.medium))
        self.blobs.clear()  # nothing names them
        self._open()
        self.batches = [
            kept
            for batch in self.batches
            if (kept := [r for r in batch if r.stream not in gone])
        ]
        self._adopt_upkeep()

    def _adopt_upkeep(self) -> None:
        for info in self.store.streams(family="upkeep"):
            if not self.told(info.stream):
                self.batches.append(self.runner.run(self.store.read(info.stream)))

    @precondition(lambda self: hasattr(self, "store"))
    @invariant()
    def same(self) -> None:
        """Every stream reads as the model has it, and nothing else is there."""
        streams = {r.stream for batch in self.batches for r in batch}
        assert {info.stream for info in self.store.streams()} == streams
        for stream in streams:
            told = self.told(stream)
            assert self.runner.run(self.store.read(stream)) == told
            assert self.store.head(stream) == told[-1].ref
            path = self.runner.run(self.store.path(stream))
            assert path[-len(told) :] == told
            assert [r.position for r in path] == list(range(len(path)))
        for name, data in self.blobs.items():
            assert self.runner.run(self.store.get_blob(name)) == data

    def teardown(self) -> None:
        """Verify what is left, from its bytes."""
        if not hasattr(self, "store"):
            return
        report = self.runner.run(verify(self.store))
        nowhere = "a" * 12
        assert [str(p) for p in report.problems if nowhere not in p.what] == []
        assert report.records == sum(len(batch) for batch in self.batches)
        self._close()
        self.runner.close()
        shutil.rmtree(self.root)


TestLogAgainstList = LogAgainstList.TestCase
TestLogAgainstList.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None
)
