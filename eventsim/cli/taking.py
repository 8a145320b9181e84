"""`eventsim import bundle`: take over what `eventsim export bundle` wrote."""

from __future__ import annotations

from pathlib import Path

__all__ = ["take"]


async def take(*, file: Path, as_json: bool, path: Path) -> None:
    """Take a bundle into a store, and say what came."""
    from eventsim.cli.render.columns import counted
    from eventsim.cli.session import open_store, out, say_json
    from eventsim.log.bundle import read_bundle
    from eventsim.log.taking import take_bundle

    bundle = await read_bundle(file)
    async with open_store(path, "write") as store:
        taken = await take_bundle(store, bundle)
    if as_json:
        say_json(
            {
                "trajectory": taken.label,
                "file": str(file),
                "streams": taken.streams,
                "records": taken.records,
                "blobs": taken.blobs,
                "absent": list(taken.absent),
            }
        )
        return
    console = out()
    if not taken.records:
        console.print(f"{taken.label}: all of {file.name} was here already")
        return
    console.print(
        f"{taken.label}: {counted(taken.records, 'record')} in "
        f"{counted(taken.streams, 'stream')} taken over as they are",
        soft_wrap=True,
    )
    if taken.absent:
        console.print(
            f"{counted(len(taken.absent), 'database')} of the run that this "
            "trajectory does not use did not come along",
            soft_wrap=True,
        )
    console.print(
        f"look at it: eventsim show {taken.label}; fork it: eventsim fork "
        f"{taken.label}@u1",
        style="dim",
        soft_wrap=True,
    )
