"""External environments that fail, or are others than recorded: what comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eventsim.log.store import Store
from eventsim.run.external import Discovery, discover
from eventsim.run.mounts import Mounts
from tests.environments.external.conftest import (
    LEDGER,
    Called,
    called,
    of_class,
    shelf,
)

pytestmark = pytest.mark.anyio


async def test_what_hangs_dies_or_says_too_much_is_told(tmp_path: Path) -> None:
    """Each is a result that says so; the environment goes on where it stood."""
    async with Store.open(tmp_path, mode="write", durability="memory") as store:
        brief = LEDGER.model_copy(update={"seconds": 1.5, "characters": 1_000})
        _, tools = await discover([LEDGER])
        by_name = {tool.name: tool for tool in tools}
        ledger = Mounts(store).external(brief)

        async def call(name: str, **arguments: Any) -> tuple[str, bool]:
            outcome = await ledger.call(by_name[name], arguments, ordinal=0)
            return outcome.content, outcome.is_error

        assert await call("book", amount=2) == ('{"total": 7, "entries": 1}', False)
        content, failed = await call("hang")
        assert failed
        assert "unavailable" in content
        assert "no answer in 1.5 seconds" in content
        assert await call("total_of") == ("7", False)
        content, failed = await call("die")
        assert failed
        assert "its process has ended" in content
        assert await call("book", amount=-7) == ('{"total": 0, "entries": 2}', False)
        content, failed = await call("book", amount=-1)
        assert failed
        assert "may not be negative" in content
        content, failed = await call("shout", count=2_000)
        assert failed
        assert "answered with 2,000 characters" in content
        assert "gone" not in (await call("die"))[0]
        assert await call("total_of") == ("0", False)
        content, failed = await call("book", amount="many")
        assert failed
        assert "amount must be a whole number" in content
        await ledger.close()


async def test_one_that_cannot_be_started_again_is_unavailable(tmp_path: Path) -> None:
    """A result that names it and says why; never an exception."""
    marker = tmp_path / "marker"
    spec = of_class("Fragile", settings={"marker": str(marker)})
    async with called(spec) as call:
        assert (await call("fine")).content == "fine"
        assert (await call("die")).is_error
        outcome = await call("fine")
        assert outcome.is_error
        assert '"code":"unavailable"' in outcome.content
        assert "fragile: could not be started" in outcome.content
        assert "the licence has expired" in outcome.content
        assert await call.remote.digest() == ""
        marker.unlink()
        assert (await call("fine")).content == "fine"
    gone = shelf().model_copy(update={"target": "/no/such/command"})
    async with called(shelf()) as there:
        outcome = await Called(gone, there.tools)("look")
        assert "shelf: could not be started" in outcome.content


async def test_what_a_class_said_last_is_told() -> None:
    """The last line of its stderr, as for commands."""
    async with called(of_class("Fragile")) as call:
        content = (await call("die")).content
        assert "its process has ended (out of cheese)" in content


async def test_reads_are_not_repeated_when_one_is_started_again(
    tmp_path: Path,
) -> None:
    """They changed nothing, and may well answer otherwise."""
    log = tmp_path / "log"
    async with called(of_class("Clock", settings={"log": str(log)})) as call:
        for name in ("now", "wind", "stop", "now"):
            await call(name)
        assert log.read_text().split() == ["now", "wind", "stop", "wind", "now"]
        assert not (await call("now")).is_error
    odd = of_class("Clock", settings={"odd": True})
    async with called(odd) as call:
        for name in ("wind", "stop"):
            await call(name)
        assert "answered otherwise than before" in (await call("now")).content
    async with called(odd, tolerant=True) as call:
        for name in ("wind", "stop"):
            await call(name)
        assert not (await call("now")).is_error


async def test_another_one_than_recorded_is_told() -> None:
    """Its version, and the tools that were recorded of it; who is tolerant goes on."""
    (spec,), tools = await discover([shelf()])
    by_name = {tool.name: tool for tool in tools}
    target = shelf("--fewer", "--newer").target
    newer = spec.model_copy(update={"target": target})
    call = Called(newer, by_name, tools=tools)
    content = (await call("put", name="a")).content
    assert (
        "shelf is another one than recorded: version 1.2.3, now 2.0.0; "
        "put has other parameters; look is gone"
    ) in content
    assert '"code":"unavailable"' in content
    tolerant = Called(newer, by_name, tools=tools, tolerant=True)
    assert (await tolerant("put", name="a")).content == "a: 1"
    await tolerant.remote.close()
    same = Called(spec, by_name, tools=tools)
    assert (await same("put", name="a")).content == "a: 1"
    await same.remote.close()


async def test_a_call_takes_no_longer_for_a_start() -> None:
    """Its duration is that of the request alone."""
    async with called(of_class("Slow")) as call:
        outcome = await call("quick")
        assert outcome.duration_us is not None
        assert outcome.duration_us < 300_000


async def test_each_environment_is_started_once_before_a_run(tmp_path: Path) -> None:
    """What was found out is kept for all who ask for the same one."""
    log = tmp_path / "log"
    spec = of_class("Clock", settings={"log": str(log)}, setup=(("wind", ()),))
    discovery = Discovery()
    first = await discovery.of([spec])
    assert await discovery.of(first[0]) == first
    assert log.read_text().split() == ["wind"]
