"""The log against a plain list: any order of appends, forks, crashes and reopenings."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from eventsim.core.records import Record
from eventsim.errors import LogConflict
from eventsim.log.store import Options, Store
from eventsim.log.verify import verify
from tests.log.stories import begun, forget, fork, said


class LogAgainstList(RuleBasedStateMachine):
    """`batches` is the model: every acknowledged batch, in order."""

    streams = Bundle("streams")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.root = Path(tempfile.mkdtemp())
        self.path = self.root / "0"
        self.batches: list[list[Record]] = []
        self.labels = 0
        self.crashes = 0
        self.store: Store
        self.context: Any

    @initialize(segment_bytes=st.sampled_from([5000, 1 << 20]))
    def open(self, segment_bytes: int) -> None:
        """Segments are small in half of the runs."""
        self.options = Options(segment_bytes=segment_bytes)
        self._open()

    def _open(self) -> None:
        self.context = Store.open(self.path, options=self.options)
        self.store = self.runner.run(self.context.__aenter__())

    def _close(self) -> None:
        self.runner.run(self.context.__aexit__(None, None, None))

    def told(self, stream: str) -> list[Record]:
        """What the model has of a stream."""
        return [r for batch in self.batches for r in batch if r.stream == stream]

    @rule(target=streams, messages=st.integers(0, 3))
    def begin(self, messages: int) -> str:
        """A new stream, with its first messages in the same batch."""
        self.labels += 1
        batch = [begun(f"t{self.labels}"), *(said(n) for n in range(messages))]
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
        self.labels += 1
        parent = data.draw(st.sampled_from(told))
        records = self.runner.run(fork(self.store, parent, f"t{self.labels}"))
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

    @rule(without_catalogue=st.booleans())
    def reopen(self, without_catalogue: bool) -> None:
        """Clean."""
        self._close()
        if without_catalogue:
            forget(self.path)
        self._open()

    @rule(fraction=st.floats(0, 1), garbage=st.booleans())
    def crash(self, fraction: float, garbage: bool) -> None:
        """The files as they are at this moment, the last frame cut or followed."""
        self.crashes += 1
        copy = self.root / str(self.crashes)
        shutil.copytree(self.path, copy)
        self._close()
        self.path = copy
        segment = max((copy / "segments").glob("*.jsonl"))
        data = segment.read_bytes()
        last = data.rfind(b'\n{"frame"') + 1
        torn = garbage
        if garbage:
            segment.write_bytes(data + b'{"frame":{"durable":12')
        elif last and self.batches and self.batches[-1][-1].line in data[last:]:
            cut = last + int((len(data) - last - 1) * fraction)
            segment.write_bytes(data[:cut])
            self.batches.pop()
            torn = cut > last
        self._open()
        assert [(copy / str(r.moved_to)).exists() for r in self.store.recovered] == (
            [True] if torn else []
        )

    @invariant()
    def same(self) -> None:
        """Every stream reads as the model has it, and nothing else is there."""
        if not hasattr(self, "store"):
            return
        streams = {r.stream for batch in self.batches for r in batch}
        assert {info.stream for info in self.store.streams()} == streams
        for stream in streams:
            told = self.told(stream)
            assert self.runner.run(self.store.read(stream)) == told
            assert self.store.head(stream) == told[-1].ref
            path = self.runner.run(self.store.path(stream))
            assert path[-len(told) :] == told
            assert [r.position for r in path] == list(range(len(path)))

    def teardown(self) -> None:
        """Verify what is left, from its bytes."""
        if not hasattr(self, "store"):
            return
        report = self.runner.run(verify(self.store))
        nowhere = "a" * 12
        assert [p for p in report.problems if nowhere not in p.what] == []
        assert report.records == sum(len(batch) for batch in self.batches)
        self._close()
        self.runner.close()
        shutil.rmtree(self.root)


TestLogAgainstList = LogAgainstList.TestCase
TestLogAgainstList.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None
)
