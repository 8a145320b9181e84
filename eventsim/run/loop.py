"""The one loop: decide, record, perform, record what came of it.

Run, resume, fork and replay are this loop over different worlds and journals, and
preparations run in it as dialogues do. It knows effects only as values, events only as
things to append, and states only through `decide` and `fold`.

An intent is durable before its call leaves the process. What came of a call is held
until the next intent, or the end, and recorded with it: deciding takes no time, and
one append a call is half as much work for the log as two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

import anyio

from eventsim.core.effects import CallModel, Effect, Step
from eventsim.core.events import Event

__all__ = ["Journal", "World", "advance"]

S = TypeVar("S")
S_contra = TypeVar("S_contra", contravariant=True)
M = TypeVar("M")


class World(Protocol[S_contra]):
    """What lies outside: the live one, or what was recorded of it."""

    def given(self, state: S_contra) -> Sequence[Event]:
        """Events that nobody decides and that stand next: edits, a person's words."""
        ...

    async def played(self, effect: Effect, state: S_contra) -> Sequence[Event]:
        """What a person says in the place of a model; nothing where none plays."""
        ...

    async def admit(self, effect: Effect, wait_ms: int) -> None:
        """Let time pass before a call leaves, and make sure that it may. Raises:
        BudgetSpent.
        """
        ...

    def batches(self, effect: Effect) -> bool:
        """Whether intent and outcome may be appended as one: nothing leaves the
        process between them.
        """
        ...

    async def perform(self, effect: Effect, state: S_contra) -> Sequence[Event]:
        """Do it, and say what came of it: failures are events too. Nothing means
        that the outcome is unknown.
        """
        ...


class Journal(Protocol):
    """Where events go."""

    async def append(self, events: Sequence[Event]) -> int:
        """Record all events; returns how many were taken, fewer only where a
        recorded path was left in between.
        """
        ...

    async def hold(self, events: Sequence[Event]) -> int:
        """The same for events that need not be durable before the next append."""
        ...

    async def flush(self) -> None:
        """Record what is held."""
        ...


async def advance(
    state: S,
    materials: M,
    world: World[S],
    journal: Journal,
    decide: Callable[[S, M], Step],
    fold: Callable[[Iterable[Event], S], S],
) -> S:
    """Go on from `state` until the decision is that the path has ended.

    Raises: LogError from the journal; Diverged from a replay; EndpointDown,
    BudgetSpent and PersonLeft from a live world, which leave the path open.
    """
    try:
        return await _advance(state, materials, world, journal, decide, fold)
    finally:
        with anyio.CancelScope(shield=True):
            await journal.flush()


async def _advance(
    state: S,
    materials: M,
    world: World[S],
    journal: Journal,
    decide: Callable[[S, M], Step],
    fold: Callable[[Iterable[Event], S], S],
) -> S:
    while True:
        given = world.given(state)
        if given:
            await journal.append(given)
            state = fold(given, state)
            continue
        step = decide(state, materials)
        if step.done:
            return state
        effect = step.effect
        if effect is None:
            taken = await journal.hold(step.events)
            state = fold(step.events[:taken], state)
            continue
        played = await world.played(effect, state)
        if played:
            await journal.append(played)
            state = fold(played, state)
            continue
        if step.wait_ms:
            await journal.flush()
        await world.admit(effect, step.wait_ms)
        if world.batches(effect):
            outcome = await world.perform(effect, fold(step.events, state))
            events = (*step.events, *outcome)
            record = journal.append if isinstance(effect, CallModel) else journal.hold
            taken = await record(events)
            state = fold(events[:taken], state)
            continue
        taken = await journal.append(step.events)
        state = fold(step.events[:taken], state)
        if taken == len(step.events):
            outcome = await world.perform(effect, state)
            if outcome:
                await journal.hold(outcome)
                state = fold(outcome, state)
