"""Forks that work with another configuration than their parent: models, limits."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import call, done, objects
from tests.run.serving import counters, serving


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """An endpoint that never fails."""
    with serving() as url:
        yield url


@pytest.fixture(scope="module")
def anew(
    made: Path, first: str, endpoint: str, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A copy with two forks of the first trajectory by another model; only read."""
    store = Path(shutil.copytree(made, tmp_path_factory.mktemp("anew") / "store"))
    other = ("--model", "small", "--base-url", endpoint)
    objects("fork", f"{first}@u1", "-n", "2", "--seed", "1", *other, "--json",
            store=store)  # fmt: skip
    return store


@pytest.fixture
def mine(anew: Path, tmp_path: Path) -> Path:
    """A copy of that store which a test may change."""
    return Path(shutil.copytree(anew, tmp_path / "anew"))


def asked(store: Path, trajectory: str) -> list[dict[str, Any]]:
    """The model calls of a path that a fork made itself."""
    lines = objects("show", trajectory, "--as", "events", "--json", store=store)
    begins = max(n for n, e in enumerate(lines) if e["kind"] == "trajectory.forked")
    own = lines[begins:]
    return [line["payload"] for line in own if line["kind"] == "model.called"]


def models(store: Path, trajectory: str) -> set[tuple[str, str]]:
    """Who spoke with which model on a fork."""
    return {(each["role"], each["model"]) for each in asked(store, trajectory)}


def runs(store: Path) -> dict[str, str]:
    """The run that each trajectory stands on."""
    listed = objects("ls", "--json", store=store)
    return {each["trajectory"]: each["run"] for each in listed}


# --- another model ------------------------------------------------------------------


def test_siblings_ask_the_endpoint_and_share_one_plan(anew: Path, first: str) -> None:
    """Every call of theirs names the other model; their plan is not their parent's."""
    for fork in (f"{first}.1", f"{first}.2"):
        assert models(anew, fork) == {("user", "small"), ("assistant", "small")}
    plans = runs(anew)
    assert plans[f"{first}.1"] == plans[f"{first}.2"] != plans[first]


def test_they_replay_and_verify(anew: Path) -> None:
    """Beside all that the store holds, calls repeated."""
    (found,) = objects("replay", "--all", "--execute", "--json", store=anew)
    assert (found["failed"], found["checked"]) == (0, 6)
    done("verify", store=anew)


def test_the_difference_names_the_model(anew: Path, first: str, endpoint: str) -> None:
    """Of every role, in one line; two siblings differ in their seeds alone."""
    page = done("diff", first, f"{first}.1", store=anew)
    assert f"model of every role: rule-based → small at {endpoint}" in page
    (found,) = objects("diff", first, f"{first}.1", "--json", store=anew)
    told = {each["what"]: each["right"] for each in found["stands_on"]}
    assert told["model of assistant"] == f"small at {endpoint}"
    (found,) = objects("diff", f"{first}.1", f"{first}.2", "--json", store=anew)
    assert [each["what"] for each in found["stands_on"]] == ["seed"]


def test_a_later_command_with_the_same_settings_has_the_same_plan(
    mine: Path, first: str, endpoint: str
) -> None:
    """Whatever its place and seed are; other settings have another plan."""
    same = ("--model", "small", "--base-url", endpoint)
    done("fork", f"{first}@u2", "--seed", "9", *same, store=mine)
    few = ("--set", "limits.max_turns=40")
    done("fork", f"{first}@u2", "--seed", "9", *same, *few, store=mine)
    plans = runs(mine)
    assert plans[f"{first}.1"] == plans[f"{first}.3"] != plans[f"{first}.4"]


def test_one_role_may_have_a_model_of_its_own(
    own: Path, first: str, endpoint: str
) -> None:
    """The others keep theirs, and are not asked over the network."""
    role = ("--role-model", "assistant=big", "--role-base-url")
    where = f"assistant={endpoint}"
    done("fork", f"{first}@u1", "--seed", "3", *role, where, store=own)
    calls = asked(own, f"{first}.1")
    spoken = {(each["role"], each["model"], each["provider"]) for each in calls}
    rule_based = ("user", "rule-based", "rule-based")
    assert spoken == {("assistant", "big", "assistant"), rule_based}
    (found,) = objects("diff", first, f"{first}.1", "--json", store=own)
    whats = [each["what"] for each in found["stands_on"]]
    assert whats == ["model of assistant", "seed"]
    done("replay", f"{first}.1", "--execute", store=own)


