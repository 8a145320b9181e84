"""An MCP server for the tests: a counter of things, over stdio or HTTP.

    python mcp_shop.py [--http PORT] [--odd] [--hang] [--die] [--fewer] [--newer]
        [--pages] [--names] [--pictures] [--clearing]

`--odd` answers otherwise each time it is started, `--hang` never answers `put`,
`--die` ends at the second `put`, `--fewer` has one tool less, `--newer` is another
version whose `put` takes other arguments, `--pages` lists one tool a page. `--names`
has tools whose names no endpoint takes, `--pictures` one that answers with images,
`--clearing` one that may be repeated. Over HTTP, PORT 0 is a free one, which is
printed; who does not send the token that the variable SHELF_TOKEN holds, if it holds
one, is turned away.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import socket
import sys
import time
from typing import Any

import uvicorn
from mcp.server import MCPServer
from mcp_types import (
    AudioContent,
    EmbeddedResource,
    ImageContent,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    TextResourceContents,
    ToolAnnotations,
)

parser = argparse.ArgumentParser()
parser.add_argument("--http", type=int)
FLAGS = "odd hang die fewer newer pages names pictures clearing"
for flag in FLAGS.split():
    parser.add_argument(f"--{flag}", action="store_true")
chosen = parser.parse_args()
server = MCPServer("shelf", version="2.0.0" if chosen.newer else "1.2.3")
things: dict[str, int] = {}
salt = str(time.time_ns()) if chosen.odd else ""


async def put(name: str, count: int = 1) -> str:
    """Put things on the shelf."""
    if chosen.hang:
        await asyncio.sleep(3600)
    if chosen.die and things:
        os._exit(3)
    things[name] = things.get(name, 0) + count
    return f"{name}: {things[name]} {salt}".strip()


async def put_newly(name: str, count: int = 1, shelf: str = "upper") -> str:
    """Put things on a shelf."""
    return await put(name, count)


server.add_tool(put_newly if chosen.newer else put, name="put")


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


if chosen.clearing:

    @server.tool(annotations=ToolAnnotations(idempotent_hint=True))
    async def clear() -> str:
        """Take everything from the shelf."""
        things.clear()
        return "empty"


if chosen.names:
    for odd in ("shelf.look/all", "shelf look all", "l" * 70, "l" * 71):
        server.add_tool(look, name=odd)

if chosen.pictures:

    @server.tool()
    async def picture(pixel: int) -> Any:
        """Look at a picture of the shelf."""
        data = base64.b64encode(bytes([pixel] * 3)).decode()
        return [
            TextContent(text="a picture:"),
            ImageContent(data=data, mime_type="image/png"),
            AudioContent(data=data, mime_type="audio/wav"),
            EmbeddedResource(
                resource=TextResourceContents(uri="shelf://note", text="fragile")
            ),
        ]


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
