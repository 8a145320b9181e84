"""`eventsim export`: training rows, or one trajectory as a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eventsim.cli.options import RUN, TRAJECTORY, json_option, store_option
from eventsim.errors import UsageError
from eventsim.exchange.formats.registry import FORMATS

if TYPE_CHECKING:
    from eventsim.exchange.formats.format import Format
    from eventsim.log.reader import StreamInfo
    from eventsim.log.store import Store
    from eventsim.run.paths import Opened
    from eventsim.run.transcripts import Origin

__all__ = ["command"]

_output = click.option(
    "-o",
    "--output",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="Where to write; the file appears when it is complete.",
)


@click.group("export", epilog="Example: eventsim export messages -o train.jsonl")
def command() -> None:
    """Write training rows, or a trajectory as one self-contained file."""


_HELP = """Write {about}.

Valid trajectories, and of the others what comes before the first task that failed, as
a row that ends with the last valid one; imported ones as they came, but for those that
others go on from. A fork repeats its
parent's beginning, so forks stay out unless --forks; rows of a benchmark stay out
unless --benchmarks. FILE.manifest.jsonl says of each row where it comes from: store,
path, hashes, models, prompts, verdicts, and what it is the beginning of.
"""


def _rows_command(form: Format) -> click.Command:
    """The command that writes rows of one format."""

    def run(**options: Any) -> int:
        from eventsim.cli.session import launch

        if options["every"] and options["whole"]:
            raise click.UsageError("--all and --whole exclude each other; give one")
        options.setdefault("arguments", None)
        path = options.pop("store")
        return launch(_rows, form=form, path=path, **options)

    decorators = [
        _output,
        click.option("--run", type=RUN, metavar="R", help="Only those of one run."),
        click.option(
            "--all", "every", is_flag=True, help="Also invalid and open ones, whole."
        ),
        click.option(
            "--whole", is_flag=True, help="No beginnings: only whole valid ones."
        ),
        click.option(
            "--forks", is_flag=True, help="Also forks, each with its beginning."
        ),
        click.option(
            "--benchmarks", is_flag=True, help="Also rows that come from a benchmark."
        ),
        *([_arguments] if form.name == "messages" else []),
        json_option,
        store_option,
    ]
    for decorate in reversed(decorators):
        run = decorate(run)
    epilog = f"Example: eventsim export {form.name} -o out.jsonl --run bodume"
    about = _HELP.format(about=form.about)
    return click.command(form.name, epilog=epilog, help=about)(run)


_arguments = click.option(
    "--arguments",
    type=click.Choice(["object", "string"]),
    default="object",
    show_default=True,
    help="How tool arguments are written.",
)

for _each in FORMATS.values():
    command.add_command(_rows_command(_each))


@dataclass(slots=True)
class _Counts:
    """What became of the trajectories."""

    rows: int = 0
    beginnings: int = 0
    passed_over: int = 0
    of_benchmarks: int = 0
    continued: int = 0
    lost: dict[str, int] = field(default_factory=dict)

    def add(self, lost: Iterable[str], *, is_beginning: bool) -> None:
        """Another row, and what was left out of it."""
        self.rows += 1
        self.beginnings += is_beginning
        for what in lost:
            self.lost[what] = self.lost.get(what, 0) + 1


async def _rows(
    *,
    form: Format,
    file: Path,
    run: str | None,
    every: bool,
    whole: bool,
    forks: bool,
    benchmarks: bool,
    arguments: str | None,
    as_json: bool,
    path: Path,
) -> int:
    from eventsim.cli.progress import Bar
    from eventsim.cli.session import note, open_store
    from eventsim.cli.writing import lines_to
    from eventsim.errors import Redacted
    from eventsim.run.notes import notes_of
    from eventsim.run.paths import open_path
    from eventsim.run.provenance import provenance
    from eventsim.run.shelf import Shelf
    from eventsim.run.transcripts import lost_of, origin_of_path, row_of

    manifest = file.with_name(f"{file.name}.manifest.jsonl")
    style = {"arguments": arguments} if arguments == "string" else {}
    counts, collected = _Counts(), list[Any]()
    around = _Around(form)
    async with open_store(path) as store:
        infos, counts.continued = _chosen(store, run, forks=forks)
        shelf, notes = Shelf(store), await notes_of(store)
        async with lines_to(file, manifest) as (rows, entries):
            with Bar("export", len(infos)) as bar:
                for info in infos:
                    bar.advance()
                    try:
                        opened = await open_path(store, shelf, info.stream)
                    except Redacted as reason:
                        note(f"{info.label} is passed over: {reason}")
                        counts.passed_over += 1
                        continue
                    origin = await origin_of_path(opened, shelf)
                    if origin is not None and origin.file.benchmark and not benchmarks:
                        counts.of_benchmarks += 1
                        continue
                    given = origin is not None and not origin.grown
                    part = (
                        opened if every or given else _valid_part(opened, whole=whole)
                    )
                    if part is None:
                        counts.passed_over += 1
                        continue
                    made = row_of(part, form, origin, **style)
                    around.of(origin)
                    if form.join is None:
                        await rows(made)
                    else:
                        collected.append(made)
                    cut = opened if part is not opened else None
                    lost = lost_of(part, form, origin, **style)
                    whence = provenance(
                        part, str(path), counts.rows, cut, origin, notes
                    )
                    await entries({**whence, "lost": list(lost)})
                    counts.add(lost, is_beginning=cut is not None)
            if form.join is not None:
                await rows(form.join(around.known, collected))
    _report(counts, file, manifest, as_json=as_json)
    return 0


class _Around:
    """What stands around all rows of a file: those of one imported file, or none."""

    def __init__(self, form: Format) -> None:
        self._form = form
        self._files: list[tuple[str, Mapping[str, Any]]] = []

    def of(self, origin: Origin | None) -> None:
        """Another row of this origin. Raises: UsageError when it needs another file."""
        own = origin is not None and origin.file.format == self._form.name
        name = origin.file.file if origin is not None and own else "generated here"
        known = origin.file.around if origin is not None and own else {}
        if self._form.join is None or any(known == each for _, each in self._files):
            return
        self._files.append((name, known))
        if len(self._files) > 1:
            places = ", ".join(name for name, _ in self._files)
            raise UsageError(
                f"these rows come from several places ({places}), and one "
                f"{self._form.name} file holds what surrounds one: give --run"
            )

    @property
    def known(self) -> Mapping[str, Any]:
        """It, for all rows."""
        return self._files[0][1] if self._files else {}


def _report(counts: _Counts, file: Path, manifest: Path, *, as_json: bool) -> None:
    from eventsim.cli.session import out, say_json

    if as_json:
        names = {"file": str(file), "manifest": str(manifest)}
        say_json({**names, **asdict(counts)})
        return
    console = out()
    some = (
        f", {counts.beginnings} of them a valid beginning" if counts.beginnings else ""
    )
    console.print(f"{file}: {counts.rows} rows{some}", soft_wrap=True)
    console.print(f"{manifest}: where each comes from", style="dim", soft_wrap=True)
    for what, rows in counts.lost.items():
        verb = "are" if what.endswith("s") else "is"
        words = f"{what} {verb} left out of {rows} row{'s' * (rows != 1)}"
        console.print(words, style="dim", soft_wrap=True)
    if counts.passed_over:
        words = f"{counts.passed_over} passed over, invalid or open (--all takes them)"
        console.print(words, style="dim", soft_wrap=True)
    if counts.continued:
        words = f"{counts.continued} imported left out, which others go on from "
        console.print(
            f"{words}(--run or --forks takes them)", style="dim", soft_wrap=True
        )
    if counts.of_benchmarks:
        words = f"{counts.of_benchmarks} left out, of a benchmark (--benchmarks)"
        console.print(words, style="dim", soft_wrap=True)


def _valid_part(opened: Opened, *, whole: bool) -> Opened | None:
    """A valid trajectory as it is; of another its valid beginning, if it has one."""
    from eventsim.run.statistics import outcome, valid_beginning

    if outcome(opened.state) == "valid":
        return opened
    position = None if whole else valid_beginning(opened.events)
    return None if position is None else opened.up_to(position)


def _chosen(
    store: Store, run: str | None, *, forks: bool
) -> tuple[list[StreamInfo], int]:
    """The trajectories of a run or of all, and how many imported ones were left out:
    those that a run goes on from stand in its rows, and would be trained twice.
    """
    from eventsim.errors import NotFound

    stream = store.find(run, family="run").stream if run else None
    infos = store.streams(family="dialogue", run=stream)
    if not infos:
        raise NotFound(f"there is no trajectory in {store.directory} to export")
    found = [info for info in infos if forks or info.planned]
    if run is not None or forks:  # forks repeat beginnings, and were asked for
        return found, 0
    parents = {i.parent.stream for i in infos if i.parent is not None and i.planned}
    alone = [i for i in found if not (i.imported and i.stream in parents)]
    return alone, len(found) - len(alone)


@command.command(
    "bundle", epilog="Example: eventsim export bundle bodume-3 -o bodume-3.jsonl"
)
@click.argument("place", type=TRAJECTORY, metavar="T[@N]")
@_output
@json_option
@store_option
def bundle(*, place: str, file: Path, as_json: bool, store: Path) -> int:
    """Write one path with all it stands on: run, tools, tasks, prompts, database.

    `eventsim replay FILE` replays it anywhere. With @N: the path up to position N.
    """
    from eventsim.cli.session import launch

    return launch(_bundle, text=place, file=file, as_json=as_json, path=store)


async def _bundle(*, text: str, file: Path, as_json: bool, path: Path) -> int:
    from eventsim.cli.session import open_store, out, say_json
    from eventsim.log.bundle import write_bundle
    from eventsim.run.places import locate

    async with open_store(path) as store:
        place = await locate(store, text)
        ref = place.info.ref
        if place.position is not None:
            ref = (await store.path(place.info.stream))[place.position].ref
        size = await write_bundle(store, ref, file)
    if as_json:
        say_json(
            {
                "file": str(file),
                "trajectory": place.info.label,
                "position": place.end,
                "bytes": size,
            }
        )
    else:
        named = f"{place.info.label}@{place.end}"
        out().print(f"{file}: {named}, {size:,} bytes", soft_wrap=True)
    return 0
