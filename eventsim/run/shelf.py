"""Resolves what a trajectory mounts: digests and references become values.

The values are immutable and shared: a run's configuration, prompts and tools are read
once a process, however many trajectories use them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import orjson

from eventsim.behaviour.rule import Rule
from eventsim.config import EndpointProfile, RunConfig
from eventsim.core.draws import Draws
from eventsim.core.events import (
    EndpointProfiled,
    ImportStarted,
    PreparationStarted,
    Ref,
    RunStarted,
    Source,
)
from eventsim.core.fold import fold
from eventsim.core.materials import Materials
from eventsim.core.preparation import Preparation, fold_preparation
from eventsim.core.state import Dialogue, Footing
from eventsim.core.tasks import Task
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import freeze
from eventsim.environments.sql.view import data_view, schema_text
from eventsim.errors import LogError, Redacted
from eventsim.log.reader import Reader
from eventsim.pipelines.preparing import StageMaterials
from eventsim.pipelines.stage import Input
from eventsim.prompts.render import installed
from eventsim.run.images import Images
from eventsim.run.rules import rules_of
from eventsim.run.stages import stages_of

__all__ = ["Plan", "Shelf"]

_NO_CONFIG = RunConfig(seed=0, count=1)

Profiles = dict[tuple[str, str], EndpointProfile]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run's own stream says: configuration, prompts, what endpoints can do.
    An import has none of these: nothing is decided in it.
    """

    config: RunConfig
    prompts: dict[str, str]
    profiles: Profiles
    rules: Mapping[str, Rule] = freeze({})
    imported: ImportStarted | None = None


class _Whole(NamedTuple):
    """What a preparation and those it continues come to together."""

    tools: tuple[ToolDefinition, ...] = ()
    policy: str = ""
    tasks: tuple[Task, ...] = ()
    inferred: int = 0


