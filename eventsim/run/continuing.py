"""What a trajectory mounts that goes on from another: as little as is new.

Nothing, if there are tasks left to do and nothing else was asked for. Otherwise a
preparation of its own that continues the one before: with more tasks, of the state as
it is there, with other tools or a database, or with the task that a conversation
without one shows.
"""

from __future__ import annotations

import re
from dataclasses import replace

from eventsim.config import RunConfig
from eventsim.core.draws import Draws, lineage_of
from eventsim.core.events import PreparationEnded, Ref, Source, Start
from eventsim.core.tools import ToolDefinition
from eventsim.environments.sql.policy import Policy
from eventsim.errors import BadInput, UsageError
from eventsim.log.store import Store
from eventsim.pipelines.registry import pipeline
from eventsim.run.fitting import Fitting
from eventsim.run.mounts import Mounts
from eventsim.run.paths import Opened, open_path
from eventsim.run.preparations import Preparations
from eventsim.run.prepare import (
    GoingOn,
    Prepared,
    policy_of,
    prepare_tasks,
    reference_time,
)
from eventsim.run.shelf import Shelf

__all__ = ["Continuing", "check_start", "open_start"]

_INFERRED = "inferred_task"
_WORD = re.compile(r"[^\W\d_]+")


async def open_start(store: Store, shelf: Shelf, start: Start) -> Opened:
    """The path that a trajectory goes on from. Raises: NotFound, Redacted."""
    return await open_path(store, shelf, start.parent.stream, position=start.position)


class Continuing:
    """Prepares what the trajectories of one run go on with."""

    def __init__(self, crew: Preparations, mounts: Mounts) -> None:
        self._crew, self._mounts = crew, mounts
        self._run = crew.run
        self._store = crew.store

    async def preparation(self, index: int, opened: Opened) -> Ref | None:
        """What trajectory `index` mounts, None where it is what its parent mounts.

        Raises: LogError, BudgetSpent, EndpointDown, UsageError.
        """
        started, config = self._run.started, self._run.config
        materials = opened.materials
        left = len(materials.tasks) - len(opened.state.verdicts)
        adds = started.adds_tasks or (left <= 0 and bool(materials.tasks))
        if self._undiscovered(opened):
            return await self._discover(index, opened)
        if started.sources or "tools" in started.prepared:
            return await self._from_source(index, opened)
        fitting = Fitting(opened, more=config.more_tools)
        if left > 0 and not adds and not fitting.needed:
            return None
        existing = self._crew.find("tasks", index)
        if existing is not None:
            return await self._crew.finish(existing)
        if materials.source.image and adds:
            return await self._proven(index, opened, materials.source)
        tools: Ref | None = None
        toolset = materials.toolset
        if fitting.needed:
            tools = await fitting.make(self._crew, index)
            made = await self._crew.shelf.preparation(tools)
            if made.ended is None or made.ended.reason != "completed":
                return tools
            toolset = fitting.toolset(made.tools)
        stages = self._stages(opened, adds=adds, left=left)
        return await self._make(index, opened, materials.source, tools, toolset, stages)

    def _stages(self, opened: Opened, *, adds: bool, left: int) -> tuple[str, ...]:
        """What writes the tasks: what the user asked for last comes first, if that is
        open and no task says it.
        """
        materials, last = opened.materials, opened.state.messages[-1:]
        asked = bool(opened.state.pending) or any(m.awaits_assistant for m in last)
        inferred = (_INFERRED,) if left <= 0 and not materials.tasks else ()
        if not adds:
            return inferred if left <= 0 else ()
        stages = pipeline(self._run.config.pipeline).task_stages
        more = tuple(s for s in stages if s != "policy" or not materials.policy)
        return (*(inferred if asked else ()), *more)

    def _undiscovered(self, opened: Opened) -> bool:
        """Whether environments were named that nobody has started yet."""
        named = {spec.name for spec in opened.materials.source.environments}
        known = {tool.environment for tool in opened.materials.toolset}
        return bool(named - known)

    async def _discover(self, index: int, opened: Opened) -> Ref:
        """The tools of the environments that an import names, and its tasks."""
        existing = self._crew.find("tasks", index)
        if existing is not None:
            return await self._crew.finish(existing)
        try:
            source, tools = await self._crew.external(opened.materials.source)
        except BadInput as problem:
            return await self._failed(index, opened, str(problem))
        made = await self._crew.shelf.preparation(tools)
        toolset = (*opened.materials.toolset, *made.tools)
        return await self._make(index, opened, source, tools, toolset, ())

    async def _failed(self, index: int, opened: Opened, why: str) -> Ref:
        """A preparation that came to nothing: the trajectory ends at once."""
        started = self._crew.started("tasks", index, opened.materials.source)
        update = {"continues": opened.footing.preparation}
        events = [
            started.model_copy(update=update),
            PreparationEnded(reason="nothing_usable", detail=why),
        ]
        records = await self._store.append(None, events, expected_version=0)
        return records[-1].ref

    # --- the ways -------------------------------------------------------------------

    async def _proven(self, index: int, opened: Opened, source: Source) -> Ref:
        """More tasks over the database as it is there, each with its witness."""
        of = await self._crew.rules.of(source)
        materials = opened.materials
        image = await self._mounts.image_at(
            opened.state, materials, opened.events, opened.grounds
        )
        return await prepare_tasks(
            self._store,
            self._run.ref,
            self._run.label,
            index,
            self._run.config,
            replace(of, image=image),
            going_on=GoingOn(
                opened.footing.preparation,
                materials.toolset,
                materials.now,
                policy=materials.policy,
                rules=await self._policy(opened, of),
            ),
        )

    async def _policy(self, opened: Opened, of: Prepared) -> Policy:
        """What the instructions of a path mean, if they were written by rule: drawn
        again as they were. Others are taken to forbid nothing.
        """
        text = opened.materials.policy
        at: Ref | None = opened.footing.preparation
        while at is not None:
            made = (await self._crew.shelf.preparation(at)).started
            assert made is not None
            if made.run is not None and made.index is not None:
                seed = (await self._crew.shelf.plan(made.run)).config.seed
                policy = policy_of(of, Draws(seed, lineage_of("tasks", made.index)))
                if policy.text == text:
                    return policy
            at = made.continues
        return Policy(text="", title=of.source.title)

    async def _from_source(self, index: int, opened: Opened) -> Ref:
        """Tools and tasks of another source, beside those that there were."""
        existing = self._crew.find("tasks", index)
        if existing is not None:
            return await self._crew.finish(existing)
        before, had = await self._fitted(index, opened)
        if pipeline(self._run.config.pipeline).executes:
            sources = self._run.started.sources
            said = " ".join(m.text for m in opened.state.messages if m.text)
            return await prepare_tasks(
                self._store,
                self._run.ref,
                self._run.label,
                index,
                self._run.config,
                await self._crew.rules.of(sources[(index - 1) % len(sources)]),
                going_on=GoingOn(
                    before,
                    beside=had,
                    policy=opened.materials.policy,
                    said=frozenset(_WORD.findall(said.lower())),
                ),
            )
        tools = await self._crew.toolset(index)
        made = await self._crew.shelf.preparation(tools)
        if made.ended is None or made.ended.reason != "completed":
            return tools
        left = len(opened.materials.tasks) - len(opened.state.verdicts)
        assert made.started is not None
        names = {tool.name for tool in made.tools}
        return await self._make(
            index,
            opened,
            made.started.source,
            tools,
            (*(t for t in had if t.name not in names), *made.tools),
            self._stages(opened, adds=True, left=left),
            continues=before,
        )

    async def _fitted(
        self, index: int, opened: Opened
    ) -> tuple[Ref, tuple[ToolDefinition, ...]]:
        """What a conversation had, with its own tools fitted to what it shows: the
        preparation that holds them, and the tools.
        """
        before, had = opened.footing.preparation, opened.materials.toolset
        fitting = Fitting(opened, more=False)
        if not fitting.needed:
            return before, had
        tools = await fitting.make(self._crew, index)
        made = await self._crew.shelf.preparation(tools)
        toolset = fitting.toolset(made.tools)
        label = f"tasks-{self._run.label}-{index}-before"
        for info in self._store.labelled(label):
            return self._store.head(info.stream), toolset
        started = self._crew.started("tasks", index, opened.materials.source)
        update = {
            "label": label,
            "index": None,
            "continues": before,
            "tools_from": tools,
            "toolset": tuple(tool.digest for tool in toolset),
        }
        whole = [started.model_copy(update=update), PreparationEnded()]
        records = await self._store.append(None, whole, expected_version=0)
        return records[-1].ref, toolset

    async def _make(
        self,
        index: int,
        opened: Opened,
        source: Source,
        tools: Ref | None,
        toolset: tuple[ToolDefinition, ...],
        stages: tuple[str, ...],
        continues: Ref | None = None,
    ) -> Ref:
        draws = self._crew.draws("tasks", index)
        started = self._crew.started("tasks", index, source)
        fields = {
            "tools_from": tools,
            "toolset": tuple(tool.digest for tool in toolset),
            "continues": continues or opened.footing.preparation,
            "dialogue": opened.head,
            "now": opened.materials.now or reference_time(draws),
        }
        if stages:
            return await self._crew.make(started, stages, **fields)
        whole = [started.model_copy(update=fields), PreparationEnded()]
        records = await self._store.append(None, whole, expected_version=0)
        return records[-1].ref


