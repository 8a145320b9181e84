"""Everything that can be checked about a store, from the bytes of its files alone.

Walks every segment in order with nothing but running heads: frames, chains, payloads,
positions, versions; then forks and references against the hashes that were met, and
every blob against its name. The catalogue is not used; it is checked. A check-point
that is kept elsewhere shows what the bytes alone cannot: a history written anew.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from eventsim.core.events import Ref
from eventsim.core.records import Record
from eventsim.core.values import sha256_hex
from eventsim.errors import LogCorrupt, NotFound
from eventsim.log.blobs import DIRECTORY as BLOBS
from eventsim.log.catalogue import CATALOGUE
from eventsim.log.checkpoint import Checkpoint
from eventsim.log.disk import explained
from eventsim.log.files import (
    durable_size,
    followers,
    is_sealed,
    opened,
    segment_names,
)
from eventsim.log.foundation import standing_on
from eventsim.log.reader import StreamInfo
from eventsim.log.references import blobs_of
from eventsim.log.segments import DIRECTORY
from eventsim.log.store import Store
from eventsim.log.taking import absent_of
from eventsim.log.upcasters import UPCASTERS, Upcasters
from eventsim.log.walk import Problem, Walk

__all__ = ["Problem", "Report", "verify", "verify_trajectory"]


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at, and what is wrong with it.

    `torn` lists (file, offset) of ends that were never acknowledged: no problem.
    `heads` are the states of all streams as their bytes are, damaged ones left out.
    """

    streams: int
    records: int
    blobs: int
    problems: tuple[Problem, ...]
    torn: tuple[tuple[str, int], ...] = ()
    heads: tuple[Ref, ...] = ()

    @property
    def failed(self) -> int:
        """Streams and places that have a problem."""
        return len({p.stream or (p.file, p.offset) for p in self.problems})


async def verify(
    store: Store,
    *,
    checkpoint: Checkpoint | None = None,
    upcasters: Upcasters = UPCASTERS,
) -> Report:
    """Check the whole store as its files are now, and against a check-point.

    Raises: LogError.
    """
    await store.flush()
    streams = store.streams()
    return await asyncio.to_thread(
        _verify, store.directory, streams, checkpoint, upcasters
    )


async def verify_trajectory(store: Store, name: str) -> Report:
    """Check one trajectory with all that it stands on, and no more.

    Reading proves each record against its chain, to the head that the store knows; the
    first damage ends it, for what comes after cannot be proven. Raises: NotFound.
    """
    info = store.find(name)
    problems: list[Problem] = []
    records: list[Record] = []
    try:
        records = await standing_on(store, info.ref)
        if info.damaged is not None:
            await store.read(info.stream)
    except LogCorrupt as damage:
        problems.append(_problem(damage, store))
    blobs = dict.fromkeys(
        blob
        for record in records
        for _, blob in (blobs_of(record.event) if record.event else ())
    )
    absent = await absent_of(store)
    for blob in blobs:
        if blob in absent:
            continue
        try:
            await store.get_blob(blob)
        except (LogCorrupt, NotFound) as damage:
            problems.append(Problem("blob", str(damage), f"{BLOBS}/{blob}"))
    streams = {record.stream: record.ref for record in records}
    return Report(
        streams=len(streams),
        records=len(records),
        blobs=len(blobs),
        problems=tuple(problems),
        heads=tuple(streams.values()),
    )


def _problem(damage: LogCorrupt, store: Store) -> Problem:
    label = store.info(damage.stream).label if damage.stream else None
    return Problem(
        "record", damage.what, damage.file, damage.offset, damage.stream, label,
        damage.position,
    )  # fmt: skip


