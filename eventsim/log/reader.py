"""What every source of records offers: a store, a bundle, and what comes later.

`StreamInfo` says what a stream is without reading it. `Reader` is the contract that
folding, replaying, auditing and exporting rely on; nothing here touches a disk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from eventsim.core.events import Ref
from eventsim.core.records import Record

__all__ = ["Family", "Reader", "StreamInfo"]

Family = Literal["run", "preparation", "dialogue", "note", "upkeep", "other"]


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """A stream at a glance.

    `run` and `index` of a fork are those of the trajectory it grew from, unless it is
    `planned`: one of a run's own trajectories. `position` is that of the last record,
    so the path has `position + 1` records. `ended` is the reason if the last record
    ends the stream. `damaged` says why its end cannot be read; then `version` counts
    the records before the damage.
    """

    stream: str
    family: Family
    label: str
    version: int
    position: int
    hash: str
    started_us: int
    last_us: int
    run: str | None = None
    run_stream: str | None = None
    index: int | None = None
    planned: bool = False
    purpose: str | None = None
    parent: Ref | None = None
    parent_label: str | None = None
    fork_position: int | None = None
    ended: str | None = None
    kinds: Mapping[str, int] = field(default_factory=dict)
    damaged: str | None = None

    @property
    def imported(self) -> bool:
        """Whether it holds what was made elsewhere: nothing goes on in it."""
        return "import.started" in self.kinds or "trajectory.imported" in self.kinds

    @property
    def ref(self) -> Ref:
        """The state of the stream after its last record."""
        return Ref(stream=self.stream, version=self.version, hash=self.hash)


class Reader(Protocol):
    """Records and blobs, checked as they are read."""

    async def read(
        self, stream: str, *, start: int = 0, stop: int | None = None
    ) -> list[Record]:
        """Records with `start < version <= stop`, gapless, ascending; a `stop` past
        the end means the end.

        Raises: NotFound, LogCorrupt.
        """

    async def path(self, stream: str | Ref, version: int | None = None) -> list[Record]:
        """The whole path from its root across forks: positions 0, 1, 2, …

        Raises: NotFound, LogCorrupt.
        """

    def head(self, stream: str) -> Ref:
        """The state after the last durable record. Raises: NotFound."""

    def find(self, name: str, *, family: Family | None = None) -> StreamInfo:
        """By exact label, else unique prefix of a label, else unique prefix of a
        stream's id (six digits or more). Raises: NotFound.
        """

    def streams(
        self, *, family: Family | None = None, run: str | None = None
    ) -> Sequence[StreamInfo]:
        """In the order in which they began; `run` is a run's label or stream."""

    async def get_blob(self, sha256: str) -> bytes:
        """Raises: NotFound, LogCorrupt."""
