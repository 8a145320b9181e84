"""Environments as caches of a path: mounting one again repeats the recorded writes.

The recorded results are the truth. A write that answers differently when it is
repeated is drift, and is reported as such.
"""

from __future__ import annotations

from collections.abc import Sequence

from eventsim.core.draws import Draws
from eventsim.core.events import (
    AssistantReplied,
    Event,
    Source,
    ToolCall,
    ToolReturned,
)
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue
from eventsim.environments.sql.execution import SqlEnvironment
from eventsim.environments.sql.image import Image, image_from_bytes
from eventsim.errors import Diverged
from eventsim.log.reader import Reader

__all__ = ["Mounts"]


class Mounts:
    """Mounts databases of a store; images are read once and shared."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._images: dict[str, Image] = {}

    async def image(self, source: Source) -> Image:
        """The database of a source. Raises: LogCorrupt when the blob is damaged."""
        image = self._images.get(source.image)
        if image is None:
            data = await self._reader.get_blob(source.image)
            image = image_from_bytes(source.name, data)
            self._images[source.image] = image
        return image

    async def fresh(self, state: Dialogue, materials: Materials) -> SqlEnvironment:
        """A private copy of the database as it was before the dialogue."""
        image = await self.image(materials.source)
        assert state.root is not None
        draws = Draws(state.root.seed, state.root.lineage)
        return SqlEnvironment.mount(
            image, now=materials.now, seed=draws.integer("environment")
        )

    async def at(
        self, state: Dialogue, materials: Materials, events: Sequence[Event]
    ) -> SqlEnvironment:
        """The environment after `events`, the path of `state`. Raises: Diverged."""
        environment = await self.fresh(state, materials)
        replies: list[tuple[ToolCall, ...]] = []
        ordinal = 0
        for position, event in enumerate(events):
            if isinstance(event, AssistantReplied):
                replies.append(event.calls)
            if not isinstance(event, ToolReturned):
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
