"""The command line as a process, and one small store that it made."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Grown:
    """A store where `fork` continues `parent` after `position`."""

    store: Path
    parent: str
    fork: str
    position: int


PLAN = ("--domain", "outdoor", "-n", "4", "--seed", "11", "--tag", "demo")


def call(
    *arguments: object,
    store: Path | None = None,
    cwd: Path | None = None,
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """Run `eventsim` with these arguments and wait for its end."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("EVENTSIM_", "_EVENTSIM_", "COLUMNS"))
    }
    if store is not None:
        kept["EVENTSIM_STORE"] = str(store)
    return subprocess.run(
        [sys.executable, "-m", "eventsim", *map(str, arguments)],
        capture_output=True,
        cwd=cwd,
        env={**kept, "COLUMNS": "80", "PYTHONUTF8": "1", **environment},
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def done(*arguments: object, store: Path | None = None) -> str:
    """Its stdout; the command must succeed and must not speak of an error."""
    result = call(*arguments, store=store)
    assert result.returncode == 0, result.stderr
    assert "eventsim:" not in result.stderr
    return result.stdout


def objects(*arguments: object, store: Path | None = None) -> list[dict[str, Any]]:
    """Its stdout with `--json`, an object a line."""
    return [json.loads(line) for line in done(*arguments, store=store).splitlines()]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one run; tests may read it and must not change it."""
    path = tmp_path_factory.mktemp("cli") / "store"
    done("run", *PLAN, "--json", store=path)
    return path


@pytest.fixture(scope="session")
def grown(made: Path, first: str, tmp_path_factory: pytest.TempPathFactory) -> Grown:
    """A copy with one fork of the first trajectory; tests only read it."""
    path = Path(shutil.copytree(made, tmp_path_factory.mktemp("grown") / "store"))
    place = f"{first}@u2"
    (fork,) = objects("fork", place, "--seed", "5", "--json", store=path)
    return Grown(path, first, fork["trajectory"], fork["position"])


@pytest.fixture
def own(made: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(made, tmp_path / "store"))


@pytest.fixture(scope="session")
def first(made: Path) -> str:
    """The label of the first trajectory."""
    return str(objects("ls", "--json", store=made)[0]["trajectory"])
