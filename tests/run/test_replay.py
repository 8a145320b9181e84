"""Replay agrees with what was recorded, or names the first thing that differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from eventsim.core.effects import Step
from eventsim.core.events import (
    AssistantReplied,
    EnvironmentMounted,
    ModelCalled,
    ToolReturned,
    VerdictGiven,
)
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue, Footing
from eventsim.log.store import Store
from eventsim.prompts import render
from eventsim.run.mounts import Mounts
from eventsim.run.paths import decide, known_events
from eventsim.run.replay import replay
from eventsim.run.shelf import Shelf

pytestmark = pytest.mark.anyio


async def test_every_trajectory_replays_without_a_divergence(corpus: Path) -> None:
    """With the tools executed again, too."""
    async with Store.open(corpus, mode="read") as store:
        shelf, mounts = Shelf(store), Mounts(store)
        for info in store.streams(family="dialogue"):
            for execute in (False, True):
                found = await replay(store, shelf, mounts, info.stream, execute=execute)
                assert found.divergence is None
                assert found.events == info.version


async def test_an_open_path_replays_up_to_its_end(own: Path) -> None:
    """A path that was cut agrees as far as it goes, wherever it was cut."""
    async with Store.open(own, mode="write", durability="memory") as store:
        shelf, mounts = Shelf(store), Mounts(store)
        info = store.streams(family="dialogue")[0]
        events = known_events(await store.path(info.stream))
        for cut in range(1, len(events)):
            records = await store.append(None, events[:cut], expected_version=0)
            found = await replay(store, shelf, mounts, records[0].stream)
            assert found.divergence is None


async def test_a_changed_word_of_a_prompt_is_named_with_its_line(
    corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`current` compares with the prompts installed now; the recorded ones still
    agree.
    """
    changed = dict(render.installed())
    changed["assistant"] = changed["assistant"].replace("keep it short", "be brief")
    assert changed != render.installed()
    monkeypatch.setattr("eventsim.run.shelf.installed", lambda: changed)
    async with Store.open(corpus, mode="read") as store:
        shelf, mounts = Shelf(store), Mounts(store)
        info = store.streams(family="dialogue")[0]
        events = known_events(await store.path(info.stream))
        same = await replay(store, shelf, mounts, info.stream)
        found = await replay(store, shelf, mounts, info.stream, current=True)
    assert same.divergence is None
    assert found.divergence is not None
    first = next(
        at
        for at, event in enumerate(events)
        if isinstance(event, ModelCalled) and event.role == "assistant"
    )
    assert found.divergence.position == first
    assert found.divergence.field == "request_sha256"
    assert any(line.startswith("+") and "be brief" in line for line in found.difference)


async def test_a_changed_rule_of_the_decider_is_named(corpus: Path) -> None:
    """The first decided event that comes out otherwise, and its field."""

    def lenient(state: Dialogue, grounds: Mapping[Footing, Materials]) -> Step:
        step = decide(state, grounds)
        events = tuple(
            x.model_copy(update={"task": x.task + 7})
            if isinstance(x, VerdictGiven)
            else x
            for x in step.events
        )
        return replace(step, events=events)

    async with Store.open(corpus, mode="read") as store:
        info = store.streams(family="dialogue")[0]
        events = known_events(await store.path(info.stream))
        found = await replay(
            store, Shelf(store), Mounts(store), info.stream, decide=lenient
        )
    assert found.divergence is not None
    kinds = [event.kind for event in events]
    assert found.divergence.position == kinds.index("verdict.given")
    assert found.divergence.field == "task"
    assert "recorded 1, computed 8" in str(found.divergence)


async def test_a_changed_answer_is_named_where_it_first_matters(own: Path) -> None:
    """Another text in a recorded answer gives another next request."""
    async with Store.open(own, mode="write", durability="memory") as store:
        info = store.streams(family="dialogue")[0]
        events = list(known_events(await store.path(info.stream)))
        at = next(
            n
            for n, x in enumerate(events)
            if isinstance(x, AssistantReplied) and x.text and not x.calls
        )
        answer = events[at]
        assert isinstance(answer, AssistantReplied)
        events[at] = answer.model_copy(update={"text": answer.text + "!"})
        records = await store.append(None, events, expected_version=0)
        stream = records[0].stream
        found = await replay(store, Shelf(store), Mounts(store), stream)
    assert found.divergence is not None
    assert found.divergence.position > at
    assert found.divergence.kind == "model.called"
    assert found.divergence.field == "request_sha256"


async def test_another_database_is_named_where_it_is_mounted(own: Path) -> None:
    """Replay with execution compares the rows, not the file."""
    async with Store.open(own, mode="write", durability="memory") as store:
        info = store.streams(family="dialogue")[0]

        class Altered(Mounts):
            async def fresh(self, state, materials):  # type: ignore[no-untyped-def]
                environment = await super().fresh(state, materials)
                writing = [t for t in materials.toolset if t.writes]
                for tool in writing:
                    for call, result in _writes(events):
                        if call.name == tool.name and result.changes:
                            await environment.call(tool, call.arguments, ordinal=0)
                            return environment
                return environment

        infos = store.streams(family="dialogue")
        for info in infos:
            events = known_events(await store.path(info.stream))
            if not any(result.changes for _, result in _writes(events)):
                continue
            shelf = Shelf(store)
            found = await replay(
                store, shelf, Altered(store), info.stream, execute=True
            )
            assert found.divergence is not None
            mounted = [isinstance(x, EnvironmentMounted) for x in events].index(True)
            assert found.divergence.position == mounted
            assert found.divergence.field == "rows_digest"
            return
    pytest.fail("no trajectory of the corpus writes")


def _writes(events):  # type: ignore[no-untyped-def]
    replies = [x.calls for x in events if isinstance(x, AssistantReplied)]
    return [
        (replies[x.reply][x.index], x) for x in events if isinstance(x, ToolReturned)
    ]
