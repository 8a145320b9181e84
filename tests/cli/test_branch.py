"""Trees of siblings as a user grows them: where, how many, and what goes on."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import call, done, objects
from tests.run.serving import serving

CALLS = ("--at", "every-tool-call", "--seed", "3")


def shape(tree: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What a tree is, apart from what was there before."""
    return [(b["parent"], b["position"], b["depth"], b["verdict"]) for b in tree]


def test_a_tree_does_not_depend_on_where_it_was_broken_off(
    own: Path, first: str, tmp_path: Path
) -> None:
    """--most bounds all of it, what is there included; it grows breadth first."""
    command = ("branch", first, *CALLS, "--depth", "2", "--json")
    few = objects(*command, "--most", "2", store=own)
    assert [b["existed"] for b in few] == [False, False]
    grown = objects(*command, "--most", "5", store=own)
    assert [b["existed"] for b in grown] == [True, True, False, False, False]
    other = tmp_path / "other"
    done("run", "--domain", "outdoor", "-n", "4", "--seed", "11", "--tag", "demo",
         "--json", store=other)  # fmt: skip
    at_once = objects(*command, "--most", "5", store=other)
    assert shape(at_once) == shape(grown)
    depths = [b["depth"] for b in grown]
    assert depths == sorted(depths)
    done("replay", "--all", store=own)


def test_it_says_what_was_there_and_what_is_missing(own: Path, first: str) -> None:
    """And a tree that is whole says nothing of the kind."""
    part = call("branch", first, *CALLS, "--most", "1", store=own)
    assert part.returncode == 0
    assert "the tree is not whole: 1 fork of it" in part.stderr
    assert "--seed 3 with more of it goes on" in part.stderr
    rest = call("branch", first, *CALLS, store=own)
    assert "; 1 of the tree's forks were there" in rest.stdout
    assert "not whole" not in rest.stderr


def test_a_place_is_said_in_either_way(own: Path, first: str) -> None:
    """`T@-1` is `T --at @-1`, the last position; the second finds the first's fork."""
    last = objects("show", first, "--as", "events", "--json", store=own)[-1]
    (one,) = objects("branch", f"{first}@-1", "--seed", "1", "--json", store=own)
    at = ("--at", "@-1", "--seed", "1", "--json")
    (other,) = objects("branch", first, *at, store=own)
    assert one["position"] == other["position"] == last["position"]
    assert (one["existed"], other["existed"]) == (False, True)
    assert one["trajectory"] == other["trajectory"]


def test_a_user_message_is_a_place(own: Path, first: str) -> None:
    """As it is everywhere; two forks of it differ."""
    said = [
        line["position"]
        for line in objects("show", first, "--as", "events", "--json", store=own)
        if line["kind"] == "user.messaged"
    ]
    command = ("branch", first, "--at", "@u2", "-n", "2", "--seed", "1", "--json")
    one, other = objects(*command, store=own)
    assert one["position"] == other["position"] == said[1]
    assert one["trajectory"] != other["trajectory"]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--at", "x"], "write every-assistant-turn, every-tool-call, or a place"),
        (["--at", "@9", "--depth", "3"], "leave out --depth"),
        (["--at", "@900"], "there is no position 900"),
        (["--at", "@u90"], "there is no u90"),
    ],
)
def test_what_makes_no_sense_is_one_line(
    made: Path, first: str, options: list[str], why: str
) -> None:
    """And nothing is forked."""
    before = objects("ls", "--json", store=made)
    refused = call("branch", first, *options, "--seed", "1", store=made)
    assert refused.returncode in (1, 2)
    assert why in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert objects("ls", "--json", store=made) == before


def test_a_place_that_is_said_twice_is_refused(made: Path, first: str) -> None:
    """Neither is passed over in silence."""
    refused = call("branch", f"{first}@12", "--at", "every-tool-call", store=made)
    assert refused.returncode == 2
    assert "both say where" in refused.stderr


def test_a_fork_with_another_policy_is_no_part_of_a_tree(
    own: Path, first: str, tmp_path: Path
) -> None:
    """Even with the seed that the tree would give it."""
    policy = tmp_path / "policy.txt"
    policy.write_text("Be brief.")
    command = ("branch", f"{first}@12", "--seed", "1", "--json")
    (branch,) = objects(*command, store=own)
    shown = objects("show", branch["trajectory"], "--as", "events", "--json", store=own)
    seed = next(e["payload"]["seed"] for e in shown if e["kind"] == "trajectory.forked")
    done("log", "prune", branch["trajectory"], "--why", "test", store=own)
    done("fork", f"{first}@12", "--policy", policy, "--seed", seed, store=own)
    (again,) = objects(*command, store=own)
    assert not again["existed"]
    assert again["verdict"] == branch["verdict"]


def test_a_tree_that_a_budget_breaks_off_goes_on(tmp_path: Path) -> None:
    """It says how much is there; with a larger one it becomes the same tree."""
    store = tmp_path / "store"
    with serving() as url:
        over = ("--model", "rule-based", "--base-url", url)
        plan = ("--domain", "clinic", "-n", "1", "--tasks", "1", "--seed", "21")
        done("run", *plan, *over, "--json", store=store)
        (listed,) = objects("ls", "--json", store=store)
        (stats,) = objects("stats", "--json", store=store)
        paid = stats["models"]["paid"]
        spent = paid["input_tokens"] + paid["output_tokens"]
        command = ("branch", listed["trajectory"], *CALLS)
        budget = ("--budget-tokens", spent + 20_000)
        part: subprocess.CompletedProcess[str] = call(*command, *budget, store=store)
        assert part.returncode == 1
        assert "tokens is spent" in part.stderr
        assert "the tree is not whole: 1 fork of it came to an end" in part.stderr
        assert "with a larger budget and --seed 3 goes on" in part.stderr
        rest = objects(*command, "--json", store=store)
        assert [b["existed"] for b in rest[:2]] == [True, True]
        assert all(b["verdict"] != "open" for b in rest)
    other = tmp_path / "other"
    done("run", *plan, "--json", store=other)
    (embedded,) = objects("ls", "--json", store=other)
    same = objects("branch", embedded["trajectory"], *CALLS, "--json", store=other)
    assert [b[1:] for b in shape(same)] == [b[1:] for b in shape(rest)]
