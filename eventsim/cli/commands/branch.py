"""`eventsim branch`: grow a tree of siblings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eventsim.cli.options import TRAJECTORY, budget_options, json_option, store_option

if TYPE_CHECKING:
    from eventsim.run.branching import Branch

__all__ = ["command"]

_AT = re.compile(r"@?(-?\d+)")


@click.command(
    "branch",
    epilog="Example: eventsim branch bodume-3 --at every-tool-call -n 2 --depth 2",
)
@click.argument("trajectory", type=TRAJECTORY, metavar="T")
@click.option(
    "--at",
    default="every-assistant-turn",
    show_default=True,
    metavar="WHERE",
    help="every-assistant-turn, every-tool-call, or @N.",
)
@click.option(
    "-n",
    "count",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Forks a position.",
)
@click.option(
    "--depth",
    type=click.IntRange(1, 10),
    default=1,
    show_default=True,
    help="How often forks are forked in turn.",
)
@click.option(
    "--most",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="New forks, all in all.",
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Drawn if not given.")
@budget_options
@json_option
@store_option
def command(
    *,
    trajectory: str,
    at: str,
    count: int,
    depth: int,
    most: int,
    seed: int | None,
    budget_usd: float | None,
    budget_tokens: int | None,
    as_json: bool,
    store: Path,
) -> int:
    """Fork T at every position that is asked for, and the forks again.

    A fork begins just before the assistant decides, so that siblings differ in what it
    does. The same --seed goes on with a tree that is there.
    """
    import secrets

    from eventsim.cli.failures import RESUMABLE
    from eventsim.cli.session import launch
    from eventsim.run.branching import EVERY

    place: str | int = at
    if at not in EVERY:
        match = _AT.fullmatch(at)
        if match is None:
            raise click.UsageError(f"--at {at!r}: write {', '.join(EVERY)} or @N")
        place = int(match[1])
    return launch(
        _branch,
        interrupted_as=lambda: RESUMABLE,
        text=trajectory,
        at=place,
        count=count,
        depth=depth,
        most=most,
        seed=secrets.randbelow(10**9) if seed is None else seed,
        drawn=seed is None,
        budget=(budget_usd, budget_tokens),
        as_json=as_json,
        path=store,
    )


async def _branch(
    *,
    text: str,
    at: str | int,
    count: int,
    depth: int,
    most: int,
    seed: int,
    drawn: bool,
    budget: tuple[float | None, int | None],
    as_json: bool,
    path: Path,
) -> None:
    from eventsim.cli.progress import Bar
    from eventsim.cli.session import announce, existing, open_store, say_json
    from eventsim.errors import BudgetSpent
    from eventsim.run.branching import grow
    from eventsim.run.fleet import Fleet
    from eventsim.run.places import locate
    from eventsim.run.till import Budget

    if drawn:
        announce(f"seed {seed} was drawn; --seed gives the same tree again")
    made: list[Branch] = []
    async with open_store(existing(path), "write") as store:
        place = await locate(store, f"{text}@{at}" if isinstance(at, int) else text)
        where = place.end if isinstance(at, int) else at
        with Bar(place.info.label, 0) as bar:

            async def on_fork(branch: Branch) -> None:
                made.append(branch)
                bar.advance()

            async with Fleet(store, budget=Budget(*budget)) as fleet:
                try:
                    whole = await grow(
                        store,
                        fleet,
                        place.info,
                        at=where,
                        count=count,
                        depth=depth,
                        seed=seed,
                        most=most,
                        on_fork=on_fork,
                    )
                except BudgetSpent as spent:
                    whole = False
                    announce(f"eventsim: {spent}")
    if as_json:
        for branch in made:
            say_json(_as_json(branch))
        return
    _print(made, place.info.label)
    if not whole:
        again = f"--seed {seed} with more of --most or of the budget goes on"
        announce(f"the tree is not whole; {again}")


def _as_json(branch: Branch) -> dict[str, Any]:
    from eventsim.run.statistics import outcome

    return {
        "trajectory": branch.state.label,
        "parent": branch.parent,
        "position": branch.position,
        "depth": branch.depth,
        "verdict": outcome(branch.state),
        "positions": branch.state.length,
        "existed": branch.existed,
    }


def _print(made: list[Branch], root: str) -> None:
    from rich.text import Text

    from eventsim.cli.render.columns import counted, print_table
    from eventsim.cli.session import out
    from eventsim.run.statistics import outcome

    rows: list[list[str | Text]] = []
    for branch in made:
        verdict = outcome(branch.state)
        style = "green" if verdict == "valid" else "red"
        rows.append(
            [
                "  " * (branch.depth - 1) + branch.state.label,
                f"{branch.parent}@{branch.position}",
                str(branch.state.length),
                Text(verdict, style=style),
                "was there" if branch.existed else "",
            ]
        )
    print_table(
        out(), ["fork", "begins after", "events", "verdict", ""], rows, right=["events"]
    )
    valid = sum(outcome(branch.state) == "valid" for branch in made)
    out().print(
        f"{counted(len(made), 'sibling')} of {root}, {valid} valid", style="dim"
    )
