"""`eventsim init`: write a configuration file to begin from."""

from __future__ import annotations

from pathlib import Path

import click

from eventsim.cli.options import json_option, unused_store_option

__all__ = ["command"]

_FILE = Path("eventsim.yaml")


@click.command("init", epilog="Example: eventsim init my-run.yaml")
@click.argument("file", type=click.Path(path_type=Path), default=_FILE)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@json_option
@unused_store_option
def command(*, file: Path, force: bool, as_json: bool) -> None:
    """Write FILE (eventsim.yaml) with every setting, explained and commented out.

    As it is, it changes nothing: what is shown is the default, or an example.
    """
    from eventsim.cli.session import out, say_json
    from eventsim.errors import UsageError
    from eventsim.run.settings.sample_file import sample_file

    try:
        with file.open("w" if force else "x", encoding="utf-8") as target:
            target.write(sample_file())
    except FileExistsError:
        raise UsageError(
            f"{file} is there already; name another file, or write over it with --force"
        ) from None
    if as_json:
        say_json({"file": str(file)})
        return
    option = "" if file == _FILE else f" --config {_quoted(file)}"
    console = out()
    console.print(f"{file} is written: every setting, commented out.", soft_wrap=True)
    console.print(
        f"Say in it what you want, then see what it comes to with: eventsim plan"
        f"{option}\nand generate with: eventsim run{option}",
        soft_wrap=True,
    )


def _quoted(file: Path) -> str:
    import shlex

    return shlex.quote(str(file))