def _verify(
    path: Path,
    streams: list[StreamInfo],
    checkpoint: Checkpoint | None,
    upcasters: Upcasters,
) -> Report:
    walk = Walk(upcasters)
    directory = path / DIRECTORY
    for name, following in followers(segment_names(directory)).items():
        if is_sealed(directory, name):
            _walk_sealed(walk, directory, name)
            continue
        with explained("read", directory / name):
            data = (directory / name).read_bytes()
            durable = durable_size(directory, following) if following else 0
        if following:
            durable = durable or len(data)
        walk.take_segment(f"{DIRECTORY}/{name}", data, durable=durable)
    walk.finish()
    blobs = _verify_blobs(path / BLOBS, walk)
    _verify_catalogue(walk, streams)
    if checkpoint is not None:
        _verify_checkpoint(walk, checkpoint)
    return Report(
        streams=len(walk.chains),
        records=walk.records,
        blobs=blobs,
        problems=tuple(walk.problems),
        torn=tuple(walk.torn),
        heads=tuple(
            Ref(stream=chain.id, version=chain.version, hash=chain.previous)
            for chain in walk.chains.values()
            if chain.previous is not None
        ),
    )


def _walk_sealed(walk: Walk, directory: Path, name: str) -> None:
    try:
        sealed = opened(directory, name)
    except LogCorrupt as damage:
        walk.problems.append(Problem("segment", damage.what, damage.file))
        return
    before = len(walk.problems)
    try:
        walk.take_sealed(sealed)
        walk.problems += [
            Problem("segment", what, sealed.file, at) for what, at in sealed.worn()
        ]
        if len(walk.problems) == before:
            sealed.plain()
    except LogCorrupt as damage:
        walk.problems.append(Problem("segment", damage.what, damage.file))
    finally:
        sealed.close()


def _verify_blobs(directory: Path, walk: Walk) -> int:
    """Those referred to must be there, unless a bundle came without them, and those
    there must match their names.
    """
    with explained("read", directory):
        there = {entry.name for entry in directory.iterdir() if "." not in entry.name}
        for name in sorted(there | (walk.blobs.keys() - walk.absent)):
            if name not in there:
                what = "is missing"
            elif sha256_hex((directory / name).read_bytes()) != name:
                what = "does not match its name"
            else:
                continue
            use = walk.blobs.get(name)
            if use is None:
                what = f"the blob {what}"
                walk.problems.append(Problem("blob", what, f"{BLOBS}/{name}"))
            else:
                walk.report(f"payload.{use.field}", f"the blob {name} {what}", use)
    return len(there | (walk.blobs.keys() - walk.absent))


def _verify_catalogue(walk: Walk, streams: list[StreamInfo]) -> None:
    """What the store believes of its streams, unless they are damaged anyway."""
    damaged = {problem.stream for problem in walk.problems}
    for info in streams:
        if info.stream in damaged or info.damaged is not None:
            continue
        chain = walk.chains.get(info.stream)
        if chain is None or chain.hash_at(info.version) != info.hash:
            what = f"version {info.version} is not in the log; delete {CATALOGUE}"
            walk.problems.append(
                Problem("catalogue", what, CATALOGUE, 0, info.stream, info.label)
            )


def _verify_checkpoint(walk: Walk, checkpoint: Checkpoint) -> None:
    """Every stream must be there, as long as it was, and have the hash that it had."""
    for ref in checkpoint.heads:
        chain = walk.chains.get(ref.stream)
        if chain is None and ref.stream in walk.pruned:
            continue  # and the log says so
        if chain is None:
            what, label = f"the stream had {ref.version} records and is gone", None
        elif chain.version < ref.version:
            what = f"the stream had {ref.version} records and has {chain.version}"
            label = chain.label
        elif chain.hash_at(ref.version) != ref.hash:
            hash_ = (chain.hash_at(ref.version) or "")[:12]
            what = (
                f"version {ref.version} had hash {ref.hash[:12]} and has {hash_}: "
                "what came before it was written anew"
            )
            label = chain.label
        else:
            continue
        walk.problems.append(
            Problem("checkpoint", what, checkpoint.file, 0, ref.stream, label)
        )
