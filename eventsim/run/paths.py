"""Opening a path: its records, its events, its state, what it mounts.

Trajectories and preparations open alike; what audits and views need of both stands in
`OpenedPath`.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from eventsim.core.effects import Step
from eventsim.core.events import (
    Event,
    PreparationStarted,
    Ref,
    TrajectoryForked,
    TrajectoryImported,
    TrajectoryStarted,
    Withheld,
)
from eventsim.core.fold import States, fold
from eventsim.core.materials import Materials
from eventsim.core.preparation import Preparation, fold_preparation
from eventsim.core.records import Record
from eventsim.core.state import Dialogue, Footing
from eventsim.errors import LogError, NotFound, Redacted
from eventsim.log.reader import Reader, StreamInfo
from eventsim.pipelines.preparing import StageMaterials, decide_preparation
from eventsim.pipelines.registry import pipeline
from eventsim.run.shelf import Shelf

__all__ = [
    "Opened",
    "OpenedPath",
    "OpenedStages",
    "decide",
    "footings_of",
    "known_events",
    "open_any",
    "open_path",
]


class OpenedPath(Protocol):
    """A path up to a position, whatever it is a path of."""

    @property
    def records(self) -> tuple[Record, ...]:
        """Its records from the root on."""
        ...

    @property
    def events(self) -> tuple[Event, ...]:
        """Their events."""
        ...

    @property
    def label(self) -> str:
        """What people call it."""
        ...

    @property
    def mounted(self) -> dict[str, Ref]:
        """The streams that it builds on, by what they are to it."""
        ...

    def step_after(self, length: int) -> Step:
        """What is decided after the first `length` events."""
        ...


@dataclass(frozen=True)
class Opened:
    """A path up to a position, folded. `head` is the state of its last stream,
    `grounds` what it works with by what it stands on: a fork may stand on something
    else than its parent.
    """

    records: tuple[Record, ...]
    events: tuple[Event, ...]
    state: Dialogue
    grounds: Mapping[Footing, Materials]

    @property
    def head(self) -> Ref:
        """The stream of the last record, up to that record."""
        return self.records[-1].ref

    @property
    def footing(self) -> Footing:
        """What the end of the path stands on."""
        assert self.state.footing is not None
        return self.state.footing

    @property
    def materials(self) -> Materials:
        """What the end of the path works with."""
        return self.grounds[self.footing]

    @property
    def label(self) -> str:
        """The trajectory's."""
        return self.state.label

    def up_to(self, position: int) -> Opened:
        """The same path up to and including a position that it has."""
        end = position + 1
        state = self.states.at(position)
        return Opened(self.records[:end], self.events[:end], state, self.grounds)

    @cached_property
    def states(self) -> States:
        """The states along the path."""
        return States(self.events)

    @property
    def mounted(self) -> dict[str, Ref]:
        """The run, the tasks, the tools."""
        tools = self.materials.tools_from
        return {
            "run": self.footing.run,
            "tasks": self.footing.preparation,
            **({"tools": tools} if tools is not None else {}),
        }

    def step_after(self, length: int) -> Step:
        """What the pipeline decides after the first `length` events."""
        return decide(self.states.at(length - 1), self.grounds)


@dataclass(frozen=True)
class OpenedStages:
    """A preparation up to a position, folded; one made by rule has no stages."""

    records: tuple[Record, ...]
    events: tuple[Event, ...]
    state: Preparation
    materials: StageMaterials | None

    @property
    def started(self) -> PreparationStarted:
        """The first event."""
        assert self.state.started is not None
        return self.state.started

    @property
    def label(self) -> str:
        """The preparation's."""
        return self.started.label

    @property
    def mounted(self) -> dict[str, Ref]:
        """The run, the questions, the tools."""
        refs = {
            "run": self.started.run,
            "questions": self.started.questions_from,
            "tools": self.started.tools_from,
        }
        return {what: ref for what, ref in refs.items() if ref is not None}

    def step_after(self, length: int) -> Step:
        """What is decided after the first `length` events."""
        assert self.materials is not None
        return decide_preparation(
            fold_preparation(self.events[:length]), self.materials
        )


def known_events(records: list[Record], *, withheld: bool = False) -> tuple[Event, ...]:
    """The events of a path; with `withheld` something stands for those redacted.

    Raises: Redacted, LogError naming the first unknown kind.
    """
    events: list[Event] = []
    for record in records:
        if record.redacted:
            if not withheld:
                raise Redacted(record.position)
            events.append(Withheld(kind=record.kind))
            continue
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
    withheld: bool = False,
) -> Opened:
    """The path of a stream, whole or up to and including `position`. To look at it
    only: `withheld` stands for what was redacted, and the state is that before it.

    Raises: NotFound for a position that the path does not have; Redacted.
    """
    records = _up_to(await reader.path(stream), position)
    events = known_events(records, withheld=withheld)
    if not isinstance(events[0], TrajectoryStarted | TrajectoryImported):
        raise NotFound(f"stream {stream} holds no dialogue")
    grounds = {
        footing: await shelf.materials(footing, current=current)
        for footing in footings_of(events)
    }
    return Opened(tuple(records), events, _folded(events), grounds)


def footings_of(events: Sequence[Event]) -> list[Footing]:
    """Everything that a path stands on, from its root on."""
    state = Dialogue()
    found: dict[Footing, None] = {}
    for event in events:
        if isinstance(event, TrajectoryStarted | TrajectoryImported | TrajectoryForked):
            state = fold([event], state)
            if state.footing is not None:
                found[state.footing] = None
    return list(found)


def decide(state: Dialogue, grounds: Mapping[Footing, Materials]) -> Step:
    """What the pipeline that the dialogue stands on decides next."""
    assert state.footing is not None
    return pipeline(state.footing.pipeline).decide(state, grounds[state.footing])


def _folded(events: tuple[Event, ...]) -> Dialogue:
    return fold(itertools.takewhile(lambda e: not isinstance(e, Withheld), events))


async def open_any(
    reader: Reader, shelf: Shelf, info: StreamInfo, *, position: int | None = None
) -> Opened | OpenedStages:
    """A trajectory or a preparation, whole or up to and including `position`.

    Raises: NotFound for a position that the path does not have.
    """
    if info.family != "preparation":
        return await open_path(reader, shelf, info.stream, position=position)
    records = _up_to(await reader.path(info.stream), position)
    events = known_events(records)
    started = events[0]
    assert isinstance(started, PreparationStarted)
    materials = await shelf.stage_materials(started) if started.stages else None
    state = fold_preparation(events)
    return OpenedStages(tuple(records), events, state, materials)


def _up_to(records: list[Record], position: int | None) -> list[Record]:
    if position is None:
        return records
    if not 0 <= position < len(records):
        raise NotFound(
            f"the path has positions 0 to {len(records) - 1}; "
            f"there is no position {position}"
        )
    return records[: position + 1]
