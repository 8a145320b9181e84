#!/usr/bin/env python3
"""Measure what the client costs: CPU a model call, beside a bare loop of such posts.

    python tools/bench_client.py [--calls N] [--rounds N] [--at-once N]

Both sides send the same bodies, of several lengths, to a server in another process,
with the same library and transport. They take turns, so that a busy machine slows both;
what is printed is the median of the rounds. Start-up is not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

from eventsim.config import Endpoint
from eventsim.core.values import encode
from eventsim.providers.openai_compatible.client import OpenAICompatible

MESSAGES = (2, 40, 400)
WORDS = "Please change the address of the customer and send me the new invoice. " * 3
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": f"find_customer_{n}",
            "description": "Find a customer by name, and return all that is known.",
            "parameters": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "city": {"type": "string"}},
                "required": ["name"],
            },
        },
    }
    for n in range(20)
]
ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": WORDS},
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150},
}

Call = Callable[[bytes], Awaitable[object]]


class _Answers(asyncio.Protocol):
    """Answers each request with the same bytes, as cheaply as possible."""

    def __init__(self) -> None:
        self._left = 0
        self._received = b""
        content = json.dumps(ANSWER).encode()
        head = (
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
            f"content-length: {len(content)}\r\n\r\n"
        )
        self._response = head.encode() + content

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        if self._left == 0:
            self._received += data
            head, end, rest = self._received.partition(b"\r\n\r\n")
            if not end:
                return
            length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
            self._left, data, self._received = int(length), rest, b""
        self._left -= len(data)
        if self._left == 0:
            self._transport.write(self._response)


def _serve(told: Connection) -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(_Answers, "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def serving() -> Iterator[str]:
    """The base URL of a server in a process of its own."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}/v1"
    finally:
        process.terminate()
        process.join()


def body_of(messages: int) -> bytes:
    """A request with that many messages, and tools."""
    roles = ("user", "assistant")
    lines = [
        {"role": roles[n % 2], "content": f"{n}. {WORDS}"} for n in range(messages)
    ]
    return encode({"model": "m", "messages": lines, "tools": TOOLS, "seed": 7})


async def cpu_us(call: Call, body: bytes, calls: int, at_once: int) -> float:
    """Microseconds of this process's CPU for each of so many calls."""
    left = calls

    async def work() -> None:
        nonlocal left
        while left:
            left -= 1
            await call(body)

    begin = time.process_time()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(at_once):
            tasks.create_task(work())
    return (time.process_time() - begin) / calls * 1e6


async def compare(base_url: str, calls: int, rounds: int, at_once: int) -> None:
    """Print the medians of both sides, and their ratio."""
    from openai import AsyncOpenAI, DefaultAioHttpClient

    endpoint = Endpoint(base_url=base_url, key_env="", concurrency=at_once)
    async with (
        AsyncOpenAI(
            api_key="none",
            base_url=base_url,
            max_retries=0,
            http_client=DefaultAioHttpClient(),
        ) as bare,
        OpenAICompatible("local", endpoint, "") as provider,
    ):

        async def post(body: bytes) -> object:
            return await bare.post("/chat/completions", content=body, cast_to=object)

        async def complete(body: bytes) -> object:
            return await provider.complete(body, idempotency_key="0" * 32)

        print(f"{'messages':>8} {'KB':>6} {'bare us':>8} {'ours us':>8} {'ratio':>6}")
        for messages in MESSAGES:
            body = body_of(messages)
            await cpu_us(post, body, at_once, at_once)
            await cpu_us(complete, body, at_once, at_once)
            pairs = [
                (
                    await cpu_us(post, body, calls, at_once),
                    await cpu_us(complete, body, calls, at_once),
                )
                for _ in range(rounds)
            ]
            theirs, ours = (
                statistics.median(side) for side in zip(*pairs, strict=True)
            )
            print(
                f"{messages:>8} {len(body) / 1e3:>6.0f} {theirs:>8.0f} {ours:>8.0f} "
                f"{ours / theirs:>6.2f}"
            )


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--calls", type=int, default=300, help="calls a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--at-once", type=int, default=8)
    given = parser.parse_args(arguments)
    with serving() as base_url:
        asyncio.run(compare(base_url, given.calls, given.rounds, given.at_once))


if __name__ == "__main__":
    main(sys.argv[1:])
