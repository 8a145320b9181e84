"""MCP servers: what of theirs reaches a model, and what does not reach a terminal."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from eventsim.core.tools import ToolDefinition
from eventsim.run.external import discover
from tests.environments.external.conftest import called, shelf

pytestmark = pytest.mark.anyio

FITS = re.compile(r"[A-Za-z0-9_-]{1,64}")


async def test_names_are_made_to_fit_what_endpoints_take() -> None:
    """Each is called by its own name all the same."""
    async with called(shelf("--names")) as call:
        assert all(FITS.fullmatch(name) for name in call.tools)
        assert {name: tool.inner for name, tool in call.tools.items()} == {
            "put": "",
            "take": "",
            "look": "",
            "shelf_look_all": "shelf.look/all",
            "shelf_look_all_2": "shelf look all",
            "l" * 64: "l" * 70,
            f"{'l' * 62}_2": "l" * 71,
        }
        assert (await call("shelf_look_all_2")).content == "{}"


async def test_what_is_no_text_is_told_by_its_digest() -> None:
    """Two pictures that differ give results that differ; a note is read."""
    async with called(shelf("--pictures")) as call:
        lines = (await call("picture", pixel=7)).content.splitlines()
        digest = hashlib.sha256(bytes([7] * 3)).hexdigest()
        assert lines[0] == "a picture:"
        assert [orjson.loads(line) for line in lines[1:]] == [
            {"type": "image", "mime_type": "image/png", "bytes": 3, "sha256": digest},
            {"type": "audio", "mime_type": "audio/wav", "bytes": 3, "sha256": digest},
            {"type": "resource", "uri": "shelf://note", "text": "fragile"},
        ]
        other = (await call("picture", pixel=8)).content
        assert other.splitlines()[1] != lines[1]


async def test_what_may_be_repeated_is_known() -> None:
    """The server's word for it is kept; tools that say nothing are as they were."""
    _, tools = await discover([shelf("--clearing")])
    assert {tool.name for tool in tools if tool.repeatable} == {"clear"}
    fields = {"description": "", "parameters": {}, "returns": {}, "environment": "s"}
    once = ToolDefinition(name="a", **fields)
    assert once.digest != ToolDefinition(name="a", **fields, repeatable=True).digest
    assert once.digest == (
        "506bbda8bcf55602e39746478404a83000607d84cfa1bfeb14247ec4c7edeeda"
    )


def test_garbage_on_stdout_is_one_line_of_ours(tmp_path: Path) -> None:
    """No traceback of the library's reaches the terminal."""
    server = tmp_path / "server.py"
    server.write_text("print('hello, I am no server')\n")
    script = (
        "import anyio\n"
        "from eventsim.core.events import EnvironmentSpec\n"
        "from eventsim.errors import BadInput\n"
        "from eventsim.run.external import discover\n"
        f"target = {f'{sys.executable} {server}'!r}\n"
        "spec = EnvironmentSpec(name='s', kind='mcp', target=target)\n"
        "try:\n"
        "    anyio.run(discover, [spec])\n"
        "except BadInput as problem:\n"
        "    print(problem)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    assert done.stderr == ""
    assert done.stdout.startswith("the environment s could not be started: ")
    assert done.stdout.count("\n") == 1
