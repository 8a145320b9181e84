"""`eventsim export`: training rows, or one trajectory as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from eventsim.cli.options import RUN, TRAJECTORY, json_option, store_option

if TYPE_CHECKING:
    from eventsim.log.reader import StreamInfo
    from eventsim.log.store import Store
    from eventsim.run.paths import Opened

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


@command.command(
    "messages", epilog="Example: eventsim export messages -o train.jsonl --run bodume"
)
@_output
@click.option("--run", "run", type=RUN, metavar="R", help="Only those of one run.")
@click.option("--all", "every", is_flag=True, help="Also invalid and open ones, whole.")
@click.option("--whole", is_flag=True, help="No beginnings: only whole valid ones.")
@click.option("--forks", is_flag=True, help="Also forks, each with its beginning.")
@click.option(
    "--arguments",
    type=click.Choice(["object", "string"]),
    default="object",
    show_default=True,
    help="How tool arguments are written.",
)
@json_option
@store_option
def messages(
    *,
    file: Path,
    run: str | None,
    every: bool,
    whole: bool,
    forks: bool,
    arguments: Literal["object", "string"],
    as_json: bool,
    store: Path,
) -> int:
    """Write JSON lines with `messages` and `tools`, as HF and TRL read them.

    Valid trajectories, and of the others what comes before the first task that failed,
    as a row that ends with the last valid one. A fork repeats its parent's beginning,
    so forks stay out unless --forks. FILE.manifest.jsonl says of each row where it
    comes from: store, path, hashes, models, prompts, verdicts, and what it is the
    beginning of.
    """
    from eventsim.cli.session import launch

    return launch(
        _messages,
        file=file,
        run=run,
        every=every,
        whole=whole,
        forks=forks,
        arguments=arguments,
        as_json=as_json,
        path=store,
    )


async def _messages(
    *,
    file: Path,
    run: str | None,
    every: bool,
    whole: bool,
    forks: bool,
    arguments: Literal["object", "string"],
    as_json: bool,
    path: Path,
) -> int:
    from eventsim.cli.progress import Bar
    from eventsim.cli.session import note, open_store, out, say_json
    from eventsim.cli.writing import lines_to
    from eventsim.errors import Redacted
    from eventsim.exchange.messages import row
    from eventsim.run.paths import open_path
    from eventsim.run.provenance import provenance
    from eventsim.run.shelf import Shelf

    if every and whole:
        raise click.UsageError("--all and --whole exclude each other; give one")
    manifest = file.with_name(f"{file.name}.manifest.jsonl")
    written = beginnings = passed_over = 0
    async with open_store(path) as store:
        infos = _chosen(store, run, forks=forks)
        shelf = Shelf(store)
        with Bar("export", len(infos)) as bar:
            async with lines_to(file, manifest) as (rows, entries):
                for info in infos:
                    try:
                        opened = await open_path(store, shelf, info.stream)
                    except Redacted as reason:
                        note(f"{info.label} is passed over: {reason}")
                        passed_over += 1
                        bar.advance()
                        continue
                    taken = opened if every else _valid_part(opened, whole=whole)
                    if taken is None:
                        passed_over += 1
                    else:
                        cut = opened if taken is not opened else None
                        made = row(taken.state, taken.materials, arguments=arguments)
                        await rows(made)
                        await entries(provenance(taken, str(path), written, cut))
                        written += 1
                        beginnings += cut is not None
                    bar.advance()
    if as_json:
        say_json(
            {
                "file": str(file),
                "manifest": str(manifest),
                "rows": written,
                "beginnings": beginnings,
                "passed_over": passed_over,
            }
        )
        return 0
    console = out()
    some = f", {beginnings} of them a valid beginning" if beginnings else ""
    console.print(f"{file}: {written} rows{some}", soft_wrap=True)
    console.print(f"{manifest}: where each comes from", style="dim", soft_wrap=True)
    if passed_over:
        words = f"{passed_over} passed over, invalid or open (--all takes them)"
        console.print(words, style="dim", soft_wrap=True)
    return 0


def _valid_part(opened: Opened, *, whole: bool) -> Opened | None:
    """A valid trajectory as it is; of another its valid beginning, if it has one."""
    from eventsim.run.statistics import outcome, valid_beginning

    if outcome(opened.state) == "valid":
        return opened
    position = None if whole else valid_beginning(opened.events)
    return None if position is None else opened.up_to(position)


def _chosen(store: Store, run: str | None, *, forks: bool) -> list[StreamInfo]:
    from eventsim.errors import NotFound

    stream = store.find(run, family="run").stream if run else None
    infos = store.streams(family="dialogue", run=stream)
    if not infos:
        raise NotFound(f"there is no trajectory in {store.directory} to export")
    return [info for info in infos if forks or info.parent is None]


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
