"""`eventsim diff`: two trajectories from where they part."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eventsim.cli.options import TRAJECTORY, json_option, store_option

if TYPE_CHECKING:
    from eventsim.run.compare import Comparison, Line, Side

__all__ = ["command"]


@click.command("diff", epilog="Example: eventsim diff bodume-3 bodume-3.1")
@click.argument("a", type=TRAJECTORY, metavar="A")
@click.argument("b", type=TRAJECTORY, metavar="B")
@click.option(
    "--whole", is_flag=True, help="Show lines that are the same on both sides, too."
)
@json_option
@store_option
def command(*, a: str, b: str, whole: bool, as_json: bool, store: Path) -> int:
    """Compare two trajectories from their common ancestor on.

    Messages, calls, results and verdicts stand side by side on a wide terminal, else
    as - and + lines; then what each changed in the database. A and B may be places,
    such as bodume-3@20.
    """
    from eventsim.cli.session import launch

    return launch(_diff, names=(a, b), whole=whole, as_json=as_json, path=store)


async def _diff(
    *, names: tuple[str, str], whole: bool, as_json: bool, path: Path
) -> None:
    from eventsim.cli.render.comparison import print_comparison
    from eventsim.cli.session import open_store, out, say_json
    from eventsim.run.compare import compare
    from eventsim.run.paths import known_events
    from eventsim.run.places import locate

    async with open_store(path) as store:
        paths = []
        for name in names:
            place = await locate(store, name)
            records = (await store.path(place.info.stream))[: place.end + 1]
            paths.append((records, known_events(records)))
    (left, left_events), (right, right_events) = paths
    found = compare(left, right, left_events, right_events)
    if as_json:
        say_json(_as_json(found))
    else:
        print_comparison(out(), found, whole=whole)


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
