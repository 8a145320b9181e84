"""Notes: remarks and labels that people put on positions of a path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eventsim.core.events import NoteAdded
from eventsim.core.records import Record
from eventsim.core.values import freeze
from eventsim.errors import Diverged
from eventsim.log.reader import Reader
from eventsim.log.store import Store
from eventsim.run.paths import Opened

__all__ = ["Notes", "add_note", "along", "note_drift", "notes_of"]

Notes = Mapping[tuple[str, int], Sequence[NoteAdded]]
"""By the stream and the version that they are about, in the order of their making."""


async def add_note(
    store: Store,
    record: Record,
    *,
    text: str = "",
    labels: Mapping[str, object] = freeze({}),
    author: str = "",
) -> NoteAdded:
    """Put a note on a record, in a stream of its own."""
    note = NoteAdded(
        of=record.ref,
        position=record.position,
        text=text,
        labels=freeze(dict(labels)),
        author=author,
    )
    await store.append(None, [note], expected_version=0)
    return note


async def note_drift(store: Store, opened: Opened, drift: Diverged) -> None:
    """Say at the end of a path that what it stands on answers otherwise now."""
    await add_note(
        store,
        opened.records[-1],
        text=f"mounted again, the call at position {drift.position} answered "
        f"{drift.computed[:_LONGEST]}",
        labels={"drift": drift.position},
    )


_LONGEST = 300


async def notes_of(reader: Reader) -> Notes:
    """Every note of a store."""
    found: dict[tuple[str, int], list[NoteAdded]] = {}
    for info in reader.streams(family="note"):
        for record in await reader.read(info.stream):
            if isinstance(record.event, NoteAdded):
                of = record.event.of
                found.setdefault((of.stream, of.version), []).append(record.event)
    return found


def along(notes: Notes, records: Sequence[Record]) -> dict[int, list[NoteAdded]]:
    """Those on a path, by position."""
    return {
        record.position: list(notes[record.stream, record.version])
        for record in records
        if (record.stream, record.version) in notes
    }
