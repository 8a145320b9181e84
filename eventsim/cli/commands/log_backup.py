"""`eventsim log backup`: a copy of the store, while it is written."""

from __future__ import annotations

from pathlib import Path

import click

from eventsim.cli.options import json_option, store_option

__all__ = ["command"]


@click.command("backup", epilog="Example: eventsim log backup /mnt/safe/runs")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@json_option
@store_option
def command(*, directory: Path, as_json: bool, store: Path) -> int:
    """Copy the store to DIRECTORY, also while other processes write it.

    The copy is what was durable when the command began. Done again, it copies only what
    is new. It is a store like any other: eventsim verify --store DIRECTORY.
    """
    from eventsim.cli.render.columns import counted
    from eventsim.cli.session import existing, out, say_json
    from eventsim.log.backup import back_up

    made = back_up(existing(store), directory)
    if as_json:
        say_json(
            {
                "directory": str(directory),
                "streams": made.streams,
                "records": made.records,
                "segments": made.segments,
                "blobs": made.blobs,
                "copied_bytes": made.copied_bytes,
            }
        )
        return 0
    holds = f"{counted(made.streams, 'stream')}, {counted(made.records, 'record')}"
    new = f"{made.copied_bytes:,} bytes were new"
    out().print(
        f"{directory} holds {holds}, {counted(made.blobs, 'blob')}; {new}",
        style="green",
        soft_wrap=True,
    )
    return 0
