"""`eventsim log follow`: records as they are written, by whichever process."""

from __future__ import annotations

from pathlib import Path

import click

from eventsim.cli.options import TRAJECTORY, store_option

__all__ = ["command"]


@click.command("follow", epilog="Example: eventsim log follow | jq .kind")
@click.argument("trajectory", required=False, type=TRAJECTORY, metavar="[T]")
@click.option(
    "--after",
    metavar="CURSOR",
    help="Go on behind a cursor, as an earlier line gave it.",
)
@click.option("--once", is_flag=True, help="End with what is there.")
@store_option
def command(
    *, trajectory: str | None, after: str | None, once: bool, store: Path
) -> int:
    """Print each durable record once, a JSON object a line, until it is stopped.

    Records of a stream come in their order, a fork after what it continues. Each line
    holds a cursor to go on from. With T only that stream.
    """
    from eventsim.cli.session import launch

    return launch(
        _follow, endless=True, trajectory=trajectory, after=after, once=once, path=store
    )


async def _follow(
    *, trajectory: str | None, after: str | None, once: bool, path: Path
) -> int:
    from eventsim.cli.session import open_store, say_json
    from eventsim.log.following import Cursor, follow

    cursor = Cursor.read(after) if after else None
    async with open_store(path) as store:
        stream = store.find(trajectory).stream if trajectory else None
    async for record, behind in follow(path, cursor, stream=stream, endless=not once):
        say_json(
            {
                "stream": record.stream,
                "version": record.version,
                "position": record.position,
                "kind": record.kind,
                "time_us": record.time_us,
                "event": record.event,
                "cursor": str(behind),
            }
        )
    return 0
