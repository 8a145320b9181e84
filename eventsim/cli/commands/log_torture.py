"""`eventsim log torture`: does this disk keep what the log promises?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eventsim.cli.options import json_option, unused_store_option

if TYPE_CHECKING:
    from eventsim.log.torture.runner import Plan
    from eventsim.log.torture.tally import Tally, Tick

__all__ = ["command"]

_FAMILIES = ("kills", "power", "damage", "errors", "writers")
_ROWS = (
    ("cases", "cases"),
    ("acknowledged", "records acknowledged"),
    ("lost", "  records lost"),
    ("doubled", "  batches doubled"),
    ("half", "  batches half there"),
    ("wrong", "  served wrong"),
    ("silent", "  passed over in silence"),
    ("foreign", "  errors not our own"),
    ("stuck", "  stores that do not go on"),
    ("located", "errors that say where"),
    ("torn", "torn ends set aside"),
    ("refused", "refused, another writes"),
    ("seconds", "seconds"),
)


@click.command(
    "torture",
    epilog="Example: eventsim log torture --dir /mnt/data --loops 1000 --losses 10000",
)
@click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    show_default=True,
    metavar="DIR",
    help="Where to work: on the disk to be tried. All is deleted at the end.",
)
@click.option(
    "--loops",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="How often a writer process is killed with kill -9.",
)
@click.option(
    "--losses",
    type=click.IntRange(min=1),
    default=2000,
    show_default=True,
    help="How often a simulated disk loses its power.",
)
@click.option(
    "--rounds",
    type=click.IntRange(min=1),
    default=40,
    show_default=True,
    help="How often four processes append to one store at once.",
)
@click.option(
    "--step",
    type=click.IntRange(min=1),
    default=16,
    show_default=True,
    help="Cut and flip a small store at every so many bytes.",
)
@click.option(
    "--bits",
    type=click.IntRange(min=1, max=8),
    default=1,
    show_default=True,
    help="How many bits of such a byte are flipped.",
)
@click.option(
    "--only",
    type=click.Choice(_FAMILIES),
    multiple=True,
    help="This family of faults; may be repeated.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Which faults.")
@json_option
@unused_store_option
def command(
    *,
    as_json: bool,
    directory: Path,
    loops: int,
    losses: int,
    rounds: int,
    step: int,
    bits: int,
    only: Sequence[str],
    seed: int,
) -> int:
    """Break the log on purpose, on your own disk, and count what it lost.

    Writers killed with kill -9, power losses on a simulated disk, a store cut and
    flipped byte by byte, an error from every call of the disk, and several writers at
    once. The exit code is 1 if a promise was broken.
    """
    from eventsim.cli.session import launch
    from eventsim.log.torture.runner import Plan

    plan = Plan(loops, losses, rounds, step, bits, seed=seed)
    return launch(_torture, as_json=as_json, directory=directory, plan=plan, only=only)


async def _torture(
    *, as_json: bool, directory: Path, plan: Plan, only: Sequence[str]
) -> int:
    from eventsim.cli.session import say_json
    from eventsim.log.torture.runner import torture

    tallies = await torture(directory, plan, _family, only=only)
    kept = all(tally.kept for tally in tallies)
    if as_json:
        families = [{**asdict(tally), "kept": tally.kept} for tally in tallies]
        say_json({"kept": kept, "plan": asdict(plan), "families": families})
    else:
        _show(tallies)
    return 0 if kept else 1


@contextmanager
def _family(title: str) -> Iterator[Tick]:
    """A bar, from the first case on: only then is it known how many there are."""
    from eventsim.cli.progress import Bar

    bar: Bar | None = None

    def tick(total: int) -> None:
        nonlocal bar
        if bar is None:
            bar = Bar(title, total).__enter__()
        bar.advance()

    try:
        yield tick
    finally:
        if bar is not None:
            bar.__exit__(None, None, None)


def _show(tallies: Sequence[Tally]) -> None:
    from rich.text import Text

    from eventsim.cli.render.columns import print_table
    from eventsim.cli.session import out
    from eventsim.log.torture.tally import PROMISES

    console = out()
    titles = [tally.family for tally in tallies]
    rows: list[list[str | Text]] = []
    for name, label in _ROWS:
        cells: list[str | Text] = [label]
        for tally in tallies:
            count = getattr(tally, name)
            text = f"{count:,.1f}" if name == "seconds" else f"{count:,}"
            is_broken = name in PROMISES and count
            cells.append(Text(text, style="bold red" if is_broken else ""))
        rows.append(cells)
    print_table(console, ["", *titles], rows, right=titles)
    broken = [example for tally in tallies for example in tally.broken]
    for example in broken:
        console.print(example, style="red", soft_wrap=True)
    if all(tally.kept for tally in tallies):
        console.print("every promise was kept: what is indented is 0", style="green")
    else:
        console.print("promises were broken: what is indented must be 0", style="red")
