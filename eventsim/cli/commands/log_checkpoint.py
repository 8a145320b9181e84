"""`eventsim log checkpoint`: sign what the log holds now."""

from __future__ import annotations

from pathlib import Path

import click

from eventsim.cli.options import json_option, store_option

__all__ = ["command"]


@click.command(
    "checkpoint",
    epilog="Example: eventsim log checkpoint --key ~/eventsim.key -o ~/runs.checkpoint",
)
@click.option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="EVENTSIM_SIGNING_KEY_FILE",
    show_envvar=True,
    required=True,
    metavar="FILE",
    help="The private key; eventsim log keygen makes one.",
)
@click.option(
    "-o",
    "--out",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="Where to write it: somewhere else than the store.",
)
@json_option
@store_option
def command(*, key: Path, file: Path, as_json: bool, store: Path) -> int:
    """Sign a list of all stream heads, so that a rewritten history shows.

    The store is verified first: what is damaged is not signed. Check later with
    eventsim verify --checkpoint FILE.
    """
    from eventsim.cli.session import launch

    return launch(_sign, key=key, file=file, as_json=as_json, path=store)


async def _sign(*, key: Path, file: Path, as_json: bool, path: Path) -> int:
    from eventsim.cli.render.columns import counted
    from eventsim.cli.session import announce, open_store, out, say_json
    from eventsim.log.checkpoint import fingerprint, public_key_of, write_checkpoint
    from eventsim.log.ledger import now_us
    from eventsim.log.verify import verify

    public_key_of(key)  # before the work of verifying
    async with open_store(path) as store:
        report = await verify(store)
    if report.problems:
        for problem in report.problems:
            announce(str(problem))
        announce("eventsim: the store is damaged, and nothing was signed")
        return 1
    made = write_checkpoint(file, report.heads, key=key, time_us=now_us())
    if as_json:
        say_json(
            {
                "file": str(file),
                "streams": len(made.heads),
                "records": report.records,
                "time_us": made.time_us,
                "key": fingerprint(made.public_key),
            }
        )
        return 0
    signed = (
        f"{counted(len(made.heads), 'stream')} of {counted(report.records, 'record')}"
    )
    out().print(
        f"signed {signed} with key {fingerprint(made.public_key)}: {file}",
        style="green",
        soft_wrap=True,
    )
    return 0
