"""Edits, persons, notes and environments, as a user has them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.cli.conftest import call, done, objects

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three dialogues over one database."""
    store = tmp_path_factory.mktemp("state") / "runs"
    done(
        "run",
        "--domain",
        "clinic",
        "-n",
        "3",
        "--tasks",
        "1",
        "--seed",
        "2",
        store=store,
    )
    return store


@pytest.fixture
def own(made: Path, tmp_path: Path) -> Path:
    """A copy to change."""
    shutil.copytree(made, tmp_path / "runs")
    return tmp_path / "runs"


def name(store: Path, which: int = 0) -> str:
    """Of a trajectory."""
    return str(objects("ls", "--json", store=store)[which]["trajectory"])


def positions(store: Path, trajectory: str, kind: str) -> list[int]:
    """Where events of a kind stand."""
    listed = objects("show", trajectory, "--as", "events", "--json", store=store)
    return [line["position"] for line in listed if line["kind"] == kind]


def events(store: Path, trajectory: str) -> list[dict]:  # type: ignore[type-arg]
    """Kinds with payloads."""
    return objects("show", trajectory, "--as", "events", "--json", store=store)


def whole(store: Path) -> None:
    """Everything replays, executes and verifies."""
    assert "as recorded" in done("replay", "--all", "--execute", store=store)
    done("verify", store=store)


def test_a_message_is_replaced_dropped_or_put_in(own: Path) -> None:
    """What follows up to the place where the fork goes on stays as it was; audits say
    that it was given.
    """
    first = name(own)
    said = positions(own, first, "user.messaged")
    replies = positions(own, first, "assistant.replied")
    place = f"{first}@{replies[1]}"
    done("fork", place, "--replace", f"{said[0]}=Hello?", "--seed", "1", store=own)
    kinds = [
        (e["kind"], e["payload"].get("by"), e["payload"].get("text"))
        for e in events(own, f"{first}.1")
    ]
    given = [each for each in kinds if each[1]]
    assert given[0] == ("user.messaged", "edit", "Hello?")
    assert {by for _, by, _ in given[1:]} == {"copy"}
    begins = next(
        i for i, e in enumerate(events(own, f"{first}.1"))
        if e["kind"] == "trajectory.forked"
    )  # fmt: skip
    told = done("audit", f"{first}.1@{begins + 1}", store=own)
    assert "an edit: this was given, not generated" in told
    done(
        "fork", f"{first}@{said[1]}", "--insert", f"{said[1]}=user:Wait.",
        "--seed", "1", store=own,
    )  # fmt: skip
    assert "Wait." in done("show", f"{first}.2", store=own)
    done("fork", f"{first}@{said[1]}", "--drop", said[1], "--seed", "1", store=own)
    whole(own)


def test_the_result_of_a_tool_is_changed(own: Path) -> None:
    """What the edit says counts; the database never saw the call."""
    first = name(own)
    (at, *_) = positions(own, first, "tool.returned")
    error = '{"error":{"code":"failed","message":"Out of order."}}'
    done(
        "fork", f"{first}@{at}", "--replace", f"{at}={error}", "--seed", "1", store=own
    )
    shown = done("show", f"{first}.1", store=own)
    assert "error failed: Out of order." in shown
    whole(own)


def test_tools_policy_task_persona_and_clock_are_changed(
    own: Path, tmp_path: Path
) -> None:
    """Each is mounted anew, and what was recorded before stays."""
    first = name(own)
    place = f"{first}@{positions(own, first, 'assistant.replied')[0]}"
    policy = tmp_path / "policy.txt"
    policy.write_text("Be brief.")
    tools = tmp_path / "tools.json"
    function = {"name": "get_weather", "description": "The weather.",
                "parameters": {"type": "object", "properties": {}}}  # fmt: skip
    tools.write_bytes(orjson.dumps([{"type": "function", "function": function}]))
    mounted = next(e for e in events(own, first) if e["kind"] == "toolset.mounted")
    gone = mounted["payload"]["names"][0]
    done(
        "fork", place, "--policy", policy, "--add-tools", tools, "--without-tool", gone,
        "--task", "find out which vets there are", "--persona", "laconic",
        "--clock", "2026-01-01T10:00", "--seed", "1", store=own,
    )  # fmt: skip
    made = events(own, f"{first}.1")
    last = [e for e in made if e["kind"] == "toolset.mounted"][-1]["payload"]["names"]
    assert "get_weather" in last
    assert gone not in last
    clock = [e for e in made if e["kind"] == "clock.set"][-1]
    assert clock["payload"]["now"] == "2026-01-01T10:00:00Z"
    persona = [e for e in made if e["kind"] == "persona.assigned"][-1]["payload"]
    assert (persona["name"], persona["by"]) == ("described", "edit")
    assert "find out which vets there are" in done("show", f"{first}.1", store=own)
    facts = {
        fact["what"]
        for fact in objects("diff", first, f"{first}.1", "--json", store=own)[0][
            "stands_on"
        ]
    }
    assert {"policy", "clock", "persona", "seed", "task 1", f"tool {gone}"} <= facts
    whole(own)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--replace", "x=y"], "write N=TEXT"),
        (["--replace", "3=Hi"], "only messages and results"),
        (["--insert", "9=robot:Hi"], "write N=user:TEXT"),
        (["--drop", "900"], "is after the place"),
        (["--without-tool", "nothing"], "no tool is named 'nothing'"),
        (["--clock", "tomorrow"], "is no time"),
        (["--say", "x", "--drop", "9"], "exclude each other"),
    ],
)
def test_an_edit_that_makes_no_sense_is_one_line(
    made: Path, options: list[str], why: str
) -> None:
    """And nothing is forked."""
    before = len(objects("ls", "--json", store=made))
    result = call("fork", f"{name(made)}@12", *options, "--seed", "1", store=made)
    assert result.returncode in (1, 2)
    assert why in result.stderr
    assert "Traceback" not in result.stderr
    assert len(objects("ls", "--json", store=made)) == before


