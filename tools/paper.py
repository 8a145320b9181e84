#!/usr/bin/env python3
"""Run the paper's three pipelines against a local endpoint that fails, and compare.

    python tools/paper.py [-n 40] [--tasks 2] [--seed 5] [--error-rate 0.2]
                          [--malformed-rate 0.1] [--base-url URL --model NAME]

Starts `eventsim serve` with faults (or takes an endpoint that is there), generates with
each preset from seeds to validated trajectories, replays them all, and prints the
table of PAPER.md beside the paper's own figures, the yield a start and a task,
rejections by reason, and cost by role. Uses the command line alone; each pipeline has
a store of its own. Exit code 1 if a replay differs or a process fails.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
EVENTSIM = (sys.executable, "-m", "eventsim")
PRESETS = ("paper-task", "paper-user", "paper-exec")

# arXiv 2601.08225, the table of its datasets: mean (max) of steps, turns and tasks.
PAPER = {
    "paper-task": ("Nemotron", "3.95 (89)", "12.84 (178)", "1.63 (18)"),
    "paper-user": ("Nemotron", "3.45 (121)", "21.79 (596)", "2.48 (20)"),
    "paper-exec": ("SQL", "3.74 (322)", "30.85 (680)", "1.86 (11)"),
}


@contextmanager
def endpoint(options: argparse.Namespace) -> Iterator[str]:
    """The base URL of the endpoint: the one that was named, or one of our own."""
    if options.base_url:
        yield options.base_url
        return
    command = [
        *EVENTSIM, "serve", "--port", "0", "--json",
        "--error-rate", str(options.error_rate),
        "--malformed-rate", str(options.malformed_rate),
        "--seed", str(options.seed),
    ]  # fmt: skip
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield json.loads(server.stdout.readline())["url"]
    finally:
        server.terminate()
        server.wait()


def ask(*arguments: str) -> dict[str, Any]:
    """A command's JSON object. Raises: SystemExit with what it said if it failed."""
    done = subprocess.run(
        [*EVENTSIM, *arguments, "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if not done.stdout.strip() or done.returncode not in (0, 1):
        raise SystemExit(f"eventsim {' '.join(arguments)}: {done.stderr.strip()}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def generate(preset: str, url: str, place: Path, options: argparse.Namespace) -> None:
    """One pipeline: run, replay, measure, print. Raises: SystemExit."""
    store = str(place / preset)
    ran = ask(
        "run", "--preset", preset, "--model", options.model, "--base-url", url,
        "-n", str(options.count), "--tasks", str(options.tasks),
        "--seed", str(options.seed), "--store", store, *options.run,
    )  # fmt: skip
    replayed = ask("replay", "--all", "--execute", "--store", store)
    stats = ask("stats", "--store", store)
    print(f"\n== {preset}: {ran['started']} started in {ran['seconds']:.0f} s")
    source, *figures = PAPER[preset]
    ours = [f"{stats[key]['mean']:.2f} ({stats[key]['max']})" for key in MEASURES]
    for name, own, theirs in zip(MEASURES, ours, figures, strict=True):
        print(f"  {name:5} {own:>14}    the paper, from {source}: {theirs}")
    completed = stats["ends"].get("completed", 0)
    print(
        f"  yield a start: {completed} of {ran['started']} completed, "
        f"{stats['valid']} valid; a task: {stats['valid_tasks']} of {stats['tasks']}"
    )
    other = {key: n for key, n in stats["ends"].items() if key != "completed"}
    print(f"  ended otherwise: {other or 'none'}")
    print(
        f"  replayed {replayed['checked']} trajectories and "
        f"{replayed['preparations']} preparations, {replayed['events']} events: "
        f"{replayed['failed']} differ"
    )
    print_models(stats["models"])
    if replayed["failed"]:
        raise SystemExit(f"replay differs: {replayed['failures'][0]}")


MEASURES = ("step", "turn", "task")


def print_models(models: dict[str, Any]) -> None:
    """Rejections by reason, and cost by role."""
    for title in ("failures", "rejections"):
        for role, reasons in models[title].items():
            said = ", ".join(f"{why} {number}" for why, number in reasons.items())
            print(f"  {title[:-1]} of {role}: {said}")
    for role, spent in models["by_role"].items():
        cost = f"${spent['cost_usd']:.4f}" if spent["cost_usd"] else "no price"
        print(
            f"  {role:14} {spent['calls']:>6} calls ({spent['in_vain']} in vain)  "
            f"{spent['input_tokens']:>9} in ({spent['cached_tokens']} cached)  "
            f"{spent['output_tokens']:>7} out  {cost}"
        )


def main() -> int:
    """All three pipelines, one after another."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-n", dest="count", type=int, default=40)
    parser.add_argument("--tasks", type=int, default=2)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--error-rate", type=float, default=0.2)
    parser.add_argument("--malformed-rate", type=float, default=0.1)
    parser.add_argument("--base-url")
    parser.add_argument("--model", default="rule-based")
    parser.add_argument("--preset", action="append", choices=PRESETS)
    parser.add_argument("--store", type=Path, help="Keep the stores here.")
    parser.add_argument("run", nargs="*", help="More options of eventsim run.")
    options = parser.parse_args()
    with endpoint(options) as url, tempfile.TemporaryDirectory() as temporary:
        place = options.store or Path(temporary)
        for preset in options.preset or PRESETS:
            generate(preset, url, place, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
