"""Taking a bundle into a store: its records as they are, its blobs, and what came.

Nothing is sealed again: streams keep their identity, so that what a bundle proves is
proven in the store as well. What the store has already is compared, not written.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from eventsim.core.events import BundleTaken
from eventsim.errors import BadInput
from eventsim.log.bundle import Bundle
from eventsim.log.pruning import pruned_of
from eventsim.log.store import Store

__all__ = ["Taken", "absent_of", "take_bundle", "taken_of"]


@dataclass(frozen=True, slots=True)
class Taken:
    """What a bundle brought: `label` names its trajectory."""

    label: str
    streams: int
    records: int
    blobs: int
    absent: tuple[str, ...]


async def take_bundle(store: Store, bundle: Bundle) -> Taken:
    """Take over everything that a bundle holds and the store does not.

    Broken off, the same again goes on with it. Raises: BadInput for what was deleted
    here; LogConflict where a stream goes another way here; LogBusy.
    """
    gone = {each.stream: each.label for each in await pruned_of(store)}
    there = {info.stream for info in store.streams()}
    heads = {stream: bundle.head(stream) for stream in bundle.in_order}
    for stream in heads:
        if stream in gone:
            raise BadInput(
                f"{gone[stream] or stream} in {bundle.file} was deleted from this "
                "store by log prune; take the bundle into another store"
            )
    new = tuple(stream for stream in heads if stream not in there)
    told = [event.file_sha256 for event in await _told(store)]
    if new and bundle.sha256 not in told:
        event = BundleTaken(
            trajectory=bundle.find(bundle.ref.stream).label,
            file=Path(bundle.file).name,
            file_sha256=bundle.sha256,
            streams=new,
            absent=bundle.left_out,
        )
        await store.append(None, [event], expected_version=0)
    for name in bundle.blobs:
        await store.put_blob(await bundle.get_blob(name))
    records = 0
    for stream in heads:
        records += await store.adopt(await bundle.read(stream))
    return Taken(
        label=bundle.find(bundle.ref.stream).label,
        streams=len(new),
        records=records,
        blobs=len(bundle.blobs),
        absent=bundle.left_out,
    )


async def taken_of(store: Store) -> set[str]:
    """Streams that a bundle brought."""
    return {stream for event in await _told(store) for stream in event.streams}


async def absent_of(store: Store) -> set[str]:
    """Blobs that bundles came without."""
    return {name for event in await _told(store) for name in event.absent}


async def _told(store: Store) -> list[BundleTaken]:
    found: list[BundleTaken] = []
    for info in store.streams(family="upkeep"):
        for record in await store.read(info.stream):
            found += [record.event] if isinstance(record.event, BundleTaken) else []
    return found
