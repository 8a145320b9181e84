"""`eventsim log`: what is done with the store as a whole."""

from __future__ import annotations

import click

from eventsim.cli.groups import Commands
from eventsim.cli.registry import LOG_GROUPS

__all__ = ["command"]


@click.group(
    "log",
    cls=Commands,
    groups=LOG_GROUPS,
    epilog="Example: eventsim log checkpoint --key FILE -o FILE",
)
def command() -> None:
    """Keep a store: what is done with the log as a whole."""
