"""External environments: found out, called, mounted again, and when they fail."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from eventsim.config import Limits, RunConfig
from eventsim.core.events import (
    AssistantReplied,
    EnvironmentMounted,
    EnvironmentSpec,
    Event,
    ToolCall,
    ToolReturned,
)
from eventsim.core.fold import fold
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import freeze
from eventsim.errors import BadInput, Diverged
from eventsim.log.store import Store
from eventsim.log.verify import verify
from eventsim.run.external import discover
from eventsim.run.fleet import Fleet
from eventsim.run.fork import fork
from eventsim.run.mounts import Mounts
from eventsim.run.notes import along, notes_of
from eventsim.run.paths import open_path
from eventsim.run.prepare import Seedbed
from eventsim.run.replay import replay
from eventsim.run.shelf import Shelf
from tests.run.conftest import BEDS

pytestmark = pytest.mark.anyio

SERVER = Path(__file__).parent.parent / "environments" / "mcp_shop.py"
STEP = 13
LEDGER = EnvironmentSpec(
    name="ledger",
    kind="python",
    target="tests.environments.shelf:Ledger",
    settings=freeze({"start": 5}),
)


def shelf(*flags: str) -> EnvironmentSpec:
    """The MCP server of the tests, over stdio."""
    command = " ".join([sys.executable, str(SERVER), *flags])
    return EnvironmentSpec(name="shelf", kind="mcp", target=command)


class Script:
    """A person who plays the assistant: calls, reply after reply, then an answer."""

    role: Any = "assistant"

    def __init__(self, replies: Sequence[Sequence[tuple[str, dict[str, Any]]]]) -> None:
        self._replies = list(replies)

    async def speak(self, state: Dialogue, _: Materials) -> Sequence[Event]:
        """The next of them."""
        if not self._replies:
            return (AssistantReplied(text="Done.", by="person"),)
        calls = [
            ToolCall(
                id=f"call_{state.assistant_calls}_{index}",
                name=name,
                arguments=freeze(arguments),
            )
            for index, (name, arguments) in enumerate(self._replies.pop(0))
        ]
        return (AssistantReplied(calls=tuple(calls), by="person"),)


async def played(
    store: Store, bed: Seedbed, replies: Sequence[Any], **fields: Any
) -> str:
    """The stream of a dialogue in which the assistant makes these calls."""
    config = RunConfig(
        seed=3,
        count=1,
        tasks=1,
        pipeline="user-oriented+execution" if bed.image else "user-oriented",
        limits=Limits(max_turns=2_000, max_steps=500),
        **fields,
    )
    async with Fleet(store, player=Script(replies)) as fleet:
        run = await fleet.begin(config, [bed])
        await fleet.go(await fleet.work(run))
    (info,) = store.streams(family="dialogue", run=run.ref.stream)
    return info.stream


def results(events: Sequence[Event]) -> list[str]:
    """What the tools gave."""
    return [e.content for e in events if isinstance(e, ToolReturned)]


def alone(*specs: EnvironmentSpec) -> Seedbed:
    """A source of external environments only."""
    return Seedbed(None, "a shop", "", "shop", environments=specs)


async def test_public_methods_are_the_tools_with_types_and_words() -> None:
    """From annotations and the docstring; what changes nothing may say so."""
    (spec,), tools = await discover([LEDGER])
    assert [tool.name for tool in tools] == ["book", "die", "hang", "shout", "total_of"]
    book = tools[0]
    assert book.description == "Book an amount."
    assert orjson.loads(orjson.dumps(book.parameters)) == {
        "type": "object",
        "properties": {
            "amount": {
                "type": "integer",
                "description": "How much; negative amounts may not go below zero.",
            },
            "note": {"type": "string", "description": "What for."},
        },
        "required": ["amount"],
    }
    assert (book.writes, tools[4].writes) == (True, False)
    assert spec.name == "ledger"


async def test_an_mcp_server_says_who_it_is_and_what_it_offers() -> None:
    """Name, version, schemas, and what only reads."""
    (spec,), tools = await discover([shelf()])
    assert spec.version == "shelf 1.2.3"
    assert {tool.name: tool.writes for tool in tools} == {
        "put": True,
        "take": True,
        "look": False,
    }
    twice = await discover([shelf(), shelf().model_copy(update={"name": "other"})])
    assert {tool.name for tool in twice[1]} >= {"shelf_put", "other_put"}
    assert {tool.inner for tool in twice[1]} == {"put", "take", "look"}


async def test_every_page_of_the_tools_is_read() -> None:
    """Servers may list their tools in parts."""
    _, tools = await discover([shelf("--pages")])
    assert {tool.name for tool in tools} == {"put", "take", "look"}


@contextmanager
def over_http(*flags: str, token: str = "") -> Iterator[str]:
    """The URL of a server of the tests that listens."""
    server = subprocess.Popen(
        [sys.executable, str(SERVER), "--http", "0", *flags],
        env={**os.environ, "SHELF_TOKEN": token},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        yield server.stdout.readline().strip()
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


async def test_a_token_is_sent_and_never_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the variable that is named; without it the server says no."""
    token = "shelf-0123456789abcdef0123456789"
    with over_http(token=token) as url:
        spec = EnvironmentSpec(name="s", kind="mcp", target=url, key_env="MY_TOKEN")
        with pytest.raises(BadInput, match="MY_TOKEN is empty"):
            await discover([spec])
        with pytest.raises(BadInput, match="401"):
            await discover([spec.model_copy(update={"key_env": ""})])
        monkeypatch.setenv("MY_TOKEN", token)
        async with Store.open(tmp_path, mode="write", durability="memory") as store:
            stream = await played(store, alone(spec), [[("put", {"name": "a"})]])
            opened = await open_path(store, Shelf(store), stream)
            assert results(opened.events) == ["a: 1"]
        for file in tmp_path.rglob("*"):
            assert file.is_dir() or token.encode() not in file.read_bytes(), file