def check_start(
    opened: Opened, config: RunConfig, *, adds: bool, has_source: bool
) -> None:
    """Raises: UsageError where a run cannot go on from a path as it is asked to."""
    label, materials = opened.label, opened.materials
    executes = pipeline(config.pipeline).executes
    over = bool(materials.source.image)
    if over and has_source:
        raise UsageError(
            f"{label} works on the database {materials.source.name}, and no other "
            "source can be mounted into it; --tasks N adds tasks on that database"
        )
    if over and config.more_tools:
        raise UsageError(
            f"more tools are played by a model, and {label} works on a database, whose "
            "tools are executed; leave --more-tools out"
        )
    if over and not executes:
        raise UsageError(
            f"{label} works on a database, whose tools are executed; the pipeline "
            f"{config.pipeline} plays them: leave --pipeline out"
        )
    if executes and not has_source and not over:
        raise UsageError(
            f"{label} has no database to execute tools on; give --db or "
            "--domain, or choose another --pipeline"
        )
    if config.more_tools and executes:
        raise UsageError(
            f"more tools are played by a model, and the pipeline {config.pipeline} "
            "executes them; choose another --pipeline, or leave --more-tools out"
        )
    bare = not (materials.toolset or materials.source.environments or over)
    called = any(message.calls for message in opened.state.messages)
    if adds and bare and not (has_source or called or config.more_tools):
        raise UsageError(
            f"{label} has no tools that a task could be about; add --more-tools, "
            "--domain, --seeds, --db or --env"
        )
