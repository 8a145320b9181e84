"""What external environments share: limits, and what becomes of one that fails.

A server that hangs is stopped and one that died is made anew, with all that may have
changed it done again; each answer that comes out otherwise is drift, and says so. One
that cannot be started, or is another than was recorded, is `unavailable`. What a call
did that brought no answer is unknown: it is `unavailable` too, and never repeated.
Broken calls are outcomes, never exceptions.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import anyio

from eventsim.core.arguments import argument_error, error_content
from eventsim.core.events import EnvironmentSpec
from eventsim.core.tools import ToolDefinition
from eventsim.environments.environment import CallOutcome
from eventsim.environments.external.offers import changes
from eventsim.errors import UsageError

__all__ = ["Answer", "Remote", "Server", "ServerDied"]


class ServerDied(Exception):
    """The server behind an environment is gone, or never came; what is known of why."""


class _Unavailable(Exception):
    """Why an environment cannot be used now: a sentence that names it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server says: text as the assistant sees it."""

    content: str
    is_error: bool = False


class Server(Protocol):
    """One running server of an environment."""

    @property
    def version(self) -> str:
        """What it says of itself: a name and a version, or nothing."""
        ...

    @property
    def tools(self) -> Sequence[Mapping[str, Any]]:
        """What it offers: name, description, parameters, and what each promises."""
        ...

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
"""Raises: ServerDied for one that does not come; UsageError where a package is missing.
"""


class Remote:
    """An environment whose calls leave the process.

    `tools` are those that were recorded of it: a server that is started must be the
    same one, and answer repeated calls as it did, unless `tolerant` takes it as it is.
    """

    def __init__(
        self,
        spec: EnvironmentSpec,
        start: Start,
        tools: Sequence[ToolDefinition] = (),
        *,
        tolerant: bool = False,
    ) -> None:
        self._spec, self._start = spec, start
        self._tools, self._tolerant = tools, tolerant
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
        """Execute one call; its duration is that of the request alone."""
        broken = argument_error(tool, arguments)
        if broken is not None:
            return CallOutcome(broken, is_error=True)
        name = tool.inner or tool.name
        begun: int | None = None
        try:
            server = await self._running()
            begun = time.monotonic_ns()
            answer = await self._asked(server, name, arguments)
        except _Unavailable as why:
            spent = _since(begun)
            await self.close()
            said = error_content("unavailable", str(why))
            return CallOutcome(said, is_error=True, duration_us=spent)
        spent = _since(begun)
        most = self._spec.characters
        if tool.writes:
            self._done.append((name, dict(arguments), answer.content[: most + 1]))
        if len(answer.content) > most:
            said = (
                f"{name} answered with {len(answer.content):,} characters; at most "
                f"{most:,} are taken"
            )
            answer = Answer(error_content("limit", said), is_error=True)
        return CallOutcome(answer.content, is_error=answer.is_error, duration_us=spent)

    def set_clock(self, now: str) -> None:
        """It has a clock of its own."""

    async def digest(self) -> str:
        """That of its state, where the server tells it."""
        try:
            return await (await self._running()).digest()
        except (ServerDied, _Unavailable):
            return ""

    async def close(self) -> None:
        """Stop the server."""
        server, self._server = self._server, None
        if server is not None:
            await server.close()

    async def _running(self) -> Server:
        """The server; a new one does again what was done. Raises: _Unavailable."""
        if self._server is not None:
            return self._server
        try:
            server = await self._start()
        except (ServerDied, UsageError) as problem:
            raise _Unavailable(f"{self._spec.name}: {problem}") from problem
        try:
            if not self._tolerant:
                self._compare(server)
            if not self._spec.keeps_state:
                await self._catch_up(server)
        except BaseException:
            await server.close()
            raise
        self._server = server
        return server

    def _compare(self, server: Server) -> None:
        """Raises: _Unavailable for another one than was recorded."""
        found = changes(self._tools, server.tools)
        was, now = self._spec.version, server.version
        if was and was != now:
            known, _, number = was.rpartition(" ")
            same, _, now_number = now.rpartition(" ")
            if known == same:
                was, now = number, now_number
            found.insert(0, f"version {was}, now {now or 'none'}")
        if found:
            raise _Unavailable(
                f"{self._spec.name} is another one than recorded: {'; '.join(found)}"
            )

    async def _catch_up(self, server: Server) -> None:
        for name, arguments, content in self._done:
            again = await self._asked(server, name, arguments)
            same = again.content[: self._spec.characters + 1] == content
            if not (same or self._tolerant):
                raise _Unavailable(
                    f"{self._spec.name}: was started again, and {name} answered "
                    "otherwise than before"
                )

    async def _asked(
        self, server: Server, name: str, arguments: Mapping[str, Any]
    ) -> Answer:
        try:
            with anyio.move_on_after(self._spec.seconds):
                return await server.call(name, arguments)
        except ServerDied as death:
            raise _Unavailable(f"{self._spec.name}: {death}") from death
        raise _Unavailable(
            f"{self._spec.name}: {name} gave no answer in {self._spec.seconds:g} "
            "seconds and was stopped"
        )


def _since(begun: int | None) -> int:
    """Microseconds; none where the request was never made."""
    return 0 if begun is None else (time.monotonic_ns() - begun) // 1_000
