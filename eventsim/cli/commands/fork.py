"""`eventsim fork`: continue a trajectory differently."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from eventsim.cli.edit_options import edit_options, read_edits, typed
from eventsim.cli.env_options import drift_option, python_option
from eventsim.cli.flags import changed_settings
from eventsim.cli.grouped import GroupedCommand
from eventsim.cli.model_options import model_options
from eventsim.cli.options import TRAJECTORY, budget_options, json_option, store_option
from eventsim.cli.play_option import play_option

if TYPE_CHECKING:
    from eventsim.cli.playing import Terminal
    from eventsim.cli.render.forks import Forked
    from eventsim.core.state import Dialogue
    from eventsim.log.store import Store
    from eventsim.run.edits import Edits
    from eventsim.run.fleet import Fleet
    from eventsim.run.mounts import Remounting
    from eventsim.run.paths import Opened
    from eventsim.run.places import Place
    from eventsim.run.settings.layers import Layer

    OnFork = Callable[[Dialogue, str, int], None]

__all__ = ["command"]


@click.command(
    "fork",
    cls=GroupedCommand,
    epilog="Example: eventsim fork bodume-3@u2 -n 3 --seed 1",
)
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
@edit_options
@model_options
@budget_options
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
    budget_usd: float | None,
    budget_tokens: int | None,
    as_json: bool,
    store: Path,
    **options: Any,
) -> int:
    """Continue a trajectory from a position, and run the forks to their end.

    A fork begins after position N of T's path: T@12, T@-1 for the end, T@u3 after
    the third user message. Nothing of T is copied or changed. With --say it begins
    just before the next user message, which your TEXT takes the place of; with an edit
    just before the first message that is changed. More tasks, a database, another
    pipeline: see eventsim run --from.
    """
    import secrets

    from eventsim.cli.playing import resumable, terminal
    from eventsim.cli.session import launch

    if say is not None and not say.strip():
        raise click.UsageError("--say needs some words")
    player = terminal(play)
    return launch(
        _fork,
        interrupted_as=lambda: resumable(player),
        text=place,
        count=count,
        seed=secrets.randbelow(10**9) if seed is None else seed,
        drawn=seed is None,
        say=say,
        options=typed(options),
        said=changed_settings(options),
        budget=(budget_usd, budget_tokens),
        player=player,
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
    said: Layer | None,
    budget: tuple[float | None, int | None],
    player: Terminal | None,
    python: str,
    marks_drift: bool,
    as_json: bool,
    path: Path,
) -> None:
    from eventsim.cli.render.forks import print_forks
    from eventsim.cli.session import announce, existing, open_store, say_json
    from eventsim.errors import UsageError
    from eventsim.run.fleet import Fleet
    from eventsim.run.fork import sibling_seeds
    from eventsim.run.paths import open_path
    from eventsim.run.places import locate
    from eventsim.run.shelf import Shelf
    from eventsim.run.till import Budget

    if "@" not in text:
        raise UsageError(f"say where to fork: {text}@12, {text}@u2, {text}@-1")
    async with open_store(existing(path), "write") as store:
        place = await locate(store, text)
        shelf = Shelf(store)
        opened = await open_path(store, shelf, place.info.stream, position=place.end)
        edits = read_edits(options, opened)
        if edits is not None and edits.changes and say is not None:
            raise UsageError("--say and edits of messages exclude each other")
        if drawn:
            announce(f"seed {seed} was drawn; --seed gives the same forks again")
        wanted = _Wanted(
            place, sibling_seeds(seed, count), edits, said, say, tries=not marks_drift
        )
        mounted: dict[str, Remounting] = {}
        async with Fleet(
            store,
            player=player,
            python=python,
            marks_drift=marks_drift,
            budget=Budget(*budget),
            on_mount=mounted.__setitem__,
        ) as fleet:
            made = await _grow(store, fleet, wanted, opened, mounted, player)
    if as_json:
        for each in made:
            say_json(each.as_json())
    else:
        print_forks(made, opened.materials.source.lasting)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Forks of a place, one for each seed, with what is different on them."""

    place: Place
    seeds: Sequence[int]
    edits: Edits | None
    said: Layer | None
    say: str | None
    tries: bool


async def _grow(
    store: Store,
    fleet: Fleet,
    wanted: _Wanted,
    opened: Opened,
    mounted: Mapping[str, Remounting],
    player: Terminal | None,
) -> list[Forked]:
    """Make them, watched by a bar where nobody plays."""
    from eventsim.cli.progress import Bar
    from eventsim.cli.render.forks import Forked
    from eventsim.run.shelf import Shelf
    from eventsim.run.verdicts import verdict_of

    info = wanted.place.info
    plan = await Shelf(store).plan(opened.footing.run)
    before = await verdict_of(store, info)
    made: list[Forked] = []
    size = 0 if player is not None else len(wanted.seeds)
    with Bar(f"{info.label}@{wanted.place.end}", size) as bar:

        def on_fork(state: Dialogue, parent: str, position: int) -> None:
            if player is not None:
                player.over(state)
            bar.advance()
            told = mounted[state.label]
            made.append(Forked(state, parent, position, before, told))

        going_on = _forks if plan.imported is None else _run
        await going_on(store, fleet, wanted, on_fork)
    return made


async def _forks(store: Store, fleet: Fleet, wanted: _Wanted, on_fork: OnFork) -> None:
    """Siblings, one after another."""
    from eventsim.run.fork import fork

    place = wanted.place
    for seed in wanted.seeds:
        ref, position = await fork(
            store,
            place.info,
            place.end,
            seed=seed,
            before_user=wanted.say is not None,
            edits=wanted.edits,
            said=wanted.said,
            mounts=fleet.mounts if wanted.tries else None,
        )
        state = await fleet.advance(ref.stream, said=wanted.say)
        on_fork(state, place.info.label, position)


async def _run(store: Store, fleet: Fleet, wanted: _Wanted, on_fork: OnFork) -> None:
    """What goes on from an imported path is a run: it has no configuration yet."""
    from eventsim.errors import UsageError
    from eventsim.run.beginning import begin_from_import

    place = wanted.place
    if wanted.say is not None:
        raise UsageError(
            f"{place.info.label} was imported: give --insert or --replace instead of "
            "--say, or take the user's part with --play user"
        )
    run = await begin_from_import(
        store,
        fleet,
        place.info,
        place.end,
        count=len(wanted.seeds),
        seed=wanted.seeds[0],
        edits=wanted.edits,
        said=wanted.said,
    )
    (start,) = run.started.starts
    parent = store.info(start.parent.stream).label
    await fleet.go(
        await fleet.work(run), lambda state: on_fork(state, parent, start.position)
    )
