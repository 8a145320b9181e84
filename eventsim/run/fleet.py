"""Many trajectories at once: begin a run, go on with what is open.

What is left to do is read from the log each time, so that a first start, a second
one with the same seed, and a resume after a crash are the same thing.
"""

from __future__ import annotations

import platform
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Self

import anyio

from eventsim import __version__
from eventsim.config import Endpoint, RunConfig
from eventsim.core.draws import lineage_of
from eventsim.core.events import (
    Ref,
    RunEnded,
    RunStarted,
    Source,
    Start,
    TrajectoryForked,
    TrajectoryStarted,
)
from eventsim.core.fold import fold
from eventsim.core.state import Dialogue
from eventsim.core.values import digest_of, freeze
from eventsim.errors import (
    BudgetSpent,
    EndpointDown,
    EventsimError,
    PersonLeft,
    UsageError,
)
from eventsim.log.pruning import pruned_of
from eventsim.log.reader import StreamInfo
from eventsim.log.store import Store
from eventsim.log.taking import taken_of
from eventsim.pipelines.registry import pipeline
from eventsim.prompts.render import installed
from eventsim.providers.registry import Providers
from eventsim.run.calling import Caller
from eventsim.run.continuing import Continuing, open_start
from eventsim.run.external import Discovery
from eventsim.run.journal import NoJournal, StreamJournal
from eventsim.run.loop import Journal, advance
from eventsim.run.mounts import Mounts, Remounting
from eventsim.run.notes import note_drift
from eventsim.run.paths import Opened, decide, open_path
from eventsim.run.planned import check_plan, identities, without_places
from eventsim.run.preparations import Preparations
from eventsim.run.prepare import ByRule, Seedbed, draft_tasks, source_of
from eventsim.run.profiles import profile_endpoints
from eventsim.run.runs import Run, Work, find_run, label_of, work_of
from eventsim.run.shelf import Shelf
from eventsim.run.spending import Spending, economy_of_run
from eventsim.run.till import Budget, Till
from eventsim.run.world import LiveWorld, Player

__all__ = ["Fleet"]

OnEnd = Callable[[Dialogue], None]
OnMount = Callable[[str, Remounting], None]
_NO_BUDGET = Budget()


