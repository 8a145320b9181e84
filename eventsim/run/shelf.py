"""Resolves what a trajectory mounts: digests and references become values.

The values are immutable and shared: a run's configuration, prompts and tools are read
once a process, however many trajectories use them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from eventsim.config import RunConfig
from eventsim.core.events import (
    PreparationStarted,
    Ref,
    RunStarted,
    TaskCreated,
    ToolDefined,
    TrajectoryStarted,
)
from eventsim.core.materials import Materials
from eventsim.core.records import Record
from eventsim.core.tools import ToolDefinition
from eventsim.errors import LogError
from eventsim.log.reader import Reader
from eventsim.prompts.render import installed

__all__ = ["Shelf"]

T = TypeVar("T")


class Shelf:
    """Materials of trajectories, read from a store or a bundle."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._runs: dict[str, tuple[RunConfig, dict[str, str]]] = {}
        self._tools: dict[str, dict[str, ToolDefinition]] = {}

    async def materials(
        self, root: TrajectoryStarted, *, current: bool = False
    ) -> Materials:
        """What the trajectory works with, as recorded; `current` takes the prompts
        that are installed now. Raises: LogError when a mounted stream is damaged.
        """
        config, prompts = await self._run(root.run)
        records = await self._reader.read(root.preparation.stream)
        started = _first(records, PreparationStarted)
        tools = await self._toolset(started)
        tasks = [r.event.task for r in records if isinstance(r.event, TaskCreated)]
        materials = Materials(
            config=config,
            prompts=prompts,
            preparation=root.preparation,
            tools_from=started.tools_from,
            source=started.source,
            toolset=tuple(tools[digest] for digest in started.toolset),
            policy=started.policy,
            now=started.now,
            tasks=tuple(tasks),
        )
        return replace(materials, prompts=installed()) if current else materials

    async def _run(self, ref: Ref) -> tuple[RunConfig, dict[str, str]]:
        if ref.stream not in self._runs:
            started = _first(await self._reader.read(ref.stream, stop=1), RunStarted)
            prompts = {
                role: (await self._reader.get_blob(blob)).decode()
                for role, blob in started.prompts.items()
            }
            config = RunConfig.model_validate(started.config)
            self._runs[ref.stream] = (config, prompts)
        return self._runs[ref.stream]

    async def _toolset(self, started: PreparationStarted) -> dict[str, ToolDefinition]:
        ref = started.tools_from
        if ref is None:
            return {}
        if ref.stream not in self._tools:
            records = await self._reader.read(ref.stream, stop=ref.version)
            self._tools[ref.stream] = {
                record.event.tool.digest: record.event.tool
                for record in records
                if isinstance(record.event, ToolDefined)
            }
        return self._tools[ref.stream]


def _first(records: list[Record], kind: type[T]) -> T:
    event = records[0].event if records else None
    if not isinstance(event, kind):
        raise LogError(f"a stream that should begin with {kind.__name__} does not")
    return event
