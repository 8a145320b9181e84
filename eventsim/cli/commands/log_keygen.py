"""`eventsim log keygen`: a key to sign check-points with."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["command"]


@click.command("keygen", epilog="Example: eventsim log keygen ~/eventsim.key")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def command(*, file: Path) -> int:
    """Make a key to sign check-points with: FILE, and FILE.pub to check them.

    Keep FILE where nobody who can write the store can read it, and FILE.pub where they
    cannot write: who has both the store and the key can rewrite history and sign it.
    """
    from eventsim.cli.session import announce
    from eventsim.log.checkpoint import fingerprint, make_key

    public = make_key(file)
    announce(f"{file} signs, {file}.pub checks; fingerprint {fingerprint(public)}")
    return 0
