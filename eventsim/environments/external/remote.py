"""What external environments share: limits, and what becomes of one that fails.

A server that hangs is stopped and one that died is made anew, with all that was done
before done again; each answer that comes out otherwise is drift, and says so. What a
call did that brought no answer is unknown: it is `unavailable`, and never repeated.
Broken calls are outcomes, never exceptions.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import anyio

from eventsim.core.arguments import argument_error, error_content
from eventsim.core.events import EnvironmentSpec
from eventsim.core.tools import ToolDefinition
from eventsim.environments.environment import CallOutcome

__all__ = ["Answer", "Remote", "Server", "ServerDied"]


class ServerDied(Exception):
    """The server behind an environment is gone; what is known of why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server says: text as the assistant sees it."""

    content: str
    is_error: bool = False


class Server(Protocol):
    """One running server of an environment."""

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Answer:
        """Raises: ServerDied."""
        ...

    async def digest(self) -> str:
        """Of its state, "" where it cannot tell. Raises: ServerDied."""
        ...

    async def close(self) -> None:
        """Stop it, however it is."""
        ...


Start = Callable[[], Awaitable[Server]]


class Remote:
    """An environment whose calls leave the process."""

    def __init__(self, spec: EnvironmentSpec, start: Start) -> None:
        self._spec, self._start = spec, start
        self._server: Server | None = None
        self._done: list[tuple[str, dict[str, Any], str]] = []

    @property
    def size_bytes(self) -> int:
        """Held elsewhere."""
        return 0

    async def call(
        self,
        tool: ToolDefinition,
        arguments: Mapping[str, Any],
        *,
        ordinal: int,  # noqa: ARG002  # it draws nothing of ours
    ) -> CallOutcome:
        """Execute one call."""
        broken = argument_error(tool, arguments)
        if broken is not None:
            return CallOutcome(broken, is_error=True)
        name = tool.inner or tool.name
        try:
            server = await self._running()
            answer = await self._asked(server, name, arguments)
        except ServerDied as death:
            await self.close()
            said = error_content("unavailable", f"{self._spec.name}: {death}")
            return CallOutcome(said, is_error=True)
        most = self._spec.characters
        self._done.append((name, dict(arguments), answer.content[: most + 1]))
        if len(answer.content) > most:
            said = (
                f"{name} answered with {len(answer.content):,} characters; at most "
                f"{most:,} are taken"
            )
            answer = Answer(error_content("limit", said), is_error=True)
        return CallOutcome(answer.content, is_error=answer.is_error)

    def set_clock(self, now: str) -> None:
        """It has a clock of its own."""

    async def digest(self) -> str:
        """That of its state, where the server tells it."""
        try:
            return await (await self._running()).digest()
        except ServerDied:
            return ""

    async def close(self) -> None:
        """Stop the server."""
        server, self._server = self._server, None
        if server is not None:
            await server.close()

    async def _running(self) -> Server:
        """The server; a new one does again what was done. Raises: ServerDied."""
        if self._server is not None:
            return self._server
        server = await self._start()
        try:
            for name, arguments, content in self._done:
                if self._spec.keeps_state:
                    break
                again = await self._asked(server, name, arguments)
                if again.content[: self._spec.characters + 1] != content:
                    raise ServerDied(
                        f"was started again, and {name} answered otherwise than before"
                    )
        except BaseException:
            await server.close()
            raise
        self._server = server
        return server

    async def _asked(
        self, server: Server, name: str, arguments: Mapping[str, Any]
    ) -> Answer:
        with anyio.move_on_after(self._spec.seconds):
            return await server.call(name, arguments)
        raise ServerDied(
            f"{name} gave no answer in {self._spec.seconds:g} seconds and was stopped"
        )