async def test_a_service_that_keeps_its_state_is_not_asked_again(
    tmp_path: Path,
) -> None:
    """A fork finds it as it is; nothing is done twice, nor by `replay --execute`."""
    with over_http() as url:
        lasting = EnvironmentSpec(name="s", kind="mcp", target=url, keeps_state=True)
        async with Store.open(tmp_path, mode="write", durability="memory") as store:
            stream = await played(store, alone(lasting), [[("put", {"name": "a"})]])
            mounts = Mounts(store)
            found = await replay(store, Shelf(store), mounts, stream, execute=True)
            assert found.divergence is None
            (returned,) = [
                record.position
                for record in await store.path(stream)
                if record.kind == "tool.returned"
            ]
            info = store.find(stream)
            head, _ = await fork(store, info, returned, seed=1, mounts=mounts)
            async with Fleet(store, player=Script([[("look", {})]])) as fleet:
                await fleet.advance(head.stream)
            opened = await open_path(store, Shelf(store), head.stream)
            assert orjson.loads(results(opened.events)[-1]) == {"a": 1}


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        (LEDGER.model_copy(update={"target": "no.such:Thing"}), "No module named"),
        (LEDGER.model_copy(update={"settings": {"x": 1}}), "unexpected keyword"),
        (EnvironmentSpec(name="s", kind="mcp", target="/no/such/command"), "server s"),
        (
            EnvironmentSpec(name="s", kind="mcp", target="http://127.0.0.1:9/mcp"),
            "server s",
        ),
        (
            EnvironmentSpec(
                name="s", kind="mcp", target=f"{sys.executable} -m no_such_server"
            ),
            "No module named no_such_server",
        ),
    ],
)
async def test_one_that_cannot_be_started_says_why(
    spec: EnvironmentSpec, why: str
) -> None:
    """In one line."""
    with pytest.raises(BadInput, match=why) as raised:
        await discover([spec])
    assert "\n" not in str(raised.value)