class Shelf:
    """Materials of trajectories and preparations, read from a store or a bundle."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._plans: dict[str, Plan] = {}
        self._preparations: dict[Ref, Preparation] = {}
        self._seed_tools: dict[str, tuple[Any, ...]] = {}
        self.images = Images(reader)

    def head(self, stream: str) -> Ref:
        """The state of a stream after its last record. Raises: NotFound."""
        return self._reader.head(stream)

    async def materials(self, footing: Footing, *, current: bool = False) -> Materials:
        """What a trajectory works with, as recorded; `current` takes the prompts
        that are installed now. Raises: LogError when a mounted stream is damaged.
        """
        plan = await self.plan(footing.run)
        made = await self.preparation(footing.preparation)
        assert made.started is not None
        started = made.started
        whole = await self._whole(made)
        materials = Materials(
            config=plan.config,
            prompts=plan.prompts,
            preparation=footing.preparation,
            tools_from=started.tools_from,
            source=started.source,
            toolset=whole.tools,
            policy=whole.policy,
            now=started.now,
            tasks=whole.tasks,
            profiles=plan.profiles,
            unprepared=_unprepared(made),
            inferred=whole.inferred,
            rules=plan.rules,
        )
        return replace(materials, prompts=installed()) if current else materials

    async def plan(self, run: Ref) -> Plan:
        """The plan of a run. Raises: LogError when its stream is damaged."""
        if run.stream not in self._plans:
            records = await self._reader.read(run.stream)
            started = records[0].event if records else None
            if isinstance(started, ImportStarted):
                self._plans[run.stream] = Plan(_NO_CONFIG, {}, {}, imported=started)
                return self._plans[run.stream]
            if not isinstance(started, RunStarted):
                raise LogError(f"stream {run.stream} should begin a run and does not")
            prompts = {
                name: (await self._reader.get_blob(blob)).decode()
                for name, blob in started.prompts.items()
            }
            config = RunConfig.model_validate(started.config)
            profiled = [
                record.event
                for record in records
                if isinstance(record.event, EndpointProfiled)
            ]
            profiles = {(each.endpoint, each.model): each.profile for each in profiled}
            rules = rules_of(config)
            self._plans[run.stream] = Plan(config, prompts, profiles, rules)
        return self._plans[run.stream]

    def forget(self, run: Ref) -> None:
        """Read the plan of a run again when it is asked for: it has grown."""
        self._plans.pop(run.stream, None)

    async def preparation(self, ref: Ref) -> Preparation:
        """What a preparation stream came to, up to a version of it."""
        if ref not in self._preparations:
            records = await self._reader.read(ref.stream, stop=ref.version)
            for record in records:
                if record.redacted:
                    raise Redacted(record.position)
            made = fold_preparation(r.event for r in records if r.event is not None)
            if made.started is None:
                raise LogError(
                    f"stream {ref.stream} should begin a preparation and does not"
                )
            if made.started.purpose == "tasks":
                return made  # belongs to one trajectory: nobody else asks for it
            self._preparations[ref] = made
        return self._preparations[ref]

    async def stage_materials(
        self, started: PreparationStarted, *, current: bool = False
    ) -> StageMaterials:
        """What the stages of a preparation work with; `current` takes the prompts that
        are installed now. Raises: LogError, UsageError for a stage that is not there.
        """
        assert started.run is not None
        plan = await self.plan(started.run)
        tools = await self._tools(started)
        offered = (tools[digest] for digest in started.toolset)
        draws = Draws(started.seed, started.lineage)
        tables, rows = await self._database_in_words(started.source, draws)
        given = Input(
            config=plan.config,
            prompts=installed() if current else plan.prompts,
            profiles=plan.profiles,
            source=started.source,
            draws=draws,
            seed_tools=await self._seeds(started.source),
            question=started.question,
            tools=tuple(tool for tool in offered if tool.requestor == "assistant"),
            count=plan.config.tasks + _asked_before(started),
            now=started.now,
            schema_text=tables,
            data_view=rows,
            policy=await self._policy_before(started),
            dialogue=await self._dialogue(started),
        )
        return StageMaterials(given, stages_of(plan.config, started.stages))

    async def _whole(self, made: Preparation) -> _Whole:
        """A preparation with what it continues: the tools are what its tasks chose, or
        all of them where nobody chose.
        """
        started = made.started
        assert started is not None
        before = _Whole()
        if started.continues is not None:
            before = await self._whole(await self.preparation(started.continues))
        tools = made.tools
        if started.purpose != "tools":
            known = await self._tools(started)
            tools = tuple(known[digest] for digest in started.toolset)
        inferred = "inferred_task" in started.stages and bool(made.tasks)
        tasks = (*before.tasks, *made.tasks)
        if started.replaces and made.tasks:
            kept = before.tasks[: started.replaces - 1]
            rest = before.tasks[started.replaces :]
            tasks = (*kept, made.tasks[0], *rest, *made.tasks[1:])
        return _Whole(
            tools,
            made.policy or before.policy,
            tasks,
            len(before.tasks) + 1 if inferred else before.inferred,
        )

    async def _tools(self, started: PreparationStarted) -> dict[str, ToolDefinition]:
        """The tools that a preparation may choose from, by digest."""
        tools: tuple[ToolDefinition, ...] = ()
        if started.continues is not None:
            tools = (await self._whole(await self.preparation(started.continues))).tools
        if started.tools_from is not None:
            tools += (await self.preparation(started.tools_from)).tools
        return {tool.digest: tool for tool in tools}

    async def _policy_before(self, started: PreparationStarted) -> str:
        if started.continues is None:
            return ""
        return (await self._whole(await self.preparation(started.continues))).policy

    async def _dialogue(self, started: PreparationStarted) -> Dialogue | None:
        if started.dialogue is None:
            return None
        records = await self._reader.path(started.dialogue)
        for record in records:
            if record.redacted:
                raise Redacted(record.position)
        return fold(r.event for r in records if r.event is not None)

    async def _seeds(self, source: Source) -> tuple[Any, ...]:
        digest = source.seed_tools
        if not digest:
            return ()
        if digest not in self._seed_tools:
            tools = orjson.loads(await self._reader.get_blob(digest))
            self._seed_tools[digest] = tuple(tools)
        return self._seed_tools[digest]

    async def _database_in_words(self, source: Source, draws: Draws) -> tuple[str, str]:
        if not source.image:
            return "", ""
        image = await self.images.get(source)
        return schema_text(image), data_view(image, draws)


def _asked_before(started: PreparationStarted) -> int:
    """What a conversation has asked for is no task of those that are wanted."""
    return int("inferred_task" in started.stages and len(started.stages) > 1)


def _unprepared(made: Preparation) -> str:
    if made.ended is None or made.ended.reason == "completed":
        return ""
    assert made.started is not None
    return f"{made.started.purpose}: {made.ended.reason}: {made.ended.detail}"
