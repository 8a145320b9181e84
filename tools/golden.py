#!/usr/bin/env python3
"""Make the golden logs of this release: one bundle a built-in domain, a fork, one of
each pipeline with tools and tasks made by models, and of generation from any state one
that goes on from an import, an edited fork and one with an environment from outside.

    tools/golden.py

Writes replays/<release>/<name>.jsonl. Golden logs are never written again once
released: they are what later releases must still load, fold, verify and export, and
this release must replay. Those that are there are passed over.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import anyio

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # a class of the tests is one of the environments

from eventsim import __version__  # noqa: E402
from eventsim.api import Change, Edits, Project  # noqa: E402
from eventsim.config import RunConfig, ToolFaults  # noqa: E402
from eventsim.environments.domains.registry import DOMAINS  # noqa: E402
from eventsim.log.bundle import write_bundle  # noqa: E402
from eventsim.log.store import Store  # noqa: E402
from eventsim.run.beds import choose_beds  # noqa: E402
from eventsim.run.edits import task_in_words  # noqa: E402
from eventsim.run.fleet import Fleet  # noqa: E402
from eventsim.run.fork import fork  # noqa: E402

REPLAYS = ROOT / "replays"
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
        async with Project.open(Path(place) / "any") as project:
            await _from_any_state(project, folder, Path(place))
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


async def _from_any_state(project: Project, folder: Path, place: Path) -> None:
    """An imported conversation gone on with, a fork with edits, a Python class."""
    row = place / "row.jsonl"
    row.write_text(json.dumps(ROW) + "\n")
    done = await project.import_file("messages", row, licence="Apache-2.0")
    run = await project.run(start=done.label, seed=SEED)
    imported = [each async for each in project.trajectories(run)][-1]
    await _write(project.store, imported.head.stream, folder / "imported.jsonl")

    ledger = {"target": "tests.environments.shelf:Ledger", "exclude": ["die", "hang"]}
    run = await project.run(
        source={"domain": "clinic"},
        environments={"ledger": ledger},
        count=1,
        tasks=2,
        seed=SEED,
    )
    (beside,) = [each async for each in project.trajectories(run)]
    await _write(project.store, beside.head.stream, folder / "environment.jsonl")

    first = await project.trajectory(f"{beside.label}@u1")
    at = first.state.length - 1
    edits = Edits(
        changes=(Change(at, "replace", "Good morning! Which vets are there?"),),
        persona="brisk",
        clock="2026-05-04T09:00:00Z",
        task=task_in_words("find out which vets there are", first),
    )
    (edited,) = await project.fork(f"{beside.label}@{at}", edits=edits, seed=SEED)
    await _write(project.store, edited.head.stream, folder / "edited.jsonl")


ROW = {
    "messages": [
        {"role": "system", "content": "You help the customers of a bike rental."},
        {"role": "user", "content": "Where can I return the bike 417?"},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [
                {
                    "id": "call_a1",
                    "type": "function",
                    "function": {"name": "get_bike", "arguments": {"bike_id": 417}},
                }
            ],
        },
    ],
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "get_bike",
                "description": "Look up a bike.",
                "parameters": {
                    "type": "object",
                    "properties": {"bike_id": {"type": "integer"}},
                    "required": ["bike_id"],
                },
            },
        }
    ],
}


async def _write(store: Store, stream: str, file: Path) -> None:
    shown = file.relative_to(REPLAYS.parent)
    if await anyio.Path(file).exists():
        print(f"{shown}: there")
        return
    size_bytes = await write_bundle(store, stream, file)
    print(f"{shown}: {size_bytes:,} bytes")


if __name__ == "__main__":
    sys.exit(anyio.run(main))
