"""`eventsim log seal`: compress what is complete."""

from __future__ import annotations

from pathlib import Path

import click

from eventsim.cli.options import json_option, store_option

__all__ = ["command"]


@click.command("seal", epilog="Example: eventsim log seal --all --level 19")
@click.option(
    "--all",
    "whole",
    is_flag=True,
    help="Also what is not full yet; the log goes on in new files.",
)
@click.option(
    "--level",
    type=click.IntRange(1, 19),
    default=12,
    show_default=True,
    help="How hard to compress; 19 takes five times as long.",
)
@json_option
@store_option
def command(*, whole: bool, level: int, as_json: bool, store: Path) -> int:
    """Compress the segments that are complete.

    Nothing changes for whoever reads: a segment goes only after its sealed file gave it
    back byte for byte. A run does so by itself whenever a segment is full.
    """
    from eventsim.cli.render.columns import counted
    from eventsim.cli.session import existing, note, out, say_json
    from eventsim.log.sealing.sealer import seal

    done = seal(existing(store), whole=whole, level=level)
    if as_json:
        say_json(
            {
                "segments": done.segments,
                "plain_bytes": done.plain_bytes,
                "sealed_bytes": done.sealed_bytes,
                "left": done.left,
            }
        )
        return 0
    for name, why in done.left.items():
        note(f"{name} stays as it is: {why}")
    if not done.segments:
        hint = "" if whole else "; --all seals what is not full yet, too"
        out().print(f"nothing to seal{hint}", soft_wrap=True)
        return 0
    times = done.plain_bytes / done.sealed_bytes
    out().print(
        f"{counted(done.segments, 'segment')} sealed: {done.plain_bytes:,} bytes are "
        f"{done.sealed_bytes:,} now, {times:.1f} times less",
        style="green",
        soft_wrap=True,
    )
    return 0
