"""The README's commands do what they say: each is run as it stands."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from eventsim.environments.domains.registry import domain_image

README = Path(__file__).resolve().parent.parent / "README.md"
BLOCKS = re.findall(r"```sh\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
COMMANDS = [
    line.split("#")[0].strip()
    for block in BLOCKS
    for line in block.splitlines()
    if line.startswith("eventsim ")
]


def _run(command: str, place: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *shlex.split(command)],
        cwd=place,
        env={**os.environ, "EVENTSIM_STORE": "s", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a database of one's own, and one small run."""
    place = tmp_path_factory.mktemp("readme")
    (place / "shop.sqlite").write_bytes(domain_image("outdoor").data)
    done = _run("eventsim run -n 2 --seed 1 --tasks 1", place)
    assert done.returncode == 0, done.stderr
    return place


def test_the_readme_shows_commands() -> None:
    """Every verb that the command line has is shown once at least."""
    verbs = {command.split()[1] for command in COMMANDS}
    assert {"run", "resume", "show", "ls", "fork", "diff", "replay"} <= verbs
    assert {"audit", "verify", "stats", "export", "tools", "domains"} <= verbs


def test_every_command_of_the_readme_runs(place: Path) -> None:
    """In the order of the text, in one store; T is a trajectory of it."""
    listed = _run("eventsim ls --json", place).stdout.splitlines()
    name = re.search(r'"trajectory":"([^"]+)"', listed[0])
    assert name is not None
    for command in COMMANDS:
        real = re.sub(r"\bT(?=@|\.1|\b(?!\.jsonl))", name[1], command)
        done = _run(real, place)
        assert done.returncode == 0, f"{real}\n{done.stderr}\n{done.stdout[-2000:]}"
        assert done.stdout or done.stderr
