"""`eventsim log prune`: delete whole trajectories."""

from __future__ import annotations

from pathlib import Path

import click

from eventsim.cli.options import RUN, TRAJECTORY, json_option, store_option

__all__ = ["command"]


@click.command(
    "prune", epilog='Example: eventsim log prune bodume-3 --forks --why "not wanted"'
)
@click.argument("trajectories", type=TRAJECTORY, metavar="[T …]", nargs=-1)
@click.option(
    "--run",
    "runs",
    type=RUN,
    metavar="R",
    multiple=True,
    help="A run with all its trajectories and preparations. May be repeated.",
)
@click.option("--forks", is_flag=True, help="Also the forks of what is deleted.")
@click.option("--why", metavar="TEXT", help="Kept in the log.")
@click.option("--dry-run", is_flag=True, help="Say what would go, and delete nothing.")
@json_option
@store_option
def command(
    *,
    trajectories: tuple[str, ...],
    runs: tuple[str, ...],
    forks: bool,
    why: str | None,
    dry_run: bool,
    as_json: bool,
    store: Path,
) -> int:
    """Delete whole trajectories from the log, and blobs that nothing names any more.

    What other trajectories build on is not deleted. The log keeps that they were there,
    and why they went. Without T and --run it only collects blobs and what crashes left.
    """
    from eventsim.cli.session import launch

    if (trajectories or runs) and not why and not dry_run:
        raise click.UsageError("say --why they are deleted: the log keeps it")
    return launch(
        _prune,
        named=(trajectories, runs),
        forks=forks,
        why=why or "",
        dry_run=dry_run,
        as_json=as_json,
        path=store,
    )


async def _prune(
    *,
    named: tuple[tuple[str, ...], tuple[str, ...]],
    forks: bool,
    why: str,
    dry_run: bool,
    as_json: bool,
    path: Path,
) -> int:
    from eventsim.cli.render.columns import counted
    from eventsim.cli.session import open_store, out, say_json
    from eventsim.log.pruning import plan, prune

    trajectories, runs = named
    async with open_store(path) as store:
        infos = [store.find(name, family="dialogue") for name in trajectories]
        infos += [store.find(name, family="run") for name in runs]
        planned = await plan(store, infos, forks=forks)
    if dry_run:
        if as_json:
            say_json({"would_delete": [i.label for i in planned.streams]})
        for info in () if as_json else planned.streams:
            out().print(f"{info.label}  {info.family}, {info.version} records")
        return 0
    done = await prune(path, planned, why)
    if as_json:
        say_json(
            {
                "trajectories": planned.count("dialogue"),
                "streams": done.streams,
                "saved_bytes": done.saved_bytes,
                "blobs": done.blobs,
                "leftovers": done.leftovers,
            }
        )
        return 0
    if not done.streams:
        out().print(f"{counted(done.blobs, 'blob')} collected", style="green")
        return 0
    out().print(
        f"{counted(planned.count('dialogue'), 'trajectory', 'trajectories')} deleted "
        f"({counted(done.streams, 'stream')}, {done.saved_bytes:,} bytes), "
        f"{counted(done.blobs, 'blob')} collected",
        style="green",
        soft_wrap=True,
    )
    return 0
