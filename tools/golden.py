#!/usr/bin/env python3
"""Make the golden logs of this release: one bundle a built-in domain, and a fork.

    tools/golden.py

Writes replays/<release>/<domain>.jsonl and fork.jsonl. Golden logs are never written
again once released: they are what later releases must still load, fold, verify and
export, and this release must replay. The tool refuses to overwrite one.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import anyio

from eventsim import __version__
from eventsim.config import RunConfig
from eventsim.environments.domains.registry import DOMAINS, domain_image
from eventsim.log.bundle import write_bundle
from eventsim.log.store import Store
from eventsim.run.fleet import Fleet
from eventsim.run.fork import fork
from eventsim.run.prepare import Seedbed

REPLAYS = Path(__file__).resolve().parent.parent / "replays"
SEED = 2601


async def main() -> int:
    """Generate, bundle, and say what was written."""
    folder = REPLAYS / __version__
    folder.mkdir(parents=True, exist_ok=True)
    beds = [Seedbed(domain_image(d.name), d.title, d.about) for d in DOMAINS.values()]
    config = RunConfig(seed=SEED, count=len(beds))
    with tempfile.TemporaryDirectory() as place:
        async with Store.open(Path(place) / "store", mode="write") as store:
            fleet = Fleet(store)
            run = await fleet.begin(config, beds, ("golden",))
            await fleet.go(await fleet.work(run))
            for name, info in zip(
                DOMAINS, store.streams(family="dialogue"), strict=True
            ):
                await _write(store, info.stream, folder / f"{name}.jsonl")
            parent = store.find(f"{run.label}-1")
            head, _ = await fork(store, parent, parent.position // 2, seed=SEED)
            await fleet.advance(head.stream)
            await _write(store, head.stream, folder / "fork.jsonl")
    return 0


async def _write(store: Store, stream: str, file: Path) -> None:
    shown = file.relative_to(REPLAYS.parent)
    if await anyio.Path(file).exists():
        sys.exit(f"{shown} exists; golden logs stay as they are")
    size_bytes = await write_bundle(store, stream, file)
    print(f"{shown}: {size_bytes:,} bytes")


if __name__ == "__main__":
    sys.exit(anyio.run(main))
