"""The project as a whole: what lies where, what is imported when, what is declared."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import eventsim
from tools import layers

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

TOP_LEVEL = {
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "eventsim",
    "pyproject.toml",
    "replays",
    "schemas",
    "tests",
    "tools",
}
HEAVY = {
    "aiofiles",
    "anyio",
    "apsw",
    "asyncio",
    "jinja2",
    "jsonschema_rs",
    "openai",
    "orjson",
    "pydantic",
    "rich",
    "sqlite3",
}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """A process in the project's folder, its output as text."""
    environment = {**os.environ, "COLUMNS": "88", "NO_COLOR": "1"}
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """Every file that is in git, relative to the project's folder."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("only a git checkout knows which files belong to the project")
    names = run("git", "ls-files", "-z").stdout.split("\0")
    return [Path(name) for name in names if name and (ROOT / name).exists()]


def test_the_top_level_holds_what_was_agreed_and_nothing_else(
    tracked: list[Path],
) -> None:
    """A newcomer sees nine names; the rest are dot files."""
    names = {path.parts[0] for path in tracked}
    assert {name for name in names if not name.startswith(".")} == TOP_LEVEL


def test_no_file_names_a_machine_or_a_registry(tracked: list[Path]) -> None:
    """What is written here is true on any machine."""
    places = re.compile(rb"(?<![\w.])/(?:work|root|opt|home|Users|tmp)/\w")
    hosts = re.compile(rb"pypi\.org|python[h]osted|npm[j]s|debian\.org|[f]ind-links")
    for path in tracked:
        content = (ROOT / path).read_bytes()
        found = places.search(content) or hosts.search(content)
        assert found is None, f"{path}: {found[0]!r}"


def test_no_file_is_a_database_or_too_large_to_read(tracked: list[Path]) -> None:
    """Domains are made by code; only golden logs may weigh something."""
    for path in tracked:
        content = (ROOT / path).read_bytes()
        assert not content.startswith(b"SQLite format 3"), path
        assert len(content) < (1 << 20 if path.parts[0] == "replays" else 1 << 17), path


def test_the_version_is_the_declared_one() -> None:
    """`eventsim --version`, the package and the project file agree."""
    assert eventsim.__version__ == PROJECT["version"]
    said = run(sys.executable, "-m", "eventsim", "--version").stdout
    assert PROJECT["version"] in said


def test_every_imported_package_is_declared() -> None:
    """What the code needs is installed with it or by an extra, not by chance."""
    extras = PROJECT["optional-dependencies"]
    declared = {
        re.match(r"[\w.-]+", requirement)[0].lower().replace("-", "_")
        for requirement in (
            *PROJECT["dependencies"],
            *(each for name in extras if name != "dev" for each in extras[name]),
        )
    }
    installed_by = packages_distributions()
    for module in layers.modules_of(ROOT / "eventsim").values():
        for found in layers.imports_of(module, "eventsim"):
            top = found.target.split(".")[0]
            if top != "eventsim" and top not in sys.stdlib_module_names:
                of = {n.lower().replace("-", "_") for n in installed_by[top]}
                assert of & declared, f"{module.name}: {top}"


def test_the_module_and_the_command_are_the_same() -> None:
    """`python -m eventsim` says what `eventsim` says."""
    script = Path(sys.executable).with_name("eventsim")
    assert script.exists(), "install the project first: pip install -e '.[dev]'"
    by_module = run(sys.executable, "-m", "eventsim", "--help")
    by_script = run(str(script), "--help")
    assert by_module.stdout == by_script.stdout
    assert by_module.stdout.startswith("Usage: eventsim ")


@pytest.mark.parametrize(
    "code",
    [
        "import eventsim",
        "import eventsim.cli.main",
        "from eventsim.cli.main import cli; cli(['--help'], standalone_mode=False)",
    ],
    ids=["package", "command line", "help"],
)
def test_nothing_heavy_is_imported_before_it_is_needed(code: str) -> None:
    """Help and completion cost no more than click."""
    tail = "; import sys; print('\\n' + ' '.join(m for m in sys.modules))"
    loaded = run(sys.executable, "-c", code + tail).stdout.splitlines()[-1].split()
    assert "eventsim" in loaded
    assert HEAVY.isdisjoint(loaded)


def test_ci_runs_the_test_command_of_the_readme() -> None:
    """What CI proves is what a reader is told to do."""
    command = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()[-1]
    assert command.endswith("python -m pytest")
    assert command in (ROOT / "README.md").read_text("utf-8")


def test_scripts_can_be_started() -> None:
    """They are executable, and the shell can parse the one that is its own."""
    for script in (".ci/run", "tools/check"):
        assert os.access(ROOT / script, os.X_OK), script
    if shutil.which("bash"):
        run("bash", "-n", ".ci/run")
