"""Help, completion, and that asking for help imports nothing heavy."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from eventsim import __version__
from eventsim.cli.registry import GROUPS
from tests.cli.conftest import call, done

COMMANDS = [name for group in GROUPS.values() for name in group]


def test_the_help_page_fits_one_screen_and_names_every_command() -> None:
    """28 lines of 80 columns."""
    page = done("--help")
    lines = page.splitlines()
    assert len(lines) < 28
    assert max(map(len, lines)) <= 80
    assert all(f" {name} " in page for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself_with_an_example(name: str) -> None:
    """And the example is a call of that very command."""
    page = done(name, "--help")
    assert f"eventsim {name}" in page.split("Example:")[1]


def test_help_imports_neither_models_nor_databases_nor_terminals() -> None:
    """What makes starting slow is imported by the commands that need it."""
    code = (
        "import sys\n"
        "from eventsim.cli.main import cli\n"
        "cli.main(['--help'], standalone_mode=False)\n"
        "cli.main(['run', '--help'], standalone_mode=False)\n"
        "heavy = {'apsw', 'anyio', 'asyncio', 'jinja2', 'openai', 'orjson',\n"
        "         'pydantic', 'rich'}\n"
        "print('loaded', sorted(heavy & set(sys.modules)))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines()[-1] == "loaded []"


def test_help_takes_a_quarter_of_the_time_of_importing_openai() -> None:
    """The best of three of each, so that a busy machine does not decide."""

    def best(*arguments: str) -> float:
        times = []
        for _ in range(3):
            begun = time.perf_counter()
            subprocess.run(
                [sys.executable, *arguments], capture_output=True, check=True
            )
            times.append(time.perf_counter() - begun)
        return min(times)

    assert best("-m", "eventsim", "--help") < best("-c", "import openai") / 4


def test_the_version_is_that_of_the_package() -> None:
    """Printed on stdout."""
    assert __version__ in done("--version")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_the_shell(shell: str) -> None:
    """It calls back by the environment variable that click reads."""
    assert "_EVENTSIM_COMPLETE" in done("completion", shell)


def test_trajectories_complete_from_the_store(made: Path, first: str) -> None:
    """From the first letters, with the store from the environment."""
    result = call(
        store=made,
        _EVENTSIM_COMPLETE="bash_complete",
        COMP_WORDS=f"eventsim show {first[:2]}",
        COMP_CWORD="2",
    )
    assert f"plain,{first}" in result.stdout.splitlines()


def test_completion_is_silent_where_there_is_no_store(tmp_path: Path) -> None:
    """A shell must not be disturbed."""
    result = call(
        store=tmp_path / "nowhere",
        _EVENTSIM_COMPLETE="bash_complete",
        COMP_WORDS="eventsim show b",
        COMP_CWORD="2",
    )
    assert result.stdout.strip() == ""
    assert result.stderr == ""
