"""Everything that can be checked about a store, from the bytes of its files alone.

Walks every segment in order with nothing but running heads: frames, chains, payloads,
positions, versions; then forks and references against the hashes that were met, and
every blob against its name. The catalogue is not used; it is checked.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from eventsim.core.values import sha256_hex
from eventsim.log.blobs import DIRECTORY as BLOBS
from eventsim.log.catalogue import CATALOGUE
from eventsim.log.disk import explained
from eventsim.log.reader import StreamInfo
from eventsim.log.recovery import durable_size, segment_names
from eventsim.log.segments import DIRECTORY
from eventsim.log.store import Store
from eventsim.log.upcasters import UPCASTERS, Upcasters
from eventsim.log.walk import Problem, Walk

__all__ = ["Problem", "Report", "verify"]


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at, and what is wrong with it.

    `torn` lists (file, offset) of ends that were never acknowledged: no problem.
    """

    streams: int
    records: int
    blobs: int
    problems: tuple[Problem, ...]
    torn: tuple[tuple[str, int], ...] = ()

    @property
    def failed(self) -> int:
        """Streams and places that have a problem."""
        return len({p.stream or (p.file, p.offset) for p in self.problems})


async def verify(store: Store, *, upcasters: Upcasters = UPCASTERS) -> Report:
    """Check the whole store as its files are now. Raises: LogError."""
    await store.flush()
    streams = store.streams()
    return await asyncio.to_thread(_verify, store.directory, streams, upcasters)


def _verify(path: Path, streams: list[StreamInfo], upcasters: Upcasters) -> Report:
    walk = Walk(upcasters)
    directory = path / DIRECTORY
    names = segment_names(directory)
    for name, following in zip(names, [*names[1:], None], strict=False):
        with explained("read", directory / name):
            data = (directory / name).read_bytes()
            durable = durable_size(directory / following) if following else 0
        if following:
            durable = durable or len(data)
        walk.take_segment(f"{DIRECTORY}/{name}", data, durable=durable)
    walk.finish()
    blobs = _verify_blobs(path / BLOBS, walk)
    _verify_catalogue(walk, streams)
    return Report(
        streams=len(walk.chains),
        records=walk.records,
        blobs=blobs,
        problems=tuple(walk.problems),
        torn=tuple(walk.torn),
    )


def _verify_blobs(directory: Path, walk: Walk) -> int:
    """Those referred to must be there, and those there must match their names."""
    with explained("read", directory):
        there = {entry.name for entry in directory.iterdir() if "." not in entry.name}
        for name in sorted(there | walk.blobs.keys()):
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
    return len(there | walk.blobs.keys())


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
