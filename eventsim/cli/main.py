"""The entry point: the group of all commands, and errors as one line.

Only click is imported here; a command's module is imported when the command is used,
so that `--help` and completion stay fast. Nothing here knows what a command does.
"""

from __future__ import annotations

import io
import os
import sys
from importlib import import_module
from typing import NoReturn

import click

from eventsim import __version__
from eventsim.cli.registry import GROUPS

__all__ = ["Commands", "cli", "main"]

_COMMANDS = {name: entry for group in GROUPS.values() for name, entry in group.items()}


class Commands(click.Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """In the order of the help page."""
        return list(_COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"eventsim.cli.commands.{_COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with close matches for a name that does not exist."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in _COMMANDS:
            import difflib

            close = difflib.get_close_matches(name, _COMMANDS, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            ctx.fail(f"No such command {name!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(
        self, _ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """One line a command, the group's name before its first."""
        formatter.write_paragraph()
        for title, commands in GROUPS.items():
            for number, (name, (_, line)) in enumerate(commands.items()):
                heading = "" if number else title
                formatter.write(f"  {heading:<9} {name:<11} {line}\n")

    def format_options(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """The commands; the two options are said in the epilog."""
        self.format_commands(ctx, formatter)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="eventsim COMMAND --help says more, with an example.  eventsim --version",
)
@click.version_option(__version__, prog_name="eventsim")
def cli() -> None:
    """Multi-turn tool-use dialogues over real databases, every step on record."""


def main() -> NoReturn:
    """Run the command line and exit: 0 done, 1 not done, 2 wrong usage."""
    _write_any_character()
    try:
        result = cli.main(prog_name="eventsim", standalone_mode=False)
        sys.stdout.flush()
    except (click.exceptions.Abort, KeyboardInterrupt):
        _leave(*_explained(KeyboardInterrupt()))
    except click.ClickException as error:
        _leave(_refused(error), error.exit_code)
    except BrokenPipeError:
        _leave("", 1)
    except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001  # said in words
        _leave(*_explained(error))
    else:
        sys.exit(result if isinstance(result, int) else 0)


def _write_any_character() -> None:
    """A terminal that lacks a character gets a substitute, not an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _refused(error: click.ClickException) -> str:
    said = error.format_message().strip().rstrip(".")
    context = getattr(error, "ctx", None)
    if context is None:
        return said
    return f"{said} (see: {context.command_path} --help)"


def _explained(error: BaseException) -> tuple[str, int]:
    from eventsim.cli.failures import explain

    return explain(error)


def _leave(message: str, code: int) -> NoReturn:
    """Say it on stderr and exit, also when nobody reads our output any more."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if message:
        click.echo(f"eventsim: {message}", err=True)
    sys.exit(code)
