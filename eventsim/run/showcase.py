"""One fork that changed an outcome: what forking is for, found and shown.

A trajectory is tried again from just before the exchange that failed, with a bounded
number of seeds, until the verdict of that task changes. Trials are kept in memory:
only the fork that did change something is recorded, and only once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eventsim.core.draws import Draws
from eventsim.core.events import Event, TaskAssigned, TrajectoryForked, VerdictGiven
from eventsim.core.fold import fold
from eventsim.core.state import Dialogue
from eventsim.log.reader import StreamInfo
from eventsim.log.store import Store
from eventsim.pipelines.user_oriented import decide
from eventsim.providers.registry import providers_of
from eventsim.run.compare import Comparison, compare
from eventsim.run.fleet import Fleet
from eventsim.run.fork import fork, fork_event
from eventsim.run.loop import advance
from eventsim.run.mounts import Mounts
from eventsim.run.paths import Opened, known_events, open_path
from eventsim.run.shelf import Shelf
from eventsim.run.world import LiveWorld

__all__ = ["Turning", "turn_outcome"]

_SEEDS = 3
_TRIALS = 30


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


class _Memory:
    """A journal that keeps nothing: a trial leaves no trace."""

    async def append(self, events: Sequence[Event]) -> int:
        return len(events)


async def turn_outcome(
    store: Store, fleet: Fleet, candidates: Sequence[StreamInfo], *, seed: int
) -> Turning | None:
    """Fork one of the candidates, in order, so that a task's verdict changes; None if
    no trial does. The same store and seed give the same fork.
    """
    shelf, mounts = Shelf(store), Mounts(store)
    trials = _TRIALS
    for info in candidates:
        whole = await open_path(store, shelf, info.stream)
        for position, before in _exchanges(whole):
            opened = await open_path(store, shelf, info.stream, position=position)
            draws = Draws(seed, f"showcase {whole.state.lineage} {position}")
            for number in range(_SEEDS):
                if trials == 0:
                    return None
                trials -= 1
                trial = draws.integer("seed", number, below=10_000)
                after = await _try(opened, mounts, trial)
                verdict = _verdict(after, before.task)
                if verdict is not None and verdict.judgment != before.judgment:
                    return await _record(store, fleet, whole, info, position, trial)
    return None


def _exchanges(whole: Opened) -> Iterator[tuple[int, VerdictGiven]]:
    """Where to fork: after each request of the user in a failed task, the last first;
    where nothing failed, in every task.
    """
    verdicts = whole.state.verdicts
    failed = [v for v in verdicts if v.judgment == "invalid"] or list(verdicts)
    for verdict in failed:
        for message in reversed(whole.state.messages):
            asks = message.speaker == "user" and not message.closing
            if asks and _task_at(whole.events, message.position) == verdict.task:
                yield message.position, verdict


def _task_at(events: Sequence[Event], position: int) -> int:
    assigned = (e for e in reversed(events[:position]) if isinstance(e, TaskAssigned))
    return next((event.number for event in assigned), 0)


async def _try(opened: Opened, mounts: Mounts, seed: int) -> Dialogue:
    materials = opened.materials
    forked = fork_event(opened, "trial", seed)
    state = fold([forked], opened.state)
    environment = await mounts.at(opened.state, materials, opened.events)
    try:
        world = LiveWorld(providers_of(materials.config), environment)
        return await advance(state, materials, world, _Memory(), decide)
    finally:
        await environment.close()


def _verdict(state: Dialogue, task: int) -> VerdictGiven | None:
    return next((v for v in state.verdicts if v.task == task), None)


async def _record(
    store: Store,
    fleet: Fleet,
    whole: Opened,
    info: StreamInfo,
    position: int,
    seed: int,
) -> Turning:
    existing = await _existing(store, info, position, seed)
    if existing is None:
        ref, _ = await fork(store, info, position, seed=seed)
        await fleet.advance(ref.stream)
    stream = ref.stream if existing is None else existing
    records = await store.path(stream)
    events = known_events(records)
    state = fold(events)
    task = _task_at(whole.events, position)
    before, after = _verdict(whole.state, task), _verdict(state, task)
    assert before is not None
    assert after is not None
    return Turning(
        parent=info,
        position=position,
        seed=seed,
        fork=state.label,
        task=task,
        before=before,
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
