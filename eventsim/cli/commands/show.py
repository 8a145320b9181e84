"""`eventsim show`: one trajectory, as its readers want it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from eventsim.cli.options import TRAJECTORY, json_option, store_option

if TYPE_CHECKING:
    from eventsim.core.events import Event
    from eventsim.log.reader import StreamInfo
    from eventsim.log.store import Store
    from eventsim.run.places import Place

__all__ = ["command"]

_VIEWS = ["transcript", "events", "state", "requests"]


@click.command("show", epilog="Example: eventsim show bodume-3@u2 --as state")
@click.argument("trajectory", required=False, type=TRAJECTORY, metavar="[T[@N]]")
@click.option(
    "--as",
    "view",
    type=click.Choice(_VIEWS),
    default="transcript",
    show_default=True,
    help="What to look at.",
)
@click.option("--whole", is_flag=True, help="Long texts, calls and results in full.")
@json_option
@store_option
def command(
    *, trajectory: str | None, view: str, whole: bool, as_json: bool, store: Path
) -> int:
    """Show a trajectory, or its path up to a position.

    \b
    T is a label or a unique beginning of one; without it, the latest one.
    T@12 ends after position 12, T@-1 at the last one, T@u3 after the third user
    message; positions stand in the margin of the transcript.
    \b
    transcript  what was said and done
    events      every event on the path, one a line
    state       what folding the path gives, and a digest of the database's rows
    requests    every model request, rebuilt and checked against its recorded hash
    \b
    Preparations (tasks-T, tools-…, questions-…) are shown as events and requests.
    """
    from eventsim.cli.session import launch

    return launch(
        _show, text=trajectory, view=view, whole=whole, as_json=as_json, path=store
    )


async def _show(
    *, text: str | None, view: str, whole: bool, as_json: bool, path: Path
) -> None:
    from eventsim.cli.session import open_store
    from eventsim.errors import UsageError
    from eventsim.run.places import locate

    async with open_store(path) as store:
        place = await locate(store, text, preparations=True)
        prepared = place.info.family == "preparation"
        if view == "events" or (prepared and view == "transcript"):
            from eventsim.cli.render.events import show_events
            from eventsim.log.redaction import redactions_of

            records = (await store.path(place.info.stream))[: place.end + 1]
            why = {
                ref: event.why
                for event in await redactions_of(store)
                for ref in (event.of, *event.covered)
            }
            show_events(records, why, as_json=as_json)
        elif view == "requests":
            from eventsim.cli.render.requests import show_requests

            await show_requests(store, place, as_json=as_json)
        elif prepared and view == "state":
            raise UsageError("a preparation has no state to show; use --as events")
        elif view == "state":
            from eventsim.cli.render.state import show_state

            await show_state(store, place, as_json=as_json)
        else:
            await _transcript(store, place, whole=whole, as_json=as_json)


async def _transcript(
    store: Store, place: Place, *, whole: bool, as_json: bool
) -> None:
    from eventsim.cli.render.edited import edits_in_words
    from eventsim.cli.render.transcript import Transcript
    from eventsim.cli.session import out, say_json
    from eventsim.run.lineage import forks_along
    from eventsim.run.notes import along, notes_of
    from eventsim.run.paths import open_path
    from eventsim.run.shelf import Shelf
    from eventsim.run.transcripts import origin_of_path

    shelf = Shelf(store)
    opened = await open_path(
        store,
        shelf,
        place.info.stream,
        position=place.position,
        withheld=not as_json,
    )
    if as_json:
        from eventsim.run.compare import lines_of

        for line in lines_of(opened.events):
            say_json(
                {"position": line.position, "speaker": line.speaker, "text": line.text}
            )
        return
    forks = forks_along(store, opened.records)
    notes = along(await notes_of(store), opened.records)
    page = Transcript(
        out(), opened, last=place.end, forks=forks, notes=notes, whole=whole
    )
    info = place.info
    origin = f"{info.parent_label}@{info.fork_position}" if info.parent else ""
    imported = await origin_of_path(opened, shelf)
    gone = (record.position for record in opened.records if record.redacted)
    page.heading(
        opened.state,
        position=place.position,
        origin=origin,
        edited=edits_in_words(opened, await _parent_events(store, info)),
        file=imported.file.file if imported is not None else "",
        redacted=next(gone, None),
    )
    page.events(opened.events)


async def _parent_events(store: Store, info: StreamInfo) -> list[Event]:
    """The whole path that a trajectory forks; nothing where it forks none. One that
    forked at a record of an earlier trajectory still has its parent's name.
    """
    if info.parent is None or info.fork_position is None:
        return []
    name, _, _ = info.label.rpartition(".")
    for parent in store.labelled(name):
        records = await store.path(parent.stream)
        at = info.fork_position
        if at < len(records) and records[at].hash == info.parent.hash:
            break
    else:
        records = await store.path(info.parent.stream)
    return [record.event for record in records if record.event is not None]
