"""`eventsim replay`: recompute every decision and compare with the record."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from eventsim.cli.env_options import python_option
from eventsim.cli.options import TRAJECTORY, json_option, store_option

if TYPE_CHECKING:
    from rich.console import Console

    from eventsim.log.reader import Reader, StreamInfo
    from eventsim.run.replay import Replayed

__all__ = ["command"]


class _Options(NamedTuple):
    """What was asked for."""

    execute: bool
    current: bool
    python: str


@click.command("replay", epilog="Example: eventsim replay --all --execute")
@click.argument("what", required=False, type=TRAJECTORY, metavar="[T|BUNDLE]")
@click.option("--all", "every", is_flag=True, help="Every trajectory, forks too.")
@click.option("--execute", is_flag=True, help="Repeat the tool calls as well.")
@click.option(
    "--with-current", "current", is_flag=True, help="Use the prompts installed now."
)
@python_option
@json_option
@store_option
def command(
    *,
    what: str | None,
    every: bool,
    execute: bool,
    current: bool,
    python: str,
    as_json: bool,
    store: Path,
) -> int:
    """Replay trajectories from the log alone: no model, no network, nothing written.

    T is a trajectory (the latest if none is given), BUNDLE a file that `export
    bundle` wrote. What models and tools answered is taken as recorded; everything
    else is computed again and compared. The first position and field that differ are
    named, and the exit code is 1.
    """
    from eventsim.cli.session import launch

    if every and what is not None:
        raise click.UsageError("choose one: a trajectory or --all")
    options = _Options(execute=execute, current=current, python=python)
    if what is not None and _is_file(what):
        return launch(_bundle, file=Path(what), options=options, as_json=as_json)
    return launch(
        _store, what=what, every=every, options=options, as_json=as_json, path=store
    )


def _is_file(what: str) -> bool:
    return Path(what).is_file() or what.endswith(".jsonl") or "/" in what


async def _bundle(*, file: Path, options: _Options, as_json: bool) -> int:
    from eventsim.log.bundle import read_bundle

    bundle = await read_bundle(file)
    infos = [bundle.info(bundle.ref.stream)]
    infos += [info for info in bundle.streams(family="preparation") if _by_stages(info)]
    return await _replay(bundle, infos, options, as_json=as_json)


def _by_stages(info: StreamInfo) -> bool:
    """Whether models made a preparation: one made by rule holds no decisions."""
    return info.family == "preparation" and "model.called" in info.kinds


async def _store(
    *,
    what: str | None,
    every: bool,
    options: _Options,
    as_json: bool,
    path: Path,
) -> int:
    from eventsim.cli.session import open_store
    from eventsim.run.places import latest

    async with open_store(path) as store:
        if every:
            infos = [
                info
                for info in store.streams()
                if info.family == "dialogue" or _by_stages(info)
            ]
        else:
            infos = [store.find(what) if what else latest(store)]
        return await _replay(store, infos, options, as_json=as_json)


async def _replay(
    reader: Reader,
    infos: list[StreamInfo],
    options: _Options,
    *,
    as_json: bool,
) -> int:
    from eventsim.cli.progress import Bar
    from eventsim.cli.session import out, say_json
    from eventsim.errors import EventsimError
    from eventsim.run.mounts import Mounts
    from eventsim.run.replay import replay, replay_preparation
    from eventsim.run.shelf import Shelf

    execute, current = options.execute, options.current
    shelf, mounts = Shelf(reader), Mounts(reader, python=options.python)
    console, events = out(), 0
    checked: Counter[str] = Counter()
    failures: list[dict[str, Any]] = []
    unverifiable: list[dict[str, Any]] = []
    with Bar("replay", len(infos)) as bar:
        for info in infos:
            checked[info.family] += 1
            try:
                if info.family == "preparation":
                    found = await replay_preparation(
                        reader, shelf, info.stream, execute=execute, current=current
                    )
                else:
                    found = await replay(
                        reader,
                        shelf,
                        mounts,
                        info.stream,
                        execute=execute,
                        current=current,
                    )
            except EventsimError as error:
                failures.append({"trajectory": info.label, "error": str(error)})
                if not as_json:
                    line = f"{info.label}: {error}"
                    console.print(line, style="red", soft_wrap=True)
            else:
                events += found.events
                if found.redacted is not None:
                    unverifiable.append(
                        {"trajectory": found.label, "position": found.redacted}
                    )
                    line = f"{found.label}: unverifiable, redacted at {found.redacted}"
                    if not as_json:
                        console.print(line, style="yellow", soft_wrap=True)
                if found.divergence is not None:
                    failures.append(_failure(found))
                    if not as_json:
                        _print(console, found, execute=execute)
            bar.advance(f"{len(failures)} differ" if failures else "")
    if as_json:
        say_json(
            {
                "checked": checked["dialogue"],
                "preparations": checked["preparation"],
                "failed": len(failures),
                "events": events,
                "failures": failures,
                "unverifiable": unverifiable,
            }
        )
    else:
        _conclude(console, checked, events, len(failures), len(unverifiable))
    return 1 if failures else 0


def _failure(found: Replayed) -> dict[str, Any]:
    divergence = found.divergence
    assert divergence is not None
    return {
        "trajectory": found.label,
        "position": divergence.position,
        "kind": divergence.kind,
        "field": divergence.field,
        "recorded": divergence.recorded,
        "computed": divergence.computed,
        "difference": list(found.difference),
    }


def _print(console: Console, found: Replayed, *, execute: bool) -> None:
    from rich.text import Text

    from eventsim.cli.render.words import visible

    divergence = found.divergence
    assert divergence is not None
    where = f"{found.label}@{divergence.position}"
    what = f"{divergence.kind}, field {divergence.field}, differs"
    console.print(Text(f"{where}: {what}", style="bold red"), soft_wrap=True)
    console.print(Text(f"  recorded  {visible(divergence.recorded)}"), soft_wrap=True)
    console.print(Text(f"  computed  {visible(divergence.computed)}"), soft_wrap=True)
    for line in found.difference:
        style = {"+": "green", "-": "red"}.get(line[:1], "dim")
        console.print(Text(f"  {visible(line)}", style=style), soft_wrap=True)
    if execute and divergence.kind in ("tool.returned", "environment.mounted"):
        hint = "the database or its SQLite version differs from that of the recording"
        console.print(f"  {hint}", style="dim", soft_wrap=True)


def _conclude(
    console: Console,
    checked: Counter[str],
    events: int,
    failed: int,
    unverifiable: int,
) -> None:
    from eventsim.cli.render.columns import counted

    what = counted(checked["dialogue"], "trajectory", "trajectories")
    if checked["preparation"]:
        what += f" and {counted(checked['preparation'], 'preparation')}"
    if failed:
        console.print(f"checked {what}: {failed} failed", style="bold red")
    elif unverifiable:
        rest = f"{unverifiable} unverifiable, the others as recorded"
        console.print(f"checked {what}: {rest}", style="yellow")
    else:
        console.print(
            f"checked {what}, {counted(events, 'event')}: all as recorded",
            style="green",
        )
