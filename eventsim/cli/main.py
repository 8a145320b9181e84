"""The entry point: the group of all commands, and errors as one line.

Only click is imported here; a command's module is imported when the command is used,
so that `--help` and completion stay fast. Nothing here knows what a command does.
"""

from __future__ import annotations

import io
import os
import sys
from typing import NoReturn

import click

from eventsim import __version__
from eventsim.cli.groups import Commands
from eventsim.cli.registry import GROUPS

__all__ = ["cli", "main"]


@click.group(
    cls=Commands,
    groups=GROUPS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="eventsim")
def cli() -> None:
    """\b
    Multi-turn tool-use dialogues over real databases, every step on record.
    eventsim COMMAND --help says more, with an example.  eventsim --version
    """


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
