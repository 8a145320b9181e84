#!/usr/bin/env python3
"""Measure the log beside what others would use; ratios, asked and seen.

    python tools/bench_peers.py [--env DIR] [--rounds 5] [--directory DIR]

The peers (tools/peers/requirements.txt) live in an environment of their own, made in
`--env` when it is not there (or EVENTSIM_BENCH_ENV; by default in the user's cache).
All sides run in turns, as processes or loops of their own over the same trajectories;
medians over rounds. A ratio above 1 means that eventsim is faster or smaller.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterable
from pathlib import Path

import anyio
import orjson
from workload import events_of, messages_of

from eventsim.core.events import DIALOGUE_KINDS, KINDS, Event, TrajectoryForked
from eventsim.core.fold import States
from eventsim.core.values import sha256_hex
from eventsim.log.sealing.sealer import seal
from eventsim.log.store import Store

PEERS = Path(__file__).resolve().parent / "peers"
CACHE = Path.home() / ".cache" / "eventsim-bench"
TRAJECTORIES = 64
STATES = 50
Row = dict[str, float]


def environment(place: Path) -> Path:
    """The interpreter of the peers, made if it is not there. Raises: SystemExit."""
    python = place / "bin" / "python"
    wanted = PEERS / "requirements.txt"
    mark = place / "requirements.txt"
    if mark.exists() and mark.read_text() == wanted.read_text():
        return python
    print(f"making the environment of the peers in {place}", file=sys.stderr)
    venv.create(place, with_pip=True, clear=True)
    pip = [str(python), "-m", "pip", "install", "-q", "-r", str(wanted)]
    if subprocess.run(pip, check=False).returncode:
        raise SystemExit(
            f"the peers could not be installed in {place}; see above, and say with "
            "--env where an environment with them is"
        )
    mark.write_text(wanted.read_text())
    return python


def peer(python: Path, script: str, *arguments: object) -> Row:
    """What a peer's process printed. Raises: SystemExit."""
    done = subprocess.run(
        [str(python), str(PEERS / script), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{script} failed: {done.stderr.strip()[-500:]}")
    found: Row = json.loads(done.stdout)
    return found


def plain(place: Path, lines: list[bytes], times: int) -> float:
    """Seconds of a write and an fsync for each line."""
    descriptor = os.open(place / "plain", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    begun = time.perf_counter()
    for _ in range(times):
        for line in lines:
            os.write(descriptor, line + b"\n")
            os.fsync(descriptor)
    taken = time.perf_counter() - begun
    os.close(descriptor)
    return taken


async def appended(place: Path, told: list[list[Event]], batch: int) -> float:
    """Seconds until all trajectories, at once, have appended all they have."""

    async def tell(store: Store, events: list[Event]) -> None:
        (last,) = await store.append(None, events[:1], expected_version=0)
        for start in range(1, len(events), batch):
            records = await store.append(
                last.stream,
                events[start : start + batch],
                expected_version=last.version,
            )
            last = records[-1]

    async with Store.open(place) as store:
        begun = time.perf_counter()
        async with anyio.create_task_group() as group:
            for events in told:
                group.start_soon(tell, store, events)
        return time.perf_counter() - begun


async def reading(place: Path) -> Row:
    """Seconds of reading all typed and proven, bare, and of a state of the first: some
    positions of it, one after the other, the store opened once.
    """
    async with Store.open(place, mode="read") as store:
        infos = store.streams(family="dialogue")
        begun = time.perf_counter()
        for info in infos:
            await store.path(info.stream)
        read = time.perf_counter() - begun
        records = [r for info in infos for r in await store.path(info.stream)]
        payloads = [(KINDS[r.kind], r.event.payload()) for r in records if r.event]
        begun = time.perf_counter()
        for kind, payload in payloads:
            kind.model_validate_json(payload)
            sha256_hex(payload)
        bare = time.perf_counter() - begun
        length = infos[0].version
        steps = range(1, length, max(length // STATES, 1))
        begun = time.perf_counter()
        path = await store.path(infos[0].stream)
        told = [r.event for r in path if r.event and r.kind in DIALOGUE_KINDS]
        states = States(told)
        for version in steps:
            states.at(min(version, len(told)) - 1)
        state = (time.perf_counter() - begun) / len(steps)
    plain_json = sum(
        len(_bare_json(record.line, record.kind, record.time_us)) for record in records
    )
    log = sum(file.stat().st_size for file in (place / "segments").iterdir())
    return {"read": read, "bare": bare, "state_at": state, "disk": log / plain_json}


def _bare_json(line: bytes, kind: str, time_us: int) -> bytes:
    """What the record says, without proof: no hash, no salt, no frame."""
    fields = orjson.loads(line)
    place = {"stream": fields["stream"], "version": fields["version"]}
    told = {**place, "kind": kind, "time_us": time_us, "payload": fields["payload"]}
    return orjson.dumps(told) + b"\n"


async def forked(place: Path, depth: int) -> tuple[float, float]:
    """(seconds, bytes) of one fork at the end of a dialogue of `depth` turns."""
    count, log = 20, place / "segments"
    async with Store.open(place) as store:
        records = await store.append(None, events_of(depth, 1), expected_version=0)
        last = records[-1]
        before = sum(file.stat().st_size for file in log.iterdir())
        begun = time.perf_counter()
        for number in range(count):
            event = TrajectoryForked(
                label=f"bench-1.{number}",
                parent=last.ref,
                position=last.position,
                seed=number,
                lineage="1" * 16,
            )
            await store.append(None, [event], expected_version=0)
        taken = (time.perf_counter() - begun) / count
        size = sum(file.stat().st_size for file in log.iterdir()) - before
    return taken, size / count


def sealed(place: Path, turns: int) -> float:
    """Bytes of a sealed dialogue, each event appended by itself."""
    asyncio.run(appended(place, [events_of(turns, 1)], 1))
    seal(place, whole=True)
    return sum(file.stat().st_size for file in (place / "segments").iterdir())


def one_round(python: Path, place: Path) -> Row:
    """Every ratio once, the sides one after the other."""
    short = [events_of(40, seed) for seed in range(TRAJECTORIES)]
    alone = events_of(400, 1)
    files = {}
    for name, events in (("short", short[0][1:]), ("long", alone[1:])):
        files[name] = place / name
        lines = [
            orjson.dumps({"kind": x.kind, **orjson.loads(x.payload())}) for x in events
        ]
        files[name].write_bytes(b"\n".join(lines) + b"\n")
    bare_lines = files["short"].read_bytes().splitlines()

    def ours(name: str, told: list[list[Event]], batch: int) -> float:
        return asyncio.run(appended(place / name, told, batch))

    found: Row = {}
    mine = ours("many", short, 1)
    theirs = peer(python, "eventsourced.py", files["short"], TRAJECTORIES, 1, place)
    each = plain(place, bare_lines, 8) / 8 * TRAJECTORIES
    found["append, 64 at once, against eventsourcing"] = theirs["append"] / mine
    found["append, 64 at once, against plain write + fsync"] = each / mine
    tens = peer(python, "eventsourced.py", files["short"], TRAJECTORIES, 10, place)
    found["append in tens against eventsourcing"] = tens["append"] / ours(
        "tens", short, 10
    )
    mine = ours("alone", [alone], 1)
    single = peer(python, "eventsourced.py", files["long"], 1, 1, place)
    found["append, one alone, against eventsourcing"] = single["append"] / mine
    long_lines = files["long"].read_bytes().splitlines()
    found["append, one alone, against plain write + fsync"] = (
        plain(place, long_lines, 1) / mine
    )
    read = asyncio.run(reading(place / "many"))
    found["read, typed and proven, against eventsourcing"] = (
        theirs["rebuild"] / read["read"]
    )
    found["read against bare validate_json + SHA-256"] = read["bare"] / read["read"]
    state = asyncio.run(reading(place / "alone"))
    found["the same, one dialogue of 400 turns"] = state["bare"] / state["read"]
    found["state at a position of 400 turns against eventsourcing"] = (
        single["state_at"] / state["state_at"]
    )
    at40, size = asyncio.run(forked(place / "fork40", 40))
    at400, _ = asyncio.run(forked(place / "fork400", 400))
    messages = place / "messages"
    messages.write_bytes(b"\n".join(orjson.dumps(m) for m in messages_of(400, 1)))
    graph = peer(python, "checkpointed.py", messages, place)
    found["fork at 400 turns against LangGraph"] = graph["seconds"] / at400
    found["fork at 400 turns against 40 (time)"] = at400 / at40
    found["fork, bytes"] = size
    found["open log against bare JSON of the same records"] = read["disk"]
    for turns in (40, 400):
        found[f"sealed, {turns} turns, bytes"] = sealed(place / f"seal{turns}", turns)
    return found


ASKED = {
    "append, 64 at once, against eventsourcing": ">= 12",
    "append, 64 at once, against plain write + fsync": ">= 8",
    "append in tens against eventsourcing": ">= 1.3",
    "append, one alone, against eventsourcing": ">= 0.85",
    "append, one alone, against plain write + fsync": ">= 0.5",
    "read, typed and proven, against eventsourcing": ">= 5",
    "read against bare validate_json + SHA-256": ">= 0.65",
    "the same, one dialogue of 400 turns": ">= 0.65",
    "state at a position of 400 turns against eventsourcing": ">= 6",
    "fork at 400 turns against LangGraph": ">= 6",
    "fork at 400 turns against 40 (time)": "<= 1.3",
    "fork, bytes": "< 1,000",
    "open log against bare JSON of the same records": "<= 1.2",
    "sealed, 40 turns, bytes": "<= 12,000",
    "sealed, 400 turns, bytes": "<= 100,000",
}


def rounds(times: int, once: Callable[[], Row]) -> Iterable[tuple[str, float]]:
    """The median of each figure."""
    rows = [once() for _ in range(times)]
    for name in rows[0]:
        yield name, statistics.median(row[name] for row in rows)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    default = Path(os.environ.get("EVENTSIM_BENCH_ENV", CACHE))
    parser.add_argument("--env", type=Path, default=default)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--directory", type=Path)
    options = parser.parse_args()
    python = environment(options.env)

    def once() -> Row:
        with tempfile.TemporaryDirectory(dir=options.directory) as place:
            return one_round(python, Path(place))

    print(f"{'':<56}{'seen':>9}  asked")
    for name, value in rounds(options.rounds, once):
        shown = f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
        print(f"{name:<56}{shown:>9}  {ASKED[name]}")


if __name__ == "__main__":
    main()
