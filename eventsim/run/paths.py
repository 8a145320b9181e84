"""Opening a trajectory: its records, its events, its state, what it mounts."""

from __future__ import annotations

from dataclasses import dataclass

from eventsim.core.events import Event, Ref, TrajectoryStarted
from eventsim.core.fold import fold
from eventsim.core.materials import Materials
from eventsim.core.records import Record
from eventsim.core.state import Dialogue
from eventsim.errors import LogError, NotFound
from eventsim.log.reader import Reader
from eventsim.run.shelf import Shelf

__all__ = ["Opened", "known_events", "open_path"]


@dataclass(frozen=True)
class Opened:
    """A path up to a position, folded. `head` is the state of its last stream."""

    records: tuple[Record, ...]
    events: tuple[Event, ...]
    state: Dialogue
    materials: Materials

    @property
    def head(self) -> Ref:
        """The stream of the last record, up to that record."""
        return self.records[-1].ref

    @property
    def root(self) -> TrajectoryStarted:
        """The first event."""
        assert self.state.root is not None
        return self.state.root


def known_events(records: list[Record]) -> tuple[Event, ...]:
    """The events of a path. Raises: LogError naming the first unknown kind."""
    events = []
    for record in records:
        if record.event is None:
            raise LogError(
                f"position {record.position} holds {record.kind} version "
                f"{record.kind_version}, which this release does not know; "
                "a newer eventsim can go on from here"
            )
        events.append(record.event)
    return tuple(events)


async def open_path(
    reader: Reader,
    shelf: Shelf,
    stream: str,
    *,
    position: int | None = None,
    current: bool = False,
) -> Opened:
    """The path of a stream, whole or up to and including `position`.

    Raises: NotFound for a position that the path does not have.
    """
    records = await reader.path(stream)
    if position is not None:
        if not 0 <= position < len(records):
            raise NotFound(
                f"the path has positions 0 to {len(records) - 1}; "
                f"there is no position {position}"
            )
        records = records[: position + 1]
    events = known_events(records)
    root = events[0]
    if not isinstance(root, TrajectoryStarted):
        raise NotFound(f"stream {stream} holds no dialogue")
    materials = await shelf.materials(root, current=current)
    return Opened(tuple(records), events, fold(events), materials)
