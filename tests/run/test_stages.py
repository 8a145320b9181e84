"""Stages that somebody else wrote, and preparations that an earlier run made."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import call, done, objects

POLICY = '''
from eventsim.core.events import PolicyWritten
from eventsim.pipelines.stages.policy import PolicyStage


class Curt(PolicyStage):
    """Two more rules after those that a model wrote."""

    def derive(self, value, state, given, bench):
        (written,) = super().derive(value, state, given, bench)
        return (PolicyWritten(text=written.text + "\\nBe curt."),)


class Half:
    name = "policy"


def broken():
    raise AssertionError


BROKEN = 1
'''
PLAN = ("--preset", "paper-task", "-n", "2", "--tasks", "1", "--seed", "6")
PLAN = (*PLAN, "--domain", "hotel")


@pytest.fixture
def plugins(tmp_path: Path) -> Path:
    """A directory on the path, with a module and an installed plug-in."""
    place = tmp_path / "lib"
    about = place / "curt_policy-1.0.dist-info"
    about.mkdir(parents=True)
    (place / "curt_policy.py").write_text(POLICY)
    (place / "no_python.py").write_text("def (")
    (about / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: curt-policy\nVersion: 1\n"
    )
    (about / "entry_points.txt").write_text(
        "[eventsim.stages]\ncurt = curt_policy:Curt\n"
    )
    return place


def policies(store: Path) -> list[str]:
    """The last line of the policy of each trajectory."""
    found = []
    for listed in objects("ls", "--json", store=store):
        requests = objects(
            "show", listed["trajectory"], "--as", "requests", "--json", store=store
        )
        system = requests[0]["request"]["messages"][0]["content"]
        policy = system.partition("# Policy\n")[2].partition("\n\n#")[0]
        found.append(policy.splitlines()[-1])
    return found


@pytest.mark.parametrize("replacement", ["curt_policy:Curt", "curt"])
def test_a_stage_can_be_replaced(
    plugins: Path, tmp_path: Path, replacement: str
) -> None:
    """By a dotted path or by the name of a plug-in; it replays and verifies."""
    store = tmp_path / "store"
    own = ("--set", f"stages.policy={replacement}")
    path = {"PYTHONPATH": str(plugins)}
    ran = call("run", *PLAN, *own, store=store, **path)
    assert ran.returncode == 0, ran.stderr
    assert set(policies(store)) == {"Be curt."}
    replayed = call("replay", "--all", "--execute", store=store, **path)
    assert replayed.returncode == 0, replayed.stderr


@pytest.mark.parametrize(
    ("slot", "replacement", "word"),
    [
        ("policy", "curt_policy:Half", "it lacks prompt, role"),
        ("policy", "curt_policy:BROKEN", "is no stage"),
        ("policy", "curt_policy:nothing", "nothing"),
        ("policy", "nowhere:Curt", "nowhere"),
        ("policy", "no_python:Curt", "no_python"),
        ("policy", "unheard-of", "no plug-in is named 'unheard-of'"),
        ("polcy", "curt", "policy"),
    ],
)
def test_a_stage_that_cannot_be_had_is_said_in_one_line(
    plugins: Path, tmp_path: Path, slot: str, replacement: str, word: str
) -> None:
    """Before anything is recorded."""
    store = tmp_path / "store"
    own = ("--set", f"stages.{slot}={replacement}")
    refused = call("run", *PLAN, *own, store=store, PYTHONPATH=str(plugins))
    assert refused.returncode == 2
    assert word in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert not store.exists()


@pytest.mark.parametrize(
    ("purpose", "kept"),
    [("questions", set()), ("tools", {"tools"}), ("tasks", {"tools", "tasks"})],
)
def test_a_run_starts_from_what_an_earlier_one_prepared(
    tmp_path: Path, purpose: str, kept: set[str]
) -> None:
    """Nothing of it is asked for again, and what follows replays."""
    store = tmp_path / "store"
    (first,) = objects("run", *PLAN, "--json", store=store)
    before = {t["trajectory"] for t in objects("ls", "--json", store=store)}
    taken = (f"--{purpose}-from", first["run"])
    more = [*PLAN[:-3], "77", *PLAN[-2:]]
    (second,) = objects("run", *more, *taken, "--json", store=store)
    assert second["run"] != first["run"]
    assert second["ended"] == 2
    (stats,) = objects("stats", "--run", second["run"], "--json", store=store)
    assert stats["tasks"] >= 1
    after = objects("ls", "--json", store=store)
    fresh = [t["trajectory"] for t in after if t["trajectory"] not in before]
    found = objects("audit", f"{fresh[0]}@u1", "--json", store=store)[0]
    mounted = {c["what"]: c["label"] for c in found["causes"] if c["position"] is None}
    old = {what for what in mounted if f"-{first['run']}-" in mounted[what]}
    assert old == kept
    done("replay", "--all", store=store)


def test_a_prompt_can_be_replaced(tmp_path: Path) -> None:
    """It is recorded by its content: replay needs the file no longer, and another
    text is another run.
    """
    store, mine = tmp_path / "store", tmp_path / "mine.j2"
    plan = ("--domain", "clinic", "-n", "1", "--tasks", "1", "--seed", "3", "--json")
    own = ("--set", f"prompts.assistant={mine}")
    runs = []
    for word in ("Ownword", "Otherword"):
        mine.write_text(f"# Your part: the assistant\n{{{{ policy }}}} {word}.")
        (ran,) = objects("run", *plan, *own, store=store)
        runs.append(ran["run"])
        shown = done("show", "--as", "requests", "--json", store=store)
        assert word in shown
    mine.unlink()
    assert runs[0] != runs[1]
    done("replay", "--all", store=store)


def test_a_prompt_that_cannot_be_filled_in_is_said_in_one_line(tmp_path: Path) -> None:
    """No traceback, and which prompt it is."""
    mine = tmp_path / "mine.j2"
    mine.write_text("# Your part: the assistant\n{{ policy.no_such.part }}")
    own = ("--set", f"prompts.assistant={mine}", "--domain", "clinic", "-n", "1")
    refused = call("run", *own, store=tmp_path / "store")
    assert refused.returncode == 2
    assert "'# Your part: the assistant' cannot be filled in" in refused.stderr
