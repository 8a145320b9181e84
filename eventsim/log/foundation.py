"""What a path stands on: its own records, and those of every stream that they name.

A bundle takes them along, and verifying one trajectory reads them.
"""

from __future__ import annotations

from graphlib import TopologicalSorter

from eventsim.core.events import PayloadRedacted, Ref
from eventsim.core.records import Record
from eventsim.errors import NotFound
from eventsim.log.reader import Reader
from eventsim.log.references import refs_of

__all__ = ["standing_on"]


async def standing_on(reader: Reader, ref: Ref) -> list[Record]:
    """Records of every stream that the path stands on, each up to the version that
    is used, streams before those which refer to them.

    Raises: NotFound, LogCorrupt.
    """
    streams: dict[str, list[Record]] = {}
    needs: dict[str, list[str]] = {}
    waiting = [ref]
    while waiting:
        wanted = waiting.pop()
        have = streams.setdefault(wanted.stream, [])
        if wanted.version <= len(have):
            continue
        more = await reader.read(wanted.stream, start=len(have), stop=wanted.version)
        have += more
        for record in more:
            for _, needed in refs_of(record.event) if record.event else ():
                needs.setdefault(wanted.stream, []).append(needed.stream)
                waiting.append(needed)
        if len(have) < wanted.version:
            raise NotFound(f"stream {wanted.stream} has no version {wanted.version}")
    for explaining in await _explanations(reader, streams):
        streams[explaining[0].stream] = explaining
        needs[explaining[0].stream] = [
            needed.stream
            for record in explaining
            for _, needed in (refs_of(record.event) if record.event else ())
            if needed.stream in streams
        ]
    order = TopologicalSorter({stream: needs.get(stream, ()) for stream in streams})
    return [record for stream in order.static_order() for record in streams[stream]]


async def _explanations(
    reader: Reader, streams: dict[str, list[Record]]
) -> list[list[Record]]:
    """The streams that say why some of these records were redacted."""
    gone = {r.ref for records in streams.values() for r in records if r.redacted}
    if not gone:
        return []
    found = []
    for info in reader.streams(family="upkeep"):
        records = await reader.read(info.stream)
        told = (r.event for r in records if isinstance(r.event, PayloadRedacted))
        if any(not gone.isdisjoint((event.of, *event.covered)) for event in told):
            found.append(records)
    return found
