"""Several `eventsim` processes that work in one store at the same time."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.cli.conftest import call, done, objects

LONG = ("run", "--domain", "library", "-n", "200", "--seed", "5")


def started(*arguments: str, store: Path) -> subprocess.Popen[str]:
    """A command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "eventsim", *arguments, "--store", str(store)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_run_fork_and_resume_beside_a_run(tmp_path: Path) -> None:
    """A run, and forks of what another process is making, go on beside it; only to
    resume what is being made is refused, in one line.
    """
    store = tmp_path / "store"
    long = started(*LONG, store=store)
    while long.poll() is None:
        files = store.glob("segments/0-*")
        if any(file.read_bytes().count(b'"trajectory.ended/') > 3 for file in files):
            break
        time.sleep(0.01)
    try:
        other = done("run", "--domain", "clinic", "-n", "3", "--seed", "6", store=store)
        assert "3 trajectories" in other
        listed = objects("ls", "--json", store=store)
        ended = [x["trajectory"] for x in listed if x["status"] == "ended"]
        done("fork", f"{ended[0]}@5", "--seed", "3", store=store)
        run = next(x["run"] for x in listed if x["trajectory"] == ended[0])
        refused = call("resume", "--run", run, store=store)
        assert refused.returncode == 1
        (line,) = refused.stderr.splitlines()
        assert f"is being written by process {long.pid}; wait for it" in line
        assert long.poll() is None
    finally:
        long.send_signal(signal.SIGINT)
        long.communicate(timeout=60)
    series = {file.name.split("-")[0] for file in store.glob("segments/*.jsonl")}
    assert series == {"0", "1"}
    done("resume", "--run", run, "--json", store=store)
    (report,) = objects("verify", "--json", store=store)
    assert report["failed"] == 0
    done("replay", "--all", store=store)
    assert len(objects("ls", "--json", "--run", run, store=store)) == 201
