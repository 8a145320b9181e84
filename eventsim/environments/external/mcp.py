"""MCP servers as environments, over stdio or HTTP; needs `eventsim[mcp]`.

The connection lives in a task of its own, for it must be closed where it was opened.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import tempfile
from collections.abc import Mapping
from typing import Any, TextIO

import orjson

from eventsim.core.events import EnvironmentSpec
from eventsim.environments.external.remote import Answer, ServerDied
from eventsim.errors import BadInput, UsageError

__all__ = ["McpServer"]

_START_S = 60.0
_MOST_TOOLS = 10_000
_LONGEST_SAID = 300
_AN_ERROR, _REFUSED = 400, (401, 403)


class McpServer:
    """A connection to a server. Make it with `start`."""

    def __init__(self, spec: EnvironmentSpec) -> None:
        self._spec = spec
        self._client: Any = None
        self._ready = asyncio.Event()
        self._leave = asyncio.Event()
        self._failed = ""
        self._status = 0
        self._task: asyncio.Task[None] | None = None
        self.tools: tuple[dict[str, Any], ...] = ()
        self.version = ""

    @classmethod
    async def start(cls, spec: EnvironmentSpec) -> McpServer:
        """Raises: BadInput if it cannot be reached; UsageError without the extra."""
        try:
            import mcp  # noqa: F401
        except ImportError:
            raise UsageError(
                "MCP servers need one more package: pip install 'eventsim[mcp]'"
            ) from None
        server = cls(spec)
        server._task = asyncio.create_task(server._live())
        try:
            async with asyncio.timeout(_START_S):
                await server._ready.wait()
        except TimeoutError:
            server._failed = f"no answer in {_START_S:g} seconds"
        if server._failed:
            await server.close()
            raise BadInput(f"the MCP server {spec.name}: {server._failed}")
        return server

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Answer:
        """Call a tool. Raises: ServerDied."""
        if self._failed:
            raise ServerDied(self._failed)
        try:
            result = await self._client.call_tool(name, dict(arguments))
        except Exception as error:  # the library's own, httpx's, anyio's, a server's
            if _said_by_server(error):
                said = {"error": {"code": "failed", "message": str(error)}}
                return Answer(orjson.dumps(said).decode(), is_error=True)
            raise ServerDied(self._why(error)) from error
        return Answer(_text(result), is_error=bool(result.is_error))

    async def digest(self) -> str:
        """A server does not tell its state."""
        return ""

    async def close(self) -> None:
        """Leave the server; one that we started ends."""
        self._leave.set()
        if self._task is not None:
            done, _ = await asyncio.wait({self._task}, timeout=5)
            if not done:
                self._task.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await self._task

    async def _live(self) -> None:
        with tempfile.TemporaryFile("w+", errors="replace") as log:
            try:
                await self._serve(log)
            except Exception as error:
                said = "" if self.tools else _last_line(log)
                self._failed = self._why(error) + (f" ({said})" if said else "")
            finally:
                self._failed = self._failed or "the connection is closed"
                self._ready.set()

    async def _serve(self, log: TextIO) -> None:
        from mcp import Client

        async with contextlib.AsyncExitStack() as stack:
            transport = await self._transport(stack, log)
            client = await stack.enter_async_context(Client(transport))
            self.tools = tuple(
                _tool(tool)
                for tool in await _listed(client)
                if tool.name not in self._spec.exclude
            )
            info = client.server_info
            self.version = f"{info.name} {info.version}" if info else ""
            self._client = client
            self._ready.set()
            await self._leave.wait()

    async def _transport(self, stack: contextlib.AsyncExitStack, log: TextIO) -> Any:
        """A URL, with its token; or a command line with what of our environment it may
        see, which says to `log` what it would say to the terminal.
        """
        from mcp import StdioServerParameters, stdio_client
        from mcp.client.streamable_http import streamable_http_client

        spec = self._spec
        if spec.target.startswith(("http://", "https://")):
            client = await stack.enter_async_context(self._http_client())
            return streamable_http_client(spec.target, http_client=client)
        command, *arguments = shlex.split(spec.target)
        passed = ("PATH", "HOME", "LANG", *spec.pass_env)
        seen = {name: os.environ[name] for name in passed if name in os.environ}
        wanted = StdioServerParameters(command=command, args=arguments, env=seen)
        return stdio_client(wanted, errlog=log)

    def _http_client(self) -> Any:
        """One that sends the token, if there is one, and sees what is refused: the
        library does not tell the status. Raises: BadInput for a token that is missing.
        """
        import httpx2

        variable = self._spec.key_env
        token = os.environ.get(variable, "") if variable else ""
        if variable and not token:
            raise BadInput(f"the variable {variable} is empty; put the token into it")

        async def look(response: Any) -> None:
            self._status = response.status_code

        return httpx2.AsyncClient(
            headers={"Authorization": f"Bearer {token}"} if token else None,
            timeout=httpx2.Timeout(_START_S, read=None),
            event_hooks={"response": [look]},
        )

    def _why(self, error: BaseException) -> str:
        """What went wrong, in words."""
        if self._status in _REFUSED:
            return (
                f"HTTP status {self._status}; name the variable of its token in "
                f"environments.{self._spec.name}.key_env"
            )
        if self._status >= _AN_ERROR:
            return f"{_in_words(error)} (HTTP status {self._status})"
        return _in_words(error)


async def _listed(client: Any) -> list[Any]:
    """Every page of what it offers."""
    tools: list[Any] = []
    cursor = None
    while len(tools) < _MOST_TOOLS:
        page = await client.list_tools(cursor=cursor)
        tools += page.tools
        cursor = page.next_cursor
        if cursor is None:
            break
    return tools


def _last_line(log: TextIO) -> str:
    """What a command said last before it ended."""
    log.seek(0)
    said = [line.strip() for line in log.read().splitlines() if line.strip()]
    return said[-1][:_LONGEST_SAID] if said else ""


def _tool(tool: Any) -> dict[str, Any]:
    hints = tool.annotations
    return {
        "name": tool.name,
        "description": tool.description or tool.name.replace("_", " "),
        "parameters": tool.input_schema,
        "returns": tool.output_schema or {},
        "reads": bool(hints is not None and hints.read_only_hint),
    }


def _text(result: Any) -> str:
    """Its text; what is structured, where there is none."""
    texts = [part.text for part in result.content if hasattr(part, "text")]
    if texts:
        return "\n".join(texts)
    if result.structured_content is not None:
        return orjson.dumps(result.structured_content).decode()
    kinds = [str(getattr(part, "type", "something")) for part in result.content]
    return orjson.dumps({"content": kinds}).decode()


def _said_by_server(error: Exception) -> bool:
    return type(error).__name__ == "MCPError" and "closed" not in str(error).lower()


def _in_words(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    said = " ".join(str(error).split())
    return said or type(error).__name__
