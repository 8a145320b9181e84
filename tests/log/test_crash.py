"""A writer that is killed at any moment: what it acknowledged is there."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import anyio
import pytest

from eventsim.log.store import Store
from eventsim.log.verify import verify
from tests.log.stories import dialogue

pytestmark = pytest.mark.anyio

WRITER = """
import asyncio, sys
from eventsim.log.store import Options, Store
from tests.log.stories import begun, said

async def tell(store, number):
    (last,) = await store.append(None, [begun(f"t{number}")], expected_version=0)
    while True:
        print(last.stream, last.version, last.hash, flush=True)
        batch = [said(last.version), said(last.version + 1)]
        records = await store.append(
            last.stream, batch, expected_version=last.version
        )
        last = records[-1]

async def main():
    options = Options(segment_bytes=40_000)
    async with Store.open(sys.argv[1], options=options) as store:
        await asyncio.gather(*(tell(store, number) for number in range(6)))

asyncio.run(main())
"""


def killed_after(path: Path, seconds: float) -> dict[str, tuple[int, str]]:
    """Kill a writer; (version, hash) of each stream as it was acknowledged last."""
    root = Path(__file__).resolve().parents[2]
    child = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)],
        stdout=subprocess.PIPE,
        cwd=root,
        text=True,
    )
    assert child.stdout is not None
    first = child.stdout.readline()
    time.sleep(seconds)
    child.send_signal(signal.SIGKILL)
    rest, _ = child.communicate()
    acknowledged = {}
    for line in (first + rest).splitlines(keepends=True):
        if line.endswith("\n"):
            stream, version, hashed = line.split()
            acknowledged[stream] = (int(version), hashed)
    return acknowledged


@pytest.mark.parametrize("seconds", [0.0, 0.07, 0.15, 0.3])
async def test_kill_9_loses_nothing_that_was_acknowledged(
    tmp_path: Path, seconds: float
) -> None:
    """A reader sees it at once, and the next writer goes on; batches are whole."""
    path = tmp_path / "store"
    acknowledged = await anyio.to_thread.run_sync(killed_after, path, seconds)
    assert acknowledged
    async with Store.open(path, mode="read") as store:
        for stream, (version, hashed) in acknowledged.items():
            records = await store.read(stream)
            assert records[version - 1].hash == hashed
            assert len(records) % 2 == 1
    async with Store.open(path) as store:
        for stream, (version, hashed) in acknowledged.items():
            assert (await store.read(stream))[version - 1].hash == hashed
        await dialogue(store, "after")
        report = await verify(store)
        assert {problem.field for problem in report.problems} <= {
            "payload.run",
            "payload.preparation",
        }
        assert not report.torn
