"""Trees of siblings: every chosen position of a path forked, and the forks in turn.

What is already there is found by its seed and passed over, so that a tree that was
broken off grows on when it is asked for again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from eventsim.core.draws import Draws
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
    `depth`; at most `most` new ones. Returns whether the tree is whole.

    Raises: UsageError if nothing can be forked; BudgetSpent, EndpointDown, which leave
    forks open.
    """
    waiting = [(root, 1, 0)]
    made = 0
    while waiting:
        info, level, begin = waiting.pop(0)
        events = known_events(await store.path(info.stream))
        lineage = fold(events).lineage
        places = [at] if isinstance(at, int) else positions_of(events, at, begin)
        if not places and level == 1:
            raise UsageError(f"{info.label} has no position that is {at}")
        for position in places:
            there = await _there(store, info, position)
            for number in range(count):
                draws = Draws(seed, f"branch {lineage} {position}")
                wanted = draws.integer("seed", number)
                existing = there.get(wanted)
                if existing is None:
                    if made >= most:
                        return False
                    made += 1
                    ref, _ = await fork(store, info, position, seed=wanted)
                    stream = ref.stream
                else:
                    stream = existing.stream
                state = await fleet.advance(stream)
                child = next(iter(store.labelled(state.label)))
                done = Branch(info.label, position, level, state, existing is not None)
                await on_fork(done)
                if level < depth:
                    waiting.append((child, level + 1, position + 2))
        if isinstance(at, int):
            break
    return True


async def _there(
    store: Store, parent: StreamInfo, position: int
) -> dict[int, StreamInfo]:
    """The forks that leave a path after a position, by their seed."""
    found = {}
    for info in store.streams(family="dialogue", run=parent.run_stream):
        of = info.parent
        if of is None or info.fork_position != position:
            continue
        (record,) = await store.read(info.stream, stop=1)
        if isinstance(record.event, TrajectoryForked):
            found[record.event.seed] = info
    return found
