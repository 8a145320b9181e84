"""The option that lets a person take a role, shared by what generates.

Only click is imported: this module is loaded for `--help` too.
"""

from __future__ import annotations

import click

__all__ = ["play_option"]

play_option = click.option(
    "--play",
    type=click.Choice(["user", "assistant"]),
    help="Take this role yourself, at the terminal; /help lists what can be typed.",
)
