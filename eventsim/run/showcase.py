"""One fork that changed an outcome: what forking is for, found and shown.

A trajectory is tried again from just before the exchange that failed, with a bounded
number of seeds, until the verdict of that task changes. Trials are kept in memory:
only the fork that did change something is recorded, and only once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest

from eventsim.core.draws import Draws
from eventsim.core.events import Event, TaskAssigned, TrajectoryForked, VerdictGiven
from eventsim.core.fold import fold
from eventsim.core.state import Dialogue
from eventsim.log.reader import StreamInfo
from eventsim.log.store import Store
from eventsim.run.compare import Comparison, compare
from eventsim.run.fleet import Fleet
from eventsim.run.fork import fork, fork_event
from eventsim.run.paths import Opened, known_events, open_path
from eventsim.run.shelf import Shelf

__all__ = ["Turning", "turn_outcome"]

_SEEDS = 2
_PLACES = 24


@dataclass(frozen=True, slots=True)
class Turning:
    """A fork after which a task's verdict is another; `existed` if it was there."""

    parent: StreamInfo
    position: int
    seed: int
    fork: str
    task: int
    before: VerdictGiven
    after: VerdictGiven
    comparison: Comparison
    existed: bool


async def turn_outcome(
    store: Store, fleet: Fleet, candidates: Sequence[StreamInfo], *, seed: int
) -> Turning | None:
    """Fork one of the candidates so that a task's verdict changes; None if no trial
    does. Every candidate's likeliest place comes before any one's second. The same
    store and seed give the same fork.
    """
    shelf = Shelf(store)
    wholes = [await open_path(store, shelf, info.stream) for info in candidates]
    for info, whole, place in islice(_in_turn(candidates, wholes), _PLACES):
        opened = await open_path(store, shelf, info.stream, position=place.position)
        draws = Draws(seed, f"showcase {whole.state.lineage} {place.position}")
        for number in range(_SEEDS):
            trial = draws.integer("seed", number, below=10_000)
            state = await fleet.imagine(opened, fork_event(opened, "trial", trial))
            verdict = _verdict(state, place.before.task)
            if verdict is not None and verdict.judgment != place.before.judgment:
                return await _record(store, fleet, whole, info, place, trial)
    return None


@dataclass(frozen=True, slots=True)
class _Place:
    """Just before an exchange: after a request of the user."""

    position: int
    before: VerdictGiven


def _in_turn(
    candidates: Sequence[StreamInfo], wholes: Sequence[Opened]
) -> Iterator[tuple[StreamInfo, Opened, _Place]]:
    """First places of all candidates, then second ones, and so on."""
    rounds = zip_longest(*(_places(whole) for whole in wholes))
    for places in rounds:
        for info, whole, place in zip(candidates, wholes, places, strict=True):
            if place is not None:
                yield info, whole, place


def _places(whole: Opened) -> list[_Place]:
    """Where to fork, the likeliest first: near the request whose objective failed in
    a task that failed; where none failed, near the end of each task.
    """
    verdicts = whole.state.verdicts
    failed = [v for v in verdicts if v.judgment == "invalid"] or list(verdicts)
    ranked: list[tuple[float, _Place]] = []
    for verdict in failed:
        asked = [
            message.position
            for message in whole.state.messages
            if message.speaker == "user"
            and not message.closing
            and _task_at(whole.events, message.position) == verdict.task
        ]
        likely = _share(whole, verdict) * len(asked) - 1
        ranked += [
            (abs(number - likely), _Place(position, verdict))
            for number, position in enumerate(asked)
        ]
    return [place for _, place in sorted(ranked, key=lambda pair: pair[0])]


def _share(whole: Opened, verdict: VerdictGiven) -> float:
    """How far into its task the first failed objective stands, in (0, 1]."""
    objectives = whole.materials.tasks[verdict.task - 1].objectives
    failed = [f.objective for f in verdict.findings if not f.passed and f.objective]
    return min(failed, default=len(objectives)) / len(objectives)


def _task_at(events: Sequence[Event], position: int) -> int:
    assigned = (e for e in reversed(events[:position]) if isinstance(e, TaskAssigned))
    return next((event.number for event in assigned), 0)


def _verdict(state: Dialogue, task: int) -> VerdictGiven | None:
    return next((v for v in state.verdicts if v.task == task), None)


async def _record(
    store: Store,
    fleet: Fleet,
    whole: Opened,
    info: StreamInfo,
    place: _Place,
    seed: int,
) -> Turning:
    position, task = place.position, place.before.task
    existing = await _existing(store, info, position, seed)
    if existing is None:
        ref, _ = await fork(store, info, position, seed=seed)
        await fleet.advance(ref.stream)
    stream = ref.stream if existing is None else existing
    records = await store.path(stream)
    events = known_events(records)
    state = fold(events)
    after = _verdict(state, task)
    assert after is not None
    return Turning(
        parent=info,
        position=position,
        seed=seed,
        fork=state.label,
        task=task,
        before=place.before,
        after=after,
        comparison=compare(whole.records, records, whole.events, events),
        existed=existing is not None,
    )


async def _existing(
    store: Store, parent: StreamInfo, position: int, seed: int
) -> str | None:
    for info in store.streams(family="dialogue"):
        if info.fork_position != position or info.ended is None:
            continue
        if info.parent is not None and info.parent.stream == parent.stream:
            (record,) = await store.read(info.stream, stop=1)
            event = record.event
            if isinstance(event, TrajectoryForked) and event.seed == seed:
                return info.stream
    return None
