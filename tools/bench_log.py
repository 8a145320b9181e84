#!/usr/bin/env python3
"""Group commit against one write and one fsync an event; prints a table of medians.

    tools/bench_log.py [--events N] [--producers N] [--rounds N] [--directory DIR]

Each producer appends one event at a time and waits until it is durable, as a running
trajectory does. The plain writer does the least that is durable: a line, an fsync.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from eventsim.core.events import Ref, TrajectoryStarted, UserMessaged
from eventsim.log.store import Store
from eventsim.log.verify import verify
from eventsim.log.writer import Durability

TEXT = "Could you find the email of the customer Ana Lima for me, please? " * 3
NOWHERE = Ref(stream="0" * 32, version=1, hash="0" * 64)


def started(number: int) -> TrajectoryStarted:
    """The root of a producer's stream."""
    return TrajectoryStarted(
        label=f"bench-{number}",
        index=number,
        seed=1,
        lineage="0" * 16,
        pipeline="bench",
        run=NOWHERE,
        preparation=NOWHERE,
    )


def plain(directory: Path, events: int) -> tuple[float, float, int]:
    """(seconds, CPU seconds, syncs) of a line and an fsync for each event."""
    event = UserMessaged(text=TEXT)
    wall, cpu = time.perf_counter(), time.process_time()
    descriptor = os.open(directory / "plain.jsonl", os.O_WRONLY | os.O_CREAT)
    for _ in range(events):
        os.write(descriptor, event.payload() + b"\n")
        os.fsync(descriptor)
    os.close(descriptor)
    return time.perf_counter() - wall, time.process_time() - cpu, events


def stored(
    directory: Path, events: int, producers: int, durability: Durability
) -> tuple[float, float, int]:
    """As `grouped`, in a loop of its own."""
    return asyncio.run(grouped(directory, events, producers, durability))


async def grouped(
    directory: Path, events: int, producers: int, durability: Durability
) -> tuple[float, float, int]:
    """(seconds, CPU seconds, commits) of appends by producers that wait for each."""

    async def produce(store: Store, number: int) -> None:
        (last,) = await store.append(None, [started(number)], expected_version=0)
        event = UserMessaged(text=TEXT)
        for _ in range(events // producers):
            (last,) = await store.append(
                last.stream, [event], expected_version=last.version
            )

    path = directory / "store"
    async with Store.open(path, durability=durability) as store:
        wall, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(produce(store, number) for number in range(producers)))
        return time.perf_counter() - wall, time.process_time() - cpu, store.commits


async def reading(directory: Path) -> list[tuple[str, float, int]]:
    """(what, seconds, records) of opening, reading and verifying the last store."""
    path, rows = directory / "store", []

    async def opened(what: str) -> None:
        start = time.perf_counter()
        async with Store.open(path, mode="read") as store:
            taken = time.perf_counter() - start
            rows.append((what, taken, sum(i.version for i in store.streams())))

    await opened("open with the catalogue")
    (path / "catalogue.sqlite").unlink()
    await opened("open without it: scan")
    async with Store.open(path, mode="read") as store:
        start, records = time.perf_counter(), 0
        for info in store.streams():
            records += len(await store.path(info.stream))
        rows.append(("read every path, decoded", time.perf_counter() - start, records))
        start = time.perf_counter()
        report = await verify(store)
        rows.append(("verify", time.perf_counter() - start, report.records))
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--events", type=int, default=6400)
    parser.add_argument("--producers", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--directory", type=Path)
    asked = parser.parse_args()
    plans: tuple[tuple[Durability, int], ...] = (
        ("fsync", 1),
        ("fsync", asked.producers),
        ("os", asked.producers),
        ("memory", asked.producers),
    )
    ways: dict[str, Callable[[Path], tuple[float, float, int]]] = {
        "plain write + fsync": partial(plain, events=asked.events)
    }
    for durability, producers in plans:
        ways[f"store, {durability}, {producers} producers"] = partial(
            stored, events=asked.events, producers=producers, durability=durability
        )
    print(f"{'appending':<34}{'events/s':>10}{'CPU us/event':>14}{'commits':>9}")
    for name, way in ways.items():
        taken = []
        for _ in range(asked.rounds):
            with tempfile.TemporaryDirectory(dir=asked.directory) as directory:
                taken.append(way(Path(directory)))
        wall, cpu, commits = (
            statistics.median(each) for each in zip(*taken, strict=True)
        )
        print(
            f"{name:<34}{asked.events / wall:>10.0f}"
            f"{cpu / asked.events * 1e6:>14.1f}{commits:>9.0f}"
        )
    with tempfile.TemporaryDirectory(dir=asked.directory) as directory:
        asyncio.run(grouped(Path(directory), asked.events, asked.producers, "os"))
        print(f"\n{'reading':<34}{'ms':>10}{'us/record':>14}")
        for name, wall, records in asyncio.run(reading(Path(directory))):
            print(f"{name:<34}{wall * 1e3:>10.1f}{wall / records * 1e6:>14.1f}")


if __name__ == "__main__":
    main()
