#!/usr/bin/env python3
"""Measure what a model call costs in all: CPU against a bare loop of the same posts.

    python tools/bench_dialogues.py [--turns 40,400] [--trajectories 8] [--rounds 5]

A server in another process answers at once: user messages, tool calls and replies of
the common workload's sizes, until a dialogue has its turns. Our side is everything:
deciding, building and hashing requests, the client, reading, the gate, tools executed
on a real database, the durable log. The other side posts the very same bodies through
`AsyncOpenAI.post`, as many at a time, and reads nothing. Both in one process, in turns;
CPU seconds of the process, all threads, a model call; medians.

The bodies of both sides grow with the dialogue. Growth is that of our CPU a call from
the shortest to the longest dialogue; the bare loop's is printed beside it.

Disk is the log without the bytes of text (messages, results, arguments), for each call.
What all trajectories of a run share (the run, its tools, and blobs: prompts, the
database) is left out of that and printed apart. What a trajectory begins with (its
tasks, what it mounts) is counted, so that short dialogues have more of it a call; what
one call more costs is the slope between the shortest and the longest dialogue.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import multiprocessing
import random
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import anyio

from eventsim.config import Endpoint, Limits, ModelChoice, Roles, RunConfig
from eventsim.environments.domains.registry import DOMAINS, domain_image
from eventsim.log.store import Store
from eventsim.run.audit import rebuild_request
from eventsim.run.fleet import Fleet
from eventsim.run.paths import open_path
from eventsim.run.prepare import Seedbed
from eventsim.run.shelf import Shelf

WORDS = (
    "order account refund shipping address status booking flight cancel change upgrade "
    "seat payment card balance invoice please confirm the my to for with of and a can "
    "help need item return exchange size colour blue delivery tomorrow policy id"
).split()
SEARCH = re.compile(rb'"name":"(search_\w+)"')
ANY = re.compile(rb'"name":"([a-z]+_\w+)","description"')
PROFILE = {
    "tools": "native",
    "structured": "json_schema",
    "reasoning_back": "",
    "seed": True,
    "max_tokens_field": "max_tokens",
}


# --- the server ---------------------------------------------------------------------


def words(seed: bytes, low: int, high: int) -> str:
    """Between `low` and `high` characters of plain words."""
    rng = random.Random(hashlib.sha256(seed).digest())  # noqa: S311
    text, wanted = "", rng.randint(low, high)
    while len(text) < wanted:
        text += f"{rng.choice(WORDS)} "
    return text[:wanted].strip()


def answer(body: bytes) -> dict[str, Any]:
    """What the model of either role says next."""
    last = body.rfind(b'{"role":')
    tail = body[last:]
    if b'"response_format"' in body:
        said = {"user_message": words(body, 200, 800), "is_task_complete": False}
        return {"role": "assistant", "content": json.dumps(said, separators=(",", ":"))}
    if tail.startswith(b'{"role":"user"'):
        found = SEARCH.search(body) or ANY.search(body)
        assert found is not None
        arguments = json.dumps({"name": words(body, 40, 120)}, separators=(",", ":"))
        called = {"name": found[1].decode(), "arguments": arguments}
        call = {"id": "call_x", "type": "function", "function": called}
        text = words(body, 160, 400)
        return {"role": "assistant", "content": text, "tool_calls": [call]}
    return {"role": "assistant", "content": words(body, 200, 800)}


def serve(pipe: Any) -> None:
    """Answer at once until the process is terminated."""
    from aiohttp import web

    async def complete(request: web.Request) -> web.Response:
        choice = {
            "index": 0,
            "message": answer(await request.read()),
            "finish_reason": "stop",
        }
        usage = {"prompt_tokens": 1000, "completion_tokens": 100}
        return web.json_response(
            {"id": "x", "model": "m", "choices": [choice], "usage": usage}
        )

    async def main() -> None:
        app = web.Application(client_max_size=1 << 28)
        app.router.add_post("/v1/chat/completions", complete)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        pipe.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(main())


# --- both sides ---------------------------------------------------------------------


def plan(url: str, turns: int, count: int, seed: int) -> RunConfig:
    """Dialogues that only the limit of turns ends."""
    choice = ModelChoice(endpoint="bench", model="m")
    return RunConfig(
        seed=seed,
        count=count,
        tasks=1,
        limits=Limits(max_turns=turns, samples=50),
        endpoints={
            "bench": Endpoint(base_url=url, profile=PROFILE, key_env="", concurrency=64)
        },
        roles=Roles(user=choice, assistant=choice),
    )


async def ours(place: Path, config: RunConfig) -> float:
    """CPU seconds of a whole run."""
    clinic = DOMAINS["clinic"]
    bed = Seedbed(domain_image("clinic"), clinic.title, clinic.about)
    async with (
        Store.open(place, mode="write") as store,
        Fleet(store, concurrency=config.count) as fleet,
    ):
        run = await fleet.begin(config, [bed])
        begun = time.process_time()
        await fleet.go(await fleet.work(run))
        return time.process_time() - begun


async def bodies_of(place: Path) -> tuple[list[list[bytes]], dict[str, int]]:
    """Every request of every dialogue, rebuilt, and what stands on disk."""
    requests: list[list[bytes]] = []
    counted = {"calls": 0, "text": 0, "shared": 0}
    async with Store.open(place, mode="read") as store:
        shelf = Shelf(store)
        for info in store.streams(family="dialogue"):
            opened = await open_path(store, shelf, info.stream)
            calls = [
                at for at, e in enumerate(opened.events) if e.kind == "model.called"
            ]
            requests.append([rebuild_request(opened, at).body for at in calls])
            counted["calls"] += len(calls)
            for event in opened.events:
                counted["text"] += len(getattr(event, "text", "").encode())
                counted["text"] += len(getattr(event, "content", "").encode())
                for call in getattr(event, "calls", ()):
                    counted["text"] += len(json.dumps(call.arguments).encode())
        for info in store.streams():
            if info.family == "run" or info.purpose in {"questions", "tools"}:
                records = await store.read(info.stream)
                counted["shared"] += sum(len(record.line) + 1 for record in records)
    counted["log"] = sum(f.stat().st_size for f in (place / "segments").iterdir())
    counted["blobs"] = sum(f.stat().st_size for f in (place / "blobs").iterdir())
    return requests, counted


async def bare(url: str, requests: list[list[bytes]]) -> float:
    """CPU seconds of a loop that posts the same bodies, as many at a time."""
    from openai import AsyncOpenAI, DefaultAioHttpClient

    client = AsyncOpenAI(
        base_url=url, api_key="x", max_retries=0, http_client=DefaultAioHttpClient()
    )

    async def one(bodies: list[bytes]) -> None:
        for body in bodies:
            await client.post(
                "/chat/completions",
                content=body,
                cast_to=object,
                options={"headers": {"Content-Type": "application/json"}},
            )

    begun = time.process_time()
    async with anyio.create_task_group() as group:
        for bodies in requests:
            group.start_soon(one, bodies)
    spent = time.process_time() - begun
    await client.close()
    return spent


async def measure(url: str, turns: int, count: int, rounds: int) -> dict[str, float]:
    """Medians over rounds, each with both sides one after the other."""
    rows: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as warm:  # imports, and caches of the database
        await ours(Path(warm) / "store", plan(url, 40, 1, rounds))
    for number in range(rounds):
        with tempfile.TemporaryDirectory() as temporary:
            place = Path(temporary) / "store"
            spent = await ours(place, plan(url, turns, count, number))
            requests, counted = await bodies_of(place)
            plain = await bare(url, requests)
            calls = counted["calls"]
            size = sum(len(body) for bodies in requests for body in bodies)
            own = counted["log"] - counted["shared"] - counted["text"]
            rows.append(
                {
                    "calls": calls,
                    "body_kb": size / calls / 1_000,
                    "ours_ms": 1_000 * spent / calls,
                    "bare_ms": 1_000 * plain / calls,
                    "ratio": spent / plain,
                    "disk_b": own / calls,
                    "shared_kb": (counted["shared"] + counted["blobs"]) / 1_000,
                }
            )
    return {key: statistics.median(row[key] for row in rows) for key in rows[0]}


def _slope(short: dict[str, float], long: dict[str, float]) -> float:
    """Bytes of disk beyond text that one call more costs."""
    more = long["calls"] - short["calls"]
    whole = long["disk_b"] * long["calls"] - short["disk_b"] * short["calls"]
    return whole / more if more else long["disk_b"]


def main() -> int:
    """Start the server, measure each length, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--turns", default="40,400")
    parser.add_argument("--trajectories", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    near, far = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(far,))
    server.start()
    try:
        url = f"http://127.0.0.1:{near.recv()}/v1"
        found = {}
        for turns in map(int, options.turns.split(",")):
            row = anyio.run(measure, url, turns, options.trajectories, options.rounds)
            found[turns] = row
            print(
                f"{turns:>4} turns: {row['calls']:.0f} calls of {row['body_kb']:.1f} "
                f"kB; CPU a call {row['ours_ms']:.2f} ms, bare {row['bare_ms']:.2f} "
                f"ms: {row['ratio']:.2f} times; disk beyond text {row['disk_b']:.0f} B "
                f"a call, shared by all {row['shared_kb']:.0f} kB",
                flush=True,
            )
        short, long = min(found), max(found)
        growth = found[long]["ours_ms"] / found[short]["ours_ms"]
        plain = found[long]["bare_ms"] / found[short]["bare_ms"]
        slope = _slope(found[short], found[long])
        print(
            f"from {short} to {long} turns: ours {growth:.2f}, bare {plain:.2f} times; "
            f"disk beyond text of one call more {slope:.0f} B"
        )
    finally:
        server.terminate()
        server.join()
    return 0


if __name__ == "__main__":
    sys.exit(main())
