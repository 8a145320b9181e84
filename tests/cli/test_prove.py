"""`replay`, `audit` and `verify`: what they find, and what their exit codes say."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import call, done, objects


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


def test_a_bundle_replays_without_its_store(
    own: Path, first: str, tmp_path: Path
) -> None:
    """A fork's bundle holds what it grew from."""
    (fork,) = objects("fork", f"{first}@u2", "--seed", "2", "--json", store=own)
    file = tmp_path / "fork.jsonl"
    done("export", "bundle", fork["trajectory"], "-o", file, store=own)
    shutil.rmtree(own)
    (found,) = objects("replay", file, "--execute", "--json")
    assert (found["checked"], found["failed"]) == (1, 0)
    assert found["events"] == fork["positions"]


def test_another_prompt_makes_replay_name_the_first_request(
    own: Path, first: str
) -> None:
    """A recorded prompt is swapped for another: its request differs, line by line."""
    page = call("replay", first, "--with-current", store=own)
    assert page.returncode == 0
    events = objects("show", first, "--as", "events", "--json", store=own)
    call_at = next(e["position"] for e in events if e["kind"] == "model.called")
    blobs = own / "blobs"
    user = next(
        file
        for file in blobs.rglob("*")
        if file.is_file() and b"You play a person" in file.read_bytes()
    )
    user.write_bytes(user.read_bytes().replace(b"You play a person", b"You play a man"))
    result = call("replay", first, "--json", store=own)
    assert result.returncode == 1
    report = json.loads(result.stdout)
    assert report["failed"] == 1
    assert report["failures"][0]["trajectory"] == first
    assert call_at > 0
    assert call("verify", store=own).returncode == 1


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
    assert mounts == ["run", "preparation"]
    page = done("audit", f"{first}@{replied[1]}", store=made)
    assert found["hash"] in page
    assert "matches" in page


def test_an_audit_of_a_user_message_names_the_behaviour_behind_it(
    made: Path,
) -> None:
    """Of all user messages some were shaped by a rule, and the rule is told."""
    named = 0
    for line in objects("ls", "--json", store=made):
        label = line["trajectory"]
        (found,) = objects("audit", f"{label}@u1", "--json", store=made)
        assert found["producer"].startswith("user")
        named += len(found["behaviours"])
    assert named > 0


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
