"""`eventsim fork`: continue a trajectory differently."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from eventsim.cli.edit_options import edit_options, read_edits, typed
from eventsim.cli.env_options import drift_option, python_option
from eventsim.cli.options import TRAJECTORY, json_option, store_option
from eventsim.cli.play_option import play_option

if TYPE_CHECKING:
    from rich.console import Console

    from eventsim.core.state import Dialogue

__all__ = ["command"]


@click.command("fork", epilog="Example: eventsim fork bodume-3@u2 -n 3 --seed 1")
@click.argument("place", type=TRAJECTORY, metavar="T@N")
@click.option(
    "-n",
    "count",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Forks, each with a seed of its own.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    help="Where their draws come from. Drawn, printed and recorded if not given.",
)
@click.option("--say", metavar="TEXT", help="Your words instead of the user's next.")
@edit_options
@play_option
@drift_option
@python_option
@json_option
@store_option
def command(
    *,
    place: str,
    count: int,
    seed: int | None,
    say: str | None,
    play: Literal["user", "assistant"] | None,
    on_drift: str,
    python: str,
    as_json: bool,
    store: Path,
    **options: Any,
) -> int:
    """Continue a trajectory from a position, and run the forks to their end.

    A fork begins after position N of T's path: T@12, T@-1 for the end, T@u3 after
    the third user message. Nothing of T is copied or changed. With --say it begins
    just before the next user message, which your TEXT takes the place of; with an edit
    just before the first message that is changed. Another model, or a database: see
    eventsim run --from.
    """
    import secrets

    from eventsim.cli.failures import RESUMABLE
    from eventsim.cli.session import launch

    if say is not None and not say.strip():
        raise click.UsageError("--say needs some words")
    return launch(
        _fork,
        interrupted_as=lambda: RESUMABLE,
        text=place,
        count=count,
        seed=secrets.randbelow(10**9) if seed is None else seed,
        drawn=seed is None,
        say=say,
        options=typed(options),
        play=play,
        python=python,
        marks_drift=on_drift == "mark",
        as_json=as_json,
        path=store,
    )


async def _fork(
    *,
    text: str,
    count: int,
    seed: int,
    drawn: bool,
    say: str | None,
    options: dict[str, Any],
    play: Literal["user", "assistant"] | None,
    python: str,
    marks_drift: bool,
    as_json: bool,
    path: Path,
) -> None:
    from eventsim.cli.playing import terminal
    from eventsim.cli.progress import Bar
    from eventsim.cli.session import announce, existing, open_store, out, say_json
    from eventsim.errors import UsageError
    from eventsim.run.fleet import Fleet
    from eventsim.run.fork import fork, sibling_seeds
    from eventsim.run.mounts import Mounts
    from eventsim.run.paths import open_path
    from eventsim.run.places import locate
    from eventsim.run.shelf import Shelf
    from eventsim.run.verdicts import verdict_of

    if "@" not in text:
        raise UsageError(f"say where to fork: {text}@12, {text}@u2, {text}@-1")
    async with open_store(existing(path), "write") as store:
        place = await locate(store, text)
        before = await verdict_of(store, place.info)
        shelf = Shelf(store)
        opened = await open_path(store, shelf, place.info.stream, position=place.end)
        edits = read_edits(options, opened)
        if edits is not None and edits.changes and say is not None:
            raise UsageError("--say and edits of messages exclude each other")
        if drawn:
            announce(f"seed {seed} was drawn; --seed gives the same forks again")
        ended: list[tuple[Dialogue, int]] = []
        with Bar(f"{place.info.label}@{place.end}", 0 if play else count) as bar:
            async with Fleet(
                store,
                player=terminal(play),
                python=python,
                marks_drift=marks_drift,
            ) as fleet:
                for each in sibling_seeds(seed, count):
                    ref, position = await fork(
                        store,
                        place.info,
                        place.end,
                        seed=each,
                        before_user=say is not None,
                        edits=edits,
                        mounts=None if marks_drift else Mounts(store, python=python),
                    )
                    state = await fleet.advance(ref.stream, said=say)
                    ended.append((state, position))
                    bar.advance()
        if as_json:
            for state, position in ended:
                say_json(_as_json(state, place.info.label, position, before))
            return
        console = out()
        _print(console, ended, place.info.label, before)


def _as_json(
    state: Dialogue, parent: str, position: int, before: str
) -> dict[str, Any]:
    from eventsim.run.statistics import outcome

    return {
        "trajectory": state.label,
        "parent": parent,
        "position": position,
        "seed": state.seed,
        "ended": state.ended.reason if state.ended else None,
        "verdict": outcome(state),
        "parent_verdict": before,
        "positions": state.length,
    }


def _print(
    console: Console, ended: list[tuple[Dialogue, int]], parent: str, before: str
) -> None:
    from rich.text import Text

    from eventsim.cli.render.columns import print_table
    from eventsim.run.statistics import outcome, reasons_of

    rows: list[list[str | Text]] = []
    for state, position in ended:
        verdict = outcome(state)
        style = "green" if verdict == "valid" else "red"
        reason = reasons_of(state)[0][0] if verdict == "invalid" else ""
        rows.append(
            [
                state.label,
                f"{parent}@{position}",
                str(state.seed),
                str(state.length),
                Text(verdict, style=style),
                "as its parent" if verdict == before else f"its parent is {before}",
                reason,
            ]
        )
    headings = ["fork", "begins after", "seed", "events", "verdict", "", "why"]
    print_table(console, headings, rows, right=["events"])
    first = ended[0][0].label
    console.print(f"compare: eventsim diff {parent} {first}", style="dim")
