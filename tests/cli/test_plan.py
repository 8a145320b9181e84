"""`eventsim plan`: what a run would do and take, without doing it."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import click
import pytest

from eventsim.cli.commands import plan, run
from tests.cli.conftest import call, done, objects

HOSTED = ("--model", "gpt-5-mini", "--base-url", "https://api.openai.com/v1")
SECRET = "sk-planted-4f9a81c3d2e7b6a5"


def planned(*arguments: object, cwd: Path, **environment: str) -> dict[str, Any]:
    """What `--json` says."""
    result = call("plan", *arguments, "--json", cwd=cwd, **environment)
    assert result.returncode == 0, result.stderr
    said: dict[str, Any] = json.loads(result.stdout)
    return said


def test_it_takes_exactly_the_options_of_run() -> None:
    """So that a line for `run` can be tried with `plan` in its place, but for those
    that say what to go on from, who plays, and how environments are started.
    """

    def options(command: click.Command) -> set[tuple[str, ...]]:
        return {tuple(each.opts) for each in command.params}

    starts = {("--from",), ("--from-file",), ("--format",), ("--play",)}
    starts |= {("--licence",), ("--benchmark",), ("--mask-pii",)}
    assert options(plan.command) == options(run.command) - starts - {("--python",)}


def test_each_setting_that_is_no_default_is_shown_with_its_origin(
    tmp_path: Path,
) -> None:
    """Preset, file and line, variable, flag."""
    (tmp_path / "eventsim.yaml").write_text("preset: paper-user\nquestions: 30\n")
    said = planned("-n", "7", cwd=tmp_path, EVENTSIM_TASKS="4")
    origins = {each["name"]: each["origin"] for each in said["settings"]}
    places = {name: each["place"] for name, each in origins.items() if each}
    assert places["preset"] == "eventsim.yaml, line 1"
    assert places["questions"] == "eventsim.yaml, line 2"
    assert places["tasks"] == "EVENTSIM_TASKS"
    assert places["count"] == "-n"
    assert places["pipeline"] == "preset paper-user"
    assert "difficulty" not in places
    page = call("plan", "-n", "7", cwd=tmp_path, EVENTSIM_TASKS="4").stdout
    assert "eventsim.yaml, line 2" in page
    assert "EVENTSIM_TASKS" in page


def test_it_calls_nothing_and_writes_nothing(tmp_path: Path) -> None:
    """A listener in the place of the endpoint hears nobody; no store appears."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.0)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        planned(
            "--preset", "paper-exec", "--model", "m", "--base-url", url, cwd=tmp_path
        )
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert list(tmp_path.iterdir()) == []


def test_money_is_that_of_the_price_list_or_of_the_configuration(
    tmp_path: Path,
) -> None:
    """Prices of the configuration come first; the sum is that of the lines."""
    listed = planned("--preset", "paper-user", *HOSTED, cwd=tmp_path)
    assert listed["over_endpoints"]["cost_usd"] > 0
    price = "endpoints.default.prices={gpt-5-mini: {input_usd: 1.0, output_usd: 0.0}}"
    own = planned("--preset", "paper-user", *HOSTED, "--set", price, cwd=tmp_path)
    tokens = own["over_endpoints"]["input_tokens"]
    assert own["over_endpoints"]["cost_usd"] == pytest.approx(tokens / 1e6, rel=0.02)


def test_a_model_without_a_known_price_is_said(tmp_path: Path) -> None:
    """A price is never guessed."""
    over = ("--model", "m", "--base-url", "http://localhost:8000/v1")
    page = call("plan", "--preset", "paper-task", *over, cwd=tmp_path).stdout
    assert "no price known" in page
    assert "$" not in page
    said = planned("--preset", "paper-task", *over, cwd=tmp_path)
    assert said["over_endpoints"]["cost_usd"] is None


def test_it_says_that_it_estimates_and_what_it_assumes(tmp_path: Path) -> None:
    """Nobody shall take the figures for a promise."""
    page = call("plan", "--preset", "paper-user", cwd=tmp_path).stdout
    assert "An estimate; nothing was called. It assumes:" in page
    assert "3 objectives a task" in page


def test_a_key_that_is_missing_is_noted_and_one_that_is_there_not_shown(
    tmp_path: Path,
) -> None:
    """`run` would stop at once; `plan` says so and plans all the same."""
    missing = call("plan", *HOSTED, cwd=tmp_path, OPENAI_API_KEY="")
    assert missing.returncode == 0
    assert "run would stop at once" in missing.stderr
    assert "OPENAI_API_KEY" in missing.stderr
    there = call("plan", *HOSTED, "--json", cwd=tmp_path, OPENAI_API_KEY=SECRET)
    assert there.stderr == ""
    assert SECRET not in there.stdout


def test_a_slip_is_one_line(tmp_path: Path) -> None:
    """As in `run`."""
    (tmp_path / "eventsim.yaml").write_text("count: 3\ntaks: 2\n")
    for command in ("plan", "run"):
        result = call(command, cwd=tmp_path)
        assert result.returncode == 2
        assert result.stderr == (
            "eventsim: eventsim.yaml, line 2: there is no taks in the configuration; "
            "did you mean tasks?\n"
        )
        assert not (tmp_path / "runs").exists()


def test_the_calls_of_a_run_by_models_are_foreseen(tmp_path: Path) -> None:
    """Role by role within a half: sixteen trajectories over databases."""
    asked = ("--preset", "paper-exec", "-n", "16", "--seed", "3")
    said = planned(*asked, cwd=tmp_path)
    done("run", *asked, "--json", store=tmp_path / "store")
    (stats,) = objects("stats", "--json", store=tmp_path / "store")
    expected: dict[str, int] = {}
    for each in said["expected"]:
        expected[each["role"]] = expected.get(each["role"], 0) + each["calls"]
    taken = {role: each["calls"] for role, each in stats["models"]["by_role"].items()}
    assert expected.keys() == taken.keys()
    for role, calls in taken.items():
        assert 1 / 1.5 < expected[role] / calls < 1.5, (role, expected[role], calls)
