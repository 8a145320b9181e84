"""`eventsim completion`: the line that a shell needs to complete commands and names."""

from __future__ import annotations

import click

__all__ = ["command"]


@click.command(
    "completion", epilog='Example: eval "$(eventsim completion bash)"  # in ~/.bashrc'
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(*, shell: str) -> None:
    """Print the script that lets SHELL complete commands, options and trajectories.

    Names are read from the store: ./runs, --store or EVENTSIM_STORE.
    """
    from click.shell_completion import get_completion_class

    from eventsim.cli.main import cli

    made = get_completion_class(shell)
    assert made is not None
    click.echo(made(cli, {}, "eventsim", "_EVENTSIM_COMPLETE").source())
