"""Many trajectories at once: begin a run, go on with what is open.

What is left to do is read from the log each time, so that a first start, a second
one with the same seed, and a resume after a crash are the same thing.
"""

from __future__ import annotations

import platform
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass

import anyio

from eventsim import __version__
from eventsim.config import RunConfig
from eventsim.core.draws import lineage_of
from eventsim.core.events import Ref, RunEnded, RunStarted, TrajectoryStarted
from eventsim.core.fold import fold
from eventsim.core.names import run_label
from eventsim.core.state import Dialogue
from eventsim.core.values import digest_of, freeze
from eventsim.errors import NotFound
from eventsim.log.reader import StreamInfo
from eventsim.log.store import Store
from eventsim.pipelines.user_oriented import NAME, decide
from eventsim.prompts.render import installed
from eventsim.providers.registry import providers_of
from eventsim.run.journal import StreamJournal
from eventsim.run.loop import advance
from eventsim.run.mounts import Mounts
from eventsim.run.paths import open_path
from eventsim.run.prepare import (
    Prepared,
    Seedbed,
    draft_tasks,
    prepare_tasks,
    prepare_tools,
    source_of,
)
from eventsim.run.shelf import Shelf
from eventsim.run.world import LiveWorld

__all__ = ["Fleet", "Run", "Work"]

OnEnd = Callable[[Dialogue], None]


@dataclass(frozen=True, slots=True)
class Run:
    """A run in the store; `existed` when it was there before."""

    ref: Ref
    label: str
    config: RunConfig
    started: RunStarted
    existed: bool


@dataclass(frozen=True, slots=True)
class Work:
    """What is left of a run: trajectories never begun, and streams that are open."""

    run: Run
    unbegun: tuple[int, ...]
    open: tuple[StreamInfo, ...]

    @property
    def size(self) -> int:
        """How many trajectories are to be brought to their end."""
        return len(self.unbegun) + len(self.open)


