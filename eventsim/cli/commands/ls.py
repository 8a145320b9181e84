"""`eventsim ls`: the trajectories of a store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eventsim.cli.options import RUN, json_option, store_option

if TYPE_CHECKING:
    from rich.text import Text

    from eventsim.log.reader import StreamInfo
    from eventsim.log.store import Store

__all__ = ["command"]


@click.command("ls", epilog="Example: eventsim ls --run bodume")
@click.option("--run", "run", type=RUN, metavar="R", help="Only those of one run.")
@json_option
@store_option
def command(*, run: str | None, as_json: bool, store: Path) -> int:
    """List trajectories, a line each; forks stand beneath what they continue."""
    from eventsim.cli.session import launch

    return launch(_ls, run=run, as_json=as_json, path=store)


async def _ls(*, run: str | None, as_json: bool, path: Path) -> None:
    from eventsim.cli.session import open_store, say_json

    async with open_store(path) as store:
        stream = store.find(run, family="run").stream if run else None
        infos = store.streams(family="dialogue", run=stream)
        if as_json:
            imports = _imports(store)
            for info in infos:
                verdict = await _verdict(store, info)
                say_json(_as_json(info, verdict, imports))
            return
        await _print(store, infos)


def _as_json(info: StreamInfo, verdict: str, imports: frozenset[str]) -> dict[str, Any]:
    return {
        "trajectory": info.label,
        "status": "ended" if info.ended else _status(info, imports),
        "version": info.version,
        "parent": info.parent_label,
        "parent_position": info.fork_position,
        "verdict": verdict,
        "ended": info.ended,
        "positions": info.position + 1,
        "run": info.run,
        "index": info.index,
        "stream": info.stream,
        "hash": info.hash,
        "damaged": info.damaged,
    }


async def _print(store: Store, infos: list[StreamInfo]) -> None:
    from rich.text import Text

    from eventsim.cli.render.columns import counted, print_table
    from eventsim.cli.session import err, out

    if not infos:
        hint = "make some with: eventsim run"
        err().print(f"no trajectories in {store.directory} yet; {hint}")
        return
    rows: list[list[str | Text]] = []
    imports = _imports(store)
    for info, depth in _as_tree(infos):
        verdict = await _verdict(store, info)
        begins = f"{info.parent_label}@{info.fork_position}" if info.parent else ""
        rows.append(
            [
                "  " * depth + info.label,
                Text(verdict, style=_STYLES.get(verdict, "default")),
                _status(info, imports),
                str(info.position + 1),
                str(info.kinds.get("user.messaged", 0)),
                str(info.kinds.get("tool.returned", 0)),
                begins,
            ]
        )
    headings = ["trajectory", "verdict", "status", "events", "user", "tools", "forked"]
    print_table(out(), headings, rows, right=["events", "user", "tools"])
    ended = sum(info.ended is not None for info in infos)
    total = counted(len(infos), "trajectory", "trajectories")
    out().print(f"{total}, {ended} ended", style="dim")


def _imports(store: Store) -> frozenset[str]:
    """The streams of imports."""
    return frozenset(i.stream for i in store.streams(family="run") if i.imported)


def _status(info: StreamInfo, imports: frozenset[str]) -> str:
    """How it stands; nothing goes on in an imported path that was edited."""
    if info.damaged:
        return "damaged"
    given = "imported" if info.imported else "edited"
    return info.ended or (given if info.run_stream in imports else "open")


_STYLES = {"valid": "green", "invalid": "red", "open": "yellow", "damaged": "red"}


def _as_tree(infos: list[StreamInfo]) -> list[tuple[StreamInfo, int]]:
    """Each with its depth, children after their parent."""
    children: dict[str | None, list[StreamInfo]] = {}
    there = {info.stream for info in infos}
    for info in infos:
        parent = info.parent.stream if info.parent else None
        children.setdefault(parent if parent in there else None, []).append(info)
    ordered: list[tuple[StreamInfo, int]] = []
    waiting = [(info, 0) for info in reversed(_by_index(children.get(None, [])))]
    while waiting:
        info, depth = waiting.pop()
        ordered.append((info, depth))
        forks = children.get(info.stream, [])
        waiting += [(fork, depth + 1) for fork in reversed(forks)]
    return ordered


def _by_index(infos: list[StreamInfo]) -> list[StreamInfo]:
    """Runs in the order in which they began, their trajectories by number."""
    runs = list(dict.fromkeys(info.run for info in infos))
    return sorted(infos, key=lambda info: (runs.index(info.run), info.index or 0))


async def _verdict(store: Store, info: StreamInfo) -> str:
    from eventsim.errors import LogCorrupt
    from eventsim.run.verdicts import verdict_of

    try:
        return await verdict_of(store, info)
    except LogCorrupt:
        return "damaged"
