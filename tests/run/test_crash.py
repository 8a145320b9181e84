"""A real process, really killed: nothing acknowledged is lost, nothing is doubled."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eventsim.core.events import Event, content_digest
from eventsim.log.store import Store
from eventsim.log.verify import verify
from eventsim.run.mounts import Mounts
from eventsim.run.paths import known_events
from eventsim.run.replay import replay
from eventsim.run.shelf import Shelf
from tests.run.test_resume import without_abandoned

pytestmark = pytest.mark.anyio

COMMAND = [sys.executable, "-m", "eventsim"]
PLAN = ["run", "-n", "24", "--seed", "5", "--json"]


def _bytes_in(store: Path) -> int:
    return sum(file.stat().st_size for file in store.glob("segments/*.jsonl"))


def _start(arguments: list[str], store: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*COMMAND, *arguments, "--store", str(store)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "NO_COLOR": "1"},
    )


def _kill_after_growth(arguments: list[str], store: Path, grown: int) -> bool:
    """Kill the command once the store has grown; False if it ended before."""
    process = _start(arguments, store)
    begun = _bytes_in(store)
    while process.poll() is None:
        if _bytes_in(store) - begun >= grown:
            process.send_signal(signal.SIGKILL)
            process.wait()
            return True
        time.sleep(0.002)
    return False


async def _paths(path: Path) -> dict[str, tuple[Event, ...]]:
    async with Store.open(path, mode="read") as store:
        return {
            info.label: known_events(await store.path(info.stream))
            for info in store.streams(family="dialogue")
        }


async def test_killed_again_and_again_a_run_still_ends_as_if_it_never_was(
    tmp_path: Path,
) -> None:
    """SIGKILL during start and resumes, then one resume to the end: every planned
    trajectory is there once and equals that of an undisturbed run.
    """
    killed = tmp_path / "killed"
    kills = int(_kill_after_growth(PLAN, killed, 600_000))
    for grown in (20_000, 150_000, 1, 100_000):
        kills += _kill_after_growth(["resume"], killed, grown)
    assert kills >= 3
    last = subprocess.run(
        [*COMMAND, "resume", "--json", "--store", str(killed)],
        capture_output=True,
        check=True,
    )
    summary = json.loads(last.stdout)
    assert summary["unfinished"] == 0
    calm = tmp_path / "calm"
    assert _start(PLAN, calm).wait() == 0
    ours, theirs = await _paths(killed), await _paths(calm)
    assert sorted(ours) == sorted(theirs)
    assert len(ours) == 24
    for label, events in ours.items():
        assert without_abandoned(events) == [content_digest(e) for e in theirs[label]]
    async with Store.open(killed, mode="read") as store:
        assert not (await verify(store)).problems
        for info in store.streams(family="dialogue"):
            found = await replay(store, Shelf(store), Mounts(store), info.stream)
            assert found.divergence is None
