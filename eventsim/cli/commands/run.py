"""`eventsim run`: generate trajectories."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from eventsim.cli.options import database_options, json_option, store_option

if TYPE_CHECKING:
    from eventsim.cli.generating import Done
    from eventsim.config import RunConfig
    from eventsim.log.store import Store
    from eventsim.run.fleet import Fleet, Run, Work

__all__ = ["command"]


@click.command(
    "run", epilog="Example: eventsim run --db shop.sqlite -n 20 --tasks 3 --seed 7"
)
@database_options
@click.option("-n", "count", type=click.IntRange(min=1), help="Trajectories.  [12]")
@click.option(
    "--tasks",
    type=click.IntRange(1, 20),
    default=2,
    show_default=True,
    help="Tasks a trajectory.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    help="Where all draws come from. Drawn, printed and recorded if not given.",
)
@click.option("--tag", "tags", multiple=True, help="A tag of the run; repeatable.")
@click.option(
    "--max-turns",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="End a trajectory after so many turns.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, 10_000),
    default=16,
    show_default=True,
    help="Trajectories at a time; it changes nothing in them.",
)
@json_option
@store_option
def command(
    *,
    db: Path | None,
    domain: str | None,
    count: int | None,
    tasks: int,
    seed: int | None,
    tags: tuple[str, ...],
    max_turns: int,
    concurrency: int,
    as_json: bool,
    store: Path,
) -> int:
    """Generate trajectories over a database.

    Without --db, --domain and -n: a dozen over the built-in domains, then a tour of
    what was made. The same --seed in the same store goes on where the run stands.
    """
    import secrets

    from eventsim.cli.session import launch
    from eventsim.config import Limits, RunConfig

    config = RunConfig(
        seed=secrets.randbelow(10**9) if seed is None else seed,
        count=count or 12,
        tasks=tasks,
        limits=Limits(max_turns=max_turns),
    )
    return launch(
        _run,
        config=config,
        drawn=seed is None,
        source=(db, domain),
        tags=tags,
        concurrency=concurrency,
        tour=db is None and domain is None and count is None,
        as_json=as_json,
        path=store,
    )


async def _run(
    *,
    config: RunConfig,
    drawn: bool,
    source: tuple[Path | None, str | None],
    tags: tuple[str, ...],
    concurrency: int,
    tour: bool,
    as_json: bool,
    path: Path,
) -> None:
    from eventsim.cli.generating import as_json as summarised
    from eventsim.cli.generating import bring_to_end
    from eventsim.cli.session import open_store, say_json
    from eventsim.run.beds import choose_beds
    from eventsim.run.fleet import Fleet

    beds = choose_beds(*source)
    async with open_store(path, "write") as store:
        fleet = Fleet(store, concurrency=concurrency)
        run = await fleet.begin(config, beds, tags)
        work = await fleet.work(run)
        _announce(run, work, drawn=drawn)
        done = await bring_to_end(fleet, work)
        if as_json:
            say_json(summarised(path, [done]))
            return
        await _report(store, fleet, done, tour=tour)


def _announce(run: Run, work: Work, *, drawn: bool) -> None:
    from eventsim.cli.generating import plan_in_words
    from eventsim.cli.session import announce

    if drawn:
        announce(f"seed {run.config.seed} was drawn; --seed gives the same run again")
    if not run.existed:
        return
    if work.size:
        announce(f"{plan_in_words(work)}; going on where it stands")
    else:
        announce(
            f"{run.label} is in this store already and has ended; nothing is added"
        )


async def _report(store: Store, fleet: Fleet, done: Done, *, tour: bool) -> None:
    from eventsim.cli.render.report import Report

    report = Report(store, fleet, done)
    report.summary()
    if tour:
        await report.transcript()
        await report.turning()
    report.whereabouts()
