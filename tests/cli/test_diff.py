"""Comparing as a user does it: two places, many trajectories, runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Grown, call, done, objects

CLINIC = ("--domain", "clinic", "-n", "2", "--tasks", "1", "--seed", "2")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Three runs of a store: clinic, clinic with other settings, library."""
    store = tmp_path_factory.mktemp("runs") / "store"
    done("run", *CLINIC, store=store)
    other = ("--set", "flaws.needless_question=0.5", "--set", "limits.max_turns=150")
    done("run", *CLINIC, *other, store=store)
    done("run", "--domain", "library", *CLINIC[2:], store=store)
    listed = objects("ls", "--json", store=store)
    return store, list(dict.fromkeys(line["run"] for line in listed))


@pytest.fixture(scope="module")
def edited(
    made: Path, first: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str, str]:
    """Two forks of one place, the second with another policy and a tool less."""
    import shutil

    folder = tmp_path_factory.mktemp("edited")
    store = Path(shutil.copytree(made, folder / "store"))
    policy = folder / "policy.txt"
    policy.write_text("Be brief.\n")
    shown = objects("show", first, "--as", "events", "--json", store=store)
    mounted = next(e for e in shown if e["kind"] == "toolset.mounted")
    gone = mounted["payload"]["names"][0]
    done("fork", f"{first}@12", "--seed", "5", store=store)
    options = ("--policy", policy, "--without-tool", gone, "--seed", "6")
    done("fork", f"{first}@12", *options, store=store)
    return store, first, gone


def test_places_are_named_with_their_positions(made: Path, first: str) -> None:
    """In the heading and in --json; an earlier place of one path is all shared."""
    page = done("diff", f"{first}@9", f"{first}@20", store=made)
    assert page.startswith(f"{first}@9 and {first}@20\n")
    assert f"all of {first}@9; {first}@20 has 11 more events" in page
    (found,) = objects("diff", f"{first}@9", f"{first}@20", "--json", store=made)
    assert (found["left"]["position"], found["right"]["position"]) == (9, 20)


def test_texts_that_differ_are_shown_as_lines(edited: tuple[Path, str, str]) -> None:
    """The policy line by line, a tool as removed, neither as a digest."""
    store, first, gone = edited
    page = done("diff", f"{first}.1", f"{first}.2", store=store)
    assert "policy: changed" in page
    assert "+ Be brief." in page
    assert f"tool {gone}: removed" in page
    assert "seed: 5 → 6" in page
    (found,) = objects("diff", f"{first}.1", f"{first}.2", "--json", store=store)
    facts = {fact["what"]: fact for fact in found["stands_on"]}
    assert "+Be brief." in facts["policy"]["lines"]
    assert facts[f"tool {gone}"]["right"] is None


def test_many_say_what_they_stand_on_and_where_they_part(
    edited: tuple[Path, str, str],
) -> None:
    """A row a fact that is not the same for all, a column a trajectory."""
    store, first, gone = edited
    names = (first, f"{first}.1", f"{first}.2")
    (found,) = objects("diff", *names, "--json", store=store)
    assert [row["common"] for row in found["trajectories"]][1:] == [13, 13]
    assert found["trajectories"][0]["parts_at"] is None
    facts = {fact["what"]: fact["values"] for fact in found["stands_on"]}
    assert facts["seed"][1:] == ["5", "6"]
    assert [value is None for value in facts[f"tool {gone}"]] == [False, False, True]
    assert facts["policy"][0] == facts["policy"][1] != facts["policy"][2]
    rows = [line.split() for line in done("diff", *names, store=store).splitlines()]
    assert ["policy", "v1", "v1", "v2"] in rows
    assert ["tool", gone, "v1", "v1", "none"] in rows


def test_runs_are_compared_by_the_tasks_that_they_share(
    runs: tuple[Path, list[str]],
) -> None:
    """And their plans by what differs in them, under the names that --set takes."""
    store, (one, other, _) = runs
    (found,) = objects("diff", one, other, "--json", store=store)
    assert len(found["tasks"]) == 2
    assert all(task["same_task"] for task in found["tasks"])
    facts = {f["what"]: (f["left"], f["right"]) for f in found["stands_on"]}
    assert facts == {
        "flaws.needless_question": ("0.1", "0.5"),
        "limits.max_turns": ("200", "150"),
    }
    page = done("diff", one, other, store=store)
    assert f"{other} against {one}: 2 tasks in common" in page
    assert all(task["title"] in page for task in found["tasks"])


def test_runs_that_share_no_task_say_so(runs: tuple[Path, list[str]]) -> None:
    """In one line; nothing is better or worse."""
    store, (one, _, library) = runs
    page = done("diff", one, library, store=store)
    assert f"{one} and {library} share no task (2 tasks in {one}, 2 tasks in" in page
    assert "source: clinic" in page
    (found,) = objects("diff", one, library, "--json", store=store)
    assert all(task["against_first"][library] is None for task in found["tasks"])


def test_more_than_two_runs_are_a_table(runs: tuple[Path, list[str]]) -> None:
    """A column a run; what one alone has stands apart."""
    store, names = runs
    page = done("diff", *names, store=store)
    head = next(line for line in page.splitlines() if line.startswith("task "))
    assert head.split() == ["task", *names]
    assert f"only {names[2]} has" in page
    assert f"{names[1]} against {names[0]}: 2 tasks in common" in page
    assert f"{names[0]} and {names[2]} share no task" in page


@pytest.mark.parametrize("more", [("{run}-1",), ("{run}-1", "{run}-2")])
def test_a_run_beside_a_trajectory_is_refused(
    runs: tuple[Path, list[str]], more: tuple[str, ...]
) -> None:
    """In one line that says which is which."""
    store, (run, *_) = runs
    refused = call("diff", run, *(each.format(run=run) for each in more), store=store)
    assert refused.returncode == 2
    assert f"{run} is a run and {run}-1 is not" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_requests_are_of_two(grown: Grown) -> None:
    """Of more they are refused, not passed over."""
    names = (grown.parent, grown.fork, grown.parent)
    refused = call("diff", *names, "--requests", store=grown.store)
    assert refused.returncode == 2
    assert "--requests compares two trajectories" in refused.stderr
    asked = done("diff", grown.parent, grown.fork, "--requests", store=grown.store)
    assert "the first request of the" in asked
    place = f"{grown.parent}@{grown.position}"
    none = done("diff", place, grown.fork, "--requests", store=grown.store)
    assert "no role calls a model on both sides" in none
