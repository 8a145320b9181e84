"""Python environments: a class whose public methods are the tools, in a process of its
own (`host/`), under an interpreter of choice.

The process leads a group of its own, and what it starts is in it: all of them end when
it is closed, and when we end without having closed it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import anyio
import orjson
from anyio.abc import Process

from eventsim.core.events import EnvironmentSpec
from eventsim.environments.external.remote import Answer, ServerDied
from eventsim.environments.external.surroundings import last_line, variables

__all__ = ["PythonServer"]

_HOST = Path(__file__).with_name("host")
_BEGIN = """
import importlib.util, sys
from os.path import join
folder = sys.argv.pop()
spec = importlib.util.spec_from_file_location(
    "eventsim_host", join(folder, "__init__.py"), submodule_search_locations=[folder]
)
sys.modules["eventsim_host"] = importlib.util.module_from_spec(spec)
from eventsim_host.serving import main
main()
"""
"""Loads the host by its place, whatever the interpreter has, and puts nothing of ours
on the path where the class looks for its own modules.
"""
_LONGEST = 64 << 20
_START_S = 60.0


class PythonServer:
    """A running host. Make it with `start`."""

    def __init__(self, process: Process, log: IO[bytes]) -> None:
        self._process, self._log = process, log
        # One that is dropped unclosed ends with its pipes, and its file with it.
        weakref.finalize(self, log.close)
        self._held = b""
        self.tools: tuple[dict[str, Any], ...] = ()
        self.version = ""

    @classmethod
    async def start(cls, spec: EnvironmentSpec, interpreter: str = "") -> PythonServer:
        """Raises: ServerDied if the class cannot be made."""
        command = [interpreter or sys.executable, "-u", "-c", _BEGIN, str(_HOST)]
        log = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the server
        try:
            process = await anyio.open_process(
                command,
                stderr=log,
                env=variables(spec.pass_env),
                start_new_session=True,
            )
        except OSError as error:
            log.close()
            raise ServerDied(
                f"could not be started: {command[0]} cannot be run: {error.strerror}"
            ) from error
        server = cls(process, log)
        try:
            with anyio.fail_after(_START_S):
                await server._open(spec)
        except TimeoutError:
            await server.close()
            why = f"no answer in {_START_S:g} seconds"
            raise ServerDied(f"could not be started: {why}") from None
        except ServerDied as death:
            await server.close()
            raise ServerDied(f"could not be started: {death}") from death
        except BaseException:
            await server.close()
            raise
        return server

    async def _open(self, spec: EnvironmentSpec) -> None:
        told = await self._ask(
            {
                "do": "open",
                "target": spec.target,
                "settings": dict(spec.settings),
                "setup": [list(step) for step in spec.setup],
            }
        )
        if "error" in told:
            why = " ".join(str(told["error"]["message"]).split())
            raise ServerDied(f"{spec.target}: {why}")
        self.tools = tuple(
            tool for tool in told["ok"]["tools"] if tool["name"] not in spec.exclude
        )
        self.version = told["ok"]["version"]

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
        """End the process, and what it has started."""
        with anyio.CancelScope(shield=True):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                _kill(self._process)
            await self._process.aclose()
            self._log.close()

    async def _ask(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        try:
            await self._process.stdin.send(orjson.dumps(wish) + b"\n")
            answer: dict[str, Any] = orjson.loads(await self._line())
        except (anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
            raise ServerDied(self._ended()) from error
        except ValueError as error:
            raise ServerDied("its answer is no JSON") from error
        return answer

    async def _line(self) -> bytes:
        assert self._process.stdout is not None
        parts = [self._held]
        size = len(self._held)
        while b"\n" not in parts[-1]:
            if size > _LONGEST:
                raise ServerDied("its answer has no end")
            try:
                parts.append(await self._process.stdout.receive())
            except anyio.EndOfStream:
                raise ServerDied(self._ended()) from None
            size += len(parts[-1])
        line, _, self._held = b"".join(parts).partition(b"\n")
        return line

    def _ended(self) -> str:
        said = last_line(self._log)
        return "its process has ended" + (f" ({said})" if said else "")


def _kill(process: Process) -> None:
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
