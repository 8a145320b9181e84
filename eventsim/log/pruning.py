"""Pruning: whole trajectories are deleted, and the log says which and why.

An event in a stream of its own names them first; then every segment that holds records
of them is written without, and blobs that nothing names any more go. Broken off
anywhere, the next pruning finishes it. What others build on is not deleted: a fork
needs its parent, a trajectory its run and preparation.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from eventsim.core.events import Pruned, StreamsPruned
from eventsim.errors import UsageError
from eventsim.log.blobs import DIRECTORY as BLOBS
from eventsim.log.catalogue import CATALOGUE
from eventsim.log.disk import Disk, explained
from eventsim.log.leases import alone
from eventsim.log.reader import StreamInfo
from eventsim.log.recovery import load, repair
from eventsim.log.redaction import named_blobs
from eventsim.log.references import refs_of
from eventsim.log.rewriting import drop_streams, remove_blobs, sweep
from eventsim.log.segments import DIRECTORY
from eventsim.log.store import Options, Store

__all__ = ["Plan", "Pruning", "plan", "prune", "pruned_of"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What would go: the streams that were named, all that is theirs alone, and what
    only explains them; `records` of them in all.
    """

    streams: tuple[StreamInfo, ...]

    @property
    def records(self) -> int:
        """How many."""
        return sum(info.version for info in self.streams)

    def count(self, family: str) -> int:
        """Streams of one family."""
        return sum(info.family == family for info in self.streams)


@dataclass(frozen=True, slots=True)
class Pruning:
    """What went: streams, bytes of segments, blobs, files that crashes had left."""

    streams: int
    saved_bytes: int
    blobs: int
    leftovers: int


async def plan(store: Store, named: Iterable[StreamInfo], *, forks: bool) -> Plan:
    """What deleting these streams takes with it. A run takes its trajectories and what
    was prepared for it; `forks` takes forks of what is named.

    Raises: UsageError if something that stays builds on what would go.
    """
    doomed = {info.stream: info for info in named}
    for info in store.streams():
        if info.run_stream in doomed and info.stream not in doomed:
            doomed[info.stream] = info
    users = await _users(store)
    infos = {info.stream: info for info in store.streams()}
    waiting = list(doomed)
    while waiting:
        stream = waiting.pop()
        for user in users.get(stream, ()):
            if user in doomed:
                continue
            info = infos[user]
            of_doomed_run = info.run_stream in doomed
            about = info.family in ("note", "upkeep")
            # What was prepared for a fork goes with it.
            forked = info.parent or info.family == "preparation"
            if about or (forked and forks) or of_doomed_run:
                doomed[user] = info
                waiting.append(user)
                continue
            what = "is a fork of" if info.parent else "builds on"
            hint = "; --forks deletes forks too" if forked else ""
            raise UsageError(
                f"{info.label} {what} {infos[stream].label} and would lose its "
                f"beginning{hint}"
            )
    if any(info.family == "run" for info in doomed.values()):
        for info in store.streams(family="preparation"):
            if info.stream in users and users[info.stream] <= doomed.keys():
                doomed[info.stream] = info  # shared by runs, and this was the last
    order = [info for info in store.streams() if info.stream in doomed]
    return Plan(tuple(order))


async def _users(store: Store) -> dict[str, set[str]]:
    """Which streams refer to a stream."""
    found: dict[str, set[str]] = {}
    for info in store.streams():
        for record in await store.read(info.stream, stop=info.version):
            if record.event is not None:
                for _, ref in refs_of(record.event):
                    found.setdefault(ref.stream, set()).add(info.stream)
    return found


async def prune(path: Path, plan: Plan, why: str, disk: Disk | None = None) -> Pruning:
    """Delete what was planned, and what an earlier pruning left undone.

    Raises: LogBusy (somebody writes to the store), LogCorrupt, LogError.
    """
    disk = disk or Disk()
    if plan.streams:
        event = StreamsPruned(
            streams=tuple(
                Pruned(
                    stream=info.stream,
                    version=info.version,
                    label=info.label if info.family not in ("note", "upkeep") else "",
                    run=info.run_stream,
                    index=info.index if info.planned else None,
                )
                for info in plan.streams
            ),
            why=why,
        )
        async with Store.open(path, options=Options(disk=disk)) as store:
            await store.append(None, [event], expected_version=0)
    with alone(path):
        return await _finish(path, disk)


async def pruned_of(store: Store) -> list[Pruned]:
    """Every stream that the log says to be deleted."""
    found: list[Pruned] = []
    for info in store.streams(family="upkeep"):
        for record in await store.read(info.stream):
            if isinstance(record.event, StreamsPruned):
                found.extend(record.event.streams)
    return found


async def _finish(path: Path, disk: Disk) -> Pruning:
    known = await asyncio.to_thread(load, path, disk)
    series = sorted({segment.series for segment in known.segments})
    for each in series:
        repair(known, path, disk, each)
    async with Store.open(path, mode="read", options=Options(disk=disk)) as store:
        doomed = {pruned.stream for pruned in await pruned_of(store)}
        there = frozenset(i.stream for i in store.streams() if i.stream in doomed)
    saved = 0
    if there:
        with explained("forget", path / CATALOGUE):
            (path / CATALOGUE).unlink(missing_ok=True)
        saved = await asyncio.to_thread(
            drop_streams, path / DIRECTORY, there, disk, series
        )
    async with Store.open(path, mode="read", options=Options(disk=disk)) as store:
        named = await named_blobs(store)
    with explained("read", path / BLOBS):
        files = {entry.name for entry in (path / BLOBS).iterdir()}
    # A name that was never finished belongs to a process that has ended.
    gone = remove_blobs(path, sorted(files - named), disk)
    texts = [stream.encode() for stream in doomed]
    leftovers = sweep(path / DIRECTORY, texts, disk)
    return Pruning(len(there), saved, gone, leftovers)
