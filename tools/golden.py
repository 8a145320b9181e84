#!/usr/bin/env python3
"""Make the golden logs of this release: one bundle a built-in domain, a fork, and one
of each pipeline with tools and tasks made by models.

    tools/golden.py

Writes replays/<release>/<domain>.jsonl, fork.jsonl and <preset>.jsonl. Golden logs are
never written again once released: they are what later releases must still load, fold,
verify and export, and this release must replay. The tool refuses to overwrite one.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import anyio

from eventsim import __version__
from eventsim.config import RunConfig, ToolFaults
from eventsim.environments.domains.registry import DOMAINS
from eventsim.log.bundle import write_bundle
from eventsim.log.store import Store
from eventsim.run.beds import choose_beds
from eventsim.run.fleet import Fleet
from eventsim.run.fork import fork

REPLAYS = Path(__file__).resolve().parent.parent / "replays"
SEED = 2601
SEEDS = {
    "paper-task": ("task-oriented", "hotel"),
    "paper-user": ("user-oriented", "telecom"),
    "paper-exec": ("user-oriented+execution", "outdoor"),
}
FAULTS = ToolFaults(timeout=0.1, empty=0.1, schema_drift=0.1)


async def main() -> int:
    """Generate, bundle, and say what was written."""
    folder = REPLAYS / __version__
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        async with Store.open(Path(place) / "store", mode="write") as store:
            await _by_rule(store, folder)
            for preset in SEEDS:
                await _by_models(store, folder, preset)
    return 0


async def _by_rule(store: Store, folder: Path) -> None:
    """Tools and tasks by rule: one of each database, and a fork from the middle."""
    beds = choose_beds()
    config = RunConfig(seed=SEED, count=len(beds))
    async with Fleet(store) as fleet:
        run = await fleet.begin(config, beds, ("golden",))
        await fleet.go(await fleet.work(run))
        for name, info in zip(DOMAINS, store.streams(family="dialogue"), strict=True):
            await _write(store, info.stream, folder / f"{name}.jsonl")
        parent = store.find(f"{run.label}-1")
        head, _ = await fork(store, parent, parent.position // 2, seed=SEED)
        await fleet.advance(head.stream)
        await _write(store, head.stream, folder / "fork.jsonl")


async def _by_models(store: Store, folder: Path, preset: str) -> None:
    """All stages asked of a model, which the rules play; tools with faults."""
    pipeline, domain = SEEDS[preset]
    config = RunConfig(
        seed=SEED,
        count=1,
        pipeline=pipeline,
        tools_by="models",
        tasks_by="models",
        faults=FAULTS,
    )
    beds = choose_beds(name=domain, executes=preset == "paper-exec")
    async with Fleet(store) as fleet:
        run = await fleet.begin(config, beds, ("golden",))
        await fleet.go(await fleet.work(run))
        (info,) = store.streams(family="dialogue", run=run.ref.stream)
        await _write(store, info.stream, folder / f"{preset}.jsonl")


async def _write(store: Store, stream: str, file: Path) -> None:
    shown = file.relative_to(REPLAYS.parent)
    if await anyio.Path(file).exists():
        sys.exit(f"{shown} exists; golden logs stay as they are")
    size_bytes = await write_bundle(store, stream, file)
    print(f"{shown}: {size_bytes:,} bytes")


if __name__ == "__main__":
    sys.exit(anyio.run(main))
