"""`eventsim stats`: what the trajectories of a store amount to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from eventsim.cli.options import RUN, json_option, store_option

if TYPE_CHECKING:
    from rich.console import Console

    from eventsim.log.store import Store
    from eventsim.quality.recovery import Recovery
    from eventsim.run.spending import Economy
    from eventsim.run.statistics import Grouped

__all__ = ["command"]

_TOOLS = 15


@click.command("stats", epilog="Example: eventsim stats --run bodume --forks")
@click.option("--run", "run", type=RUN, metavar="R", help="Only those of one run.")
@click.option("--forks", is_flag=True, help="Count forks as well.")
@json_option
@store_option
def command(*, run: str | None, forks: bool, as_json: bool, store: Path) -> int:
    """Steps, turns and tasks; the valid share and why not; tools; model calls.

    Turns, steps and tasks are those of the paper. Forks share their beginning with
    their parent, so they are left out unless asked for. What was imported was not
    generated here: it is only counted.
    """
    from eventsim.cli.session import launch

    return launch(_stats, run=run, forks=forks, as_json=as_json, path=store)


async def _stats(*, run: str | None, forks: bool, as_json: bool, path: Path) -> None:
    from eventsim.cli.render.economy import economy_as_json, print_economy
    from eventsim.cli.render.faults import faults_as_json, print_faults
    from eventsim.cli.render.measures import tally_as_json
    from eventsim.cli.session import open_store, out, say_json

    async with open_store(path) as store:
        grouped, recovered, imported = await _gather(store, run, forks=forks)
        economy = await _economy(store, run)
    if as_json:
        groups = {name: tally_as_json(tally) for name, tally in grouped.by.items()}
        models = economy_as_json(economy)
        faults = faults_as_json(recovered)
        whole = tally_as_json(grouped.all)
        say_json(
            {
                **whole,
                "imported": imported,
                "faults": faults,
                "models": models,
                "groups": groups,
            }
        )
    elif not grouped.all.trajectories and imported:
        out().print(f"{_imported(imported)}, nothing generated yet", style="bold")
    else:
        _print(out(), grouped, imported)
        print_faults(out(), recovered)
        out().print()
        print_economy(out(), economy)


async def _economy(store: Store, run: str | None) -> Economy:
    from eventsim.run.spending import Economy, economy_of_run

    infos = [store.find(run, family="run")] if run else store.streams(family="run")
    whole = Economy()
    for info in infos:
        whole.join(await economy_of_run(store, info.stream))
    return whole


async def _gather(
    store: Store, run: str | None, *, forks: bool
) -> tuple[Grouped, list[Recovery], int]:
    """The second is what became of faults, the third how many were imported."""
    from eventsim.cli.progress import Bar
    from eventsim.cli.session import note
    from eventsim.core.fold import fold
    from eventsim.errors import NotFound
    from eventsim.quality.recovery import recoveries
    from eventsim.run.paths import known_events
    from eventsim.run.statistics import Grouped

    stream = store.find(run, family="run").stream if run else None
    every = store.streams(family="dialogue", run=stream)
    imported = sum(info.imported for info in every)
    infos = [info for info in every if not info.imported and (forks or info.planned)]
    if not (infos or imported):
        raise NotFound(f"there is no trajectory in {store.directory} to count")
    tags = await _tags(store)
    grouped = Grouped()
    recovered: list[Recovery] = []
    with Bar("reading", len(infos)) as bar:
        for info in infos:
            records = await store.path(info.stream)
            bar.advance()
            if any(record.redacted for record in records):
                note(f"{info.label} is left out: it was redacted")
                continue
            events = known_events(records)
            state = fold(events)
            recovered += recoveries(events)
            mounted = state.environment
            groups = (f"database {mounted.name}",) if mounted else ()
            tagged = (f"tag {tag}" for tag in tags.get(info.run_stream or "", ()))
            grouped.add(state, (*groups, *tagged))
    return grouped, recovered, imported


async def _tags(store: Store) -> dict[str, tuple[str, ...]]:
    from eventsim.core.events import RunStarted

    found = {}
    for info in store.streams(family="run"):
        (record,) = await store.read(info.stream, stop=1)
        if isinstance(record.event, RunStarted):
            found[info.stream] = record.event.tags
    return found


def _imported(number: int) -> str:
    from eventsim.cli.render.columns import counted

    return counted(number, "imported dialogue")


def _print(console: Console, grouped: Grouped, imported: int) -> None:
    from eventsim.cli.render.columns import counted, print_table, share
    from eventsim.cli.render.measures import print_measures, print_validity

    tally = grouped.all
    console.print(
        counted(tally.trajectories, "trajectory", "trajectories"), style="bold"
    )
    if imported:
        console.print(f"and {_imported(imported)}, not counted below", style="dim")
    print_measures(console, tally.table)
    print_validity(console, tally)
    console.print()
    said = counted(tally.user_messages, "user message")
    calls = counted(tally.tool_calls, "tool call")
    console.print(
        f"{said}, {calls}, {tally.tool_errors:,} of them answered by an error"
    )
    tools = tally.tools.most_common(_TOOLS)
    console.print()
    rows = [(name, str(n), share(n, tally.tool_calls)) for name, n in tools]
    print_table(console, ["tool", "calls", "share"], rows, right=["calls", "share"])
    if len(tally.tools) > _TOOLS:
        left = counted(len(tally.tools) - _TOOLS, "more tool")
        console.print(f"and {left}; --json lists them all", style="dim")
    console.print()
    groups = [
        (
            name,
            str(each.trajectories),
            share(each.valid, each.ended),
            f"{each.table.step.mean:.2f} ({each.table.step.max})",
            f"{each.table.turn.mean:.2f} ({each.table.turn.max})",
            f"{each.table.task.mean:.2f} ({each.table.task.max})",
        )
        for name, each in sorted(grouped.by.items())
    ]
    headings = ["", "trajectories", "valid", "step (max)", "turn (max)", "task (max)"]
    print_table(console, headings, groups, right=headings[1:])
