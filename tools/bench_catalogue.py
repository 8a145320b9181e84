#!/usr/bin/env python3
"""Open a large store with its catalogue, and make the catalogue again; prints medians.

    tools/bench_catalogue.py [--events 1000000] [--rounds 5] [--directory DIR]

The store holds dialogues of 40 turns, 64 of them written at a time, ten events a batch.
Making the catalogue again checks every frame and every chain; beside it stands one pass
of orjson over the same lines, which checks nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import orjson
from workload import events_of

from eventsim.log.catalogue import CATALOGUE
from eventsim.log.store import Options, Store

AT_ONCE = 64
BATCH = 10
VARIETY = 50


async def fill(path: Path, events: int) -> None:
    """As many dialogues as come to so many events; nothing is synced."""
    told = [events_of(40, seed) for seed in range(VARIETY)]
    options = Options(seals=False)
    async with Store.open(path, durability="os", options=options) as store:

        async def tell(number: int) -> None:
            mine = told[number % VARIETY]
            (last,) = await store.append(None, mine[:1], expected_version=0)
            for start in range(1, len(mine), BATCH):
                batch = mine[start : start + BATCH]
                records = await store.append(
                    last.stream, batch, expected_version=last.version
                )
                last = records[-1]

        count = -(-events // len(told[0]))
        for first in range(0, count, AT_ONCE):
            ours = range(first, min(first + AT_ONCE, count))
            await asyncio.gather(*(tell(number) for number in ours))


async def opened(path: Path) -> tuple[float, int]:
    """(seconds until the store can be read, records)."""
    begun = time.perf_counter()
    async with Store.open(path, mode="read") as store:
        taken = time.perf_counter() - begun
        return taken, sum(info.version for info in store.streams())


def with_catalogue(path: Path) -> float:
    """Seconds."""
    return asyncio.run(opened(path))[0]


def without_catalogue(path: Path) -> float:
    """Seconds; the catalogue is there again afterwards."""
    (path / CATALOGUE).unlink(missing_ok=True)
    return asyncio.run(opened(path))[0]


def bare(path: Path) -> float:
    """Seconds of parsing every line."""
    begun = time.perf_counter()
    for segment in sorted((path / "segments").iterdir()):
        for line in segment.read_bytes().splitlines():
            orjson.loads(line)
    return time.perf_counter() - begun


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--directory", type=Path)
    asked = parser.parse_args()
    ways: dict[str, Callable[[Path], float]] = {
        "one pass of orjson": bare,
        "catalogue made again": without_catalogue,
        "open with the catalogue": with_catalogue,
    }
    with tempfile.TemporaryDirectory(dir=asked.directory) as place:
        path = Path(place) / "store"
        asyncio.run(fill(path, asked.events))
        records = asyncio.run(opened(path))[1]
        taken: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(asked.rounds):
            for name, way in ways.items():
                taken[name].append(way(path))
    medians = {name: statistics.median(each) for name, each in taken.items()}
    print(f"{records:,} events")
    for name, seconds in medians.items():
        print(f"{name:<26}{seconds:>9.3f} s{seconds / records * 1e6:>9.2f} us an event")
    again = medians["one pass of orjson"] / medians["catalogue made again"]
    print(f"made again against orjson {again:>9.2f}     asked >= 0.5")
    opening = medians["open with the catalogue"]
    print(f"open with the catalogue   {opening:>9.3f} s   asked <= 0.3 s")


if __name__ == "__main__":
    main()
