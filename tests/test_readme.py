"""The README's commands do what they say: each is run as it stands."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
import pytest

from eventsim.config import RunConfig
from eventsim.core.values import freeze
from eventsim.environments.domains.registry import domain_image
from eventsim.environments.seeds.registry import seed_domain
from eventsim.run.stages import stages_of
from tests.exchange.rows import ROWS, TASK
from tests.run.serving import serving

README = Path(__file__).resolve().parent.parent / "README.md"
BLOCKS = re.findall(r"```sh\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
COMMANDS = [
    line.split("#")[0].strip()
    for block in BLOCKS
    for line in block.splitlines()
    if line.startswith("eventsim ")
]
PYTHON = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
HERE = Path(__file__).resolve().parent
COPIES = {
    "shelf.py": "my_shop.py",
    "phone.py": "my_phone.py",
    "mcp_shop.py": "shop_server.py",
}
PLAIN = {
    "messages": [
        {"role": "user", "content": "I like long rides around the lake."},
        {"role": "assistant", "content": "They are lovely in spring."},
    ]
}
PRICES = "endpoints.default.prices={gpt-5-mini: {input_usd: 1, output_usd: 4}}"
ENDPOINTS = re.compile(r"https?://[\w.:]+/v1")


def _run(command: str, place: Path) -> subprocess.CompletedProcess[str]:
    settings = {"EVENTSIM_STORE": "s", "NO_COLOR": "1", "OPENAI_API_KEY": "none"}
    return subprocess.run(
        [sys.executable, "-m", *shlex.split(command)],
        cwd=place,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a database of one's own, and one small run."""
    place = tmp_path_factory.mktemp("readme")
    (place / "shop.sqlite").write_bytes(domain_image("outdoor").data)
    seeds = [orjson.dumps(tool) for tool in seed_domain("retail").tools]
    (place / "seeds.json").write_bytes(b"[%b]" % b",".join(seeds))
    (place / "policy.txt").write_text("Be brief.")
    (place / "tau2-tasks.json").write_bytes(orjson.dumps([TASK]))
    (place / "chat.jsonl").write_bytes(orjson.dumps(ROWS["messages"]) + b"\n")
    (place / "plain.jsonl").write_bytes(orjson.dumps(PLAIN) + b"\n")
    (place / "my_module.py").write_text(PYTHON[0])
    for name, copy in COPIES.items():
        (place / copy).write_bytes((HERE / "environments" / name).read_bytes())
    for seed in (1, 2):
        done = _run(f"eventsim run -n 2 --seed {seed} --tasks 1", place)
        assert done.returncode == 0, done.stderr
    return place


def test_the_readme_shows_commands() -> None:
    """Every verb that the command line has is shown once at least."""
    verbs = {command.split()[1] for command in COMMANDS}
    assert {"run", "resume", "show", "ls", "fork", "diff", "replay"} <= verbs
    assert {"audit", "verify", "stats", "export", "tools", "domains"} <= verbs
    assert {"plan", "init", "serve", "log"} <= verbs
    assert {"import", "note", "branch"} <= verbs


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """What stands for every endpoint that the README names."""
    with serving() as url:
        yield url


def test_every_command_of_the_readme_runs(place: Path, endpoint: str) -> None:
    """In the order of the text, in one store; T is a trajectory of it, R its run, and
    the endpoints are one that is here, with few trajectories, at a price that is told;
    the fault suite runs a small part of itself.
    """
    listed = _run("eventsim ls --json", place).stdout.splitlines()
    name = re.search(r'"trajectory":"([^"]+)"', listed[0])
    other = re.search(r'"trajectory":"([^"]+)"', listed[-1])
    assert name is not None
    assert other is not None
    for command in COMMANDS:
        if command.startswith("eventsim serve "):
            continue
        real = re.sub(r"\bT(?=@|\.1|\b(?!\.jsonl))", name[1], command)
        real = re.sub(r"(?:(?<=from )|(?<=diff ))R\b", name[1].partition("-")[0], real)
        real = re.sub(r"\bS$", other[1].partition("-")[0], real)
        real = real.replace("=python ", f"={sys.executable} ")
        real = ENDPOINTS.sub(endpoint, real).replace("-n 20", "-n 3")
        if real.startswith("eventsim run") and "--budget-usd" in real:
            real += f" --set {shlex.quote(PRICES)}"
        if "log torture" in real:
            real += " --loops 3 --losses 20 --rounds 1 --step 400"
        done = _run(real, place)
        assert done.returncode == 0, f"{real}\n{done.stderr}\n{done.stdout[-2000:]}"
        assert done.stdout or done.stderr


def test_the_readme_serves_with_options_that_there_are() -> None:
    """The command that never ends is tried as well."""
    (command,) = [c for c in COMMANDS if c.startswith("eventsim serve ")]
    options = shlex.split(command)[2:]
    with serving(*options, "--port", "0") as url:
        assert url.endswith("/v1")


def test_the_stage_of_the_readme_is_one_that_a_configuration_can_name() -> None:
    """By the module that it stands in."""
    defined: dict[str, Any] = {}
    exec(PYTHON[0], defined)
    sys.modules["readme_example"] = module = ModuleType("readme_example")
    vars(module).update(defined)
    config = RunConfig(
        seed=1, count=1, stages=freeze({"policy": "readme_example:Curt"})
    )
    assert stages_of(config, ["policy"])["policy"].name == "policy"


def test_the_library_of_the_readme_runs(place: Path) -> None:
    """As a program of its own, with the module that it names beside it."""
    _, program = PYTHON
    (place / "program.py").write_text(program)
    done = subprocess.run(
        [sys.executable, "program.py"],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(place)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "{" in done.stdout
