"""`replay`, `audit` and `verify`: what they find, and what their exit codes say."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import eventsim
from eventsim.behaviour.registry import RULES
from tests.cli.conftest import Grown, call, done, objects


@pytest.mark.parametrize("options", [[], ["--execute"], ["--with-current"]])
def test_everything_replays_in_a_new_process(made: Path, options: list[str]) -> None:
    """One object with what was checked; nothing is written."""
    before = {file: file.read_bytes() for file in (made / "segments").iterdir()}
    (found,) = objects("replay", "--all", *options, "--json", store=made)
    assert (found["checked"], found["failed"]) == (4, 0)
    assert before == {f: f.read_bytes() for f in (made / "segments").iterdir()}


def test_one_trajectory_replays_by_name_or_as_the_latest(
    made: Path, first: str
) -> None:
    """Both say how many events agreed."""
    assert "1 trajectory" in done("replay", first, store=made)
    assert "1 trajectory" in done("replay", "--execute", store=made)


def test_a_bundle_replays_without_its_store(grown: Grown, tmp_path: Path) -> None:
    """A fork's bundle holds what it grew from."""
    file = tmp_path / "fork.jsonl"
    done("export", "bundle", grown.fork, "-o", file, store=grown.store)
    nowhere = tmp_path / "nowhere"
    (found,) = objects("replay", file, "--execute", "--json", store=nowhere)
    assert (found["checked"], found["failed"]) == (1, 0)
    assert found["events"] > grown.position


def test_a_word_of_a_prompt_is_found_with_current(
    made: Path, first: str, tmp_path: Path
) -> None:
    """A release with another prompt replays what was recorded; with its own prompts
    it names the first request that differs, and shows how.
    """
    other = tmp_path / "release"
    shutil.copytree(Path(eventsim.__file__).parent, other / "eventsim")
    prompt = other / "eventsim" / "prompts" / "user.j2"
    text = prompt.read_text("utf-8")
    prompt.write_text(text.replace("Be concise and natural", "Be brief and natural"))
    assert call("replay", first, store=made, cwd=other).returncode == 0
    options = ("--with-current", "--json")
    result = call("replay", first, *options, store=made, cwd=other)
    assert result.returncode == 1
    (failure,) = json.loads(result.stdout)["failures"]
    events = objects("show", first, "--as", "events", "--json", store=made)
    asked = next(e["position"] for e in events if e["kind"] == "model.called")
    assert (failure["trajectory"], failure["position"]) == (first, asked)
    assert failure["field"] == "request_sha256"
    changed = [line for line in failure["difference"] if line[:1] in "+-"]
    assert any("Be concise and natural" in line for line in changed)
    assert any("Be brief and natural" in line for line in changed)
    page = call("replay", first, "--with-current", store=made, cwd=other)
    assert page.returncode == 1
    assert f"{first}@{asked}" in page.stdout


def test_a_whole_store_verifies(made: Path) -> None:
    """Streams are counted: the run, tools, tasks, dialogues."""
    (found,) = objects("verify", "--json", store=made)
    assert found["failed"] == 0
    assert found["checked"] == 1 + 1 + 4 + 4
    assert found["failures"] == []


def test_an_audit_leads_from_a_message_to_the_root(made: Path, first: str) -> None:
    """Producer, request, attempts, and an unbroken chain with hashes."""
    events = objects("show", first, "--as", "events", "--json", store=made)
    by_position = {event["position"]: event for event in events}
    replied = [e["position"] for e in events if e["kind"] == "assistant.replied"]
    (found,) = objects("audit", f"{first}@{replied[1]}", "--json", store=made)
    assert found["producer"].startswith("assistant")
    assert found["request"]["matches"]
    assert found["attempts"] == [
        {"position": replied[1] - 1, "outcome": "assistant.replied"}
    ]
    steps = [cause for cause in found["causes"] if cause["position"] is not None]
    positions = [step["position"] for step in steps]
    assert positions == sorted(positions, reverse=True)
    assert (positions[0], positions[-1]) == (replied[1], 0)
    assert all(step["hash"] == by_position[step["position"]]["hash"] for step in steps)
    mounts = [c["what"] for c in found["causes"] if c["position"] is None]
    assert mounts == ["run", "tasks", "tools"]
    page = done("audit", f"{first}@{replied[1]}", store=made)
    assert found["hash"] in page
    assert "matches" in page


def test_an_audit_of_a_user_message_names_the_behaviour_behind_it(
    made: Path, first: str
) -> None:
    """Some user messages were shaped by a rule, which its request then carries."""
    for number in range(1, 9):
        (found,) = objects("audit", f"{first}@u{number}", "--json", store=made)
        assert found["producer"].startswith("user")
        if found["behaviours"]:
            break
    (rule, *_) = found["behaviours"]
    assert rule["rule"] in RULES
    assert rule["instruction"] in found["request"]["request"]["messages"][-1]["content"]


def test_the_chain_of_a_fork_crosses_into_its_parent(own: Path, first: str) -> None:
    """Each link says in which stream it stands; a given message is a person's."""
    (fork,) = objects(
        "fork", f"{first}@u2", "--say", "Stop.", "--seed", "2", "--json", store=own
    )
    label = fork["trajectory"]
    (found,) = objects("audit", f"{label}@{fork['position'] + 2}", "--json", store=own)
    assert found["kind"] == "user.messaged"
    assert "person" in found["producer"]
    streams = [c["label"] for c in found["causes"] if c["position"] is not None]
    assert streams[0] == label
    assert streams[-1] == first
