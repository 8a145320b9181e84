"""`eventsim branch`: grow a tree of siblings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eventsim.cli.options import TRAJECTORY, budget_options, json_option, store_option

if TYPE_CHECKING:
    from eventsim.errors import BudgetSpent, EndpointDown
    from eventsim.run.branching import Branch

__all__ = ["command"]

_EVERY_TURN = "every-assistant-turn"
_PLACE = re.compile(r"@?(u?-?\d+)")


@click.command(
    "branch",
    epilog="Example: eventsim branch bodume-3 --at every-tool-call -n 2 --depth 2",
)
@click.argument("trajectory", type=TRAJECTORY, metavar="T[@N]")
@click.option(
    "--at",
    show_default=_EVERY_TURN,
    metavar="WHERE",
    help="every-assistant-turn, every-tool-call, or one place: @N, @-1, @u3. "
    "T@N is the same as T --at @N.",
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
    help="How often forks are forked in turn; not with a single place.",
)
@click.option(
    "--most",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="Forks of the whole tree, those that are there included.",
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Drawn if not given.")
@budget_options
@json_option
@store_option
def command(
    *,
    trajectory: str,
    at: str | None,
    count: int,
    depth: int,
    most: int,
    seed: int | None,
    budget_usd: float | None,
    budget_tokens: int | None,
    as_json: bool,
    store: Path,
) -> int:
    """Fork T at every position that is asked for, and the forks again, breadth first.

    A fork begins just before the assistant decides, so that siblings differ in what it
    does. The same --seed gives the same tree in any store, and goes on with one that is
    there.
    """
    import secrets

    from eventsim.cli.failures import RESUMABLE
    from eventsim.cli.session import launch

    name, _, where = trajectory.partition("@")
    return launch(
        _branch,
        interrupted_as=lambda: RESUMABLE,
        name=name,
        at=_every_or_place(where, at),
        count=count,
        depth=depth,
        most=most,
        seed=secrets.randbelow(10**9) if seed is None else seed,
        drawn=seed is None,
        budget=(budget_usd, budget_tokens),
        as_json=as_json,
        path=store,
    )


def _every_or_place(where: str, at: str | None) -> str:
    """One of the words, or a place behind its `@`. Raises: UsageError."""
    from eventsim.run.branching import EVERY

    if where and at is not None:
        raise click.UsageError(
            f"@{where} and --at {at} both say where; leave out one of them"
        )
    if where or at is None:
        return f"@{where}" if where else _EVERY_TURN
    if at in EVERY:
        return at
    match = _PLACE.fullmatch(at)
    if match is None:
        raise click.UsageError(
            f"--at {at!r}: write {', '.join(EVERY)}, or a place: @12, @-1, @u3"
        )
    return f"@{match[1]}"


async def _branch(
    *,
    name: str,
    at: str,
    count: int,
    depth: int,
    most: int,
    seed: int,
    drawn: bool,
    budget: tuple[float | None, int | None],
    as_json: bool,
    path: Path,
) -> int:
    from eventsim.cli.progress import Bar
    from eventsim.cli.session import announce, existing, open_store, say_json
    from eventsim.errors import BudgetSpent, EndpointDown
    from eventsim.run.branching import grow
    from eventsim.run.fleet import Fleet
    from eventsim.run.places import locate
    from eventsim.run.till import Budget

    made: list[Branch] = []
    stopped: BudgetSpent | EndpointDown | None = None
    whole = False
    async with open_store(existing(path), "write") as store:
        single = at.startswith("@")
        place = await locate(store, f"{name}{at}" if single else name)
        if drawn:
            announce(f"seed {seed} was drawn; --seed gives the same tree again")
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
                        at=place.end if single else at,
                        count=count,
                        depth=depth,
                        seed=seed,
                        most=most,
                        on_fork=on_fork,
                    )
                except (BudgetSpent, EndpointDown) as reason:
                    stopped = reason
    if as_json:
        for branch in made:
            say_json(_as_json(branch))
    else:
        _print(made, place.info.label)
    if stopped is not None:
        announce(f"eventsim: {stopped}")
    if not whole:
        announce(_rest(made, seed, stopped))
    return 0 if stopped is None else 1


def _rest(
    made: list[Branch], seed: int, stopped: BudgetSpent | EndpointDown | None
) -> str:
    """How much of the tree is there, and how the rest of it grows."""
    from eventsim.cli.render.columns import counted
    from eventsim.errors import BudgetSpent

    there = f"the tree is not whole: {counted(len(made), 'fork')} of it"
    if stopped is None:
        return f"{there}, as many as --most; --seed {seed} with more of it goes on"
    missing = " with a larger budget" if isinstance(stopped, BudgetSpent) else ""
    return f"{there} came to an end; the same again{missing} and --seed {seed} goes on"


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
    if not made:
        return
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
    before = sum(branch.existed for branch in made)
    there = f"; {before} of the tree's forks were there" if before else ""
    out().print(
        f"{counted(len(made), 'sibling')} of {root}, {valid} valid{there}", style="dim"
    )
