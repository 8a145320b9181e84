"""`eventsim log redact`: take the payload of an event out of the log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from eventsim.cli.options import TRAJECTORY, json_option, store_option

if TYPE_CHECKING:
    from eventsim.core.records import Record
    from eventsim.log.store import Store

__all__ = ["command"]


@click.command(
    "redact", epilog='Example: eventsim log redact bodume-3@14 --why "a phone number"'
)
@click.argument(
    "places", type=TRAJECTORY, metavar="T@N [T@N …]", nargs=-1, required=True
)
@click.option("--why", required=True, metavar="TEXT", help="Kept in the log, for ever.")
@click.option(
    "--bundle",
    "bundles",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    multiple=True,
    help="A bundle that was written before; taken out there too. May be repeated.",
)
@json_option
@store_option
def command(
    *,
    places: tuple[str, ...],
    why: str,
    bundles: tuple[Path, ...],
    as_json: bool,
    store: Path,
) -> int:
    """Take the payload of position N of T out of the log, for ever.

    Its place, its hash and the digest of what it said stay, so that everything still
    verifies; model calls whose request held it lose their request digests. Forks of T
    share what they have in common. Replaying says: unverifiable, redacted at N.
    """
    from eventsim.cli.session import launch

    return launch(
        _redact, places=places, why=why, bundles=bundles, as_json=as_json, path=store
    )


async def _redact(
    *,
    places: tuple[str, ...],
    why: str,
    bundles: tuple[Path, ...],
    as_json: bool,
    path: Path,
) -> int:
    from eventsim.cli.render.columns import counted
    from eventsim.cli.session import open_store, out, say_json
    from eventsim.log.bundle_redaction import redact_bundle
    from eventsim.log.redaction import redact, redactions_of

    async with open_store(path) as store:
        records = [await _record(store, place) for place in places]
    done = await redact(path, records, why)
    async with open_store(path) as store:
        gone = {
            ref for event in await redactions_of(store)
            for ref in (event.of, *event.covered)
        }  # fmt: skip
    in_bundles = {str(file): redact_bundle(file, gone) for file in bundles}
    if as_json:
        say_json(
            {
                "redacted": done.records,
                "covered": done.covered,
                "blobs": done.blobs,
                "leftovers": done.leftovers,
                "bundles": in_bundles,
            }
        )
        return 0
    calls = f", with {counted(done.covered, 'model call')} that held it"
    also = f", and {counted(done.blobs, 'blob')}" if done.blobs else ""
    out().print(
        f"{counted(done.records, 'payload')} taken out"
        f"{calls if done.covered else ''}{also}",
        style="green",
        soft_wrap=True,
    )
    for file, count in in_bundles.items():
        out().print(f"{file}: {counted(count, 'payload')} taken out", soft_wrap=True)
    return 0


async def _record(store: Store, place: str) -> Record:
    from eventsim.errors import UsageError
    from eventsim.run.places import locate

    found = await locate(store, place, preparations=True)
    if found.position is None:
        raise UsageError(
            f"which event of {found.info.label}? write {found.info.label}@N; "
            "eventsim show --as events lists the positions"
        )
    return (await store.path(found.info.stream))[found.position]
