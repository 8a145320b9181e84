"""Whole pipelines over HTTP: the real client, a real server, real failures."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import call, done, objects
from tests.run.serving import counters, serving

PRESETS = ("paper-task", "paper-user", "paper-exec")
MODEL = ("--model", "some-model")
SECRET = "sk-planted-4f9a81c3d2e7b6a5"
FAILING = ("--error-rate", "0.2", "--malformed-rate", "0.1", "--seed", "3")


@pytest.fixture(scope="module")
def steady() -> Iterator[str]:
    """An endpoint that never fails."""
    with serving() as url:
        yield url


@pytest.fixture(scope="module", params=PRESETS)
def generated(
    request: pytest.FixtureRequest,
    steady: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[str, Path, dict[str, Any]]:
    """A run of each pipeline, and what it said."""
    store = tmp_path_factory.mktemp(request.param) / "store"
    plan = ("--preset", request.param, *MODEL, "--base-url", steady)
    (ran,) = objects(
        "run", *plan, "-n", "6", "--tasks", "2", "--seed", "4", "--json", store=store
    )
    return request.param, store, ran


def test_every_pipeline_runs_from_seeds_to_verdicts(
    generated: tuple[str, Path, dict[str, Any]],
) -> None:
    """All trajectories end, tasks have verdicts, and some are valid."""
    _, store, ran = generated
    assert ran["ended"] == ran["started"] == 6
    (stats,) = objects("stats", "--json", store=store)
    assert stats["ends"].get("completed", 0) >= 5
    assert stats["tasks"] >= 6
    assert stats["valid_tasks"] > 0
    assert stats["tool_calls"] > 0


def test_every_stage_was_called_and_is_in_the_log(
    generated: tuple[str, Path, dict[str, Any]],
) -> None:
    """The roles that a pipeline needs have spent tokens; others have not."""
    preset, store, _ = generated
    (stats,) = objects("stats", "--json", store=store)
    roles = set(stats["models"]["by_role"]) - {"probe"}
    wanted = {"assistant", "tool_designer", "task_writer"}
    wanted |= {"user"} if preset != "paper-task" else set()
    wanted |= {"tool", "judge"} if preset != "paper-exec" else set()
    assert roles - {"judge"} == wanted - {"judge"}
    assert all(spent["input_tokens"] for spent in stats["models"]["by_role"].values())


def test_all_of_it_replays_and_verifies(
    generated: tuple[str, Path, dict[str, Any]],
) -> None:
    """Dialogues and preparations: every request hashes to what was recorded."""
    _, store, _ = generated
    (replayed,) = objects("replay", "--all", "--execute", "--json", store=store)
    assert replayed["failed"] == 0
    assert replayed["checked"] == 6
    assert replayed["preparations"] > 0
    done("verify", store=store)


def test_a_fork_goes_on_with_the_same_models_and_replays(
    generated: tuple[str, Path, dict[str, Any]], steady: str
) -> None:
    """From the middle of a dialogue; the requests of the fork reach the endpoint."""
    _, store, _ = generated
    listed = objects("ls", "--json", store=store)
    label = next(x["trajectory"] for x in listed if x["ended"] == "completed")
    before = counters(steady)
    (fork,) = objects("fork", f"{label}@u1", "--seed", "8", "--json", store=store)
    assert counters(steady) != before
    (replayed,) = objects("replay", fork["trajectory"], "--json", store=store)
    assert replayed["failed"] == 0


def test_a_run_over_an_endpoint_says_the_same_as_one_in_process(
    steady: str, tmp_path: Path
) -> None:
    """The rule-based provider behind HTTP gives the dialogues it gives embedded."""
    plan = ("--domain", "clinic", "-n", "4", "--tasks", "1", "--seed", "21")
    done("run", *plan, "--json", store=tmp_path / "embedded")
    over = (*plan, "--model", "rule-based", "--base-url", steady)
    done("run", *over, "--json", store=tmp_path / "served")

    def rows(store: Path) -> str:
        out = store.with_suffix(".jsonl")
        done("export", "messages", "--all", "-o", out, store=store)
        return out.read_text()

    assert rows(tmp_path / "embedded") == rows(tmp_path / "served")


def test_most_trajectories_survive_an_endpoint_that_fails(tmp_path: Path) -> None:
    """A fifth of the calls fail, a tenth of the answers are malformed: at least 85 %
    complete, each other one ends with a reason, and the process does not fail.
    """
    store = tmp_path / "store"
    with serving(*FAILING) as url:
        plan = ("--domain", "library", "-n", "40", "--tasks", "1", "--seed", "2")
        quick = ("--set", "endpoints.default.timeouts.total_s=3", "--concurrency", "40")
        over = (*plan, *MODEL, "--base-url", url, *quick)
        (ran,) = objects("run", *over, "--json", store=store)
    assert ran["ended"] == 40
    (stats,) = objects("stats", "--json", store=store)
    assert stats["ends"]["completed"] >= 34
    assert stats["models"]["failures"]
    assert stats["models"]["rejections"]
    (replayed,) = objects("replay", "--all", "--json", store=store)
    assert replayed["failed"] == 0


def test_latency_is_that_of_the_call_and_not_of_the_queue(tmp_path: Path) -> None:
    """Eight trajectories share one connection to an endpoint that takes 150 ms: each
    call took that long, however long it had to wait for its turn.
    """
    store = tmp_path / "store"
    with serving("--latency-ms", "150") as url:
        plan = ("--domain", "clinic", "-n", "8", "--tasks", "1", "--seed", "6")
        over = (*plan, *MODEL, "--base-url", url, "--max-turns", "4")
        one = ("--set", "endpoints.default.concurrency=1")
        done("run", *over, *one, "--json", store=store)
    latencies = [
        event["payload"]["answer"]["latency_ms"]
        for listed in objects("ls", "--json", store=store)
        for event in objects(
            "show", listed["trajectory"], "--as", "events", "--json", store=store
        )
        if "answer" in event["payload"]
    ]
    assert len(latencies) > 16
    assert min(latencies) >= 150
    assert sorted(latencies)[len(latencies) // 2] < 4 * min(latencies)


def test_a_killed_run_goes_on_and_pays_for_nothing_twice(
    steady: str, tmp_path: Path
) -> None:
    """After SIGKILL, what was under way is abandoned and asked again, nothing else."""
    store = tmp_path / "store"
    plan = ("--domain", "clinic", "-n", "30", "--tasks", "1", "--seed", "6")
    over = [*plan, *MODEL, "--base-url", steady, "--store", str(store), "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "eventsim", "run", *over],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    segments = store / "segments"
    while (
        not segments.exists()
        or sum(
            file.read_bytes().count(b'"assistant.replied/')
            for file in segments.iterdir()
        )
        < 20
    ):
        assert process.poll() is None
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    (resumed,) = objects("resume", "--json", store=store)
    assert resumed["ended"] == 30
    (replayed,) = objects("replay", "--all", "--json", store=store)
    assert replayed["failed"] == 0


def test_a_budget_stops_a_run_and_a_larger_one_goes_on(
    steady: str, tmp_path: Path
) -> None:
    """It stops between calls with one line; resume ends what was begun."""
    store = tmp_path / "store"
    plan = ("--domain", "clinic", "-n", "8", "--tasks", "1", "--seed", "9")
    over = (*plan, *MODEL, "--base-url", steady)
    stopped = call("run", *over, "--budget-tokens", "20000", store=store)
    assert stopped.returncode == 1
    assert "the budget of 20000 tokens is spent" in stopped.stderr
    assert "--budget-tokens" in stopped.stderr
    (stats,) = objects("stats", "--json", store=store)
    spent = stats["models"]["paid"]
    assert 20_000 <= spent["input_tokens"] + spent["output_tokens"] < 120_000
    (resumed,) = objects("resume", "--budget-tokens", "9000000", "--json", store=store)
    assert resumed["ended"] == 8


def test_no_secret_is_written_anywhere(steady: str, tmp_path: Path) -> None:
    """A planted key reaches the endpoint and nothing else: no file, no output, and no
    error, also when the endpoint fails.
    """
    store = tmp_path / "store"
    plan = ("--domain", "clinic", "-n", "2", "--tasks", "1", "--seed", "9", *MODEL)
    key = ("--key-env", "PLANTED_KEY")
    said = []
    for url in (steady, "http://127.0.0.1:9/v1"):
        result = call(
            "run", *plan, *key, "--base-url", url, store=store, PLANTED_KEY=SECRET
        )
        said.append(result.stdout + result.stderr)
    for command in (("stats",), ("show",), ("audit",), ("verify",), ("ls",)):
        result = call(*command, store=store, PLANTED_KEY=SECRET)
        said.append(result.stdout + result.stderr)
    done("export", "messages", "--all", "-o", tmp_path / "rows.jsonl", store=store)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 4
    found = [str(path) for path in files if SECRET.encode() in path.read_bytes()]
    assert found == []
    assert SECRET not in "".join(said)


def test_an_endpoint_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    """Nothing listens: the run stops, and what to do is said."""
    over = ("--model", "m", "--base-url", "http://127.0.0.1:9/v1")
    result = call("run", "-n", "2", *over, store=tmp_path / "store")
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "127.0.0.1:9" in result.stderr or "default" in result.stderr


def test_roles_may_have_models_of_their_own(steady: str, tmp_path: Path) -> None:
    """`--role-model` names one role's; the others keep the common one."""
    store = tmp_path / "store"
    plan = ("--domain", "clinic", "-n", "1", "--tasks", "1", "--seed", "3")
    over = ("--model", "big", "--role-model", "user=small", "--base-url", steady)
    done("run", *plan, *over, "--json", store=store)
    events = objects("show", "--as", "events", "--json", store=store)
    models = {
        (event["payload"]["role"], event["payload"]["model"])
        for event in events
        if event["kind"] == "model.called"
    }
    assert models == {("user", "small"), ("assistant", "big")}
