#!/usr/bin/env python3
"""Forks of one long dialogue over a database, an MCP server and a Python class.

    tools/bench_forks.py [--every N] [--rounds N]

First it proves that the environments mounted at a position are what a straight run to
that position has: at every N-th of over 200 positions, by digest and by asking the MCP
server. Then it measures, at a tenth, at half and at the end of the dialogue, what a
fork's own record takes, and apart from it what mounting again takes, by the calls that
are repeated: medians. Exit code 1 if a state differs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import anyio

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from eventsim.config import Limits, RunConfig  # noqa: E402
from eventsim.core.events import (  # noqa: E402
    AssistantReplied,
    EnvironmentSpec,
    Event,
    ToolCall,
    ToolReturned,
)
from eventsim.core.materials import Materials  # noqa: E402
from eventsim.core.state import Dialogue  # noqa: E402
from eventsim.core.values import freeze  # noqa: E402
from eventsim.log.store import Store  # noqa: E402
from eventsim.run.beds import choose_beds  # noqa: E402
from eventsim.run.fleet import Fleet  # noqa: E402
from eventsim.run.fork import fork  # noqa: E402
from eventsim.run.mounts import Mounts, Remounting  # noqa: E402
from eventsim.run.paths import Opened, open_path  # noqa: E402
from eventsim.run.prepare import Seedbed  # noqa: E402
from eventsim.run.shelf import Shelf  # noqa: E402

SERVER = ROOT / "tests" / "environments" / "mcp_shop.py"
SPECS = (
    EnvironmentSpec(
        name="ledger", kind="python", target="tests.environments.shelf:Ledger"
    ),
    EnvironmentSpec(name="shelf", kind="mcp", target=f"{sys.executable} {SERVER}"),
)
TURNS = 28
Wish = tuple[str, dict[str, Any]]


class Script:
    """A person who plays the assistant: calls, reply after reply, then an answer."""

    role: Any = "assistant"

    def __init__(self, replies: Sequence[Sequence[Wish]]) -> None:
        self._replies = list(replies)

    async def speak(self, state: Dialogue, _: Materials) -> Sequence[Event]:
        """The next of them."""
        if not self._replies:
            return (AssistantReplied(text="Done.", by="person"),)
        calls = tuple(
            ToolCall(
                id=f"call_{state.assistant_calls}_{number}",
                name=name,
                arguments=freeze(arguments),
            )
            for number, (name, arguments) in enumerate(self._replies.pop(0))
        )
        return (AssistantReplied(calls=calls, by="person"),)


def wishes(offered: Sequence[Any]) -> list[list[Wish]]:
    """What the assistant calls, turn after turn: each environment is written to."""
    insert = next(
        (t for t in offered if t.statement and t.statement.effect == "insert"), None
    )
    found: list[list[Wish]] = []
    for number in range(TURNS):
        calls: list[Wish] = [
            ("book", {"amount": number}),
            ("put", {"name": f"thing{number % 4}"}),
        ]
        if insert is not None and number % 2:
            calls.append((insert.name, _some(insert.parameters)))
        if number % 3 == 0:
            calls.append(("take", {"name": "thing0"}))
        found.append(calls)
    return found


def _some(schema: Any) -> dict[str, Any]:
    values = {"integer": 1, "number": 1.0, "string": "2026-01-05"}
    found = {}
    for name in schema.get("required", ()):
        inner = schema["properties"][name]
        kind = inner.get("type", "string")
        first = kind if isinstance(kind, str) else kind[0]
        found[name] = inner["enum"][0] if inner.get("enum") else values[first]
    return found


async def played(store: Store, bed: Seedbed, replies: Any, **fields: Any) -> Opened:
    """A dialogue in which the assistant makes these calls."""
    limits = Limits(max_turns=5_000, max_steps=1_000)
    config = RunConfig(seed=3, count=1, tasks=1, limits=limits, **fields)
    async with Fleet(store, player=Script(replies)) as fleet:
        run = await fleet.begin(config, [bed])
        await fleet.go(await fleet.work(run))
    (info,) = store.streams(family="dialogue", run=run.ref.stream)
    return await open_path(store, Shelf(store), info.stream)


async def compare(store: Store, opened: Opened, every: int) -> tuple[int, int]:
    """Positions looked at, and those whose state differs from a straight run's."""
    mounts = Mounts(store)
    look = opened.materials.tool_by_name["look"]
    straight = await mounts.fresh(opened.state, opened.materials)
    done = looked = wrong = 0
    for position, event in enumerate(opened.events):
        state = opened.states.at(position)
        if isinstance(event, ToolReturned):
            call = opened.states.at(position - 1).pending[0].call
            tool = opened.materials.tool_by_name[call.name]
            if tool.writes:
                await straight.call(tool, call.arguments, ordinal=done)
            done += 1
        if position % every or state.environment is None:
            continue
        there = await mounts.at(
            state, opened.materials, opened.events[: position + 1], opened.grounds
        )
        looked += 1
        same = await there.digest() == await straight.digest()
        mine = await there.call(look, {}, ordinal=0)
        yours = await straight.call(look, {}, ordinal=0)
        wrong += not (same and mine.content == yours.content)
        await there.close()
    await straight.close()
    return looked, wrong


def size_of(store: Store) -> int:
    """Bytes of all segments."""
    place = Path(store.directory) / "segments"
    return sum(file.stat().st_size for file in place.iterdir())


async def costs(store: Store, opened: Opened, position: int, rounds: int) -> str:
    """A line: what a fork at a position takes, and what mounting there takes."""
    info = store.info(opened.head.stream)
    bytes_, record_us, mount_us, calls = [], [], [], 0
    mounts = Mounts(store)
    part = opened.up_to(position)
    for seed in range(rounds):
        before, begun = size_of(store), time.perf_counter_ns()
        await fork(store, info, position, seed=seed)
        record_us.append((time.perf_counter_ns() - begun) / 1_000)
        bytes_.append(size_of(store) - before)
        told = Remounting()
        there = await mounts.at(
            part.state, part.materials, part.events, part.grounds, told=told
        )
        await there.close()
        mount_us.append(told.duration_us)
        calls = told.calls
    return (
        f"{position:>8} {median(bytes_):>8,.0f} {median(record_us) / 1_000:>10,.2f} "
        f"{calls:>9} {median(mount_us) / 1_000:>10,.1f}"
    )


async def main() -> int:
    """Prove, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=7)
    chosen = parser.parse_args()
    bed = choose_beds()[0]
    bed = Seedbed(bed.image, bed.title, bed.about, environments=SPECS)
    with tempfile.TemporaryDirectory() as place:
        async with Store.open(place, mode="write") as store:
            first = await played(store, bed, [[("look", {})]])
            replies = wishes(first.materials.toolset)
            opened = await played(store, bed, replies, difficulty="easy")
            events = len(opened.events)
            print(f"{events} events over a database, an MCP server and a Python class")
            looked, wrong = await compare(store, opened, chosen.every)
            print(f"{looked} positions mounted, {wrong} differ from a straight run")
            print("position    bytes  record ms  repeated   mount ms")
            for at in (events // 10, events // 2, events - 1):
                print(await costs(store, opened, at, chosen.rounds))
    return 1 if wrong or events < 200 else 0


if __name__ == "__main__":
    sys.exit(anyio.run(main))
