"""The one loop: decide, record, perform, record what came of it.

Run, resume, fork and replay are this loop over different worlds and journals. It
knows effects only as values, and events only as things to append.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from eventsim.core.effects import CallModel, CallTool, Step
from eventsim.core.events import Event
from eventsim.core.fold import fold
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue

__all__ = ["Decide", "Journal", "World", "advance"]

Decide = Callable[[Dialogue, Materials], Step]


class World(Protocol):
    """What lies outside: the live one, or what was recorded of it."""

    def given(self, state: Dialogue) -> Sequence[Event]:
        """Events that nobody decides and that stand next: edits, a person's words."""
        ...

    def batches(self, effect: CallModel | CallTool) -> bool:
        """Whether intent and outcome may be appended as one: nothing leaves the
        process between them.
        """
        ...

    async def perform(
        self, effect: CallModel | CallTool, state: Dialogue
    ) -> Sequence[Event]:
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


async def advance(
    state: Dialogue,
    materials: Materials,
    world: World,
    journal: Journal,
    decide: Decide,
) -> Dialogue:
    """Go on from `state` until the decision is that the path has ended.

    Raises: LogError from the journal; Diverged from a replay.
    """
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
        if effect is not None and world.batches(effect):
            outcome = await world.perform(effect, fold(step.events, state))
            events = (*step.events, *outcome)
            taken = await journal.append(events)
            state = fold(events[:taken], state)
            continue
        taken = await journal.append(step.events)
        state = fold(step.events[:taken], state)
        if effect is not None and taken == len(step.events):
            outcome = await world.perform(effect, state)
            if outcome:
                await journal.append(outcome)
                state = fold(outcome, state)
