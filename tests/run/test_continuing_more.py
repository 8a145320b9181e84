"""Runs that go on: the tools they make, the tasks they add, what they keep."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from eventsim.api import Opened, Project
from eventsim.config import Limits
from eventsim.core.effects import CallModel
from eventsim.core.events import (
    ModelCalled,
    PersonaAssigned,
    Start,
    TaskAssigned,
    TrajectoryForked,
)
from eventsim.errors import UsageError
from eventsim.log.store import Store
from eventsim.run.paths import OpenedStages, open_any, open_path
from eventsim.run.shelf import Shelf
from eventsim.run.starts import starts_of
from tests.exchange.rows import ROWS
from tests.run.conftest import BEDS
from tests.run.test_continuing import CHAT, EXECUTED, go_on, imported

pytestmark = pytest.mark.anyio

WHOLE = ROWS["messages"]
ASKED = {**WHOLE, "messages": WHOLE["messages"][:2]}  # nobody has answered
CALLED = {**WHOLE, "messages": WHOLE["messages"][:3]}  # the call has no result
CHATTED = {
    "messages": [
        {"role": "user", "content": "Can you book a hotel room in Oslo?"},
        {"role": "assistant", "content": "I cannot do that."},
    ]
}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty one."""
    async with Store.open(tmp_path / "s", mode="write", durability="memory") as opened:
        yield opened


async def made(store: Store, purpose: str) -> list[OpenedStages]:
    """The preparations of a purpose that runs made, in order."""
    shelf, found = Shelf(store), []
    for info in store.streams(family="preparation"):
        opened = await open_any(store, shelf, info)
        assert isinstance(opened, OpenedStages)
        imports = opened.started.run is None
        if opened.started.purpose == purpose and not imports:
            found.append(opened)
    return found


def requests(stages: OpenedStages) -> dict[str, list[str]]:
    """What each stage asked, as text."""
    asked: dict[str, list[str]] = {}
    for position, event in enumerate(stages.events):
        if isinstance(event, ModelCalled):
            effect = stages.step_after(position).effect
            assert isinstance(effect, CallModel)
            messages = json.loads(effect.body)["messages"]
            text = "\n".join(message["content"] for message in messages)
            asked.setdefault(event.stage, []).append(text)
    return asked


def new_part(opened: Opened) -> int:
    """Where the run's own part of a path begins."""
    last = [n for n, e in enumerate(opened.events) if isinstance(e, TrajectoryForked)]
    return last[-1]


# --- tools --------------------------------------------------------------------------


async def test_what_a_tool_returns_is_what_its_results_show_or_is_predicted(
    store: Store, tmp_path: Path
) -> None:
    """A shape that was shown needs no model; rows of one toolset share a prediction."""
    starts = await imported(store, tmp_path, "messages", WHOLE, ASKED, CALLED)
    shown, *predicted = await go_on(store, starts, CHAT)
    (tool,) = shown.materials.toolset
    assert list(tool.returns["properties"]) == ["degrees"]
    for opened in predicted:
        (tool,) = opened.materials.toolset
        assert tool.returns["properties"]
        assert tool == predicted[0].materials.toolset[0]
    stages = [opened.started.stages for opened in await made(store, "tools")]
    assert sorted(stages) == [(), ("output_schemas",)]


async def test_more_tools_for_plain_chat_are_those_that_it_asks_for(
    store: Store, tmp_path: Path
) -> None:
    """Written for what the person said, with the tasks that use them."""
    starts = await imported(store, tmp_path, "messages", CHATTED)
    (opened,) = await go_on(
        store, starts, CHAT, adds_tasks=True, more_tools=True, tasks=1
    )
    assert opened.materials.toolset
    assert all(tool.returns for tool in opened.materials.toolset)
    assert len(opened.state.verdicts) == 1
    (tools,) = await made(store, "tools")
    assert tools.started.stages == ("tool_specifications", "output_schemas")
    (asked,) = requests(tools)["tool_specifications"]
    assert "Person: Can you book a hotel room in Oslo?" in asked
    assert "Assistant: I cannot do that." in asked


async def test_more_tools_beside_those_of_a_conversation(
    store: Store, tmp_path: Path
) -> None:
    """Asked for with what is there and with the conversation; none of its own go."""
    starts = await imported(store, tmp_path, "messages", WHOLE)
    (opened,) = await go_on(
        store, starts, CHAT, adds_tasks=True, more_tools=True, tasks=1
    )
    assert "get_weather" in {tool.name for tool in opened.materials.toolset}
    (tools,) = await made(store, "tools")
    assert tools.started.stages == ("expansion", "output_schemas")
    (asked,) = requests(tools)["expansion"]
    assert "get_weather" in asked
    assert "Person: Weather in Oslo?" in asked
    assert 'calls get_weather({"city":"Oslo"})' in asked
    assert 'Result of get_weather: {"degrees": 21}' in asked


