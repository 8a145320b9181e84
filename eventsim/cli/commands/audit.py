"""`eventsim audit`: where one event comes from."""

from __future__ import annotations

from pathlib import Path

import click

from eventsim.cli.options import TRAJECTORY, json_option, store_option

__all__ = ["command"]


@click.command("audit", epilog="Example: eventsim audit bodume-3@12")
@click.argument("place", type=TRAJECTORY, metavar="T[@N]")
@json_option
@store_option
def command(*, place: str, as_json: bool, store: Path) -> int:
    """Trace the event at a position: who made it, from what, and why.

    The model, its parameters, attempts and usage; the exact request, rebuilt from the
    log and checked against its recorded hash; the behaviour rule behind it; what
    caused it, step by step, back to the root across forks and mounts. Without @N: the
    last event. The exit code is 1 if a request does not match its hash.
    """
    from eventsim.cli.session import launch

    return launch(_audit, text=place, as_json=as_json, path=store)


async def _audit(*, text: str, as_json: bool, path: Path) -> int:
    from eventsim.cli.render.audit import audit_as_json, print_audit
    from eventsim.cli.session import open_store, out, say_json
    from eventsim.run.audit import audit
    from eventsim.run.paths import Opened, open_any
    from eventsim.run.places import locate
    from eventsim.run.shelf import Shelf
    from eventsim.run.transcripts import origin_of_path

    async with open_store(path) as store:
        place = await locate(store, text, preparations=True)
        shelf = Shelf(store)
        opened = await open_any(store, shelf, place.info, position=place.end)
        origin = None
        if isinstance(opened, Opened):
            origin = await origin_of_path(opened, shelf)
        labels = {info.stream: info.label for info in store.streams()}
    found = audit(opened, origin)
    if as_json:
        say_json(audit_as_json(found, opened, labels))
    else:
        print_audit(out(), found, opened, labels)
    return 1 if found.request is not None and not found.request.matches else 0
