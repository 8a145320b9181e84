"""`run`, `resume` and `fork` as a new user would call them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import PLAN, call, done, objects


def trajectories(store: Path) -> dict[str, dict[str, Any]]:
    """What `ls --json` lists, by label."""
    return {line["trajectory"]: line for line in objects("ls", "--json", store=store)}


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The default run, with a seed so that the tests are the same each time."""
    store = tmp_path_factory.mktemp("tour") / "runs"
    begun = time.monotonic()
    page = done("run", "--seed", "7", store=store)
    assert time.monotonic() - begun < 10
    return store, page


def test_the_default_run_is_a_tour(tour: tuple[Path, str]) -> None:
    """A dozen over every built-in domain: the paper's table, validity, a transcript,
    a fork, where it is, and what to try.
    """
    store, page = tour
    assert "12 trajectories over outdoor, library, clinic" in page
    for row in ("step", "turn", "task"):
        assert any(line.startswith(row) for line in page.splitlines())
    assert " of 12 (" in page
    assert "Task 1:" in page
    assert str(store) in page


def test_its_fork_changed_an_outcome(tour: tuple[Path, str]) -> None:
    """The one fork in the store ended otherwise than its parent in some task."""
    store, page = tour
    listed = trajectories(store)
    forks = [line for line in listed.values() if line["parent"]]
    assert len(forks) == 1
    (fork,) = forks
    assert f"{fork['parent']}@{fork['parent_position']}" in page
    (compared,) = objects(
        "diff", fork["parent"], fork["trajectory"], "--json", store=store
    )
    left, right = (
        [verdict["judgment"] for verdict in compared[side]["verdicts"]]
        for side in ("left", "right")
    )
    assert left != right
    assert compared["common"] == fork["parent_position"] + 1


def test_the_commands_it_suggests_work(tour: tuple[Path, str]) -> None:
    """Each line under the last heading is run as it stands."""
    store, page = tour
    suggested = [
        line.split("  ")[1].split()[1:]
        for line in page.splitlines()
        if line.startswith("  eventsim ")
    ]
    assert len(suggested) >= 5
    for arguments in suggested:
        if arguments[0] == "export":
            arguments[-1] = str(store.parent / "out.jsonl")
        done(*arguments, store=store)


def test_the_same_tour_again_adds_nothing_and_says_so(tour: tuple[Path, str]) -> None:
    """Neither trajectories nor the fork."""
    store, page = tour
    before = done("verify", store=store)
    again = call("run", "--seed", "7", store=store)
    assert again.returncode == 0
    assert "nothing is added" in again.stderr
    assert done("verify", store=store) == before
    shown = slice(page.index("One fork"), page.index("Where it is"))
    assert page[shown] in again.stdout


def test_a_run_ends_with_one_object(tmp_path: Path) -> None:
    """JSON on stdout and nothing else; without a seed one is drawn and recorded."""
    store = tmp_path / "store"
    result = call("run", "--domain", "clinic", "-n", "2", "--json", store=store)
    (summary,) = objects("resume", "--json", store=store)
    assert result.returncode == 0
    assert len(result.stdout.splitlines()) == 1
    assert str(summary["seed"]) in result.stderr
    assert summary["store"] == str(store)
    assert (summary["started"], summary["ended"], summary["unfinished"]) == (2, 2, 0)
    assert 0 <= summary["valid"] <= 2
    assert summary["added"] == 0


def test_a_seed_gives_the_same_labels_and_lengths_at_any_concurrency(
    made: Path, tmp_path: Path
) -> None:
    """In another store."""
    other = tmp_path / "other"
    done("run", *PLAN, "--concurrency", "1", "--json", store=other)
    ours, theirs = trajectories(made), trajectories(other)
    assert ours.keys() == theirs.keys()
    for label, line in ours.items():
        assert line["version"] == theirs[label]["version"]
        assert line["verdict"] == theirs[label]["verdict"]


def test_a_limit_of_turns_ends_trajectories(tmp_path: Path) -> None:
    """With that as their reason, in the list and in the report."""
    store = tmp_path / "store"
    arguments = ("--domain", "outdoor", "-n", "2", "--max-turns", "3", "--seed", "1")
    page = done("run", *arguments, store=store)
    assert {line["ended"] for line in trajectories(store).values()} == {"turn_limit"}
    assert "limit of turns" in page


