"""The environments of these tests: a class, and a server over stdio or HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from eventsim.core.events import EnvironmentSpec
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import freeze
from eventsim.environments.environment import CallOutcome
from eventsim.environments.external.mcp import McpServer
from eventsim.environments.external.python import PythonServer
from eventsim.environments.external.remote import Remote, Server
from eventsim.run.external import discover

SERVER = Path(__file__).parent.parent / "mcp_shop.py"
LEDGER = EnvironmentSpec(
    name="ledger",
    kind="python",
    target="tests.environments.shelf:Ledger",
    settings=freeze({"start": 5}),
)


def shelf(*flags: str) -> EnvironmentSpec:
    """The MCP server of the tests, over stdio."""
    command = " ".join([sys.executable, str(SERVER), *flags])
    return EnvironmentSpec(name="shelf", kind="mcp", target=command)


@contextmanager
def over_http(*flags: str, token: str = "") -> Iterator[str]:
    """The URL of a server of the tests that listens."""
    server = subprocess.Popen(
        [sys.executable, str(SERVER), "--http", "0", *flags],
        env={**os.environ, "SHELF_TOKEN": token},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        yield server.stdout.readline().strip()
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def of_class(name: str, **fields: Any) -> EnvironmentSpec:
    """A class of `tests.environments.external.classes`."""
    target = f"tests.environments.external.classes:{name}"
    return EnvironmentSpec(name=name.lower(), kind="python", target=target, **fields)


class Called:
    """An environment as a dialogue uses it, and its tools by name."""

    def __init__(
        self, spec: EnvironmentSpec, named: Mapping[str, ToolDefinition], **options: Any
    ) -> None:
        async def start() -> Server:
            self.started += 1
            server: Server
            if spec.kind == "python":
                server = await PythonServer.start(spec)
            else:
                server = await McpServer.start(spec)
            self.servers.append(server)
            return server

        self.tools = named
        self.started = 0
        self.servers: list[Server] = []
        self.remote = Remote(spec, start, **options)

    async def __call__(self, name: str, /, **arguments: Any) -> CallOutcome:
        return await self.remote.call(self.tools[name], arguments, ordinal=0)


@asynccontextmanager
async def called(spec: EnvironmentSpec, **options: Any) -> AsyncIterator[Called]:
    """An environment that is ready to be called, and closed after."""
    _, tools = await discover([spec])
    there = Called(spec, {tool.name: tool for tool in tools}, **options)
    try:
        yield there
    finally:
        await there.remote.close()
