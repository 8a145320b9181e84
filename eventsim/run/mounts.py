"""Environments as caches of a path: mounting one again repeats the recorded writes.

The recorded results are the truth. A write that answers differently when it is
repeated is drift, and is reported as such.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from eventsim.core.draws import Draws
from eventsim.core.events import (
    EnvironmentMounted,
    EnvironmentSpec,
    Event,
    Source,
    ToolCall,
    ToolCalled,
    ToolReturned,
    asked_calls,
)
from eventsim.core.faults import replaces
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import digest_of
from eventsim.environments.environment import CallOutcome, Environment
from eventsim.environments.external.mcp import McpServer
from eventsim.environments.external.python import PythonServer
from eventsim.environments.external.remote import Remote, Server
from eventsim.environments.faults import FaultInjector
from eventsim.environments.several import Several
from eventsim.environments.simulated import Played
from eventsim.environments.sql.execution import SqlEnvironment
from eventsim.environments.sql.image import Image
from eventsim.errors import Diverged
from eventsim.log.reader import Reader
from eventsim.run.images import Images

__all__ = ["Mounts", "Remounting"]


class Mounts:
    """Mounts what the trajectories of a store work on. `python` is the interpreter of
    Python environments, ours if it is empty.
    """

    def __init__(self, reader: Reader, *, python: str = "") -> None:
        self._images = Images(reader)
        self._python = python
        self._spare: dict[str, tuple[FaultInjector, Remounting]] = {}

    async def fresh(self, state: Dialogue, materials: Materials) -> FaultInjector:
        """What executes calls, as it was before the dialogue: a private copy of the
        database, or nothing but refusals where a model plays the tools.
        """

        async def mount() -> Environment:
            return await self._copy(state, materials)

        return FaultInjector(await mount(), mount)

    async def _copy(self, state: Dialogue, materials: Materials) -> Environment:
        own = await self._own(state, materials)
        specs = materials.source.environments
        if not specs:
            return own
        beside = {spec.name: self.external(spec) for spec in specs}
        return Several({"": own, **beside})

    def external(self, spec: EnvironmentSpec) -> Remote:
        """An external environment; it is started by its first call."""

        async def start() -> Server:
            if spec.kind == "python":
                return await PythonServer.start(spec, self._python)
            return await McpServer.start(spec)

        return Remote(spec, start)

    async def _own(self, state: Dialogue, materials: Materials) -> Environment:
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
            if isinstance(inner, Several):
                inner = inner.member("")
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
        lasting = materials.source.lasting
        if tool is None or not tool.writes or tool.environment in lasting:
            return None
        ordinal = state.tool_calls
        return await environment.call(tool, call.arguments, ordinal=ordinal)

    async def at(
        self,
        state: Dialogue,
        materials: Materials,
        events: Sequence[Event],
        *,
        told: Remounting | None = None,
    ) -> FaultInjector:
        """The environment after `events`, the path of `state`; `told` is told what it
        took. Raises: Diverged.
        """
        told = Remounting() if told is None else told
        repeats = list(_repeats(events, materials))
        spare = self._spare.pop(_key(state, materials, repeats), None)
        if spare is not None:
            environment, took = spare
            told.calls, told.duration_us = took.calls, took.duration_us
            return environment
        begun = time.monotonic_ns()
        environment = await self.fresh(state, materials)
        if not (materials.source.image or materials.source.environments):
            return environment
        try:
            for repeat in repeats:
                told.calls += 1
                await _repeat(environment, repeat, told.drifts)
        except BaseException:
            await environment.close()
            raise
        told.duration_us = (time.monotonic_ns() - begun) // 1_000
        return environment

    async def try_at(
        self, state: Dialogue, materials: Materials, events: Sequence[Event]
    ) -> None:
        """Mount it now and keep it for whoever asks for it next. Raises: Diverged."""
        told = Remounting()
        environment = await self.at(state, materials, events, told=told)
        key = _key(state, materials, list(_repeats(events, materials)))
        self._spare[key] = environment, told

    async def aclose(self) -> None:
        """Close what nobody asked for."""
        while self._spare:
            _, (environment, _) = self._spare.popitem()
            await environment.close()


@dataclass(slots=True)
class Remounting:
    """What it took to mount an environment again: recorded calls that were repeated,
    and microseconds. With a list of `drifts`, external ones may answer otherwise than
    they did, which is noted there; without, that is refused.
    """

    calls: int = 0
    duration_us: int = 0
    drifts: list[Diverged] | None = None


class _Repeat(NamedTuple):
    """A recorded call that is made again when its environment is mounted."""

    position: int
    returned: ToolReturned
    call: ToolCall
    tool: ToolDefinition
    ordinal: int


async def _repeat(
    environment: FaultInjector, repeat: _Repeat, drifts: list[Diverged] | None
) -> None:
    """Make a recorded call again and compare. Raises: Diverged."""
    position, recorded, call, tool, ordinal = repeat
    outcome = await environment.call(tool, call.arguments, ordinal=ordinal)
    if outcome.content == recorded.content:
        return
    drift = Diverged(
        position, recorded.kind, "content", recorded.content, outcome.content
    )
    if drifts is None or not tool.environment:
        raise drift
    drifts.append(drift)


def _key(state: Dialogue, materials: Materials, repeats: Sequence[_Repeat]) -> str:
    """What an environment is a function of."""
    assert state.root is not None
    root = [state.root.seed, state.root.lineage, materials.now]
    source = materials.source.model_dump(mode="json")
    done = [(each.ordinal, each.call.id, each.returned.content) for each in repeats]
    return digest_of([root, source, done])


def _repeats(events: Sequence[Event], materials: Materials) -> Iterator[_Repeat]:
    """The calls that may have changed what is mounted at the end of a path."""
    replies: list[tuple[ToolCall, ...]] = []
    begins, ordinal, fault = _mounted_at(events, materials.source), -1, ""
    lasting = materials.source.lasting
    for position, event in enumerate(events):
        asked = asked_calls(event)
        if asked is not None:
            replies.append(asked)
        elif isinstance(event, ToolCalled):
            fault = event.fault
        if not isinstance(event, ToolReturned):
            continue
        ordinal += 1
        if position < begins or event.by in ("import", "edit") or replaces(fault):
            continue
        call = replies[event.reply][event.index]
        tool = materials.tool_by_name.get(call.name)
        if tool is None or not tool.writes or tool.environment in lasting:
            continue
        # What an external one answered with an error may have changed it too.
        unknown = event.content.startswith(_UNAVAILABLE)
        if not event.is_error or (tool.environment and not unknown):
            yield _Repeat(position, event, call, tool, ordinal)


_UNAVAILABLE = '{"error":{"code":"unavailable"'


def _mounted_at(events: Sequence[Event], source: Source) -> int:
    """Where the environment of this source was mounted for the last time; past the end
    if it is not what is mounted there.
    """
    for position in range(len(events) - 1, -1, -1):
        event = events[position]
        if isinstance(event, EnvironmentMounted):
            same = (
                event.name == source.name
                and event.rows_digest == source.rows_digest
                and event.external == source.environments_digest
            )
            return position if same else len(events)
    return len(events)
