"""Python environments: a class whose public methods are the tools, in a process of its
own (`host.py`), under an interpreter of choice.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio
import orjson
from anyio.abc import Process

from eventsim.core.events import EnvironmentSpec
from eventsim.environments.external.remote import Answer, ServerDied
from eventsim.errors import BadInput

__all__ = ["PythonServer"]

_HOST = Path(__file__).with_name("host.py")
_LONGEST = 64 << 20
_START_S = 60.0


class PythonServer:
    """A running host. Make it with `start`."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._held = b""
        self.tools: tuple[dict[str, Any], ...] = ()
        self.version = ""

    @classmethod
    async def start(cls, spec: EnvironmentSpec, interpreter: str = "") -> PythonServer:
        """Raises: BadInput if the class cannot be made."""
        command = [interpreter or sys.executable, "-u", str(_HOST)]
        try:
            process = await anyio.open_process(command, stderr=subprocess.DEVNULL)
        except OSError as error:
            raise BadInput(f"{command[0]} cannot be run: {error.strerror}") from error
        server = cls(process)
        wish = {
            "do": "open",
            "target": spec.target,
            "settings": dict(spec.settings),
            "setup": [list(step) for step in spec.setup],
        }
        try:
            with anyio.fail_after(_START_S):
                told = await server._ask(wish)
        except (ServerDied, TimeoutError) as death:
            await server.close()
            raise BadInput(f"{spec.target} could not be started: {death}") from death
        except BaseException:
            await server.close()
            raise
        if "error" in told:
            await server.close()
            raise BadInput(f"{spec.target}: {told['error']['message']}")
        server.tools = tuple(
            tool for tool in told["ok"]["tools"] if tool["name"] not in spec.exclude
        )
        server.version = told["ok"]["version"]
        return server

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Answer:
        """Call a method. Raises: ServerDied."""
        told = await self._ask(
            {"do": "call", "name": name, "arguments": dict(arguments)}
        )
        if "error" in told:
            return Answer(orjson.dumps(told).decode(), is_error=True)
        return Answer(told["ok"])

    async def digest(self) -> str:
        """SHA-256 of the object's attributes. Raises: ServerDied."""
        return str((await self._ask({"do": "digest"})).get("ok", ""))

    async def close(self) -> None:
        """End the process."""
        with anyio.CancelScope(shield=True):
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.aclose()

    async def _ask(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        try:
            await self._process.stdin.send(orjson.dumps(wish) + b"\n")
            answer: dict[str, Any] = orjson.loads(await self._line())
        except (anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
            raise ServerDied("its process has ended") from error
        except ValueError as error:
            raise ServerDied("its answer is no JSON") from error
        return answer

    async def _line(self) -> bytes:
        assert self._process.stdout is not None
        while b"\n" not in self._held:
            if len(self._held) > _LONGEST:
                raise ServerDied("its answer has no end")
            try:
                self._held += await self._process.stdout.receive()
            except anyio.EndOfStream:
                raise ServerDied("its process has ended") from None
        line, _, self._held = self._held.partition(b"\n")
        return line
