"""Python classes as environments: what they are given, what they may give, and that
nothing of them stays behind.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import anyio
import orjson
import pytest

from eventsim.run.external import discover
from tests.environments.external.conftest import called, of_class

pytestmark = pytest.mark.anyio

VALUES = of_class("Values")


async def test_what_a_method_gives_is_always_json() -> None:
    """Coroutines are awaited, generators are lists, what JSON has not is replaced."""
    async with called(VALUES) as call:
        wanted = {
            "letters": '["a", "b"]',
            "odd_numbers": "[null, null, 1.5]",
            "half": "a\ufffdb",
            "ask": "nobody",
        }
        for name, content in wanted.items():
            outcome = await call(name)
            assert (outcome.content, outcome.is_error) == (content, False), name
        assert (await call("later", text="é")).content == "é"
        assert (await call("numbers", count=3)).content == "[0, 1, 2]"
        halves = orjson.loads((await call("halves")).content)
        assert halves == {"\ufffd": "\U0001f600 \ufffd"}
        assert len(call.servers) == 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("thing", "object has no plain form"),
        ("things", "lock has no plain form"),
        ("raises", "ValueError: <object object>"),
        ("leave", "SystemExit: goodbye"),
    ],
)
async def test_what_has_no_plain_form_is_an_error_without_addresses(
    name: str, words: str
) -> None:
    """An address differs each time: no repeated call could ever agree with it."""
    async with called(VALUES) as call:
        outcome = await call(name)
        assert outcome.is_error
        assert words in outcome.content
        assert "0x" not in outcome.content
        assert (await call("later", text="on")).content == "on"


async def test_the_state_is_told_whatever_it_holds() -> None:
    """Locks and iterators have no say in it, and are left as they are."""
    async with called(VALUES) as call, called(VALUES) as other:
        first = await call.remote.digest()
        assert first == await other.remote.digest() != ""
        await call("order", item={"name": "tea"})
        assert await call.remote.digest() != first


async def test_enums_and_dataclasses_have_schemas_and_are_made() -> None:
    """Of arguments, at any depth; results are plain."""
    async with called(VALUES) as call:
        parameters: Any = orjson.loads(orjson.dumps(call.tools["order"].parameters))
        assert parameters["properties"] == {
            "item": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "size": {"enum": ["s", "l"]},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
                "required": ["name"],
            },
            "size": {"enum": ["s", "l"]},
        }
        assert parameters["required"] == ["item"]
        outcome = await call("order", item={"name": "tea", "size": "l"}, size="s")
        assert orjson.loads(outcome.content) == {"name": "tea", "size": "s", "tags": []}
        assert (await call("largest", sizes=["s", "l"])).content == "l"
        assert (
            "must be one of s or l"
            in (await call("order", item={"name": "tea"}, size="xl")).content
        )


async def test_positional_parameters_are_passed_by_position() -> None:
    """With the defaults of those that are left out."""
    async with called(VALUES) as call:
        assert (await call("minus", a=5)).content == "4"
        assert (await call("minus", a=5, b=3, c=1)).content == "1"


async def test_properties_and_what_has_no_signature_are_no_tools() -> None:
    """Nothing is evaluated to find out what there is."""
    _, tools = await discover([VALUES])
    names = {tool.name for tool in tools}
    assert "later" in names
    assert not names & {"orders_so_far", "signatureless", "builtin"}


async def test_a_class_sees_few_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key of ours, only what is named for it."""
    monkeypatch.setenv("OPENAI_API_KEY", "not-for-tools")
    monkeypatch.setenv("SHOP_DATA", "here")
    monkeypatch.setenv("LC_TIME", "C")
    async with called(of_class("Surroundings", pass_env=("SHOP_DATA",))) as call:
        names = orjson.loads((await call("names")).content)
        assert "OPENAI_API_KEY" not in names
        assert {"PATH", "LC_TIME", "SHOP_DATA"} <= set(names)
        assert (await call("variable", name="SHOP_DATA")).content == "here"


async def test_what_a_class_started_ends_with_it() -> None:
    """Closed, nothing of its process group is left."""
    async with called(of_class("Children")) as call:
        child = int((await call("spawn")).content)
        assert _lives(child)
    await _gone(child)


async def test_a_class_at_work_ends_when_we_are_killed(tmp_path: Path) -> None:
    """In the midst of a call, and what it started ends too."""
    told = tmp_path / "told"
    script = (
        "import anyio\n"
        "from tests.environments.external.conftest import called, of_class\n"
        "async def main():\n"
        "    async with called(of_class('Children')) as call:\n"
        f"        await call('spawn_and_work', file={str(told)!r})\n"
        "anyio.run(main)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script])
    with anyio.fail_after(30):
        while not (told.exists() and told.read_text().count(" ")):
            await anyio.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    for each in told.read_text().split():
        await _gone(int(each))


def _lives(pid: int) -> bool:
    """Whether a process runs; one that only waits to be collected does not."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        os.kill(pid, 0)
        state = stat.read_text().rpartition(")")[2].split()[0] if stat.exists() else ""
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"


async def _gone(pid: int) -> None:
    limit = time.monotonic() + 20
    while _lives(pid):
        assert time.monotonic() < limit, f"process {pid} is still there"
        await anyio.sleep(0.02)
