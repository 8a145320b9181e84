"""`eventsim resume`: go on with what has not ended."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from eventsim.cli.env_options import drift_option, python_option
from eventsim.cli.options import (
    RUN,
    TRAJECTORY,
    budget_options,
    json_option,
    store_option,
)
from eventsim.cli.play_option import play_option

if TYPE_CHECKING:
    from eventsim.cli.playing import Terminal
    from eventsim.log.store import Store
    from eventsim.run.fleet import Fleet
    from eventsim.run.runs import Run

__all__ = ["command"]


@click.command("resume", epilog="Example: eventsim resume --all")
@click.argument("trajectory", required=False, type=TRAJECTORY, metavar="[T]")
@click.option("--run", "run", type=RUN, metavar="R", help="Everything of one run.")
@click.option("--all", "every", is_flag=True, help="Every run of the store.")
@click.option(
    "--concurrency",
    type=click.IntRange(1, 10_000),
    default=16,
    show_default=True,
    help="Trajectories at a time; it changes nothing in them.",
)
@budget_options
@play_option
@click.option(
    "--base-url",
    "places",
    multiple=True,
    metavar="[NAME=]URL",
    help="Where an endpoint of the run is now; NAME if it has several.",
)
@drift_option
@python_option
@json_option
@store_option
def command(
    *,
    trajectory: str | None,
    run: str | None,
    every: bool,
    concurrency: int,
    budget_usd: float | None,
    budget_tokens: int | None,
    play: Literal["user", "assistant"] | None,
    places: tuple[str, ...],
    on_drift: str,
    python: str,
    as_json: bool,
    store: Path,
) -> int:
    """Go on with what has not ended: the latest run, or what is named.

    It says first what is left. Nothing that is recorded is asked again.
    """
    from eventsim.cli.playing import resumable, terminal
    from eventsim.cli.session import launch

    if sum([trajectory is not None, run is not None, every]) > 1:
        raise click.UsageError("choose one: a trajectory, --run R or --all")
    player = terminal(play)
    named = trajectory or (f"--run {run}" if run else "--all" if every else "")
    return launch(
        _resume,
        interrupted_as=lambda: resumable(player, named),
        trajectory=trajectory,
        run=run,
        every=every,
        concurrency=concurrency if player is None else 1,
        player=player,
        budget=(budget_usd, budget_tokens),
        places=places,
        python=python,
        marks_drift=on_drift == "mark",
        as_json=as_json,
        path=store,
    )


async def _resume(
    *,
    trajectory: str | None,
    run: str | None,
    every: bool,
    concurrency: int,
    player: Terminal | None,
    budget: tuple[float | None, int | None],
    places: tuple[str, ...],
    python: str,
    marks_drift: bool,
    as_json: bool,
    path: Path,
) -> None:
    from eventsim.cli.session import existing, open_store
    from eventsim.run.fleet import Fleet
    from eventsim.run.moved import moved_endpoints
    from eventsim.run.till import Budget

    async with open_store(existing(path), "write") as store:
        if trajectory is not None:
            one = store.find(trajectory, family="dialogue")
            runs = await _runs(store, one.run_stream, every=False)
        else:
            runs = await _runs(store, run, every=every)
        async with Fleet(
            store,
            concurrency=concurrency,
            player=player,
            python=python,
            marks_drift=marks_drift,
            budget=Budget(*budget),
            endpoints=moved_endpoints([each.config for each in runs], places),
        ) as fleet:
            if trajectory is not None:
                await _one(store, fleet, trajectory, player, as_json=as_json)
            else:
                await _go(store, fleet, runs, player, as_json=as_json)


async def _runs(store: Store, name: str | None, *, every: bool) -> list[Run]:
    from eventsim.errors import NotFound
    from eventsim.run.runs import find_run, work_of

    if name is not None:
        return [await find_run(store, store.find(name, family="run"))]
    infos = [info for info in store.streams(family="run") if not info.imported]
    if not infos:
        raise NotFound(
            "there is no run in this store yet; begin one with: eventsim run"
        )
    runs = [await find_run(store, info) for info in infos]
    # A plan for forks alone counts while one of them is open.
    some = [run for run in runs if run.config.count or work_of(store, run).size]
    return some if every else some[-1:]


async def _go(
    store: Store,
    fleet: Fleet,
    runs: list[Run],
    player: Terminal | None,
    *,
    as_json: bool,
) -> None:
    from eventsim.cli.generating import as_json as summarised
    from eventsim.cli.generating import bring_to_end, plan_in_words
    from eventsim.cli.render.measures import print_validity
    from eventsim.cli.session import announce, out, say_json

    works = [await fleet.work(run) for run in runs]
    for work in works:
        next_ = f"going on with {work.size}" if work.size else "nothing is left to do"
        announce(f"{plan_in_words(work)}; {next_}")
    done = [await bring_to_end(fleet, work, player=player) for work in works]
    if as_json:
        say_json(summarised(store.directory, done))
        return
    console = out()
    for each in done:
        tally = each.summary.tally
        label = each.summary.run.label
        if not each.summary.run.config.count:  # a plan that forks alone stand on
            console.print(f"{label}: {each.work.size} of its forks ended", style="bold")
            continue
        console.print(f"{label}: {tally.ended} ended", style="bold")
        print_validity(console, tally)


async def _one(
    store: Store, fleet: Fleet, name: str, player: Terminal | None, *, as_json: bool
) -> None:
    from eventsim.cli.session import announce, out, say_json
    from eventsim.run.statistics import outcome

    info = store.find(name, family="dialogue")
    if info.ended is None:
        announce(f"{info.label} is open after position {info.position}; going on")
    else:
        announce(f"{info.label} has ended already; nothing is left to do")
    state = await fleet.advance(info.stream)
    if player is not None:
        player.over(state)
    verdict = outcome(state)
    if as_json:
        say_json(
            {
                "store": str(store.directory),
                "trajectory": state.label,
                "started": 1,
                "ended": int(state.ended is not None),
                "unfinished": int(state.ended is None),
                "valid": int(verdict == "valid"),
                "added": state.length - 1 - info.position,
            }
        )
        return
    reason = state.ended.reason if state.ended else "open"
    out().print(f"{state.label}: {reason}, {verdict}, {state.length} events")
