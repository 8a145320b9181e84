"""The library, as somebody uses it who has read its docstrings alone."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import anyio
import pytest

from eventsim.api import Change, Dialogue, Edits, EventsimError, Project, evolve

pytestmark = pytest.mark.anyio
MINE = '''
from eventsim.behaviour.rule import Rule, not_first
from eventsim.config import FlawRates
from eventsim.providers.rule_based.provider import RuleBased

HURRY = Rule("hurry", 1.0, "Say that you have a train to catch.", not_first)


class Relay:
    name = "relay"
    in_process = True
    asked = 0

    def __init__(self):
        self._model = RuleBased(FlawRates())

    async def complete(self, body, *, idempotency_key, leaving=None):
        Relay.asked += 1
        return await self._model.complete(body, idempotency_key=idempotency_key)


class Till:
    """A shop's till."""

    def __init__(self, start=0):
        self._sum = start

    def add(self, amount: int) -> int:
        """Add an amount to the till."""
        self._sum += amount
        return self._sum
'''
CALL = {"name": "add", "arguments": '{"amount": 3}'}
ROW = {
    "messages": [
        {"role": "user", "content": "Add 3 to the till."},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [{"type": "function", "function": CALL}],
        },
    ]
}


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module of one's own in the current directory."""
    (tmp_path / "api_mine.py").write_text(MINE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


async def run_small(project: Project, **settings: Any) -> list[str]:
    """Two dialogues; their labels."""
    run = await project.run(
        source={"domain": "clinic"}, count=2, tasks=1, seed=2, **settings
    )
    return [each.label async for each in project.trajectories(run)]


async def test_a_project_is_run_forked_replayed_and_taken_out(tmp_path: Path) -> None:
    """Every verb of it, on one store."""
    async with Project.open(tmp_path / "s") as project:
        labels = await run_small(project)
        assert len(labels) == 2
        first = await project.trajectory(labels[0])
        assert first.state.ended is not None
        again = Dialogue()
        for event in first.events:
            again = evolve(again, event)
        assert again == first.state

        (other,) = await project.fork(f"{labels[0]}@u1", seed=9)
        assert other.events[0] == first.events[0]
        (said,) = await project.fork(f"{labels[0]}@u1", say="Never mind.", seed=9)
        assert "Never mind." in [message.text for message in said.state.messages]
        position = (await project.trajectory(f"{labels[0]}@u1")).state.length - 1
        edit = Edits((Change(position, "replace", "What can you do?"),))
        (edited,) = await project.fork(f"{labels[0]}@u1", edits=edit, seed=9)
        assert edited.state.messages[0].text == "What can you do?"

        tree = await project.branch(labels[0], at="every-tool-call", seed=3, most=2)
        assert 0 < len(tree) <= 2
        found = await project.diff(labels[0], other.label)
        assert found.common >= position
        for label in (*labels, other.label, said.label, edited.label):
            replayed = await project.replay(label, execute=True)
            assert replayed.divergence is None, label

        audited = await project.audit(f"{labels[0]}@u1")
        assert audited.request is not None
        assert audited.request.matches
        note = await project.note(labels[0], "good", author="me", quality=5)
        assert note.labels == {"quality": 5}
        row = await project.row(labels[0])
        assert row["messages"][0]["role"] == "system"
        size = await project.bundle(labels[0], tmp_path / "one.jsonl")
        assert size == (tmp_path / "one.jsonl").stat().st_size


async def test_what_is_interrupted_goes_on(tmp_path: Path) -> None:
    """A budget ends a run; with the same seed it is the same run, and is complete."""
    async with Project.open(tmp_path / "s") as project:
        labels = await run_small(project)
        run = await project.resume(labels[0].partition("-")[0])
        assert run.existed
        assert await run_small(project) == labels


async def test_a_conversation_from_elsewhere_goes_on(
    mine: Path,
) -> None:
    """Imported, continued over an environment of one's own, and replayed."""
    (mine / "rows.jsonl").write_text(json.dumps(ROW) + "\n")
    async with Project.open(mine / "s") as project:
        done = await project.import_file("messages", "rows.jsonl", licence="MIT")
        assert done.imported == 1
        run = await project.run(
            start=done.label,
            environments={
                "till": {"target": "api_mine:Till", "settings": {"start": 40}}
            },
            seed=1,
        )
        (opened,) = [each async for each in project.trajectories(run)]
        results = [m.text for m in opened.state.messages if m.speaker == "tool"]
        assert results[0] == "43"
        replayed = await project.replay(opened.label, execute=True)
        assert replayed.divergence is None


async def test_a_rule_and_a_provider_of_ones_own(mine: Path) -> None:
    """Named by where they are, recorded by that name, and found again for replay."""
    async with Project.open(mine / "s") as project:
        labels = await run_small(
            project,
            behaviours={"api_mine:HURRY": 1.0},
            roles={"user": {"model": "x", "base_url": "python:api_mine:Relay"}},
        )
        drawn = [
            rule.rule
            for label in labels
            for event in (await project.trajectory(label)).events
            for rule in getattr(event, "rules", ())
        ]
        assert "api_mine:HURRY" in drawn
        import api_mine  # type: ignore[import-not-found]

        assert api_mine.Relay.asked > 0
        for label in labels:
            assert (await project.replay(label)).divergence is None


async def test_a_store_is_followed(tmp_path: Path) -> None:
    """From the beginning, then what comes; a projector is a function of events."""
    calls = 0
    async with Project.open(tmp_path / "s") as project:
        await run_small(project)
        with anyio.move_on_after(2):
            async for record, _ in project.subscribe():
                calls += record.kind == "tool.called"
        expected = [each.state.tool_calls async for each in project.trajectories()]
    assert calls == sum(expected)


async def test_an_environment_stands_as_it_did_at_a_place(tmp_path: Path) -> None:
    """Its digest, and what a call gives there; nothing of it is recorded."""
    async with Project.open(tmp_path / "s") as project:
        run = await project.run(source={"domain": "outdoor"}, count=3, seed=11)
        label = f"{run.label}-3"
        whole = await project.trajectory(label)
        writes = [n for n, e in enumerate(whole.events) if getattr(e, "changes", ())]
        before, after = f"{label}@{writes[0] - 1}", f"{label}@{writes[0]}"
        async with project.mounted(before) as early, project.mounted(after) as late:
            digest = await early.digest()
            assert digest != await late.digest()
            assert (early.took.calls, late.took.calls) == (0, 1)
            calls = [m for m in whole.state.messages if m.call is not None]
            call = calls[-1].call
            assert call is not None
            streams = len(project.store.streams())
            result = await late.call(call.name, **call.arguments)
            assert result.startswith("{")
            with pytest.raises(EventsimError, match="no tool is named 'nothing'"):
                await early.call("nothing")
        async with project.mounted(before) as again:
            assert await again.digest() == digest
        assert len(project.store.streams()) == streams
        assert (await project.trajectory(label)).head == whole.head


async def test_a_fork_may_have_other_settings(tmp_path: Path) -> None:
    """They count, are on record as a plan of its own, and replay; what is no fork's is
    refused, as is no fork at all.
    """
    async with Project.open(tmp_path / "s") as project:
        (label, *_) = await run_small(project)
        place = f"{label}@u1"
        few = {"max_turns": 3}
        short, other = await project.fork(place, count=2, seed=9, limits=few)
        assert short.state.ended is not None
        assert short.state.ended.reason == "turn_limit"
        assert short.footing.run == other.footing.run
        assert short.footing.run != (await project.trajectory(label)).footing.run
        assert short.materials.config.limits.max_turns == 3
        assert (await project.replay(short.label, execute=True)).divergence is None
        before = len(project.store.streams())
        with pytest.raises(EventsimError, match="pipeline is not a fork's to change"):
            await project.fork(place, seed=9, pipeline="user-oriented")
        for count in (0, -1):
            with pytest.raises(EventsimError, match=f"count is {count}; a fork is"):
                await project.fork(place, count=count)
        assert len(project.store.streams()) == before


async def test_a_class_itself_is_an_environment(mine: Path) -> None:
    """It is recorded by its name, and found again by it."""
    till = importlib.import_module("api_mine").Till
    (mine / "rows.jsonl").write_text(json.dumps(ROW) + "\n")
    async with Project.open(mine / "s") as project:
        run = await project.run(
            file="rows.jsonl", form="messages", environments={"till": till}, seed=1
        )
        (opened,) = [each async for each in project.trajectories(run)]
        results = [m.text for m in opened.state.messages if m.speaker == "tool"]
        assert results[0] == "3"
        (spec,) = opened.materials.source.environments
        assert spec.target == "api_mine:Till"
        assert (await project.replay(opened.label, execute=True)).divergence is None


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"cuont": 3}, "cuont"),
        ({"behaviours": {"nowhere:RULE": 0.1}}, "nowhere"),
        ({"roles": {"user": {"model": "x", "base_url": "python:json:loads"}}}, "lacks"),
        ({"start": "nobody"}, "nobody"),
        ({"environments": {"a b": "c"}}, "letters, digits"),
        ({"environments": {"a": {"settings": {}}}}, "target"),
        ({"file": "rows.txt", "form": "msgs"}, "msgs"),
    ],
)
async def test_slips_are_told_in_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, Any],
    why: str,
) -> None:
    """As on the command line: what is wrong, and where."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.txt").write_text(json.dumps(ROW))
    async with Project.open(tmp_path / "s") as project:
        with pytest.raises(EventsimError, match=why) as caught:
            await project.run(**settings)
    assert "\n" not in str(caught.value)
