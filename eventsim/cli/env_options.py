"""The options about external environments, beside those that say which.

Only click is imported at the top: this module is loaded for `--help` too.
"""

from __future__ import annotations

import click

__all__ = ["drift_option", "python_option"]

python_option = click.option(
    "--python",
    default="",
    metavar="FILE",
    help="The interpreter that Python environments run under.",
)


drift_option = click.option(
    "--on-drift",
    type=click.Choice(["refuse", "mark"]),
    default="refuse",
    show_default=True,
    help="What if an external environment answers otherwise when calls are repeated.",
)
