"""MCP servers as environments, over stdio or HTTP; needs `eventsim[mcp]`.

The connection lives in a task of its own, for it must be closed where it was opened.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import logging
import os
import shlex
import tempfile
from collections.abc import Mapping
from typing import Any, TextIO

import anyio
import orjson

from eventsim.core.events import EnvironmentSpec
from eventsim.environments.external.remote import Answer, ServerDied
from eventsim.environments.external.surroundings import last_line, variables
from eventsim.errors import UsageError

__all__ = ["McpServer"]

_START_S = 60.0
_STOP_S = 8.0  # the library waits up to six seconds for one that will not end
_MOST_TOOLS = 10_000
_AN_ERROR, _REFUSED = 400, (401, 403)
_UNHEARD = logging.NullHandler()
"""Where the library's log goes in a program that wants no log: without one, Python
writes its tracebacks to the terminal. What went wrong is ours to tell, in one line.
"""


class McpServer:
    """A connection to a server. Make it with `start`."""

    def __init__(self, spec: EnvironmentSpec) -> None:
        self._spec = spec
        self._client: Any = None
        self._ready = asyncio.Event()
        self._leave = asyncio.Event()
        self._failed = ""
        self._said: TextIO | None = None
        self._status = 0
        self._task: asyncio.Task[None] | None = None
        self.tools: tuple[dict[str, Any], ...] = ()
        self.version = ""

    @classmethod
    async def start(cls, spec: EnvironmentSpec) -> McpServer:
        """Raises: ServerDied if it cannot be reached; UsageError without the extra."""
        try:
            import mcp  # noqa: F401
        except ImportError:
            raise UsageError(
                "MCP servers need one more package: pip install 'eventsim[mcp]'"
            ) from None
        logging.getLogger("mcp").addHandler(_UNHEARD)
        server = cls(spec)
        server._task = asyncio.create_task(server._live())
        try:
            async with asyncio.timeout(_START_S):
                await server._ready.wait()
        except TimeoutError:
            server._failed = f"no answer in {_START_S:g} seconds"
        except BaseException:
            await server.close()
            raise
        if server._failed:
            await server.close()
            raise ServerDied(f"could not be started: {server._failed}")
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
            raise ServerDied(self._why(error) + self._last_words()) from error
        return Answer(_text(result), is_error=bool(result.is_error))

    async def digest(self) -> str:
        """A server does not tell its state."""
        return ""

    async def close(self) -> None:
        """Leave the server. One that we started is the first of a process group: it
        ends with its stdin, or the library kills the whole group.
        """
        self._leave.set()
        if self._task is None:
            return
        with anyio.CancelScope(shield=True):
            done, _ = await asyncio.wait({self._task}, timeout=_STOP_S)
            if not done:
                self._task.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await self._task

    async def _live(self) -> None:
        with tempfile.TemporaryFile("w+", errors="replace") as log:
            self._said = log
            try:
                await self._serve(log)
            except Exception as error:
                self._failed = self._why(error) + self._last_words()
            finally:
                self._said = None
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
        seen = variables(spec.pass_env)
        wanted = StdioServerParameters(command=command, args=arguments, env=seen)
        return stdio_client(wanted, errlog=log)

    def _http_client(self) -> Any:
        """One that sends the token, if there is one, and sees what is refused: the
        library does not tell the status. Raises: ServerDied for a missing token.
        """
        import httpx2

        variable = self._spec.key_env
        token = os.environ.get(variable, "") if variable else ""
        if variable and not token:
            raise ServerDied(f"the variable {variable} is empty; put the token into it")

        async def look(response: Any) -> None:
            self._status = response.status_code

        return httpx2.AsyncClient(
            headers={"Authorization": f"Bearer {token}"} if token else None,
            timeout=httpx2.Timeout(_START_S, read=None),
            event_hooks={"response": [look]},
        )

    def _last_words(self) -> str:
        """What a command said last, in brackets."""
        said = last_line(self._said.buffer) if self._said is not None else ""
        return f" ({said})" if said else ""

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


def _tool(tool: Any) -> dict[str, Any]:
    hints = tool.annotations
    return {
        "name": tool.name,
        "description": tool.description or tool.name.replace("_", " "),
        "parameters": tool.input_schema,
        "returns": tool.output_schema or {},
        "reads": bool(hints is not None and hints.read_only_hint),
        "repeatable": bool(hints is not None and hints.idempotent_hint),
    }


def _text(result: Any) -> str:
    """Its texts, and a line of JSON for each part that is none, so that what differs
    there differs here too; what is structured, where there is no text.
    """
    parts = list(result.content)
    lines = [_line(part) for part in parts]
    structured = result.structured_content
    if structured is not None and not any(part.type == "text" for part in parts):
        lines.insert(0, orjson.dumps(structured).decode())
    return "\n".join(lines)


def _line(part: Any) -> str:
    if part.type == "text":
        return str(part.text)
    said: dict[str, Any] = {"type": part.type}
    held = getattr(part, "resource", part)
    for name in ("uri", "name", "mime_type"):
        value = getattr(held, name, None)
        if value:
            said[name] = str(value)
    text = getattr(held, "text", None)
    data = getattr(held, "data", None) or getattr(held, "blob", None)
    if text is not None:
        said["text"] = text
    elif data is not None:
        said |= _sized(data)
    return orjson.dumps(said).decode()


def _sized(data: str) -> dict[str, Any]:
    """How many bytes, and which; of the text itself where it is no base64."""
    try:
        held = base64.b64decode(data, validate=True)
    except ValueError:
        held = data.encode()
    return {"bytes": len(held), "sha256": hashlib.sha256(held).hexdigest()}


def _said_by_server(error: Exception) -> bool:
    return type(error).__name__ == "MCPError" and "closed" not in str(error).lower()


def _in_words(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    said = " ".join(str(error).split())
    return said or type(error).__name__
