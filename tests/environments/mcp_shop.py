"""An MCP server for the tests: a counter of things, over stdio or HTTP.

    python mcp_shop.py [--http PORT] [--odd] [--hang] [--die] [--fewer] [--pages]

`--odd` answers otherwise each time it is started, `--hang` never answers `put`,
`--die` ends at the second `put`, `--fewer` has one tool less, `--pages` lists one tool
a page. Over HTTP, PORT 0 is a free one, which is printed; who does not send the token
that the variable SHELF_TOKEN holds, if it holds one, is turned away.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import sys
import time
from typing import Any

import uvicorn
from mcp.server import MCPServer
from mcp_types import ListToolsResult, PaginatedRequestParams, ToolAnnotations

parser = argparse.ArgumentParser()
parser.add_argument("--http", type=int)
for flag in ("odd", "hang", "die", "fewer", "pages"):
    parser.add_argument(f"--{flag}", action="store_true")
chosen = parser.parse_args()
server = MCPServer("shelf", version="1.2.3")
things: dict[str, int] = {}
salt = str(time.time_ns()) if chosen.odd else ""


@server.tool()
async def put(name: str, count: int = 1) -> str:
    """Put things on the shelf."""
    if chosen.hang:
        await asyncio.sleep(3600)
    if chosen.die and things:
        os._exit(3)
    things[name] = things.get(name, 0) + count
    return f"{name}: {things[name]} {salt}".strip()


@server.tool()
async def take(name: str) -> str:
    """Take one thing from the shelf."""
    if not things.get(name):
        raise ValueError(f"there is no {name}")
    things[name] -= 1
    return f"{name}: {things[name]}"


if not chosen.fewer:

    @server.tool(annotations=ToolAnnotations(read_only_hint=True))
    async def look() -> dict[str, int]:
        """Look what is on the shelf."""
        return dict(sorted(things.items()))


async def one_page(_: Any, wanted: Any) -> ListToolsResult:
    """The tool that the cursor says, and where the next one is."""
    tools = await server.list_tools()
    at = int((wanted and wanted.cursor) or 0)
    more = str(at + 1) if at + 1 < len(tools) else None
    return ListToolsResult(tools=tools[at : at + 1], next_cursor=more)


def serve(port: int) -> None:
    """Over HTTP."""
    inner = server.streamable_http_app()
    token = os.environ.get("SHELF_TOKEN", "")

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        sent = dict(scope.get("headers") or ()).get(b"authorization", b"")
        if scope["type"] == "http" and token and sent != f"Bearer {token}".encode():
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await inner(scope, receive, send)

    listening = socket.create_server(("127.0.0.1", port))
    sys.stdout.write(f"http://127.0.0.1:{listening.getsockname()[1]}/mcp\n")
    sys.stdout.flush()
    config = uvicorn.Config(guarded, log_level="error")
    uvicorn.Server(config).run(sockets=[listening])


if chosen.pages:
    server._lowlevel_server.add_request_handler(
        "tools/list", PaginatedRequestParams, one_page
    )
if chosen.http is not None:
    serve(chosen.http)
else:
    sys.stderr.write("the shelf is open\n")
    server.run("stdio")
