"""An MCP server for the tests: a counter of things, over stdio or HTTP.

    python mcp_shop.py [--http PORT] [--odd] [--hang] [--die] [--fewer]

`--odd` answers otherwise each time it is started, `--hang` never answers `put`,
`--die` ends at the second `put`, `--fewer` has one tool less.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time

from mcp.server import MCPServer
from mcp_types import ToolAnnotations

parser = argparse.ArgumentParser()
parser.add_argument("--http", type=int, default=0)
for flag in ("odd", "hang", "die", "fewer"):
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


if chosen.http:
    server.run("streamable-http", port=chosen.http)
else:
    server.run("stdio")
