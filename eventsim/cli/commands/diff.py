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
    from eventsim.run.shelf import Shelf

__all__ = ["command"]


@click.command("diff", epilog="Example: eventsim diff bodume-3 bodume-3.1")
@click.argument("names", type=TRAJECTORY, nargs=-1, required=True, metavar="A B [C …]")
@click.option(
    "--whole", is_flag=True, help="Show lines that are the same on both sides, too."
)
@click.option(
    "--requests",
    is_flag=True,
    help="Also how the first request of each role differs, line by line.",
)
@json_option
@store_option
def command(
    *, names: tuple[str, ...], whole: bool, requests: bool, as_json: bool, store: Path
) -> int:
    """Compare trajectories from their common ancestor on.

    What they stand on (models, prompts, tools, policy, persona, clock); messages,
    calls, results and verdicts side by side on a wide terminal, else as - and + lines;
    what each changed in the database. A and B may be places, such as bodume-3@20. More
    than two are a table; two runs are compared task by task.
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
        runs = [_run(store, name) for name in names]
        if len(names) == 2 and runs[0] is not None and runs[1] is not None:
            sides = [await _all(store, shelf, run) for run in runs if run is not None]
            _runs(names, sides, as_json=as_json)
            return
        paths = []
        for name in names:
            place = await locate(store, name)
            paths.append(
                await open_path(store, shelf, place.info.stream, position=place.end)
            )
    if len(paths) > 2:
        _many(paths, as_json=as_json)
    else:
        _two(paths[0], paths[1], whole=whole, requests=requests, as_json=as_json)


def _run(store: Store, name: str) -> StreamInfo | None:
    return next((i for i in store.labelled(name) if i.family == "run"), None)


async def _all(store: Store, shelf: Shelf, run: StreamInfo) -> list[Opened]:
    from eventsim.run.paths import open_path

    infos = store.streams(family="dialogue", run=run.stream)
    return [await open_path(store, shelf, i.stream) for i in infos if i.planned]


# --- two ----------------------------------------------------------------------------


def _two(
    left: Opened, right: Opened, *, whole: bool, requests: bool, as_json: bool
) -> None:
    from eventsim.cli.render.comparison import print_comparison, print_facts
    from eventsim.cli.session import out, say_json
    from eventsim.run.compare import compare, request_differences
    from eventsim.run.standings import differing, facts_of

    found = compare(left.records, right.records, left.events, right.events)
    facts = differing(facts_of(left), facts_of(right))
    asked = request_differences(left, right, found.common) if requests else {}
    if as_json:
        say_json(
            {
                **_as_json(found),
                "stands_on": [
                    {"what": what, "left": a, "right": b} for what, a, b in facts
                ],
                "requests": asked,
            }
        )
        return
    print_facts(out(), facts)
    print_comparison(out(), found, whole=whole)
    for role, lines in asked.items():
        out().print(f"\nthe first request of the {role}:", style="bold")
        for line in lines:
            style = "red" if line[0] == "-" else "green" if line[0] == "+" else "dim"
            out().print(line, style=style, soft_wrap=True)


# --- many, and runs -----------------------------------------------------------------


def _many(paths: list[Opened], *, as_json: bool) -> None:
    from dataclasses import asdict

    from rich.text import Text

    from eventsim.cli.render.columns import print_table
    from eventsim.cli.session import out, say_json
    from eventsim.run.standings import rows_of

    rows = rows_of(paths)
    if as_json:
        for row in rows:
            say_json(asdict(row))
        return
    lines: list[list[str | Text]] = []
    for row in rows:
        style = "green" if row.verdict == "valid" else "red"
        lines.append(
            [
                row.label,
                str(row.common),
                "" if row.parts_at is None else f"@{row.parts_at}",
                str(row.messages),
                str(row.calls),
                str(row.errors),
                str(row.changes),
                f"{row.tokens:,}",
                Text(row.verdict, style=style),
            ]
        )
    headings = "trajectory shared parts messages calls errors rows tokens verdict"
    right = ["shared", "messages", "calls", "errors", "rows", "tokens"]
    print_table(out(), headings.split(), lines, right=right)
    out().print(
        "shared: records in common with the first; parts: where it first says "
        "something else; rows: net changes of the database",
        style="dim",
    )


def _runs(names: tuple[str, ...], sides: list[list[Opened]], *, as_json: bool) -> None:
    from dataclasses import asdict

    from rich.text import Text

    from eventsim.cli.render.columns import print_table
    from eventsim.cli.render.comparison import print_facts
    from eventsim.cli.session import out, say_json
    from eventsim.run.standings import differing, facts_of, tasks_of_runs

    pairs = tasks_of_runs(*sides)
    if as_json:
        for pair in pairs:
            say_json(asdict(pair))
        return
    if sides[0] and sides[1]:
        general = [
            fact
            for fact in differing(facts_of(sides[0][0]), facts_of(sides[1][0]))
            if fact[0].startswith(("model", "prompt", "pipeline", "seed"))
        ]
        print_facts(out(), general)
    styles = {"valid": "green", "invalid": "red"}
    lines: list[list[str | Text]] = [
        [
            f"{pair.index}.{pair.number}",
            pair.title[:44],
            Text(pair.left, style=styles.get(pair.left, "dim")),
            Text(pair.right, style=styles.get(pair.right, "dim")),
            _word(pair.left, pair.right),
        ]
        for pair in pairs
    ]
    print_table(out(), ["task", "", names[0], names[1], ""], lines)
    better = sum(p.left != "valid" and p.right == "valid" for p in pairs)
    worse = sum(p.left == "valid" and p.right != "valid" for p in pairs)
    other = sum(not p.same_task for p in pairs)
    some = f", {other} of another title" if other else ""
    out().print(
        f"{len(pairs)} tasks: {better} better, {worse} worse, "
        f"{len(pairs) - better - worse} the same{some}",
        style="dim",
    )


def _word(left: str, right: str) -> str:
    if (left == "valid") == (right == "valid"):
        return ""
    return "better" if right == "valid" else "worse"


# --- as JSON ------------------------------------------------------------------------


def _as_json(found: Comparison) -> dict[str, Any]:
    return {
        "common": found.common,
        "left": _side(found.left),
        "right": _side(found.right),
        "lines": [
            {"same": pair.same, "left": _line(pair.left), "right": _line(pair.right)}
            for pair in found.pairs
        ],
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "trajectory": side.label,
        "positions": side.length,
        "ended": side.ended,
        "verdicts": list(side.verdicts),
        "net_changes": list(side.changes),
    }


def _line(line: Line | None) -> dict[str, Any] | None:
    if line is None:
        return None
    return {"position": line.position, "speaker": line.speaker, "text": line.text}