def test_a_model_alone_takes_the_endpoint_of_its_parent(
    mine: Path, first: str, endpoint: str
) -> None:
    """Where the parent has one, it need not be said again."""
    before = counters(endpoint)
    done("fork", f"{first}.1@u2", "--seed", "1", "--model", "tiny", store=mine)
    assert models(mine, f"{first}.1.1") == {("user", "tiny"), ("assistant", "tiny")}
    assert counters(endpoint) != before
    (found,) = objects("diff", f"{first}.1", f"{first}.1.1", "--json", store=mine)
    told = {each["what"]: each["right"] for each in found["stands_on"]}
    assert told["model of user"] == f"tiny at {endpoint}"
    done("replay", f"{first}.1.1", store=mine)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--model", "x"], "--model: needs an endpoint: say where with --base-url"),
        (["--base-url", "http://127.0.0.1:9/v1"], "--base-url: needs a model as well"),
        (["--set", "count=3"], "count is not a fork's to change; see eventsim run"),
        (["--set", "tags=[a]"], "tags is not a fork's to change"),
        (["--set", "limits.max_turn=3"], "max_turns"),
        (["--role-model", "clerk=x"], "there is no such role"),
    ],
)
def test_what_a_fork_cannot_have_is_one_line(
    made: Path, first: str, options: list[str], why: str
) -> None:
    """And neither a fork nor a plan is there afterwards."""
    before = objects("ls", "--json", store=made)
    refused = call("fork", f"{first}@u1", "--seed", "1", *options, store=made)
    assert refused.returncode == 2
    assert why in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert objects("ls", "--json", store=made) == before


# --- limits -------------------------------------------------------------------------


def test_a_limit_that_is_set_counts(own: Path, first: str) -> None:
    """The fork ends at it, and replays."""
    few = ("--seed", "1", "--set", "limits.max_turns=4", "--json")
    (short,) = objects("fork", f"{first}@u1", *few, store=own)
    assert short["ended"] == "turn_limit"
    done("replay", short["trajectory"], "--execute", store=own)


# --- interrupted --------------------------------------------------------------------


@pytest.fixture(scope="module")
def broken_off(
    made: Path, first: str, endpoint: str, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A copy where a fork with another model has spent its budget; only read."""
    store = Path(shutil.copytree(made, tmp_path_factory.mktemp("broken") / "store"))
    other = ("--model", "late", "--base-url", endpoint, "--budget-tokens", "300")
    part = call("fork", f"{first}@u1", "--seed", "7", *other, store=store)
    assert part.returncode == 1
    assert "the budget of 300 tokens is spent" in part.stderr
    return store


def test_an_interrupted_fork_goes_on_with_its_own_endpoint(
    broken_off: Path, first: str, endpoint: str, tmp_path: Path
) -> None:
    """`resume` alone finds it; it comes to what it would have been in one piece."""
    store = Path(shutil.copytree(broken_off, tmp_path / "store"))
    before = counters(endpoint)
    told = call("resume", store=store)
    assert told.returncode == 0
    (line,) = [x for x in told.stderr.splitlines() if "going on" in x]
    assert "1 of its forks open; going on with 1" in line
    assert counters(endpoint) != before
    assert models(store, f"{first}.1") == {("user", "late"), ("assistant", "late")}
    again = ("--model", "late", "--base-url", endpoint, "--seed", "7")
    done("fork", f"{first}@u1", *again, store=store)
    (found,) = objects("diff", f"{first}.1", f"{first}.2", "--json", store=store)
    assert all(line["same"] for line in found["lines"])
    assert found["stands_on"] == []
    (replayed,) = objects("replay", "--all", "--json", store=store)
    assert replayed["failed"] == 0


def test_a_trajectory_by_its_name_goes_on_so_too(
    broken_off: Path, first: str, tmp_path: Path
) -> None:
    """It is a fork like any other."""
    store = Path(shutil.copytree(broken_off, tmp_path / "store"))
    (one,) = objects("resume", f"{first}.1", "--json", store=store)
    assert (one["ended"], one["unfinished"]) == (1, 0)
    assert models(store, f"{first}.1") == {("user", "late"), ("assistant", "late")}


def test_a_plan_for_forks_is_named_only_while_one_is_open(
    broken_off: Path, first: str, tmp_path: Path
) -> None:
    """`resume --all` names it beside the run, and no more once all of it has ended."""
    store = Path(shutil.copytree(broken_off, tmp_path / "store"))
    plans = runs(store)
    plan = plans[f"{first}.1"]
    open_ = call("resume", "--all", store=store)
    assert f"{plan}: 0 planned, 0 ended, 1 of its forks open" in open_.stderr
    ended = call("resume", "--all", store=store)
    assert plan not in ended.stderr + ended.stdout
    assert "nothing is left to do" in ended.stderr
    latest = call("resume", store=store)
    assert latest.stderr.startswith(f"{plans[first]}: 4 planned, 4 ended")


def test_lists_and_statistics_count_the_run_alone(anew: Path, first: str) -> None:
    """Forks are listed below their parent; a plan without trajectories is no run."""
    page = done("ls", store=anew)
    assert f"  {first}.1 " in page
    assert "6 trajectories, 6 ended" in page
    (found,) = objects("stats", "--json", store=anew)
    assert found["trajectories"] == 4
    assert found["models"]["paid"]["calls"] > 0
    assert done("stats", store=anew).startswith("4 trajectories\n")