class Fleet:
    """Generates in one store, `concurrency` trajectories at a time.

    `endpoints` replaces, by name, where the endpoints of a run are (a server that
    moved); what was recorded of them stays. `player` is a person who takes a role,
    `python` the interpreter of Python environments. External environments that answer
    otherwise when they are mounted again are refused, or noted if it `marks_drift`. Use
    it as an async context manager where models are called over a network.
    """

    def __init__(
        self,
        store: Store,
        *,
        concurrency: int = 16,
        budget: Budget = _NO_BUDGET,
        endpoints: Mapping[str, Endpoint] = freeze({}),
        player: Player | None = None,
        python: str = "",
        marks_drift: bool = False,
        on_mount: OnMount = lambda *_: None,
    ) -> None:
        self._store = store
        self._concurrency = concurrency
        self._budget = budget
        self._endpoints = endpoints
        self._player = player
        self._shelf = Shelf(store)
        self._discovery, self._marks_drift = Discovery(python), marks_drift
        self._on_mount = on_mount
        self.mounts = Mounts(store, python=python)
        self._providers = Providers()
        self._rules = ByRule(store, self._shelf.images)
        self._crews: dict[str, Preparations] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._providers.aclose()
        await self.mounts.aclose()

    # --- runs -----------------------------------------------------------------------

    async def begin(
        self,
        config: RunConfig,
        beds: Sequence[Seedbed],
        tags: tuple[str, ...] = (),
        *,
        prompts: Mapping[str, str] = freeze({}),
        prepared: Mapping[str, str] = freeze({}),
        starts: Sequence[Start] = (),
        adds_tasks: bool = False,
    ) -> Run:
        """Record the plan, or find it: the same configuration over the same data is
        the same run. `prompts` replaces templates by name; `prepared` names, by
        purpose, runs whose preparations are taken. With `starts` the trajectories go
        on from these, from what they have where there are no `beds`, and with more
        tasks if it `adds_tasks`.

        Raises: BadInput for a database that allows no task; UsageError.
        """
        store = self._store
        check_plan(config, beds, prompts)
        self._providers.of(config, self._endpoints)  # keys are there, before all else
        beds = [await self._discovered(bed) for bed in beds]
        sources = tuple([await source_of(store, bed) for bed in beds])
        texts = {**installed(), **prompts}
        blobs = {
            name: await store.put_blob(text.encode()) for name, text in texts.items()
        }
        taken = {
            purpose: store.head(store.find(label, family="run").stream)
            for purpose, label in prepared.items()
        }
        recorded = freeze(config.model_dump(mode="json"))
        identity = digest_of(
            [
                without_places(config),
                blobs,
                [source.identity for source in sources],
                {purpose: ref.stream for purpose, ref in taken.items()},
                *([await identities(store, starts), adds_tasks] if starts else []),
            ]
        )
        label, existing = await label_of(store, identity)
        if existing is not None:
            return await self.find(existing)
        started = RunStarted(
            label=label,
            identity=identity,
            config=recorded,
            prompts=blobs,
            sources=sources,
            prepared=taken,
            starts=tuple(starts),
            adds_tasks=adds_tasks,
            versions=freeze(
                {"eventsim": __version__, "python": platform.python_version()}
            ),
            tags=tags,
        )
        await self._try_rules(config, sources)
        (record,) = await store.append(None, [started], expected_version=0)
        return Run(record.ref, started.label, config, started, existed=False)

    async def _discovered(self, bed: Seedbed) -> Seedbed:
        """With what its external environments say of themselves. Raises: BadInput."""
        if not bed.environments:
            return bed
        specs, _ = await self._discovery.of(bed.environments)
        return replace(bed, environments=specs)

    async def _try_rules(self, config: RunConfig, sources: Sequence[Source]) -> None:
        """A database that allows no task is refused before the run is on record."""
        if not (pipeline(config.pipeline).executes and config.tasks_by == "rules"):
            return
        for index, source in enumerate(sources, 1):
            draft_tasks(index, config, await self._rules.of(source))

    async def find(self, info: StreamInfo) -> Run:
        """The run of a stream."""
        return await find_run(self._store, info)

    async def work(self, run: Run) -> Work:
        """What is left to do, read from the log. Raises: LogBusy while another process
        does it.
        """
        gone: set[int] = {
            pruned.index
            for pruned in await pruned_of(self._store)
            if pruned.run == run.ref.stream and pruned.index is not None
        }
        taken = await taken_of(self._store)
        if run.ref.stream in taken:
            gone.update(range(1, run.config.count + 1))
        work = work_of(self._store, run, gone, taken)
        if not work.size:
            return work
        await self._store.claim(run.ref.stream)
        return work_of(self._store, run, gone, taken)

    async def finished(self, run: Run) -> AsyncIterator[Dialogue]:
        """The final states of the run's own trajectories, forks and redacted ones left
        out.
        """
        for info in self._store.streams(family="dialogue", run=run.ref.stream):
            if info.planned and info.ended is not None:
                records = await self._store.path(info.stream)
                if not any(record.redacted for record in records):
                    yield fold(r.event for r in records if r.event is not None)

    # --- work -----------------------------------------------------------------------

    async def go(self, work: Work, on_end: OnEnd = lambda _: None) -> None:
        """Bring everything to its end, then record that the run has ended.

        Raises: BudgetSpent, EndpointDown, PersonLeft; then what had begun a call has
        finished it, the rest stays open, and the run can be resumed.
        """
        crew = await self._crew(work.run)
        queue: Iterator[StreamInfo | int] = iter([*work.open, *work.unbegun])
        stopped: list[EventsimError] = []

        async def worker() -> None:
            for item in queue:
                if stopped:
                    return
                try:
                    if isinstance(item, int):
                        stream = await self._open(work.run, crew, item)
                    else:
                        stream = item.stream
                    on_end(await self.advance(stream))
                except (BudgetSpent, EndpointDown, PersonLeft) as reason:
                    stopped.append(reason)
                    return

        async with anyio.create_task_group() as group:
            for _ in range(min(self._concurrency, work.size)):
                group.start_soon(worker)
        if stopped:
            raise stopped[0]
        await self._close(work.run)

    async def advance(self, stream: str, said: str | None = None) -> Dialogue:
        """Bring one trajectory to its end; `said` is a person's message that comes
        first. Raises: LogError; Diverged when its writes cannot be repeated;
        BudgetSpent, EndpointDown.
        """
        opened = await open_path(self._store, self._shelf, stream)
        crew = await self._crew_of(opened.footing.run)
        journal = StreamJournal(self._store, stream, opened.head.version)
        return await self._advance(crew, opened, opened.state, journal, said)

    async def imagine(self, opened: Opened, forked: TrajectoryForked) -> Dialogue:
        """How a fork of an opened path would end; nothing is recorded. Its model calls
        are made all the same, so it is for providers that cost nothing.
        """
        crew = await self._crew_of(opened.footing.run)
        state = fold([forked], opened.state)
        return await self._advance(crew, opened, state, NoJournal(), None)

    async def _advance(
        self,
        crew: Preparations,
        opened: Opened,
        state: Dialogue,
        journal: Journal,
        said: str | None,
    ) -> Dialogue:
        materials = opened.materials
        told = Remounting(drifts=[] if self._marks_drift else None)
        environment = await self.mounts.at(
            opened.state, materials, opened.events, opened.grounds, told=told
        )
        self._on_mount(opened.label, told)
        for drift in told.drifts or ():
            await note_drift(self._store, opened, drift)
        try:
            return await advance(
                state,
                opened.grounds,
                LiveWorld(crew.caller, environment, materials, said, self._player),
                journal,
                decide,
                fold,
            )
        finally:
            await environment.close()

    async def _open(self, run: Run, crew: Preparations, index: int) -> str:
        if run.started.starts:
            return await self._go_on(run, crew, index)
        preparation = await crew.for_trajectory(index)
        started = TrajectoryStarted(
            label=f"{run.label}-{index}",
            index=index,
            seed=run.config.seed,
            lineage=lineage_of("trajectory", index),
            pipeline=run.config.pipeline,
            run=run.ref,
            preparation=preparation,
        )
        (record,) = await self._store.append(None, [started], expected_version=0)
        return record.stream

    async def _go_on(self, run: Run, crew: Preparations, index: int) -> str:
        """Begin a trajectory where another one stands."""
        starts = run.started.starts
        opened = await open_start(
            self._store, self._shelf, starts[(index - 1) % len(starts)]
        )
        forked = TrajectoryForked(
            label=f"{run.label}-{index}",
            parent=opened.head,
            position=len(opened.events) - 1,
            seed=run.config.seed,
            lineage=lineage_of(
                "trajectory", index, opened.state.lineage, opened.state.length
            ),
            run=run.ref,
            index=index,
            preparation=await Continuing(crew, self.mounts).preparation(index, opened),
            pipeline=run.config.pipeline,
        )
        (record,) = await self._store.append(None, [forked], expected_version=0)
        return record.stream

    async def _close(self, run: Run) -> None:
        head = self._store.head(run.ref.stream)
        info = self._store.find(run.label, family="run")
        if info.ended is None:
            await self._store.append(
                run.ref.stream, [RunEnded()], expected_version=head.version
            )

    # --- who calls models -----------------------------------------------------------

    async def _crew_of(self, run: Ref) -> Preparations:
        if run.stream not in self._crews:
            (record,) = await self._store.read(run.stream, stop=1)
            label = getattr(record.event, "label", run.stream)
            if not isinstance(record.event, RunStarted):
                raise UsageError(
                    f"{label} was imported and has no configuration to go on with; "
                    "eventsim run --from T gives it one"
                )
            info = self._store.find(label, family="run")
            await self._crew(await self.find(info))
        return self._crews[run.stream]

    async def _crew(self, run: Run) -> Preparations:
        """The preparations of a run, with its providers and its till; endpoints that
        no probe has asked yet are asked now.
        """
        if run.ref.stream in self._crews:
            return self._crews[run.ref.stream]
        config = run.config
        providers = self._providers.of(config, self._endpoints)
        spent = Spending()
        if config.endpoints:
            spent = (await economy_of_run(self._store, run.ref.stream)).paid
        till = Till({**config.endpoints, **self._endpoints}, self._budget, spent)
        if await profile_endpoints(self._store, run, providers, till):
            self._shelf.forget(run.ref)
        caller = Caller(
            providers, till, keep=config.keep, put_blob=self._store.put_blob
        )
        crew = Preparations(
            self._store, self._shelf, run, caller, self._rules, self._discovery
        )
        self._crews[run.ref.stream] = crew
        return crew
