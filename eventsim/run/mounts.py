"""Environments as caches of a path: mounting one again repeats the recorded writes.

The recorded results are the truth. A write that answers differently when it is
repeated is drift, and is reported as such.
"""

from __future__ import annotations

from collections.abc import Sequence

from eventsim.core.draws import Draws
from eventsim.core.events import (
    AssistantReplied,
    EnvironmentMounted,
    Event,
    Source,
    ToolCall,
    ToolReturned,
)
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue
from eventsim.environments.environment import CallOutcome, Environment
from eventsim.environments.faults import FaultInjector
from eventsim.environments.simulated import Played
from eventsim.environments.sql.execution import SqlEnvironment
from eventsim.environments.sql.image import Image
from eventsim.errors import Diverged
from eventsim.log.reader import Reader
from eventsim.run.images import Images

__all__ = ["Mounts"]


class Mounts:
    """Mounts what the trajectories of a store work on."""

    def __init__(self, reader: Reader) -> None:
        self._images = Images(reader)

    async def fresh(self, state: Dialogue, materials: Materials) -> FaultInjector:
        """What executes calls, as it was before the dialogue: a private copy of the
        database, or nothing but refusals where a model plays the tools.
        """

        async def mount() -> Environment:
            return await self._copy(state, materials)

        return FaultInjector(await mount(), mount)

    async def _copy(self, state: Dialogue, materials: Materials) -> Environment:
        if not materials.source.image:
            return Played()
        image = await self._images.get(materials.source)
        assert state.root is not None
        draws = Draws(state.root.seed, state.root.lineage)
        return SqlEnvironment.mount(
            image, now=materials.now, seed=draws.integer("environment")
        )

    async def image_at(
        self, state: Dialogue, materials: Materials, events: Sequence[Event]
    ) -> Image:
        """The database as it is after `events`. Raises: Diverged."""
        environment = await self.at(state, materials, events)
        try:
            inner = environment.environment
            assert isinstance(inner, SqlEnvironment)
            return inner.image(materials.source.name)
        finally:
            await environment.close()

    async def again(
        self, state: Dialogue, materials: Materials, environment: FaultInjector
    ) -> CallOutcome | None:
        """Execute the call that waits, if it is one that writes."""
        call = state.pending[0].call
        tool = materials.tool_by_name.get(call.name)
        if tool is None or not tool.writes:
            return None
        ordinal = state.tool_calls
        return await environment.call(tool, call.arguments, ordinal=ordinal)

    async def at(
        self, state: Dialogue, materials: Materials, events: Sequence[Event]
    ) -> FaultInjector:
        """The environment after `events`, the path of `state`. Raises: Diverged."""
        environment = await self.fresh(state, materials)
        if not materials.source.image:
            return environment
        replies: list[tuple[ToolCall, ...]] = []
        ordinal = 0
        begins = _mounted_at(events, materials.source)
        for position, event in enumerate(events):
            if isinstance(event, AssistantReplied):
                replies.append(event.calls)
            if not isinstance(event, ToolReturned):
                continue
            if position < begins or event.by in ("import", "edit"):
                ordinal += 1
                continue
            call = replies[event.reply][event.index]
            tool = materials.tool_by_name.get(call.name)
            if tool is not None and tool.writes and not event.is_error:
                outcome = await environment.call(tool, call.arguments, ordinal=ordinal)
                if outcome.content != event.content:
                    raise Diverged(
                        position,
                        event.kind,
                        "content",
                        event.content,
                        outcome.content,
                    )
            ordinal += 1
        return environment


def _mounted_at(events: Sequence[Event], source: Source) -> int:
    """Where the environment of this source was mounted for the last time; past the end
    if it is not what is mounted there.
    """
    for position in range(len(events) - 1, -1, -1):
        event = events[position]
        if isinstance(event, EnvironmentMounted):
            same = (event.name, event.rows_digest) == (source.name, source.rows_digest)
            return position if same else len(events)
    return len(events)
