"""Environments as caches of a path: mounting one again repeats the recorded writes.

The recorded results are the truth. A write that answers differently when it is
repeated is drift, and is reported as such.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from eventsim.core.draws import Draws
from eventsim.core.events import (
    EnvironmentSpec,
    Event,
)
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue
from eventsim.core.tools import ToolDefinition
from eventsim.environments.environment import CallOutcome, Environment
from eventsim.environments.external.mcp import McpServer
from eventsim.environments.external.python import PythonServer
from eventsim.environments.external.remote import Remote, Server
from eventsim.environments.faults import FaultInjector
from eventsim.environments.several import Several
from eventsim.environments.simulated import Played
from eventsim.environments.sql.execution import SqlEnvironment
from eventsim.environments.sql.image import Image
from eventsim.errors import Drifted
from eventsim.log.reader import Reader
from eventsim.run.images import Images
from eventsim.run.repeating import (
    Grounds,
    Repeat,
    environment_key,
    repeats_of,
    tool_then,
)

__all__ = ["Mounts", "Remounting"]


class Mounts:
    """Mounts what the trajectories of a store work on. `python` is the interpreter of
    Python environments, ours if it is empty.
    """

    def __init__(self, reader: Reader, *, python: str = "") -> None:
        self._images = Images(reader)
        self._python = python
        self._spare: dict[str, tuple[FaultInjector, Remounting]] = {}

    async def fresh(
        self, state: Dialogue, materials: Materials, *, tolerant: bool = False
    ) -> FaultInjector:
        """What executes calls, as it was before the dialogue: a private copy of the
        database, or nothing but refusals where a model plays the tools. A `tolerant`
        external one may be another than was recorded.
        """

        async def mount() -> Environment:
            return await self._copy(state, materials, tolerant=tolerant)

        return FaultInjector(await mount(), mount)

    async def _copy(
        self, state: Dialogue, materials: Materials, *, tolerant: bool
    ) -> Environment:
        own = await self._own(state, materials)
        specs = materials.source.environments
        if not specs:
            return own
        beside = {
            spec.name: self.external(spec, materials.toolset, tolerant=tolerant)
            for spec in specs
        }
        return Several({"": own, **beside})

    def external(
        self,
        spec: EnvironmentSpec,
        toolset: Sequence[ToolDefinition] = (),
        *,
        tolerant: bool = False,
    ) -> Remote:
        """An external environment, which offers what it does of a toolset; it is
        started by its first call.
        """

        async def start() -> Server:
            if spec.kind == "python":
                return await PythonServer.start(spec, self._python)
            return await McpServer.start(spec)

        tools = [tool for tool in toolset if tool.environment == spec.name]
        return Remote(spec, start, tools, tolerant=tolerant)

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
        self,
        state: Dialogue,
        materials: Materials,
        events: Sequence[Event],
        grounds: Grounds,
    ) -> Image:
        """The database as it is after `events`. Raises: Drifted."""
        environment = await self.at(state, materials, events, grounds)
        try:
            inner = environment.environment
            if isinstance(inner, Several):
                inner = inner.member("")
            assert isinstance(inner, SqlEnvironment)
            return inner.image(materials.source.name)
        finally:
            await environment.close()

    async def again(
        self,
        state: Dialogue,
        materials: Materials,
        environment: FaultInjector,
        events: Sequence[Event],
        grounds: Grounds,
    ) -> CallOutcome | None:
        """Execute the call that waits after `events`, if it is one that writes."""
        call = state.pending[0].call
        tool = tool_then(events, materials, grounds, call.name)
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
        grounds: Grounds,
        *,
        told: Remounting | None = None,
    ) -> FaultInjector:
        """The environment after `events`, the path of `state`; `grounds` are what the
        path works with where that changes, `told` is told what it took.

        Raises: Drifted.
        """
        told = Remounting() if told is None else told
        repeats = list(repeats_of(events, materials, grounds))
        spare = self._spare.pop(environment_key(state, materials, repeats), None)
        if spare is not None:
            environment, took = spare
            told.calls, told.duration_us = took.calls, took.duration_us
            return environment
        begun = time.monotonic_ns()
        environment = await self.fresh(
            state, materials, tolerant=told.drifts is not None
        )
        if not (materials.source.image or materials.source.environments):
            return environment
        try:
            for repeat in repeats:
                told.calls += 1
                await _repeat(environment, repeat, told.drifts)
            if materials.now:  # an edit of the clock counts from here on
                environment.set_clock(materials.now)
        except BaseException:
            await environment.close()
            raise
        told.duration_us = (time.monotonic_ns() - begun) // 1_000
        return environment

    async def try_at(
        self,
        state: Dialogue,
        materials: Materials,
        events: Sequence[Event],
        grounds: Grounds,
    ) -> None:
        """Mount it now and keep it for whoever asks for it next. Raises: Drifted."""
        told = Remounting()
        environment = await self.at(state, materials, events, grounds, told=told)
        repeats = list(repeats_of(events, materials, grounds))
        self._spare[environment_key(state, materials, repeats)] = environment, told

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
    drifts: list[Drifted] | None = None


async def _repeat(
    environment: FaultInjector, repeat: Repeat, drifts: list[Drifted] | None
) -> None:
    """Make a recorded call again and compare. Raises: Drifted."""
    recorded, tool = repeat.returned, repeat.tool
    if repeat.now:
        environment.set_clock(repeat.now)
    outcome = await environment.call(
        tool, repeat.call.arguments, ordinal=repeat.ordinal
    )
    if outcome.content == recorded.content:
        return
    drift = Drifted(
        repeat.position,
        tool.name,
        recorded.content,
        outcome.content,
        environment=tool.environment,
    )
    if drifts is None or not tool.environment:
        raise drift
    drifts.append(drift)