async def test_a_fork_anywhere_has_what_a_straight_run_has(tmp_path: Path) -> None:
    """A dialogue of over 200 events on a database, an MCP server and a Python class at
    once: at each position the state is that of all calls before it.
    """
    bed = BEDS[0]
    bed = Seedbed(bed.image, bed.title, bed.about, environments=(LEDGER, shelf()))
    async with Store.open(tmp_path, mode="write", durability="memory") as store:
        stream = await played(store, bed, [[("look", {})]])
        offered = (await open_path(store, Shelf(store), stream)).materials.toolset
        written = [tool for tool in offered if tool.statement and not tool.writes][:2]
        replies = [
            [
                ("book", {"amount": number - 3}),
                ("put", {"name": f"thing{number % 4}"}),
                *((tool.name, _some(tool)) for tool in written[:1]),
                *([("take", {"name": "thing1"})] if number % 3 == 0 else []),
            ]
            for number in range(24)
        ]
        stream = await played(store, bed, replies, difficulty="easy")
        mounts, shelf_ = Mounts(store), Shelf(store)
        opened = await open_path(store, shelf_, stream)
        assert len(opened.events) > 200
        mounted = [e for e in opened.events if isinstance(e, EnvironmentMounted)]
        assert [bool(e.external) for e in mounted] == [True]
        look = opened.materials.tool_by_name["look"]
        straight = await mounts.fresh(opened.state, opened.materials)
        done = 0
        for position in range(len(opened.events)):
            event = opened.events[position]
            state = opened.states.at(position)
            if isinstance(event, ToolReturned):
                before = opened.states.at(position - 1)
                call = before.pending[0].call
                tool = opened.materials.tool_by_name[call.name]
                if tool.writes:
                    await straight.call(tool, call.arguments, ordinal=done)
                done += 1
            if position % STEP or state.environment is None:
                continue
            there = await mounts.at(
                state, opened.materials, opened.events[: position + 1], opened.grounds
            )
            assert await there.digest() == await straight.digest()
            one = await there.call(look, {}, ordinal=0)
            other = await straight.call(look, {}, ordinal=0)
            assert one.content == other.content
            await there.close()
        await straight.close()
        found = await replay(store, shelf_, mounts, stream, execute=True)
        assert found.divergence is None
        assert not (await verify(store)).problems
        head, _ = await fork(
            store, store.find(stream), len(opened.events) // 2, seed=1, mounts=mounts
        )
        async with Fleet(store, player=Script([[("look", {})]])) as fleet:
            state = await fleet.advance(head.stream)
        assert state.ended is not None


def _some(tool: ToolDefinition) -> dict[str, Any]:
    """Arguments that fit."""
    values: dict[str, Any] = {"integer": 1, "string": "a", "number": 1.0}
    found = {}
    for name in tool.parameters.get("required", ()):
        kind = tool.parameters["properties"][name].get("type", "string")
        found[name] = values[kind if isinstance(kind, str) else kind[0]]
    return found


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


async def test_one_that_answers_otherwise_is_refused_or_marked(tmp_path: Path) -> None:
    """A fork of it is not begun, or has a note that says what was different."""
    async with Store.open(tmp_path, mode="write", durability="memory") as store:
        replies = [[("put", {"name": "a"})], [("put", {"name": "b"})]]
        stream = await played(store, alone(shelf("--odd")), replies)
        info = store.find(stream)
        before = len(store.streams(family="dialogue"))
        with pytest.raises(Diverged, match="cannot be mounted"):
            await fork(store, info, info.position, seed=1, mounts=Mounts(store))
        assert len(store.streams(family="dialogue")) == before
        head, _ = await fork(store, info, info.position, seed=1)
        async with Fleet(store, player=Script([]), marks_drift=True) as fleet:
            await fleet.advance(head.stream)
        records = await store.path(head.stream)
        noted = along(await notes_of(store), records)
        labels = [n.labels["drift"] for notes in noted.values() for n in notes]
        returned = [r.position for r in records if r.kind == "tool.returned"]
        assert labels == returned


async def test_a_server_that_dies_in_the_midst_is_an_event(tmp_path: Path) -> None:
    """The dialogue goes on, and replays."""
    async with Store.open(tmp_path, mode="write", durability="memory") as store:
        replies = [[("put", {"name": "a"})], [("put", {"name": "b"})], [("look", {})]]
        stream = await played(store, alone(shelf("--die")), replies)
        opened = await open_path(store, Shelf(store), stream)
        first, second, third = results(opened.events)
        assert first == "a: 1"
        assert "unavailable" in second
        assert orjson.loads(third) == {"a": 1}
        assert opened.state.ended is not None
        found = await replay(store, Shelf(store), Mounts(store), stream)
        assert found.divergence is None
        assert fold(opened.events) == opened.state


async def test_a_server_that_offers_less_now_is_told(tmp_path: Path) -> None:
    """The recorded tools stand; a call of one that is gone is an error result."""
    async with Store.open(tmp_path, mode="write", durability="memory") as store:
        stream = await played(store, alone(shelf()), [[("put", {"name": "a"})]])
        opened = await open_path(store, Shelf(store), stream)
        look = opened.materials.tool_by_name["look"]
        less = Mounts(store).external(shelf("--fewer"))
        outcome = await less.call(look, {}, ordinal=0)
        assert outcome.is_error
        assert "look" in outcome.content
        await less.close()
