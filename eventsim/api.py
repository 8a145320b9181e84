"""eventsim as a library: a project is one store, and all that can be done with it.

    async with Project.open("runs") as project:
        run = await project.run(source={"domain": "clinic"}, count=4, seed=7)
        async for trajectory in project.trajectories(run):
            print(trajectory.label, trajectory.state.valid)

A trajectory is an `Opened`: its records, its events, its state, and what it works with.
Places are written as on the command line: `T`, `T@12`, `T@-1`, `T@u3`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from eventsim.core.events import Event, NoteAdded
from eventsim.core.fold import evolve, fold
from eventsim.core.records import Record
from eventsim.core.state import Dialogue
from eventsim.errors import EventsimError, UsageError
from eventsim.exchange.formats.registry import format_named
from eventsim.log.bundle import read_bundle, write_bundle
from eventsim.log.following import Cursor, Followed
from eventsim.log.store import Store
from eventsim.log.taking import Taken, take_bundle
from eventsim.run.audit import Audit, audit
from eventsim.run.beginning import begin_from_import, begin_run
from eventsim.run.branching import Branch, grow
from eventsim.run.compare import Comparison, compare
from eventsim.run.edits import Change, Edits
from eventsim.run.fleet import Fleet
from eventsim.run.fork import fork, sibling_seeds
from eventsim.run.importing.importing import Imported, Importing
from eventsim.run.importing.masking import MASKED, masker
from eventsim.run.importing.rows import open_rows
from eventsim.run.mounted import Mounted
from eventsim.run.mounts import Mounts, Remounting
from eventsim.run.notes import add_note
from eventsim.run.paths import Opened, open_path
from eventsim.run.places import locate
from eventsim.run.replay import Replayed, replay
from eventsim.run.runs import Run, find_run
from eventsim.run.settings.code import (
    changes_in_code,
    drawn_seed,
    environment_in_code,
    settings_in_code,
)
from eventsim.run.settings.starting import beds_of, check_keys
from eventsim.run.shelf import Shelf
from eventsim.run.starts import Given
from eventsim.run.till import Budget
from eventsim.run.transcripts import origin_of_path, row_of
from eventsim.run.world import Player

__all__ = [
    "Audit",
    "Branch",
    "Change",
    "Comparison",
    "Cursor",
    "Dialogue",
    "Edits",
    "Event",
    "EventsimError",
    "Followed",
    "Imported",
    "Mounted",
    "Opened",
    "Player",
    "Project",
    "Record",
    "Remounting",
    "Replayed",
    "Run",
    "Store",
    "evolve",
    "fold",
]


class Project:
    """A store and who works in it. Make one with `Project.open`.

    Every method raises EventsimError, with one line that says what, where, and what to
    do: NotFound, UsageError, BadInput, LogError and their kind.
    """

    def __init__(
        self, store: Store, fleet: Fleet, python: str, *, marks_drift: bool = False
    ) -> None:
        self.store = store
        self._marks_drift = marks_drift
        self._fleet, self._python = fleet, python
        self._shelf = Shelf(store)

    def __repr__(self) -> str:
        return f"Project({str(self.store.directory)!r})"

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        path: str | Path = "runs",
        *,
        mode: Literal["read", "write"] = "write",
        concurrency: int = 16,
        budget_usd: float | None = None,
        budget_tokens: int | None = None,
        player: Player | None = None,
        python: str = "",
        marks_drift: bool = False,
    ) -> AsyncIterator[Project]:
        """A store for reading, or for both; writing makes one where there is none.

        `player` takes a role, a person say; `python` is the interpreter of Python
        environments. External environments that answer otherwise when they are mounted
        again are refused, or noted if it `marks_drift`.
        """
        async with (
            Store.open(path, mode=mode) as store,
            Fleet(
                store,
                concurrency=concurrency,
                budget=Budget(budget_usd, budget_tokens),
                player=player,
                python=python,
                marks_drift=marks_drift,
            ) as fleet,
        ):
            yield cls(store, fleet, python, marks_drift=marks_drift)

    # --- making ---------------------------------------------------------------------

    async def run(
        self,
        config: str | Path | None = None,
        *,
        start: str | None = None,
        file: str | Path | None = None,
        form: str | None = None,
        environments: Mapping[str, str | type | Mapping[str, Any]] | None = None,
        on_end: Callable[[Dialogue], None] = lambda _: None,
        **settings: Any,
    ) -> Run:
        """Generate to the end, or go on with the same run where it stands.

        `settings` are those of the YAML file (`eventsim init` explains each), over
        those of the file `config`: `count=4`, `roles={"user": {"model": "small"}}`.
        The process's environment and files that are not named are left alone, but for
        keys. `start` goes on from `T`, `T@n`, a run or an import, `file` from the rows
        of a file of format `form`. `environments` are external ones by name: a class
        `package.module:Class`, a command or a URL of an MCP server, or a mapping with
        one of these as `target` and more; `user:NAME` is of the user's side. `on_end`
        is told of each trajectory that ends.
        """
        if environments:
            settings["environments"] = dict(
                map(environment_in_code, environments.items())
            )
        resolved = settings_in_code(config, settings)
        beds = beds_of(resolved, goes_on=start is not None or file is not None)
        check_keys(resolved)
        run = await begin_run(
            self.store,
            self._fleet,
            resolved,
            beds,
            start=start,
            given=Given(Path(file), form or "") if file is not None else None,
        )
        await self._fleet.go(await self._fleet.work(run), on_end)
        return run

    async def resume(self, run: str) -> Run:
        """Bring to its end what a run, by its label, has left open."""
        found = await find_run(self.store, self.store.find(run, family="run"))
        await self._fleet.go(await self._fleet.work(found))
        return found

    async def fork(
        self,
        place: str,
        *,
        count: int = 1,
        seed: int | None = None,
        say: str | None = None,
        edits: Edits | None = None,
        **settings: Any,
    ) -> list[Opened]:
        """Continue differently after a place, `count` times: with other draws, with
        your words instead of the user's next ones, with edits, or with other
        `settings` of the YAML file: `model="other"`, `limits={"max_turns": 300}`.
        What was imported is gone on with by a run, whose trajectories are returned.
        """
        if count < 1:
            raise UsageError(f"count is {count}; a fork is made once at least")
        at = await locate(self.store, place)
        if at.info.imported:
            if say is not None:
                raise UsageError(f"{at.info.label} was imported: give edits, not say")
            run = await begin_from_import(
                self.store,
                self._fleet,
                at.info,
                at.end,
                count=count,
                seed=drawn_seed() if seed is None else seed,
                edits=edits,
                said=changes_in_code(settings),
            )
            await self._fleet.go(await self._fleet.work(run))
            return [each async for each in self.trajectories(run)]
        made = []
        for each in sibling_seeds(drawn_seed() if seed is None else seed, count):
            ref, _ = await fork(
                self.store,
                at.info,
                at.end,
                seed=each,
                before_user=say is not None,
                edits=edits,
                said=changes_in_code(settings),
                mounts=None if self._marks_drift else self._fleet.mounts,
            )
            await self._fleet.advance(ref.stream, said=say)
            made.append(await open_path(self.store, self._shelf, ref.stream))
        return made

    async def branch(
        self,
        trajectory: str,
        *,
        at: int | Literal["every-assistant-turn", "every-tool-call"],
        count: int = 1,
        depth: int = 1,
        seed: int = 0,
        most: int = 100,
    ) -> list[Branch]:
        """A tree of siblings, at most so many in all; the same again grows on."""
        made: list[Branch] = []

        async def on_fork(branch: Branch) -> None:
            made.append(branch)

        await grow(
            self.store,
            self._fleet,
            self.store.find(trajectory, family="dialogue"),
            at=at,
            count=count,
            depth=depth,
            seed=seed,
            most=most,
            on_fork=on_fork,
        )
        return made

    async def import_file(
        self,
        form: str,
        path: str | Path,
        *,
        licence: str = "",
        benchmark: str = "",
        mask_pii: bool = False,
        limit: int | None = None,
    ) -> Imported:
        """A trajectory of each row of a file, and what became of the rows."""
        known = format_named(form)
        importing = Importing(
            self.store,
            await open_rows(Path(path), known),
            known,
            licence=licence,
            benchmark=benchmark,
            mask=masker() if mask_pii else None,
            masked=MASKED if mask_pii else (),
            limit=limit,
        )
        return await importing.go()

    async def import_bundle(self, path: str | Path) -> Taken:
        """Take over the records of a bundle, byte for byte, and what was new."""
        return await take_bundle(self.store, await read_bundle(path))

    async def note(
        self, place: str, text: str = "", *, author: str = "", **labels: object
    ) -> NoteAdded:
        """Put a remark or labels on a place."""
        record = (await self.trajectory(place)).records[-1]
        return await add_note(
            self.store, record, text=text, author=author, labels=labels
        )

    # --- looking --------------------------------------------------------------------

    async def trajectory(self, place: str) -> Opened:
        """A path up to a place: `T`, `T@12`, `T@-1`, `T@u3`."""
        at = await locate(self.store, place)
        return await open_path(self.store, self._shelf, at.info.stream, position=at.end)

    @asynccontextmanager
    async def mounted(self, place: str) -> AsyncIterator[Mounted]:
        """What executes tools, as it stands at a place: a database with its rows, and
        external environments; mounted anew by repeating what was written.
        """
        opened = await self.trajectory(place)
        told = Remounting()
        environment = await self._fleet.mounts.at(
            opened.state, opened.materials, opened.events, opened.grounds, told=told
        )
        try:
            yield Mounted(environment, opened, told)
        finally:
            await environment.close()

    async def trajectories(
        self, run: Run | str | None = None, *, forks: bool = False
    ) -> AsyncIterator[Opened]:
        """One after another: of a run or an import, or all there are."""
        label = run.label if isinstance(run, Run) else run
        stream = self.store.find(label, family="run").stream if label else None
        for info in self.store.streams(family="dialogue", run=stream):
            if forks or info.planned:
                yield await open_path(self.store, self._shelf, info.stream)

    async def audit(self, place: str) -> Audit:
        """Where the last event of a place comes from: request, attempts, causes."""
        return audit(await self.trajectory(place))

    async def diff(self, left: str, right: str) -> Comparison:
        """What differs between two places, from where they part."""
        mine, yours = await self.trajectory(left), await self.trajectory(right)
        return compare(mine.records, yours.records, mine.events, yours.events)

    async def replay(self, trajectory: str, *, execute: bool = False) -> Replayed:
        """Recompute every decision, and repeat every call if it is to `execute`."""
        info = self.store.find(trajectory, family="dialogue")
        mounts = Mounts(self.store, python=self._python)
        return await replay(
            self.store, self._shelf, mounts, info.stream, execute=execute
        )

    def subscribe(self, cursor: Cursor | None = None) -> AsyncIterator[Followed]:
        """Every durable record behind a cursor, then those that come. Endless."""
        return self.store.subscribe(cursor)

    # --- taking out -----------------------------------------------------------------

    async def row(self, place: str, form: str = "messages") -> Any:
        """A place as a row of a format."""
        opened = await self.trajectory(place)
        origin = await origin_of_path(opened, self._shelf)
        return row_of(opened, format_named(form), origin)

    async def bundle(self, place: str, file: str | Path) -> int:
        """A path with all that it stands on, in one file; its size in bytes."""
        opened = await self.trajectory(place)
        return await write_bundle(self.store, opened.head, file)
