"""Commands with many options show them under headings.

Only click is imported at the top: this module is loaded for `--help` too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

__all__ = ["GroupedCommand", "option"]

F = TypeVar("F", bound=Callable[..., Any])


class _Grouped(click.Option):
    """An option under a heading of the help page."""

    def __init__(self, *args: Any, heading: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.heading = heading


class GroupedCommand(click.Command):
    """A command whose help shows its options under headings."""

    def format_options(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """One list for each heading, the options without any last."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                heading = getattr(parameter, "heading", "Options")
                groups.setdefault(heading, []).append(record)
        last = groups.pop("Options", [])
        for heading, records in [*groups.items(), ("Options", last)]:
            with formatter.section(heading):
                formatter.write_dl(records, col_max=26)


def option(heading: str, *names: str, **attributes: Any) -> Callable[[F], F]:
    """One that `GroupedCommand` shows under a heading."""
    return click.option(*names, cls=_Grouped, heading=heading, **attributes)
