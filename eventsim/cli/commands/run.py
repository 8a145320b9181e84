"""`eventsim run`: generate trajectories."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from eventsim.cli.env_options import python_option
from eventsim.cli.flags import resolved
from eventsim.cli.grouped import GroupedCommand
from eventsim.cli.model_options import settings_options
from eventsim.cli.options import TRAJECTORY, json_option
from eventsim.cli.play_option import play_option

if TYPE_CHECKING:
    from eventsim.cli.generating import Done
    from eventsim.cli.playing import Terminal
    from eventsim.log.store import Store
    from eventsim.run.fleet import Fleet
    from eventsim.run.importing.importing import Imported
    from eventsim.run.runs import Run, Work
    from eventsim.run.settings.resolving import Settings
    from eventsim.run.starts import Given

__all__ = ["command"]


@click.command(
    "run",
    cls=GroupedCommand,
    epilog="Example: eventsim run --db shop.sqlite -n 20 --tasks 3 --seed 7",
)
@settings_options
@click.option(
    "--from",
    "start",
    metavar="T[@N]",
    type=TRAJECTORY,
    help="Go on from there, or from every trajectory of a run or an import.",
)
@click.option(
    "--from-file",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Import FILE and go on from its rows.",
)
@click.option(
    "--format", "form", metavar="FORMAT", help="Of FILE; told by its first row."
)
@click.option("--licence", default="", metavar="NAME", help="That of FILE.")
@click.option(
    "--benchmark", default="", metavar="NAME", help="FILE is one: no training data."
)
@click.option(
    "--mask-pii", is_flag=True, help="Replace personal data of FILE, as import does."
)
@python_option
@play_option
@json_option
def command(
    *,
    python: str,
    play: Literal["user", "assistant"] | None,
    start: str | None,
    file: Path | None,
    form: str | None,
    licence: str,
    benchmark: str,
    mask_pii: bool,
    as_json: bool,
    **options: Any,
) -> int:
    """Generate trajectories.

    Without options: a dozen over the built-in databases, all by rule, then a tour of
    what was made. The same --seed in the same store goes on where the run stands.

    With --from or --from-file a run goes on from what there is, with what it has: the
    next speaker speaks, the tasks that are left are done, and a conversation without a
    task gets the one that it shows. To it may be given: more --tasks, another --model,
    --persona or --pipeline; a database (--db, --domain); a need for tools in plain chat
    (--more-tools --tasks 1, or --seeds, --describe, --env for tools of yours).
    """
    from eventsim.cli.playing import resumable, terminal
    from eventsim.cli.session import launch
    from eventsim.run.starts import Given

    if start is not None and file is not None:
        raise click.UsageError("--from and --from-file exclude each other; give one")
    if file is None and (form or licence or benchmark or mask_pii):
        raise click.UsageError(
            "--format, --licence, --benchmark and --mask-pii belong to --from-file"
        )
    settings = resolved(options, goes_on=start is not None or file is not None)
    begun: list[Run] = []
    player = terminal(play)

    def interrupted() -> str:
        if begun:
            return resumable(player, f"--run {begun[0].label}")
        seed = f" and --seed {settings.run_config.seed}" if settings.seed_drawn else ""
        return f"interrupted as the run began; the same command{seed} goes on"

    return launch(
        _run,
        interrupted_as=interrupted,
        settings=settings,
        python=python,
        player=player,
        start=start,
        given=Given(file, form or "", licence, benchmark, masks=mask_pii)
        if file is not None
        else None,
        begun=begun,
        as_json=as_json,
    )


async def _run(
    *,
    settings: Settings,
    python: str,
    player: Terminal | None,
    start: str | None,
    given: Given | None,
    begun: list[Run],
    as_json: bool,
) -> None:
    from eventsim.cli.generating import as_json as summarised
    from eventsim.cli.generating import bring_to_end
    from eventsim.cli.session import existing, open_store, say_json
    from eventsim.run.beginning import begin_run
    from eventsim.run.fleet import Fleet
    from eventsim.run.settings.starting import beds_of, check_keys
    from eventsim.run.till import Budget

    beds = beds_of(settings, goes_on=start is not None or given is not None)
    check_keys(settings)
    if start is not None:
        existing(settings.store)
    async with (
        open_store(settings.store, "write") as store,
        Fleet(
            store,
            concurrency=settings.concurrency if player is None else 1,
            player=player,
            python=python,
            budget=Budget(settings.budget_usd, settings.budget_tokens),
        ) as fleet,
    ):
        run = await begin_run(
            store, fleet, settings, beds, start=start, given=given, on_import=_imported
        )
        begun.append(run)
        work = await fleet.work(run)
        _announce(run, work, drawn=settings.seed_drawn)
        done = await bring_to_end(fleet, work, player=player)
        if as_json:
            say_json(summarised(settings.store, [done]))
            return
        await _report(store, fleet, done, settings)


def _imported(done: Imported) -> None:
    from eventsim.cli.session import announce

    there = f", {done.existing:,} were there already" if done.existing else ""
    announce(f"{done.label}: {done.imported:,} rows imported{there}")
    for row, why in sorted(done.rejected)[:_SHOWN]:
        announce(f"row {row} is left out: {why}")
    if len(done.rejected) > _SHOWN:
        announce(f"and {len(done.rejected) - _SHOWN:,} more; eventsim import lists all")


_SHOWN = 5


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


async def _report(store: Store, fleet: Fleet, done: Done, settings: Settings) -> None:
    from eventsim.cli.render.report import Report

    _mark_store(settings)
    report = Report(store, fleet, done)
    await report.summary()
    if settings.is_untouched and not done.work.run.started.starts:
        await report.transcript()
        await report.turning()
    report.whereabouts()


def _mark_store(settings: Settings) -> None:
    """Commands to try are told of a store that only the file knows."""
    origin = settings.origin("store")
    if origin is not None and origin.kind == "file":
        typed = click.core.ParameterSource.COMMANDLINE
        click.get_current_context().set_parameter_source("store", typed)
