"""Tools of the user's own side: who sees them, who calls them, and what stays true."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest

from eventsim.config import RunConfig
from eventsim.core.events import (
    AssistantReplied,
    EnvironmentSpec,
    Event,
    ModelCalled,
    ToolReturned,
    UserMessaged,
)
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue
from eventsim.exchange.formats.registry import format_named
from eventsim.log.store import Store
from eventsim.log.verify import verify
from eventsim.roles.assistant import request as assistant_request
from eventsim.roles.user import request as user_request
from eventsim.run.audit import audit
from eventsim.run.fleet import Fleet
from eventsim.run.fork import fork
from eventsim.run.mounts import Mounts
from eventsim.run.paths import Opened, open_path
from eventsim.run.prepare import Seedbed
from eventsim.run.replay import replay
from eventsim.run.shelf import Shelf
from eventsim.run.transcripts import lost_of, row_of

pytestmark = pytest.mark.anyio

PHONE = EnvironmentSpec(
    name="phone",
    kind="python",
    target="tests.environments.phone:Phone",
    requestor="user",
)
LEDGER = EnvironmentSpec(
    name="ledger", kind="python", target="tests.environments.shelf:Ledger"
)
LINES = (
    "Could you read the status bar of your phone to me?",
    "Please toggle airplane mode off.",
    "And what does it say when you read the status bar now?",
)


class Helpdesk:
    """A person who plays the assistant, line by line."""

    role: Any = "assistant"

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = list(lines)

    async def speak(self, _: Dialogue, __: Materials) -> Sequence[Event]:
        """The next line."""
        text = self._lines.pop(0) if self._lines else "I cannot do that for you."
        return (AssistantReplied(text=text, by="person"),)


class Helped(NamedTuple):
    """A dialogue in which the user's own tools were used."""

    store: Store
    opened: Opened


@pytest.fixture
async def helped(tmp_path: Path) -> AsyncIterator[Helped]:
    """The user is played by rule, the assistant asks them to act."""
    bed = Seedbed(None, "a phone shop", "", "phones", environments=(LEDGER, PHONE))
    config = RunConfig(seed=3, count=1, tasks=1, pipeline="user-oriented")
    async with Store.open(tmp_path, mode="write", durability="memory") as store:
        async with Fleet(store, player=Helpdesk(LINES)) as fleet:
            run = await fleet.begin(config, [bed])
            await fleet.go(await fleet.work(run))
        (info,) = store.streams(family="dialogue", run=run.ref.stream)
        yield Helped(store, await open_path(store, Shelf(store), info.stream))


async def test_the_user_does_what_it_is_asked_to_and_tells(helped: Helped) -> None:
    """Calls of the user, results, words: the phone's state carries over."""
    acts = [e for e in helped.opened.events if isinstance(e, UserMessaged) and e.calls]
    assert [call.name for act in acts for call in act.calls] == [
        "read_status_bar",
        "toggle_airplane_mode",
        "read_status_bar",
    ]
    assert acts[1].calls[0].arguments == {"on": False}
    results = [e for e in helped.opened.events if isinstance(e, ToolReturned)]
    assert [orjson.loads(e.content).get("signal") for e in results] == [
        "none",
        None,
        "strong",
    ]
    said = [m.text for m in helped.opened.state.messages if m.speaker == "user"]
    assert any("signal is none" in text for text in said)
    assert any("signal is strong" in text for text in said)


async def test_each_side_sees_its_own(helped: Helped) -> None:
    """The assistant's requests hold no tool, call or result of the user; the user's
    hold these, and none of the assistant's tools.
    """
    opened = helped.opened
    assert {t.name for t in opened.materials.tools_of("user")} == {
        "read_status_bar",
        "toggle_airplane_mode",
    }
    asked = 0
    for position, event in enumerate(opened.events):
        state = opened.states.at(position)
        if state.task is None or state.persona is None:
            continue
        theirs = assistant_request(state, opened.materials)
        for private in (b"toggle_airplane_mode", b"read_status_bar", b'signal\\"'):
            assert private not in theirs, position
        ours = user_request(state, opened.materials)
        assert b"toggle_airplane_mode" in ours
        assert b"total_of" not in ours
        asked += isinstance(event, ModelCalled)
    assert asked
    last = user_request(opened.states.at(_last_result(opened)), opened.materials)
    assert b"(Result of read_status_bar: " in last


def _last_result(opened: Opened) -> int:
    return max(
        position
        for position, event in enumerate(opened.events)
        if isinstance(event, ToolReturned)
    )


async def test_it_replays_verifies_and_is_audited(helped: Helped) -> None:
    """Like any other dialogue."""
    store, opened = helped.store, helped.opened
    shelf, stream = Shelf(store), opened.records[0].stream
    report = await replay(store, shelf, Mounts(store), stream, execute=True)
    assert report.divergence is None
    assert not (await verify(store)).problems
    path = await open_path(store, shelf, stream, position=_last_result(opened))
    audited = audit(path)
    assert "asked for by the user" in audited.producer
    assert audited.request is not None
    assert audited.request.matches


async def test_a_fork_has_the_phone_as_it_was(helped: Helped) -> None:
    """At each position the user's environment is that of the calls before it."""
    store, opened = helped.store, helped.opened
    mounts = Mounts(store)
    look = opened.materials.tool_by_name["read_status_bar"]
    signal, seen = "none", set()
    for position, event in enumerate(opened.events):
        if isinstance(event, ToolReturned) and "airplane" in event.content:
            signal = "strong"
        state = opened.states.at(position)
        if state.environment is None:
            continue
        there = await mounts.at(
            state, opened.materials, opened.events[: position + 1], opened.grounds
        )
        found = orjson.loads((await there.call(look, {}, ordinal=0)).content)
        assert found["signal"] == signal, position
        seen.add(signal)
        await there.close()
    assert seen == {"none", "strong"}
    parent = store.find(opened.records[0].stream)
    last = _last_result(opened)
    head, _ = await fork(store, parent, last, seed=5, mounts=mounts)
    async with Fleet(store, player=Helpdesk(LINES[2:])) as fleet:
        assert (await fleet.advance(head.stream)).ended is not None
    forked = await open_path(store, Shelf(store), head.stream)
    told = next(m for m in forked.states.at(last + 3).messages[::-1] if m.text)
    assert "signal is strong" in told.text


@pytest.mark.parametrize("name", ["openai", "tau2"])
async def test_a_row_shows_what_its_format_can_hold(helped: Helped, name: str) -> None:
    """tau2 holds the user's calls; elsewhere is what the assistant saw, and the rest is
    told.
    """
    form = format_named(name)
    lost = lost_of(helped.opened, form, None)
    assert ("private calls of the user" in lost) is not form.dual
    text = orjson.dumps(row_of(helped.opened, form, None)).decode()
    assert ("toggle_airplane_mode" in text) is form.dual
    if form.dual:
        read = form.read(orjson.loads(text), {})
        calls = [
            call.name
            for event in read.events
            if isinstance(event, UserMessaged)
            for call in event.calls
        ]
        assert calls == ["read_status_bar", "toggle_airplane_mode", "read_status_bar"]
