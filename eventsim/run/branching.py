"""Trees of siblings: every chosen position of a path forked, and the forks in turn.

What is already there is found by its seed and passed over, so that a tree that was
broken off grows on when it is asked for again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from eventsim.core.draws import Draws, lineage_of
from eventsim.core.events import (
    AssistantReplied,
    Event,
    ModelAbandoned,
    ModelCalled,
    ModelFailed,
    ModelRejected,
    TrajectoryForked,
)
from eventsim.core.fold import fold
from eventsim.core.state import Dialogue
from eventsim.errors import UsageError
from eventsim.log.reader import StreamInfo
from eventsim.log.store import Store
from eventsim.run.fleet import Fleet
from eventsim.run.fork import fork
from eventsim.run.paths import known_events

__all__ = ["EVERY", "Branch", "grow", "positions_of"]

EVERY = ("every-assistant-turn", "every-tool-call")
_PRELUDE = (ModelCalled, ModelFailed, ModelRejected, ModelAbandoned)


@dataclass(frozen=True, slots=True)
class Branch:
    """One fork of the tree: of `parent` after `position`, and what it came to."""

    parent: str
    position: int
    depth: int
    state: Dialogue
    existed: bool


def positions_of(events: tuple[Event, ...], at: str, begin: int = 0) -> list[int]:
    """After which positions a path is forked: just before the assistant decides, every
    time, or every time that it called tools; of the path from `begin` on.
    """
    found = []
    for position, event in enumerate(events):
        if position < begin or not isinstance(event, AssistantReplied):
            continue
        if at == "every-tool-call" and not event.calls:
            continue
        before = position - 1
        while before > 0 and isinstance(events[before], _PRELUDE):
            before -= 1
        if before >= begin:
            found.append(before)
    return found


async def grow(
    store: Store,
    fleet: Fleet,
    root: StreamInfo,
    *,
    at: str | int,
    count: int,
    depth: int,
    seed: int,
    most: int,
    on_fork: Callable[[Branch], Awaitable[None]],
) -> bool:
    """Fork `root` at its positions, `count` times each, and the forks again, down to
    `depth`, breadth first. The tree has at most `most` forks, those that were there
    included, so that it does not depend on where it was broken off. Returns whether
    it is whole.

    Raises: UsageError if nothing can be forked, or for a depth below a single
    position; BudgetSpent, EndpointDown, which leave forks open.
    """
    if isinstance(at, int) and depth > 1:
        raise UsageError(
            f"forks of {root.label}@{at} have no position {at} of their own; leave "
            f"out --depth, or fork at {' or '.join(EVERY)}"
        )
    waiting = deque([(root, 1, 0)])
    grown = 0
    while waiting:
        info, level, begin = waiting.popleft()
        events = known_events(await store.path(info.stream))
        places = [at] if isinstance(at, int) else positions_of(events, at, begin)
        if not places and level == 1:
            raise UsageError(f"{info.label} has no position that is {at}")
        lineage = fold(events).lineage
        for position in places:
            there = await _there(store, info, events, position)
            for number in range(count):
                if grown >= most:
                    return False
                draws = Draws(seed, f"branch {lineage} {position}")
                wanted = draws.integer("seed", number)
                stream = there.get(wanted)
                if stream is None:
                    ref, _ = await fork(store, info, position, seed=wanted)
                    stream = ref.stream
                state = await fleet.advance(stream)
                grown += 1
                existed = wanted in there
                await on_fork(Branch(info.label, position, level, state, existed))
                if level < depth:
                    child = store.find(stream, family="dialogue")
                    waiting.append((child, level + 1, position + 2))
    return True


async def _there(
    store: Store, parent: StreamInfo, events: Sequence[Event], position: int
) -> dict[int, str]:
    """The streams of the plain forks that leave a path after a position, by seed: those
    that changed nothing of what the path stands on.
    """
    lineage = fold(events[: position + 1]).lineage
    found = {}
    for info in store.streams(family="dialogue", run=parent.run_stream):
        if info.parent is None or info.fork_position != position:
            continue
        (record,) = await store.read(info.stream, stop=1)
        event = record.event
        if (
            isinstance(event, TrajectoryForked)
            and event.run is None
            and event.preparation is None
            and event.lineage == lineage_of("fork", lineage, position, event.seed)
        ):
            found[event.seed] = info.stream
    return found