def typed(
    store: Path, text: str, *arguments: object
) -> subprocess.CompletedProcess[str]:
    """A command with a person at its terminal."""
    return subprocess.run(
        [sys.executable, "-m", "eventsim", *map(str, arguments)],
        input=text,
        env={**os.environ, "EVENTSIM_STORE": str(store), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_person_takes_the_users_part(own: Path) -> None:
    """What they type is given, as theirs; `/done` ends the task."""
    first = name(own)
    at = positions(own, first, "task.assigned")[0]
    told = typed(
        own, "Which vets are there?\n/done Thanks.\n",
        "fork", f"{first}@{at}", "--play", "user", "--seed", "1",
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert "Your goal:" in told.stderr
    given = [
        (e["payload"]["text"], e["payload"]["by"])
        for e in events(own, f"{first}.1")
        if e["kind"] == "user.messaged"
    ]
    assert given == [("Which vets are there?", "person"), ("Thanks.", "person")]
    assert "User (typed) Which vets are there?" in done("show", f"{first}.1", store=own)
    whole(own)


def test_a_person_takes_the_assistants_part_leaves_and_comes_back(own: Path) -> None:
    """Calls really execute; a path that was left is open, and goes on."""
    first = name(own)
    at = positions(own, first, "user.messaged")[0]
    tools = next(e for e in events(own, first) if e["kind"] == "toolset.mounted")
    search = next(n for n in tools["payload"]["names"] if n.startswith("search_"))
    left = typed(
        own, f'/tools\n/call {search} {{"name":"a"}}\n/nonsense\n/leave\n',
        "fork", f"{first}@{at}", "--play", "assistant", "--seed", "1",
    )  # fmt: skip
    assert left.returncode == 1
    assert "there is no command /nonsense" in left.stderr
    assert f"eventsim resume {first}.1 --play assistant" in left.stderr
    back = typed(
        own, "I cannot help.\n" * 40, "resume", f"{first}.1", "--play", "assistant"
    )
    assert back.returncode == 0, back.stderr
    replies = [e for e in events(own, f"{first}.1") if e["kind"] == "assistant.replied"]
    assert {e["payload"].get("by") for e in replies} == {"person"}
    whole(own)


def test_a_note_stands_where_it_belongs(own: Path, tmp_path: Path) -> None:
    """In the transcript and in the manifest; the path is not touched."""
    first = name(own)
    before = objects("ls", "--json", store=own)[0]["hash"]
    done(
        "note", f"{first}@15", "--label", "tone=curt", "--author", "Ana", "Not so.",
        store=own,
    )  # fmt: skip
    assert "✎ tone: curt · Not so. (Ana)" in done("show", first, store=own)
    assert objects("ls", "--json", store=own)[0]["hash"] == before
    out = tmp_path / "rows.jsonl"
    done("export", "messages", "--all", "-o", out, store=own)
    manifest = Path(f"{out}.manifest.jsonl").read_text().splitlines()
    entry = next(e for e in map(orjson.loads, manifest) if e["trajectory"] == first)
    assert entry["notes"][0]["labels"] == {"tone": "curt"}
    assert "say something" in call("note", f"{first}@15", store=own).stderr
    assert "write K=V" in call("note", first, "--label", "x", store=own).stderr
    done("log", "prune", first, "--forks", "--why", "test", store=own)
    done("verify", store=own)


def test_a_class_is_an_environment_in_one_line(tmp_path: Path) -> None:
    """Found, called, forked and replayed with its calls repeated."""
    store = tmp_path / "runs"
    env = "ledger=tests.environments.shelf:Ledger"
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "eventsim",
            "run",
            "--env",
            env,
            "-n",
            "2",
            "--seed",
            "1",
        ],
        cwd=ROOT,
        env={**os.environ, "EVENTSIM_STORE": str(store)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    whole(store)
    refused = call("run", "--env", "x=no.such:Thing", store=store)
    assert "No module named 'no'" in refused.stderr
    assert "takes NAME=TARGET" in call("run", "--env", "nothing", store=store).stderr