def test_ctrl_c_before_the_run_began_says_how_to_begin_it(tmp_path: Path) -> None:
    """Nothing is there to resume; the command with the seed that was drawn begins."""
    store = tmp_path / "store"
    process = subprocess.Popen(
        [sys.executable, "-m", "eventsim", "run", "--store", str(store)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while process.poll() is None and not (store / "lock").exists():
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    if any(b'"run.started/' in f.read_bytes() for f in store.glob("segments/*")):
        pytest.skip("the run began before the key was pressed")
    again = re.search(r"interrupted as the run began; .* --seed (\d+) goes", said)
    assert again, said
    done("run", "--seed", again[1], "--json", store=store)


def test_ctrl_c_stops_cleanly_and_resume_goes_on(tmp_path: Path) -> None:
    """Exit code 130, a line that says how to go on, and in the end nothing lost;
    however often the key is pressed.
    """
    store = tmp_path / "store"
    plan = ["run", "--domain", "library", "-n", "40", "--seed", "2", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "eventsim", *plan, "--store", str(store)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(os.environ),
        text=True,
    )
    while process.poll() is None:
        if any(b'"run.started/' in f.read_bytes() for f in store.glob("segments/*")):
            for _ in range(3):
                process.send_signal(signal.SIGINT)
                time.sleep(0.002)
            break
        time.sleep(0.01)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    (line,) = said.splitlines()
    assert line.startswith("eventsim: interrupted")
    assert line.endswith(("eventsim resume", "the same command goes on"))
    assert objects("verify", "--json", store=store)[0]["failed"] == 0
    result = call("resume", "--json", store=store)
    assert result.returncode == 0
    assert "40 planned" in result.stderr
    listed = trajectories(store)
    assert len(listed) == 40
    assert {line["status"] for line in listed.values()} == {"ended"}


def test_forks_say_where_they_begin_and_how_they_ended(own: Path, first: str) -> None:
    """Each has a label of its own; the parent stays as it was."""
    before = trajectories(own)[first]
    forks = objects(
        "fork", f"{first}@u2", "-n", "2", "--seed", "1", "--json", store=own
    )
    assert [fork["trajectory"] for fork in forks] == [f"{first}.1", f"{first}.2"]
    listed = trajectories(own)
    for fork in forks:
        line = listed[fork["trajectory"]]
        assert line["status"] == "ended"
        assert line["parent"] == first
        assert line["parent_position"] == fork["position"]
    assert listed[first] == before
    page = done("fork", f"{first}.1@-1", "--seed", "3", store=own)
    assert f"{first}.1.1" in page


def test_what_a_person_says_stands_in_place_of_the_next_message(
    own: Path, first: str
) -> None:
    """Word for word, and the assistant answers it."""
    words = "Never mind. What can you do for me?"
    (fork,) = objects(
        "fork", f"{first}@0", "--say", words, "--seed", "1", "--json", store=own
    )
    lines = objects("show", fork["trajectory"], "--json", store=own)
    assert (lines[0]["speaker"], lines[0]["text"]) == ("user", words)
    assert lines[1]["speaker"] == "assistant"
    assert f"User (typed) {words}" in done("show", fork["trajectory"], store=own)


def test_resume_says_first_what_is_left(own: Path, first: str) -> None:
    """Of one trajectory, one run and all runs: here there is nothing."""
    before = trajectories(own)
    for arguments in ([first], ["--run", before[first]["run"]], ["--all"]):
        result = call("resume", *arguments, "--json", store=own)
        assert result.returncode == 0
        assert "nothing is left to do" in result.stderr
    assert trajectories(own) == before


def test_injected_faults_are_recorded_found_and_replayed(tmp_path: Path) -> None:
    """What goes wrong on purpose is on record, and what became of it can be counted."""
    store = tmp_path / "store"
    faults = [
        *("--set", "faults.timeout=0.15", "--set", "faults.empty=0.15"),
        *("--set", "faults.schema_drift=0.1"),
    ]
    done("run", "-n", "10", "--tasks", "1", "--seed", "7", *faults, store=store)
    (stats,) = objects("stats", "--json", store=store)
    counted = stats["faults"]
    assert set(counted) == {"timeout", "empty", "schema_drift"}
    injected = 0
    for listed in objects("ls", "--json", store=store):
        label = listed["trajectory"]
        for event in objects("show", label, "--as", "events", "--json", store=store):
            injected += bool(event["payload"].get("fault"))
    assert injected == sum(each["times"] for each in counted.values()) > 5
    assert any(each["repeated"] or each["told"] for each in counted.values())
    assert "tool fault injected" in done("stats", store=store)
    (replayed,) = objects("replay", "--all", "--execute", "--json", store=store)
    assert replayed["failed"] == 0
