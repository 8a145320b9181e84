"""The workload with eventsourcing and its SQLite recorder; one line of JSON on stdout.

    PYTHON tools/peers/eventsourced.py PAYLOADS TRAJECTORIES BATCH

PAYLOADS is a file of events, a JSON object a line, that each trajectory appends, BATCH
at a time. Runs in an environment of its own, without eventsim.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event


class Trajectory(Aggregate):
    """What happened, in a list."""

    def __init__(self) -> None:
        self.events: list[dict[str, object]] = []

    @event("Happened")
    def happen(self, payload: dict[str, object]) -> None:
        """One more."""
        self.events.append(payload)


def main() -> None:
    """Append, rebuild, and states at fifty positions."""
    lines = Path(sys.argv[1]).read_text().splitlines()
    payloads = [json.loads(line) for line in lines]
    count, batch = int(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory(dir=sys.argv[4]) as place:
        os.environ["PERSISTENCE_MODULE"] = "eventsourcing.sqlite"
        os.environ["SQLITE_DBNAME"] = str(Path(place) / "events.sqlite")
        application = Application()
        trajectories = [Trajectory() for _ in range(count)]
        application.save(*trajectories)
        begun = time.perf_counter()
        for start in range(0, len(payloads), batch):
            for trajectory in trajectories:
                for payload in payloads[start : start + batch]:
                    trajectory.happen(payload)
                application.save(trajectory)
        appended = time.perf_counter() - begun
        begun = time.perf_counter()
        for trajectory in trajectories:
            application.repository.get(trajectory.id)
        rebuilt = time.perf_counter() - begun
        versions = range(1, len(payloads), max(len(payloads) // 50, 1))
        begun = time.perf_counter()
        for version in versions:
            application.repository.get(trajectories[0].id, version=version)
        at = (time.perf_counter() - begun) / len(versions)
        print(json.dumps({"append": appended, "rebuild": rebuilt, "state_at": at}))


main()