async def test_the_tools_of_an_earlier_run_are_taken(tmp_path: Path) -> None:
    """Nothing is designed again; the conversation gets tasks for them."""
    (tmp_path / "rows.jsonl").write_text(json.dumps(CHATTED))
    hotel = {"description": "a small hotel with rooms and guests"}
    async with Project.open(tmp_path / "s") as project:
        earlier = await project.run(
            source=hotel, pipeline=CHAT, count=1, tasks=1, seed=3
        )
        chat = await project.import_file("messages", tmp_path / "rows.jsonl")
        before = len(await made(project.store, "tools"))
        run = await project.run(
            start=chat.label, prepared={"tools": earlier.label}, tasks=1, seed=1
        )
        (opened,) = [each async for each in project.trajectories(run)]
        (parent,) = [each async for each in project.trajectories(earlier)]
        assert opened.materials.toolset == parent.materials.toolset
        assert len(opened.state.verdicts) == 1
        assert len(await made(project.store, "tools")) == before
        assert (await project.replay(opened.label, execute=True)).divergence is None


# --- tasks --------------------------------------------------------------------------


async def test_what_is_open_comes_before_the_tasks_that_are_added(
    store: Store, tmp_path: Path
) -> None:
    """It is inferred, and as many as were asked for follow; what is answered is not."""
    starts = await imported(store, tmp_path, "messages", ASKED, WHOLE)
    asked, answered = await go_on(store, starts, CHAT, adds_tasks=True, tasks=2)
    assert (asked.materials.inferred, len(asked.materials.tasks)) == (1, 3)
    assert (answered.materials.inferred, len(answered.materials.tasks)) == (0, 2)
    (first, *_) = [e for e in asked.events if isinstance(e, TaskAssigned)]
    assert first.begun == 1
    assert "weather in Oslo" in first.title


async def test_the_instructions_of_a_conversation_stay_first(
    store: Store, tmp_path: Path
) -> None:
    """Where a database is mounted, its rules follow them."""
    starts = await imported(store, tmp_path, "messages", WHOLE)
    (opened,) = await go_on(
        store, starts, EXECUTED, adds_tasks=True, beds=BEDS[:1], tasks=1
    )
    assert opened.materials.policy.startswith("You help.\n\n")
    assert "get_weather" in {tool.name for tool in opened.materials.toolset}
    assert len(opened.materials.policy) > len("You help.\n\n")


async def test_rules_are_kept_when_tasks_are_added(own: Path) -> None:
    """One text along the whole path, in each of the corpus, whatever the run's seed."""
    async with Store.open(own, mode="write", durability="memory") as store:
        starts = await starts_of(store, store.streams(family="run")[0].label)
        shelf = Shelf(store)
        parents = [await open_path(store, shelf, s.parent.stream) for s in starts]
        paths = await go_on(store, starts, EXECUTED, adds_tasks=True, tasks=1)
        for parent, opened in zip(parents, paths, strict=True):
            assert opened.materials.policy == parent.materials.policy
            own_part = opened.events[new_part(opened) :]
            assert not [e for e in own_part if e.kind == "policy.set"]


async def test_an_open_question_is_answered_once(store: Store, tmp_path: Path) -> None:
    """Where nobody plays the user, what they wrote is the question; it is not put
    again.
    """
    starts = await imported(store, tmp_path, "messages", ASKED, CALLED)
    for opened in await go_on(store, starts, "task-oriented"):
        assert opened.state.ended is not None
        assert opened.state.ended.reason == "completed"
        said = [m.text for m in opened.state.messages if m.speaker == "user"]
        assert said == ["Weather in Oslo?"]
        last = opened.state.messages[-1]
        assert last.speaker == "assistant"
        assert not last.calls
        assert len(opened.state.verdicts) == 1


async def test_an_answered_question_is_followed_by_another(
    store: Store, tmp_path: Path
) -> None:
    """Put once, as it stands, and answered once."""
    starts = await imported(store, tmp_path, "messages", WHOLE)
    (opened,) = await go_on(store, starts, "task-oriented")
    (task,) = opened.materials.tasks
    said = [m.text for m in opened.state.messages if m.speaker == "user"]
    assert said == ["Weather in Oslo?", task.question]
    assert len(opened.state.verdicts) == 1


# --- limits and personas ------------------------------------------------------------


async def test_limits_count_from_where_a_run_began(own: Path) -> None:
    """A path that is longer than the limit goes on for as long as it says."""
    async with Store.open(own, mode="write", durability="memory") as store:
        starts = (await starts_of(store, store.streams(family="run")[0].label))[:2]
        paths = await go_on(
            store,
            starts,
            EXECUTED,
            adds_tasks=True,
            tasks=3,
            limits=Limits(max_turns=5),
        )
        for start, opened in zip(starts, paths, strict=True):
            before = opened.states.at(start.position).turns
            assert before > 5
            assert opened.state.turns - before in (5, 6)  # a call has its result
            assert opened.state.ended is not None
            assert opened.state.ended.reason == "turn_limit"


