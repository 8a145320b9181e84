"""Measure what a user feels: start-up, throughput, memory, and the size of the store.

    python tools/bench_run.py [--db FILE] [--counts 100,300,1000] [--seed S]
                              [--skip PART]

Uses the command line alone, each run in a process and a store of its own, with the
interpreter that runs this script. Start-up is measured in pairs, so that a busy
machine slows both sides. PART is start, default or runs, and may be repeated.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PAIRS = 7
ROOT = Path(__file__).resolve().parent.parent
EVENTSIM = (sys.executable, "-m", "eventsim")


@dataclass(frozen=True)
class Measured:
    """One process: wall and CPU time, peak resident memory, and what it printed."""

    wall_s: float
    cpu_s: float
    peak_mib: float
    output: str


@dataclass(frozen=True)
class Size:
    """A store on disk, and how many model calls it records."""

    log_bytes: int
    blob_bytes: int
    catalogue_bytes: int
    model_calls: int


def measure(command: Sequence[str]) -> Measured:
    """Run a command to its end. Raises: SystemExit if it fails."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        begin = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=errors
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode != 0:
            print(errors.read().decode(), file=sys.stderr)
            raise SystemExit(f"failed with {process.returncode}: {' '.join(command)}")
        unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
        return Measured(
            wall,
            usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss / unit,
            output.read().decode(),
        )


def size_of(store: Path) -> Size:
    """What the files of a store weigh."""

    def weight(pattern: str) -> int:
        return sum(path.stat().st_size for path in store.glob(pattern))

    mark = b'"kind":"model.called/'
    segments = store.glob("segments/*.jsonl")
    calls = sum(path.read_bytes().count(mark) for path in segments)
    return Size(
        weight("segments/*"), weight("blobs/*"), weight("catalogue.sqlite*"), calls
    )


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print columns that line up, numbers to the right."""
    cells = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[n]) for row in cells) for n in range(len(head))]
    print(f"\n{title}")
    for row in cells:
        print("  " + "  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)))
    sys.stdout.flush()


def start_up() -> None:
    """`eventsim --help` against `import openai`, in pairs."""
    sides = {
        "eventsim --help": (*EVENTSIM, "--help"),
        "import openai": (sys.executable, "-c", "import openai"),
    }
    for command in sides.values():
        measure(command)  # byte code and file cache
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(PAIRS):
        for name, command in sides.items():
            times[name].append(measure(command).wall_s)
    ours, theirs = (statistics.median(values) for values in times.values())
    table(
        f"start-up, median of {PAIRS} pairs",
        ("", "ms", "ratio"),
        [
            ("eventsim --help", f"{ours * 1000:.0f}", f"{ours / theirs:.2f}"),
            ("import openai", f"{theirs * 1000:.0f}", "1.00"),
        ],
    )


def default_run() -> None:
    """`eventsim run` without arguments, as the README's first line calls it."""
    with tempfile.TemporaryDirectory() as folder:
        command = (*EVENTSIM, "run", "--store", str(Path(folder) / "store"))
        done = measure(command)
    table(
        "eventsim run",
        ("wall s", "CPU s", "peak MiB"),
        [(f"{done.wall_s:.1f}", f"{done.cpu_s:.1f}", f"{done.peak_mib:.0f}")],
    )


def runs(counts: Sequence[int], seed: int, source: Sequence[str]) -> None:
    """Runs of growing size: pace, memory, and bytes."""
    pace, weight = [], []
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            store = Path(folder) / "store"
            command = (
                *EVENTSIM, "run", *source, "-n", str(count), "--seed", str(seed),
                "--store", str(store), "--json",
            )  # fmt: skip
            done = measure(command)
            result = json.loads(done.output)
            size = size_of(store)
        pace.append(
            (
                count,
                result["ended"],
                f"{result['valid'] / count:.0%}",
                f"{done.wall_s:.1f}",
                f"{done.cpu_s:.1f}",
                f"{count / done.wall_s:.1f}",
                f"{done.peak_mib:.0f}",
            )
        )
        calls = max(size.model_calls, 1)
        weight.append(
            (
                count,
                f"{size.log_bytes / count:,.0f}",
                f"{size.log_bytes / calls:,.0f}",
                f"{size.model_calls / count:.1f}",
                f"{size.blob_bytes:,}",
                f"{size.catalogue_bytes:,}",
            )
        )
    table(
        "trajectories",
        ("N", "ended", "valid", "wall s", "CPU s", "a second", "peak MiB"),
        pace,
    )
    table(
        "bytes of the store",
        ("N", "log/trajectory", "log/call", "calls", "blobs", "catalogue"),
        weight,
    )


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--db", help="an SQLite file; default: the built-in domains")
    parser.add_argument("--counts", default="100,300,1000")
    parser.add_argument("--seed", type=int, default=7)
    parts = ("start", "default", "runs")
    parser.add_argument("--skip", action="append", default=[], choices=parts)
    asked = parser.parse_args()
    if "start" not in asked.skip:
        start_up()
    if "default" not in asked.skip:
        default_run()
    if "runs" not in asked.skip:
        source = ("--db", str(Path(asked.db).resolve())) if asked.db else ()
        counts = [int(count) for count in asked.counts.split(",")]
        runs(counts, asked.seed, source)


if __name__ == "__main__":
    main()
