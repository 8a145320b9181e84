"""`eventsim diff`: trajectories from where they part, or two runs task by task."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eventsim.cli.options import TRAJECTORY, json_option, store_option

if TYPE_CHECKING:
    from eventsim.log.reader import StreamInfo
    from eventsim.log.store import Store
    from eventsim.run.compare import Comparison, Line, Side
    from eventsim.run.paths import Opened
    from eventsim.run.places import Place
    from eventsim.run.shelf import Shelf
    from eventsim.run.standings import Difference, Fact
    from eventsim.run.taskwise import TaskRow

__all__ = ["command"]


@click.command("diff", epilog="Example: eventsim diff bodume-3 bodume-3.1")
@click.argument("names", type=TRAJECTORY, nargs=-1, required=True, metavar="A B [C …]")
@click.option(
    "--whole",
    is_flag=True,
    help="Texts in full, and what is the same on both sides, too.",
)
@click.option(
    "--requests",
    is_flag=True,
    help="Of two: how the first request of each role differs, line by line.",
)
@json_option
@store_option
def command(
    *, names: tuple[str, ...], whole: bool, requests: bool, as_json: bool, store: Path
) -> int:
    """Compare trajectories from their common ancestor on.

    What they stand on (models, prompts, tools, policy, persona, clock, settings);
    messages, calls, results and verdicts side by side on a wide terminal, else as -
    and + lines; the rows that each changed in the database. A and B may be places, such
    as bodume-3@20. More than two are a table; runs are compared task by task.
    """
    from eventsim.cli.session import launch

    if len(names) < 2:
        raise click.UsageError("name two trajectories, or more")
    return launch(
        _diff,
        names=names,
        whole=whole,
        requests=requests,
        as_json=as_json,
        path=store,
    )


async def _diff(
    *,
    names: tuple[str, ...],
    whole: bool,
    requests: bool,
    as_json: bool,
    path: Path,
) -> None:
    from eventsim.cli.session import open_store
    from eventsim.run.paths import open_path
    from eventsim.run.places import locate
    from eventsim.run.shelf import Shelf

    async with open_store(path) as store:
        shelf = Shelf(store)
        runs = _runs_named(store, names)
        if requests and (runs or len(names) > 2):
            raise click.UsageError("--requests compares two trajectories, no more")
        if runs:
            sides = [await _all(store, shelf, run) for run in runs]
            facts = [await _facts(store, shelf, run) for run in runs]
            _runs(names, sides, facts, whole=whole, as_json=as_json)
            return
        places = [await locate(store, name) for name in names]
        paths = [
            await open_path(store, shelf, place.info.stream, position=place.end)
            for place in places
        ]
    if len(paths) > 2:
        _many(places, paths, as_json=as_json)
    else:
        _two(places, paths, whole=whole, requests=requests, as_json=as_json)


def _runs_named(store: Store, names: tuple[str, ...]) -> list[StreamInfo]:
    """The runs, if all are; none if none is. Raises: UsageError for a mixture."""
    found = {
        name: info
        for name in names
        for info in store.labelled(name)
        if info.family == "run"
    }
    other = [name for name in names if name not in found]
    if found and other:
        raise click.UsageError(
            f"{next(iter(found))} is a run and {other[0]} is not: compare runs with "
            f"runs, or one of its trajectories, such as {next(iter(found))}-1, "
            "with others"
        )
    return [found[name] for name in names if name in found]


async def _all(store: Store, shelf: Shelf, run: StreamInfo) -> list[Opened]:
    from eventsim.run.paths import open_path

    infos = store.streams(family="dialogue", run=run.stream)
    return [await open_path(store, shelf, i.stream) for i in infos if i.planned]


async def _facts(store: Store, shelf: Shelf, run: StreamInfo) -> dict[str, Fact]:
    from eventsim.core.events import ImportStarted, RunStarted
    from eventsim.run.standings import facts_of_run

    plan = await shelf.plan(run.ref)
    (record,) = await store.read(run.stream, stop=1)
    assert isinstance(record.event, RunStarted | ImportStarted)
    return facts_of_run(record.event, plan.prompts, plan.profiles)


# --- two ----------------------------------------------------------------------------


def _two(
    places: list[Place],
    paths: list[Opened],
    *,
    whole: bool,
    requests: bool,
    as_json: bool,
) -> None:
    from eventsim.cli.render.comparison import print_comparison, print_parting
    from eventsim.cli.render.standings import print_changes
    from eventsim.cli.session import out, say_json
    from eventsim.run.compare import compare, request_differences
    from eventsim.run.standings import differing, facts_of

    left, right = paths
    at = (places[0].position, places[1].position)
    found = compare(left.records, right.records, left.events, right.events, at=at)
    facts = differing(facts_of(left), facts_of(right))
    asked = request_differences(left, right, found.common) if requests else {}
    if as_json:
        stands = [_changed(fact) for fact in facts]
        say_json({**_as_json(found), "stands_on": stands, "requests": asked})
        return
    console = out()
    print_parting(console, found)
    print_changes(console, facts, whole=whole)
    console.print()
    print_comparison(console, found, whole=whole)
    for role, lines in asked.items():
        console.print(f"\nthe first request of the {role}:", style="bold")
        for line in lines or ["the same on both sides"]:
            style = "red" if line[0] == "-" else "green" if line[0] == "+" else "dim"
            console.print(line, style=style, soft_wrap=True)
    if requests and not asked:
        console.print(
            "\nno role calls a model on both sides after they part", style="dim"
        )


# --- many, and runs -----------------------------------------------------------------


def _many(places: list[Place], paths: list[Opened], *, as_json: bool) -> None:
    from dataclasses import asdict

    from eventsim.cli.render.comparison import print_rows_of
    from eventsim.cli.render.standings import print_values
    from eventsim.cli.session import out, say_json
    from eventsim.run.standings import differing, facts_of, rows_of

    names = [
        info.info.label if info.position is None else f"{info.info.label}@{info.end}"
        for info in places
    ]
    rows = rows_of(paths)
    facts = differing(*(facts_of(each) for each in paths))
    if as_json:
        listed = zip(places, rows, strict=True)
        say_json(
            {
                "trajectories": [
                    {**asdict(row), "position": place.end} for place, row in listed
                ],
                "stands_on": [_valued(fact) for fact in facts],
            }
        )
        return
    print_rows_of(out(), names, rows)
    out().print()
    print_values(out(), facts, names)


def _runs(
    names: tuple[str, ...],
    sides: list[list[Opened]],
    plans: list[dict[str, Fact]],
    *,
    whole: bool,
    as_json: bool,
) -> None:
    from eventsim.cli.render.standings import print_changes, print_values
    from eventsim.cli.render.taskwise import print_tasks
    from eventsim.cli.session import out, say_json
    from eventsim.run.standings import differing
    from eventsim.run.taskwise import tasks_of

    rows = tasks_of(sides)
    facts = differing(*plans)
    if as_json:
        stands = [_changed(f) if len(names) == 2 else _valued(f) for f in facts]
        tasks = [_task(names, row) for row in rows]
        say_json({"runs": list(names), "stands_on": stands, "tasks": tasks})
        return
    heading = f"{', '.join(names[:-1])} and {names[-1]}"
    out().print(heading, style="bold", soft_wrap=True)
    if len(names) == 2:
        print_changes(out(), facts, whole=whole)
    else:
        print_values(out(), facts, names)
    out().print()
    print_tasks(out(), names, rows)


# --- as JSON ------------------------------------------------------------------------


def _changed(fact: Difference) -> dict[str, Any]:
    left, right = fact.values
    return {
        "what": fact.what,
        "left": left,
        "right": right,
        "changed": list(fact.changed),
        "lines": list(fact.lines),
    }


def _valued(fact: Difference) -> dict[str, Any]:
    return {"what": fact.what, "values": list(fact.values)}


def _task(names: tuple[str, ...], row: TaskRow) -> dict[str, Any]:
    from dataclasses import asdict

    sides = dict(zip(names, row.results, strict=True))
    changes = {name: row.change(side) for side, name in enumerate(names) if side}
    return {
        "title": row.title,
        "same_task": row.is_same,
        "results": {n: r and asdict(r) for n, r in sides.items()},
        "against_first": changes,
    }


def _as_json(found: Comparison) -> dict[str, Any]:
    return {
        "common": found.common,
        "left": _side(found.left),
        "right": _side(found.right),
        "lines": [
            {"same": pair.same, "left": _line(pair.left), "right": _line(pair.right)}
            for pair in found.pairs
        ],
        "rows": [
            {"same": pair.same, "left": pair.left, "right": pair.right}
            for pair in found.rows
        ],
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "trajectory": side.label,
        "position": side.length - 1,
        "positions": side.length,
        "ended": side.ended,
        "verdicts": list(side.verdicts),
        "net_changes": list(side.changes),
    }


def _line(line: Line | None) -> dict[str, Any] | None:
    if line is None:
        return None
    return {"position": line.position, "speaker": line.speaker, "text": line.text}
