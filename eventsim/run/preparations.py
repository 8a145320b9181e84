"""The preparation streams of a run: found, begun, gone on with, each only once.

By rule they are made in one batch (`run/prepare.py`); by models, stage after stage in
the loop. Trajectories that share one wait for it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal

import anyio

from eventsim.config import RunConfig
from eventsim.core.draws import Draws, lineage_of
from eventsim.core.events import PreparationStarted, Ref, Source
from eventsim.core.preparation import Preparation, fold_preparation
from eventsim.environments.sql.image import Image
from eventsim.environments.sql.workbench import SqlWorkbench
from eventsim.errors import BadInput
from eventsim.log.reader import StreamInfo
from eventsim.log.store import Store
from eventsim.pipelines.pipeline import Pipeline
from eventsim.pipelines.preparing import decide_preparation
from eventsim.pipelines.registry import pipeline
from eventsim.run.calling import Caller
from eventsim.run.external import Discovery, tools_stream
from eventsim.run.journal import StreamJournal
from eventsim.run.loop import advance
from eventsim.run.paths import known_events
from eventsim.run.prepare import ByRule, GoingOn, prepare_tasks, reference_time
from eventsim.run.runs import Run
from eventsim.run.shelf import Shelf
from eventsim.run.staging import StageWorld

__all__ = ["Preparations", "toolsets_of"]

Purpose = Literal["questions", "tools", "tasks"]

_MOST_TOOLS = 40
"""The most tools that a trajectory is offered: models get lost long before 128."""

_TRAJECTORIES_A_TOOLSET = 4


def toolsets_of(config: RunConfig, sources: int) -> int:
    """How many toolsets a run prepares: at least one for each source."""
    wanted = config.toolsets or -(-config.count // _TRAJECTORIES_A_TOOLSET)
    return min(config.count, max(wanted, sources))


@dataclass
class Preparations:
    """The preparations of one run in a store."""

    store: Store
    shelf: Shelf
    run: Run
    caller: Caller
    rules: ByRule
    discovery: Discovery
    _discovered: dict[str, Ref] = field(default_factory=dict)
    _locks: defaultdict[tuple[str, int | str], anyio.Lock] = field(
        default_factory=lambda: defaultdict(anyio.Lock)
    )

    def lock(self, purpose: Purpose, which: int | str) -> anyio.Lock:
        """Held by whoever makes a preparation that trajectories share."""
        return self._locks[purpose, which]

    @property
    def _pipeline(self) -> Pipeline:
        return pipeline(self.run.config.pipeline)

    # --- one trajectory -------------------------------------------------------------

    async def for_trajectory(self, index: int) -> Ref:
        """What trajectory `index` (from 1) mounts: its tasks, or the preparation
        before them that failed.
        """
        config, sources = self.run.config, self.run.started.sources
        existing = self.find("tasks", index)
        if existing is not None:
            return await self.finish(existing)
        taken = await self._taken("tasks", index)
        if taken is not None:
            return taken
        if config.tasks_by == "rules" and self._pipeline.executes:
            source = sources[(index - 1) % len(sources)]
            beside = None
            if source.environments:
                tools = await self._external(source)
                made = await self.shelf.preparation(tools)
                beside = GoingOn(tools, beside=made.tools)
            of = await self.rules.of(source)
            return await prepare_tasks(
                self.store,
                self.run.ref,
                self.run.label,
                index,
                config,
                of,
                going_on=beside,
            )
        number = (index - 1) % toolsets_of(config, len(sources)) + 1
        tools = await self.toolset(number)
        made = await self.shelf.preparation(tools)
        if made.ended is None or made.ended.reason != "completed":
            return tools
        return await self._make_tasks(index, tools, made)

    async def _make_tasks(self, index: int, tools: Ref, made: Preparation) -> Ref:
        assert made.started is not None
        draws = self.draws("tasks", index)
        offered = list(made.tools)
        draws.generator("toolset").shuffle(offered)
        chosen = {tool.digest for tool in offered[:_MOST_TOOLS]}
        first = index <= toolsets_of(self.run.config, len(self.run.started.sources))
        return await self.make(
            self.started("tasks", index, made.started.source),
            self._pipeline.task_stages,
            tools_from=tools,
            toolset=tuple(t.digest for t in made.tools if t.digest in chosen),
            now=reference_time(draws),
            # The question belongs to the first trajectory that uses its toolset.
            question=made.started.question if first else "",
        )

    # --- what trajectories share ----------------------------------------------------

    async def toolset(self, number: int) -> Ref:
        """Toolset `number` (from 1) of the run, complete or failed."""
        async with self.lock("tools", number):
            existing = self.find("tools", number)
            if existing is not None:
                return await self.finish(existing)
            taken = await self._taken("tools", number)
            if taken is not None:
                return taken
            sources = self.run.started.sources
            source = sources[(number - 1) % len(sources)]
            if source.environments and not (source.image or source.seed_tools):
                return await self._external(source)
            if source.image and self.run.config.tools_by == "rules":
                return (await self.rules.of(source)).tools
            questions: Ref | None = None
            question = ""
            if self._pipeline.question_stages:
                questions = await self._questions((number - 1) % len(sources) + 1)
                made = await self.shelf.preparation(questions)
                if not made.questions:
                    return questions
                question = self._question(made, (number - 1) // len(sources))
            started = self.started("tools", number, source)
            return await self.make(
                started,
                self._pipeline.tool_stages,
                questions_from=questions,
                question=question,
            )

    async def _external(self, source: Source) -> Ref:
        """The tools of a source's external environments."""
        digest = source.environments_digest
        async with self.lock("tools", digest):
            if digest not in self._discovered:
                specs, tools = await self.discovery.of(source.environments)
                pairs = zip(source.environments, specs, strict=True)
                changed = [s.name for s, t in pairs if s.version not in ("", t.version)]
                if changed:
                    raise BadInput(
                        f"{', '.join(changed)}: another version than when the run began"
                    )
                ref = await tools_stream(self.store, source, tools)
                self._discovered[digest] = ref
        return self._discovered[digest]

    async def external(self, source: Source) -> tuple[Source, Ref]:
        """The same for environments that were never started, with the source as it is
        then.
        """
        specs, tools = await self.discovery.of(source.environments)
        source = source.model_copy(update={"environments": specs})
        return source, await tools_stream(self.store, source, tools)

    def _question(self, made: Preparation, turn: int) -> str:
        order = list(made.questions)
        self.draws("questions", 0).generator("order").shuffle(order)
        return order[turn % len(order)]

    async def _questions(self, number: int) -> Ref:
        """The questions of source `number` (from 1)."""
        async with self.lock("questions", number):
            existing = self.find("questions", number)
            if existing is not None:
                return await self.finish(existing)
            taken = await self._taken("questions", number)
            if taken is not None:
                return taken
            source = self.run.started.sources[number - 1]
            started = self.started("questions", number, source)
            return await self.make(started, self._pipeline.question_stages)

    # --- streams --------------------------------------------------------------------

    def draws(self, purpose: Purpose, index: int) -> Draws:
        """Those of a preparation."""
        return Draws(self.run.config.seed, lineage_of(purpose, index))

    def started(
        self, purpose: Purpose, index: int, source: Source
    ) -> PreparationStarted:
        """The first event of a preparation, with what all have."""
        draws = self.draws(purpose, index)
        return PreparationStarted(
            label=f"{purpose}-{self.run.label}-{index}",
            purpose=purpose,
            source=source,
            run=self.run.ref,
            index=index,
            seed=draws.seed,
            lineage=draws.lineage,
        )

    def find(self, purpose: Purpose, index: int) -> StreamInfo | None:
        """A preparation that the run has begun."""
        return self._in(self.run.ref.stream).get((purpose, index))

    def _in(self, run: str) -> dict[tuple[str, int], StreamInfo]:
        return {
            (info.purpose or "", info.index or 0): info
            for info in self.store.streams(family="preparation", run=run)
        }

    async def _taken(self, purpose: Purpose, index: int) -> Ref | None:
        """The same preparation of the run that the plan takes it from."""
        other = self.run.started.prepared.get(purpose)
        if other is None:
            return None
        there = {
            key[1]: info
            for key, info in self._in(other.stream).items()
            if key[0] == purpose and info.ended == "completed"
        }
        if not there:
            return None
        number = sorted(there)[(index - 1) % len(there)]
        return self.store.head(there[number].stream)

    async def make(
        self, started: PreparationStarted, stages: tuple[str, ...], **fields: object
    ) -> Ref:
        """Begin a preparation and bring it to its end."""
        started = started.model_copy(update={"stages": stages, **fields})
        (record,) = await self.store.append(None, [started], expected_version=0)
        return await self._advance(record.stream)

    async def finish(self, info: StreamInfo) -> Ref:
        """Bring one that has begun to its end."""
        if info.ended is not None:
            return self.store.head(info.stream)
        return await self._advance(info.stream)

    async def _advance(self, stream: str) -> Ref:
        """Bring one preparation to its end. Raises: LogError, EndpointDown,
        BudgetSpent.
        """
        events = known_events(await self.store.path(stream))
        state = fold_preparation(events)
        assert state.started is not None
        materials = await self.shelf.stage_materials(state.started)
        bench = None
        if state.started.source.image:
            image: Image = await self.shelf.images.get(state.started.source)
            bench = SqlWorkbench(image, now=state.started.now)
        await advance(
            state,
            materials,
            StageWorld(self.caller, materials, bench),
            StreamJournal(self.store, stream, self.store.head(stream).version),
            decide_preparation,
            fold_preparation,
        )
        return self.store.head(stream)
