"""What `run` says at its end: numbers, a transcript, a fork, and what to try next."""

from __future__ import annotations

from pathlib import Path

import click
from rich.text import Text

from eventsim.cli.generating import Done
from eventsim.cli.render.columns import clip, counted, few
from eventsim.cli.render.comparison import print_differences
from eventsim.cli.render.measures import print_measures, print_validity
from eventsim.cli.render.transcript import Transcript
from eventsim.cli.render.words import failures_of
from eventsim.cli.session import out
from eventsim.core.events import ImportStarted, TrajectoryImported, VerdictGiven
from eventsim.log.store import Store
from eventsim.run.fleet import Fleet
from eventsim.run.paths import open_path
from eventsim.run.shelf import Shelf
from eventsim.run.showcase import Turning, turn_outcome

__all__ = ["Report"]

_PAGE_EVENTS = 60


class Report:
    """The parts of the report, in the order in which they are printed."""

    def __init__(self, store: Store, fleet: Fleet, done: Done) -> None:
        self._store = store
        self._fleet = fleet
        self._done = done
        self._summary = done.summary
        self._console = out()
        self._turning: Turning | None = None

    async def summary(self) -> None:
        """The table of the paper, how many are valid, and why the others are not."""
        run, console = self._summary.run, self._console
        made = counted(run.config.count, "trajectory", "trajectories")
        facts = f"  {made} {await self._source()} · seed {run.config.seed}"
        if self._done.work.size:
            facts += f" · {self._done.seconds:.1f} s"
        title = Text.assemble((f"run {run.label}", "bold"), facts)
        console.print(title, soft_wrap=True)
        print_measures(console, self._summary.tally.table)
        print_validity(console, self._summary.tally)

    async def _source(self) -> str:
        """What the run generates from: data, what it goes on from, or both."""
        started = self._summary.run.started
        names = ", ".join(source.name for source in started.sources)
        parts = [f"over {names}"] if names else []
        if started.starts:
            labels = [start.label for start in started.starts]
            parts.append(f"going on from {few(labels)}{await self._file()}")
        return ", ".join(parts)

    async def _file(self) -> str:
        """The file of an import that the run goes on from, in brackets."""
        start = self._summary.run.started.starts[0]
        root = (await self._store.path(start.parent.stream))[0].event
        if not isinstance(root, TrajectoryImported):
            return ""
        (record,) = await self._store.read(root.run.stream, stop=1)
        event = record.event
        return f" ({event.file})" if isinstance(event, ImportStarted) else ""

    async def transcript(self) -> None:
        """The first task of a short valid trajectory."""
        label = self._summary.good
        if label is None:
            return
        info = self._store.find(label, family="dialogue")
        opened = await open_path(self._store, Shelf(self._store), info.stream)
        ends = [n for n, event in enumerate(opened.events) if _ends_task(event)]
        end = ends[0] if ends else len(opened.events) - 1
        self._heading("One of them")
        page = Transcript(self._console, opened, last=info.position)
        page.heading(opened.state)
        page.events(opened.events[: end + 1])
        left = len(opened.materials.tasks) - 1
        if left > 0:
            more = f"and {counted(left, 'more task')}: eventsim show {label}"
            self._console.print(Text(f"… {more}", style="dim"))

    async def turning(self) -> None:
        """A fork that changed an outcome."""
        labels = [*self._summary.invalid, *([self._summary.good or ""])]
        infos = [self._store.find(name, family="dialogue") for name in labels if name]
        seed = self._summary.run.config.seed
        found = await turn_outcome(self._store, self._fleet, infos, seed=seed)
        self._turning = found
        self._heading("One fork that changed an outcome")
        console = self._console
        if found is None:
            console.print(
                "none was found: every fork that was tried ended the same way"
            )
            return
        parent = f"{found.parent.label}@{found.position}"
        self._outcome(found.parent.label, found.task, found.before)
        self._outcome(found.fork, found.task, found.after)
        console.print(f"{found.fork} leaves at {parent} with seed {found.seed}.")
        console.print("From there:", end="\n\n")
        print_differences(console, found.comparison, limit=4)

    def whereabouts(self) -> None:
        """Where the store is, and commands to try with real labels."""
        console, summary = self._console, self._summary
        self._heading("Where it is")
        place = self._store.directory
        console.print(f"{place}/  ({_size(place)})", soft_wrap=True)
        first = summary.good or (summary.invalid[0] if summary.invalid else None)
        if first is None:
            return
        tries = [
            (f"show {first}", "read it whole"),
            (f"fork {first}@u2 -n 3", "go on differently after the 2nd message"),
            (f"audit {first}@u2", "where that message comes from"),
            ("replay --all --execute", "prove that the record is complete"),
            ("export messages -o out.jsonl", "the valid ones as training rows"),
        ]
        if self._turning is not None:
            pair = f"{self._turning.parent.label} {self._turning.fork}"
            tries.insert(2, (f"diff {pair}", "what the fork changed"))
        self._heading("What to try next")
        if _store_was_typed():
            console.print(f"  export EVENTSIM_STORE={place}", soft_wrap=True)
        width = max(len(arguments) for arguments, _ in tries)
        for arguments, why in tries:
            line = f"  eventsim {arguments:<{width}}  "
            console.print(Text.assemble(line, (why, "dim")), soft_wrap=True)

    def _outcome(self, label: str, task: int, verdict: VerdictGiven) -> None:
        valid = verdict.judgment == "valid"
        words = f"task {task} {verdict.judgment}"
        style = "green" if valid else "red"
        line = Text.assemble((f"{label:<14} ", "bold"), (words, style))
        for failure in failures_of(verdict)[:1]:
            room = max(self._console.width - line.cell_len - 2, 20)
            line.append(f": {clip(failure, room)}")
        self._console.print(line, soft_wrap=True)

    def _heading(self, text: str) -> None:
        self._console.print()
        self._console.print(Text(text, style="bold underline"))


def _store_was_typed() -> bool:
    """Whether the commands to try need to be told where the store is."""
    given = click.get_current_context().get_parameter_source("store")
    return given is click.core.ParameterSource.COMMANDLINE


def _ends_task(event: object) -> bool:
    return isinstance(event, VerdictGiven)


def _size(store: Path) -> str:
    """What is stored; the catalogue is derived and does not count."""
    files = (f for part in ("segments", "blobs") for f in (store / part).rglob("*"))
    size = sum(file.stat().st_size for file in files if file.is_file())
    return f"{size / 1e6:.1f} MB"
