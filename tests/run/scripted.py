"""A world that follows a script, and a journal that is a list."""

from __future__ import annotations

from collections.abc import Sequence

from eventsim.core.effects import CallTool, Effect
from eventsim.core.events import Event, ModelFailed, ToolReturned, UserMessaged
from eventsim.core.fold import fold
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue
from eventsim.pipelines.registry import pipeline
from eventsim.roles import assistant, user
from eventsim.run.loop import advance

Line = bytes | ModelFailed


class Scripted:
    """Answers model calls from a script in order; every tool call returns `result`."""

    def __init__(
        self,
        script: Sequence[Line],
        result: str = '{"city":"Oslo"}',
        said: str | None = None,
        batched: bool = True,
    ) -> None:
        self.script = list(script)
        self.bodies: list[tuple[str, bytes]] = []
        self.events: list[Event] = []
        self.batch_sizes: list[int] = []
        self.waits: list[int] = []
        self._result = result
        self._said = said
        self._batched = batched

    def given(self, _: Dialogue) -> Sequence[Event]:
        said, self._said = self._said, None
        return () if said is None else (UserMessaged(text=said, given=True),)

    async def played(self, _effect: Effect, _state: Dialogue) -> Sequence[Event]:
        return ()

    async def admit(self, effect: Effect, wait_ms: int) -> None:
        self.waits.append(wait_ms)

    def batches(self, _: Effect) -> bool:
        return self._batched

    async def perform(self, effect: Effect, state: Dialogue) -> Sequence[Event]:
        if isinstance(effect, CallTool):
            intent = effect.intent
            return (
                ToolReturned(
                    reply=intent.reply, index=intent.index, content=self._result
                ),
            )
        self.bodies.append((effect.intent.role, effect.body))
        line = self.script.pop(0)
        if isinstance(line, ModelFailed):
            return (line,)
        if effect.intent.role == "user":
            return (user.read(line),)
        return (assistant.read(line, state),)

    async def append(self, events: Sequence[Event]) -> int:
        self.events.extend(events)
        self.batch_sizes.append(len(events))
        return len(events)

    async def hold(self, events: Sequence[Event]) -> int:
        return await self.append(events)

    async def flush(self) -> None:
        """Nothing is held."""


async def play(
    world: Scripted, materials: Materials, before: Sequence[Event]
) -> Dialogue:
    """Go on after `before` with the script until the path ends."""
    world.events.extend(before)
    decide = pipeline(materials.config.pipeline).decide
    return await advance(fold(before), materials, world, world, decide, fold)
