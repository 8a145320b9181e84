"""Runs in a store: the plan on record, and what is left of it."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from eventsim.config import RunConfig
from eventsim.core.events import Ref, RunStarted
from eventsim.core.names import run_label
from eventsim.errors import NotFound
from eventsim.log.reader import Reader, StreamInfo

__all__ = ["Run", "Work", "find_run", "label_of", "work_of"]


@dataclass(frozen=True, slots=True)
class Run:
    """A run in the store; `existed` when it was there before."""

    ref: Ref
    label: str
    config: RunConfig
    started: RunStarted
    existed: bool


@dataclass(frozen=True, slots=True)
class Work:
    """What is left of a run: trajectories never begun, and streams that are open."""

    run: Run
    unbegun: tuple[int, ...]
    open: tuple[StreamInfo, ...]

    @property
    def size(self) -> int:
        """How many trajectories are to be brought to their end."""
        return len(self.unbegun) + len(self.open)


async def find_run(reader: Reader, info: StreamInfo) -> Run:
    """The run of a stream. Raises: NotFound."""
    (record,) = await reader.read(info.stream, stop=1)
    started = record.event
    if not isinstance(started, RunStarted):
        raise NotFound(
            f"{info.label} was imported, and nothing is left to do in it; go on from "
            f"one of its rows with: eventsim run --from {info.label}-1"
        )
    config = RunConfig.model_validate(started.config)
    return Run(record.ref, started.label, config, started, existed=True)


async def label_of(reader: Reader, identity: str) -> tuple[str, StreamInfo | None]:
    """The label of a plan or an import, and its stream where the store has it. A label
    that another one took is made longer.
    """
    runs = {info.label: info for info in reader.streams(family="run")}
    syllables = 3
    while True:
        label = run_label(identity, syllables)
        if label not in runs:
            return label, None
        (record,) = await reader.read(runs[label].stream, stop=1)
        if getattr(record.event, "identity", "") == identity:
            return label, runs[label]
        syllables += 1


def work_of(
    reader: Reader,
    run: Run,
    pruned: AbstractSet[int] = frozenset(),
    taken: AbstractSet[str] = frozenset(),
) -> Work:
    """What is left to do, as the log has it. What was `pruned` is not made again;
    streams `taken` from a bundle go on where they began, unless somebody asks for one.
    """
    begun = set(pruned)
    unfinished: list[StreamInfo] = []
    for info in reader.streams(family="dialogue", run=run.ref.stream):
        if info.planned and info.index is not None:
            begun.add(info.index)
        if info.ended is None and info.stream not in taken:
            unfinished.append(info)
    planned = range(1, run.config.count + 1)
    unbegun = tuple(index for index in planned if index not in begun)
    return Work(run, unbegun, tuple(unfinished))
