"""Audit leads from any event to the request behind it, and on to the root."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventsim.core.events import ModelCalled, ToolReturned, UserMessaged
from eventsim.log.store import Store
from eventsim.run.audit import audit, rebuild_request
from eventsim.run.fleet import Fleet
from eventsim.run.fork import fork
from eventsim.run.paths import open_path
from eventsim.run.shelf import Shelf

pytestmark = pytest.mark.anyio


async def test_every_request_of_every_path_is_rebuilt_to_its_hash(own: Path) -> None:
    """Forks included, whose requests reach back into their parents."""
    async with Store.open(own, mode="write", durability="memory") as store:
        shelf = Shelf(store)
        parent = store.streams(family="dialogue")[0]
        head, _ = await fork(store, parent, parent.position // 2, seed=4)
        await Fleet(store).advance(head.stream)
        rebuilt = 0
        for info in store.streams(family="dialogue"):
            opened = await open_path(store, shelf, info.stream)
            for position, event in enumerate(opened.events):
                if isinstance(event, ModelCalled):
                    request = rebuild_request(opened, position)
                    assert request.matches, (info.label, position)
                    assert request.json["seed"] == event.seed
                    rebuilt += 1
        assert rebuilt > 100


async def test_any_event_can_be_audited(own: Path) -> None:
    """The chain of causes goes back to the root without a gap in time, then to the
    run, the tasks and the tools that the dialogue mounts.
    """
    async with Store.open(own, mode="read") as store:
        shelf = Shelf(store)
        info = store.streams(family="dialogue")[0]
        whole = await open_path(store, shelf, info.stream)
        for position in range(len(whole.events)):
            opened = await open_path(store, shelf, info.stream, position=position)
            found = audit(opened)
            positions = [link.position for link in found.causes if link.position >= 0]
            assert positions[0] == position
            assert positions == sorted(positions, reverse=True)
            assert positions[-1] == 0
            assert [x.what for x in found.causes[-3:]] == ["run", "tasks", "tools"]
            assert found.producer


async def test_a_tool_result_leads_to_the_request_that_asked_for_it(own: Path) -> None:
    """Who asked, with which arguments, and in which request."""
    async with Store.open(own, mode="read") as store:
        shelf = Shelf(store)
        info = store.streams(family="dialogue")[0]
        whole = await open_path(store, shelf, info.stream)
        at = next(
            n for n, event in enumerate(whole.events) if isinstance(event, ToolReturned)
        )
        found = audit(await open_path(store, shelf, info.stream, position=at))
        assert found.request is not None
        assert found.request.matches
        assert found.request.intent.role == "assistant"
        assert found.request.position < at


async def test_a_given_message_has_no_request(own: Path) -> None:
    """A person said it; audit says so and invents no model call."""
    async with Store.open(own, mode="write", durability="memory") as store:
        shelf = Shelf(store)
        info = store.streams(family="dialogue")[0]
        head, _ = await fork(store, info, 12, seed=1, before_user=True)
        await Fleet(store).advance(head.stream, said="Wait, something else first.")
        whole = await open_path(store, shelf, head.stream)
        at = next(
            n
            for n, event in enumerate(whole.events)
            if isinstance(event, UserMessaged) and event.given
        )
        found = audit(await open_path(store, shelf, head.stream, position=at))
        assert found.request is None
        assert "a person" in found.producer
