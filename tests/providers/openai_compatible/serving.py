"""A real HTTP server on loopback that answers as it is told, badly if need be.

It speaks on the bare socket, so that a test can break the protocol where it likes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from eventsim.config import Endpoint, Timeouts

REQUEST = b'{"model":"m","messages":[{"role":"user","content":"Hello"}]}'


@dataclass(frozen=True)
class Request:
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)


Write = Callable[[bytes], Awaitable[None]]
Answer = Callable[[Request, Write], Awaitable[None]]


@dataclass
class Server:
    """Where it is, and what came."""

    base_url: str = ""
    requests: list[Request] = field(default_factory=list)

    def endpoint(self, **fields: Any) -> Endpoint:
        return Endpoint(base_url=self.base_url, key_env="", **fields)


def http(
    body: bytes | dict[str, Any] | list[Any],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """A whole response."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = {"content-type": "application/json", **(headers or {})}
    lines = [
        f"HTTP/1.1 {status} Words",
        f"content-length: {len(content)}",
        *(f"{name}: {value}" for name, value in fields.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def completion(content: str | None = "Hi.", **message: Any) -> dict[str, Any]:
    """A well-formed answer."""
    return {
        "id": "c1",
        "object": "chat.completion",
        "model": "m",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": content, **message},
            }
        ],
        "usage": {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9},
    }


def always(response: bytes) -> Answer:
    """The same response to every request."""

    async def answer(_: Request, write: Write) -> None:
        await write(response)

    return answer


def in_turn(*responses: bytes) -> Answer:
    """One response after the other, then the last one for ever."""
    left = list(responses)

    async def answer(_: Request, write: Write) -> None:
        await write(left.pop(0) if len(left) > 1 else left[0])

    return answer


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[Server]:
    """Serve; `answer` writes the response to each request. A connection that it
    leaves without a whole response is closed, one with unread data left is reset.
    """
    server = Server()
    open_now: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_now.add(task)

        async def write(data: bytes) -> None:
            if data == RESET:
                writer.transport.abort()
                return
            writer.write(data)
            await writer.drain()

        try:
            while (request := await _read(reader)) is not None:
                server.requests.append(request)
                await answer(request, write)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            open_now.discard(task)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    listening = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    server.base_url = f"http://127.0.0.1:{port}/v1"
    try:
        yield server
    finally:
        listening.close()
        for task in list(open_now):
            task.cancel()
        await asyncio.gather(*open_now, return_exceptions=True)


RESET = b"\0reset"
HURRIED = Timeouts(connect_s=0.3, first_byte_s=0.3, total_s=5)


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.split("\r\n")[:-2]
    pairs = (line.split(":", 1) for line in lines)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(first.split(" ")[1], headers, body)