class Fleet:
    """Generates in one store, `concurrency` trajectories at a time."""

    def __init__(self, store: Store, *, concurrency: int = 16) -> None:
        self._store = store
        self._concurrency = concurrency
        self._shelf = Shelf(store)
        self._mounts = Mounts(store)
        self._prepared: dict[str, Prepared] = {}

    async def begin(
        self, config: RunConfig, beds: Sequence[Seedbed], tags: tuple[str, ...] = ()
    ) -> Run:
        """Record the plan, or find it: the same configuration over the same data is
        the same run. Raises: BadInput for a database that allows no task.
        """
        store = self._store
        sources = tuple([await source_of(store, bed) for bed in beds])
        prompts = {
            role: await store.put_blob(text.encode())
            for role, text in installed().items()
        }
        recorded = freeze(config.model_dump(mode="json"))
        identity = digest_of([recorded, prompts, [s.rows_digest for s in sources]])
        label, existing = await self._same(identity)
        if existing is not None:
            return existing
        for index, (source, bed) in enumerate(zip(sources, beds, strict=True), 1):
            # A database that allows no task is refused before the run is on record.
            prepared = await prepare_tools(store, source, bed.image)
            self._prepared[source.image] = prepared
            draft_tasks(index, config, prepared)
        started = RunStarted(
            label=label,
            identity=identity,
            config=recorded,
            prompts=prompts,
            sources=sources,
            versions=freeze(
                {"eventsim": __version__, "python": platform.python_version()}
            ),
            tags=tags,
        )
        (record,) = await store.append(None, [started], expected_version=0)
        return Run(record.ref, started.label, config, started, existed=False)

    async def _same(self, identity: str) -> tuple[str, Run | None]:
        """The label of a plan, and its run where the store has it. A label that
        another plan took is made longer.
        """
        runs = {info.label: info for info in self._store.streams(family="run")}
        syllables = 3
        while True:
            label = run_label(identity, syllables)
            if label not in runs:
                return label, None
            run = await self.find(runs[label])
            if run.started.identity == identity:
                return label, run
            syllables += 1

    async def find(self, info: StreamInfo) -> Run:
        """The run of a stream."""
        (record,) = await self._store.read(info.stream, stop=1)
        started = record.event
        if not isinstance(started, RunStarted):
            raise NotFound(f"{info.label} is not a run")
        config = RunConfig.model_validate(started.config)
        return Run(record.ref, started.label, config, started, existed=True)

    async def work(self, run: Run) -> Work:
        """What is left to do, read from the log."""
        begun: set[int] = set()
        unfinished: list[StreamInfo] = []
        for info in self._store.streams(family="dialogue", run=run.ref.stream):
            if info.parent is None and info.index is not None:
                begun.add(info.index)
            if info.ended is None:
                unfinished.append(info)
        planned = range(1, run.config.count + 1)
        unbegun = tuple(index for index in planned if index not in begun)
        return Work(run, unbegun, tuple(unfinished))

    async def go(self, work: Work, on_end: OnEnd = lambda _: None) -> None:
        """Bring everything to its end, then record that the run has ended."""
        prepared = await self._tasks_of(work.run) if work.unbegun else {}
        for index in work.unbegun:
            await self._prepare(work.run, index)  # before workers race to
        queue: Iterator[StreamInfo | int] = iter([*work.open, *work.unbegun])

        async def worker() -> None:
            for item in queue:
                if isinstance(item, int):
                    stream = await self._open(work.run, item, prepared.get(item))
                else:
                    stream = item.stream
                on_end(await self.advance(stream))

        async with anyio.create_task_group() as group:
            for _ in range(min(self._concurrency, work.size)):
                group.start_soon(worker)
        await self._close(work.run)

    async def advance(self, stream: str, said: str | None = None) -> Dialogue:
        """Bring one trajectory to its end; `said` is a person's message that comes
        first. Raises: LogError; Diverged when its writes cannot be repeated.
        """
        opened = await open_path(self._store, self._shelf, stream)
        config = opened.materials.config
        environment = await self._mounts.at(
            opened.state, opened.materials, opened.events
        )
        try:
            return await advance(
                opened.state,
                opened.materials,
                LiveWorld(providers_of(config), environment, said),
                StreamJournal(self._store, stream, opened.head.version),
                decide,
            )
        finally:
            await environment.close()

    async def _tasks_of(self, run: Run) -> dict[int, Ref]:
        """Tasks that were prepared for trajectories that never began."""
        found: dict[int, Ref] = {}
        for info in self._store.streams(family="preparation", run=run.ref.stream):
            if info.index is not None:
                found[info.index] = self._store.head(info.stream)
        return found

    async def _open(self, run: Run, index: int, tasks: Ref | None) -> str:
        if tasks is None:
            of = await self._prepare(run, index)
            tasks = await prepare_tasks(
                self._store, run.ref, run.label, index, run.config, of
            )
        started = TrajectoryStarted(
            label=f"{run.label}-{index}",
            index=index,
            seed=run.config.seed,
            lineage=lineage_of("trajectory", index),
            pipeline=NAME,
            run=run.ref,
            preparation=tasks,
        )
        (record,) = await self._store.append(None, [started], expected_version=0)
        return record.stream

    async def _prepare(self, run: Run, index: int) -> Prepared:
        sources = run.started.sources
        source = sources[(index - 1) % len(sources)]
        if source.image not in self._prepared:
            image = await self._mounts.image(source)
            self._prepared[source.image] = await prepare_tools(
                self._store, source, image
            )
        return self._prepared[source.image]

    async def _close(self, run: Run) -> None:
        head = self._store.head(run.ref.stream)
        if head.version > 1:
            return
        await self._store.append(run.ref.stream, [RunEnded()], expected_version=1)

    async def finished(self, run: Run) -> AsyncIterator[Dialogue]:
        """The final states of the run's own trajectories, forks left out."""
        for info in self._store.streams(family="dialogue", run=run.ref.stream):
            if info.parent is None and info.ended is not None:
                records = await self._store.path(info.stream)
                yield fold(r.event for r in records if r.event is not None)
