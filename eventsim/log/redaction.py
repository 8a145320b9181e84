"""Redaction: a payload leaves the log, and the log still proves all the rest.

An event in a stream of its own says first which records lose their payload and why;
then their lines become tombstones, in plain and sealed segments; then blobs that only
they named go. Broken off anywhere, the next redaction finishes it. The digests of model
requests that held the payload go with it: a guess could be tried against them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eventsim.core.events import ModelCalled, PayloadRedacted, Ref
from eventsim.core.records import Record
from eventsim.errors import UsageError
from eventsim.log.codec import tombstone
from eventsim.log.disk import Disk
from eventsim.log.leases import alone
from eventsim.log.references import blobs_of, refs_of
from eventsim.log.rewriting import remove_blobs, replace_lines, sweep
from eventsim.log.segments import DIRECTORY, segment_of
from eventsim.log.store import Options, Store

__all__ = ["Redaction", "redact", "redactions_of"]

_PROBE = 24


@dataclass(frozen=True, slots=True)
class Redaction:
    """What was taken out: records that were named, model calls whose request held them,
    blobs, and files that crashes had left.
    """

    records: int
    covered: int
    blobs: int
    leftovers: int


async def redact(
    path: Path, records: Sequence[Record], why: str, disk: Disk | None = None
) -> Redaction:
    """Take the payloads of these records out of a store, for ever.

    Raises: UsageError (a root cannot go, nor what is empty), LogBusy (somebody writes
    to the store), LogCorrupt, LogError.
    """
    disk = disk or Disk()
    for record in records:
        _check(record)
    async with Store.open(path, options=Options(disk=disk)) as store:
        explained = {event.of for event in await redactions_of(store)}
        links = await _links(store)
        for record in records:
            if record.redacted or record.ref in explained:
                continue
            calls = _covering(links, record)
            event = PayloadRedacted(
                of=record.ref, position=record.position, why=why, covered=calls
            )
            await store.append(None, [event], expected_version=0)
    with alone(path):
        return await _finish(path, disk)


async def redactions_of(store: Store) -> list[PayloadRedacted]:
    """Every redaction that the log explains."""
    found: list[PayloadRedacted] = []
    for info in store.streams(family="upkeep"):
        for record in await store.read(info.stream):
            found += [record.event] if isinstance(record.event, PayloadRedacted) else []
    return found


def _check(record: Record) -> None:
    if record.version == 1:
        raise UsageError(
            f"position {record.position} begins a stream: its label and references "
            "hold the log together; eventsim log prune deletes a whole trajectory"
        )
    if record.redacted:
        return
    try:
        tombstone(record.line)
    except ValueError as error:
        raise UsageError(f"position {record.position}: {error}") from None


@dataclass(slots=True)
class _Links:
    """`calls`: model calls of each stream, by version. `uses`: who builds on a stream:
    (its version, the stream that does, since which version of that).
    """

    calls: dict[str, list[Ref]]
    uses: dict[str, list[tuple[int, str, int]]]


async def _links(store: Store) -> _Links:
    links = _Links({}, {})
    for info in store.streams():
        for record in await store.read(info.stream):
            if isinstance(record.event, ModelCalled):
                links.calls.setdefault(info.stream, []).append(record.ref)
            if record.event is None or isinstance(record.event, PayloadRedacted):
                continue
            for _, ref in refs_of(record.event):
                use = (ref.version, record.stream, record.version)
                links.uses.setdefault(ref.stream, []).append(use)
    return links


def _covering(links: _Links, record: Record) -> tuple[Ref, ...]:
    """Model calls after the record, on its stream and on all that builds on it."""
    found: dict[Ref, None] = {}
    since: dict[str, int] = {}
    waiting = [(record.stream, record.version)]
    while waiting:
        stream, version = waiting.pop()
        if since.get(stream, version + 1) <= version:
            continue
        since[stream] = version
        for call in links.calls.get(stream, ()):
            if call.version > version:
                found[call] = None
        for used, by, at in links.uses.get(stream, ()):
            if used >= version:
                waiting.append((by, at))
    return tuple(found)


async def _finish(path: Path, disk: Disk) -> Redaction:
    places: dict[str, list[int]] = {}
    blobs: set[str] = set()
    probes: list[bytes] = []
    taken: dict[Ref, bool] = {}
    async with Store.open(path, mode="read", options=Options(disk=disk)) as store:
        for event in await redactions_of(store):
            for ref in (event.of, *event.covered):
                if ref in taken:
                    continue
                (record,) = await store.read(
                    ref.stream, start=ref.version - 1, stop=ref.version
                )
                if record.redacted:
                    continue
                if record.event is not None:
                    blobs.update(blob for _, blob in blobs_of(record.event))
                (place,) = await store.places(
                    ref.stream, start=ref.version - 1, stop=ref.version
                )
                name = segment_of(Path(place.file).name) or ""
                places.setdefault(name, []).append(place.offset)
                probes.append(_salted(record.line))
                taken[ref] = ref == event.of
    directory = path / DIRECTORY
    for name, offsets in places.items():
        await asyncio.to_thread(
            replace_lines, directory, name, offsets, tombstone, disk
        )
    leftovers = sweep(directory, probes, disk)
    gone = 0
    if blobs:
        async with Store.open(path, mode="read") as store:
            blobs -= await named_blobs(store)
        gone = remove_blobs(path, sorted(blobs), disk)
    named = sum(taken.values())
    return Redaction(named, len(taken) - named, gone, leftovers)


def _salted(line: bytes) -> bytes:
    """A part of the line that no other has."""
    at = line.index(b'"salt":"')
    return line[at : at + 8 + _PROBE]


async def named_blobs(store: Store) -> set[str]:
    """Every blob that a record names."""
    found: set[str] = set()
    for info in store.streams():
        for record in await store.read(info.stream):
            if record.event is not None:
                found.update(blob for _, blob in blobs_of(record.event))
    return found
