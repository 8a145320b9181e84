"""A group of commands that are imported when they are used.

Only click is imported here, so that `--help` and completion stay fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from eventsim.cli.registry import Groups

__all__ = ["Commands"]


class Commands(click.Group):
    """A group whose commands are imported when they are used."""

    def __init__(self, *args: Any, groups: Groups, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._groups = groups
        self._entries = {
            name: entry for group in groups.values() for name, entry in group.items()
        }

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """In the order of the help page."""
        return list(self._entries)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in self._entries:
            return None
        module = import_module(f"eventsim.cli.commands.{self._entries[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with close matches for a name that does not exist."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in self._entries:
            import difflib

            close = difflib.get_close_matches(name, self._entries, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            ctx.fail(f"No such command {name!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(
        self, _ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """One line a command, the group's name before its first."""
        formatter.write_paragraph()
        for title, commands in self._groups.items():
            for number, (name, (_, line)) in enumerate(commands.items()):
                heading = "" if number else title
                formatter.write(f"  {heading:<9} {name:<11} {line}\n")

    def format_options(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """The commands; the two options are said in the epilog."""
        self.format_commands(ctx, formatter)