async def test_another_persona_is_assigned_where_a_run_goes_on(own: Path) -> None:
    """Once, just there, in the language of the one before."""
    async with Store.open(own, mode="write", durability="memory") as store:
        starts = (await starts_of(store, store.streams(family="run")[0].label))[:3]
        paths = await go_on(
            store, starts, EXECUTED, adds_tasks=True, tasks=1, personas={"weary": 1.0}
        )
        for start, opened in zip(starts, paths, strict=True):
            there = opened.states.at(start.position).persona
            assert there is not None
            own_part = opened.events[start.position + 1 :]
            assigned = [e for e in own_part if isinstance(e, PersonaAssigned)]
            others = there.name != "weary"
            assert [e.name for e in assigned] == ["weary"] * others
            assert opened.state.persona is not None
            assert opened.state.persona.language == there.language


@pytest.mark.parametrize("personas", [{}, "theirs"])
async def test_a_persona_that_may_be_drawn_is_kept(own: Path, personas: Any) -> None:
    """With no weights, or with weights that name it."""
    async with Store.open(own, mode="write", durability="memory") as store:
        (start, *_) = await starts_of(store, store.streams(family="run")[0].label)
        parent = await open_path(store, Shelf(store), start.parent.stream)
        assert parent.state.persona is not None
        weights = {parent.state.persona.name: 0.1, "weary": 5.0} if personas else {}
        (opened,) = await go_on(
            store, [start], EXECUTED, adds_tasks=True, tasks=1, personas=weights
        )
        assert opened.state.persona == parent.state.persona
        own_part = opened.events[start.position + 1 :]
        assert not [e for e in own_part if isinstance(e, PersonaAssigned)]


# --- identity -----------------------------------------------------------------------


async def test_labels_of_runs_that_go_on_are_the_same_in_two_stores(
    tmp_path: Path,
) -> None:
    """The same file, the same settings: the same labels, the same dialogues."""
    found = []
    for name in ("one", "two"):
        place = tmp_path / name
        place.mkdir()
        async with Store.open(place / "s", mode="write", durability="memory") as store:
            starts = await imported(store, place, "messages", WHOLE, ASKED)
            paths = await go_on(store, starts, CHAT)
            lineages = [opened.state.lineage for opened in paths]
            texts = [[m.text for m in opened.state.messages] for opened in paths]
            found.append(([opened.label for opened in paths], lineages, texts))
    assert found[0] == found[1]


async def test_lineages_differ_by_position_and_number(own: Path) -> None:
    """Two places of one path, and one place twice, are drawn for apart."""
    async with Store.open(own, mode="write", durability="memory") as store:
        info = store.streams(family="dialogue")[0]
        records = await store.path(info.stream)
        at = [
            Start(parent=records[n].ref, position=n, label=f"{info.label}@{n}")
            for n in (10, 20, 20)
        ]
        lineages = [
            opened.state.lineage
            for start in ([at[0]], at[1:])
            for opened in await go_on(store, start, EXECUTED)
        ]
        assert len(set(lineages)) == 3


# --- refused ------------------------------------------------------------------------

REFUSED = [
    ("database", {"source": {"domain": "library"}}, "no other source can be mounted"),
    ("database", {"pipeline": CHAT}, "whose tools are executed; the pipeline"),
    ("database", {"more_tools": True}, "more tools are played by a model"),
    ("database", {"prepared": {"tasks": "x"}}, "--tasks-from belongs to a run that"),
    ("database", {"prepared": {"questions": "x"}}, "--questions-from belongs to"),
    ("chat", {"tasks": 1}, "has no tools that a task could be about"),
    ("chat", {"pipeline": EXECUTED}, "has no database to execute tools on"),
]


async def begin(place: Path) -> dict[str, str]:
    """A store with a dialogue over a database and with plain chat."""
    (place / "rows.jsonl").write_text(json.dumps(CHATTED))
    async with Project.open(place / "s") as project:
        run = await project.run(
            source={"domain": "clinic"}, count=1, tasks=1, seed=2, pipeline=EXECUTED
        )
        chat = await project.import_file("messages", place / "rows.jsonl")
    return {"database": f"{run.label}-1", "chat": f"{chat.label}-1"}


@pytest.fixture(scope="module")
def starting(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """Such a store, and what stands in it."""
    place = tmp_path_factory.mktemp("starting")
    return place / "s", anyio.run(begin, place)


@pytest.mark.parametrize(("what", "settings", "why"), REFUSED)
async def test_a_start_that_makes_no_sense_is_one_line(
    starting: tuple[Path, dict[str, str]], what: str, settings: dict[str, Any], why: str
) -> None:
    """It names the path, and no run is there afterwards."""
    path, named = starting
    async with Project.open(path) as project:
        before = len(project.store.streams())
        with pytest.raises(UsageError, match=why) as caught:
            await project.run(start=named[what], seed=1, **settings)
        assert "\n" not in str(caught.value)
        assert len(project.store.streams()) == before
