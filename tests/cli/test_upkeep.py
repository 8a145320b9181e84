"""`eventsim log seal`, `redact` and `prune`, as a user would call them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import call, done, objects


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of four, with a fork of the first."""
    store = tmp_path_factory.mktemp("upkeep") / "runs"
    done("run", "--domain", "library", "-n", "4", "--seed", "3", store=store)
    first = objects("ls", "--json", store=store)[0]["trajectory"]
    done("fork", f"{first}@20", "--seed", "4", store=store)
    return store


@pytest.fixture
def own(made: Path, tmp_path: Path) -> Path:
    """A copy to change."""
    shutil.copytree(made, tmp_path / "runs")
    return tmp_path / "runs"


def names(store: Path) -> list[str]:
    """Of all trajectories."""
    return [line["trajectory"] for line in objects("ls", "--json", store=store)]


def test_a_sealed_store_serves_every_command(own: Path) -> None:
    """It is a third of what it was or less; reading, replaying, verifying, forking and
    exporting go on, and a second time there is nothing to seal.
    """
    before = done("show", names(own)[0], store=own)
    assert "nothing to seal; --all" in done("log", "seal", store=own)
    (told,) = objects("log", "seal", "--all", "--json", store=own)
    assert told["segments"] == 1
    assert told["left"] == {}
    assert told["sealed_bytes"] * 3 < told["plain_bytes"]
    assert [p.name for p in (own / "segments").iterdir()] == ["0-00000001.sealed"]
    assert done("show", names(own)[0], store=own) == before
    done("verify", store=own)
    done("replay", "--all", store=own)
    done("fork", f"{names(own)[1]}@9", "--seed", "5", store=own)
    done("export", "messages", "-o", str(own.parent / "rows.jsonl"), store=own)
    assert "1 segment sealed" in done("log", "seal", "--all", store=own)


def test_a_redaction_shows_where_it_was_and_why(own: Path) -> None:
    """The transcript marks it, the events say why, replay calls it unverifiable, the
    other trajectories count as ever; nothing can go on after it, but before it.
    """
    first = names(own)[0]
    fork = f"{first}.1"
    (event,) = [
        line
        for line in objects("show", first, "--as", "events", "--json", store=own)
        if line["position"] == 9
    ]
    text = event["payload"]["text"]
    page = done("log", "redact", f"{first}@9", "--why", "a name", store=own)
    assert "1 payload taken out, with" in page
    shown = done("show", first, store=own)
    assert text not in shown
    assert "redacted at 9" in shown
    assert " 9  user.messaged was redacted" in shown
    assert "redacted: a name" in done("show", first, "--as", "events", store=own)
    (report,) = objects("replay", "--all", "--json", store=own)
    assert report["failed"] == 0
    assert [each["position"] for each in report["unverifiable"]] == [9, 9]
    assert f"{fork}: unverifiable, redacted at 9" in done("replay", fork, store=own)
    done("verify", store=own)
    refused = call("fork", f"{first}@30", store=own)
    assert refused.returncode == 1
    assert "position 9 was redacted" in refused.stderr.splitlines()[-1]
    done("fork", f"{first}@6", "--seed", "1", store=own)
    stats = call("stats", "--json", store=own)
    assert f"{first} is left out: it was redacted" in stats.stderr
    (exported,) = objects(
        "export", "messages", "--json", "-o", str(own.parent / "r.jsonl"), store=own
    )
    assert text not in (own.parent / "r.jsonl").read_text("utf-8")
    assert exported["passed_over"] >= 1


def test_a_redaction_reaches_a_bundle(own: Path) -> None:
    """One that was written before is named, and replays as far as it can be proven."""
    first = names(own)[0]
    bundle = own.parent / "b.jsonl"
    done("export", "bundle", first, "-o", str(bundle), store=own)
    page = done(
        "log", "redact", f"{first}@9", "--why", "x", "--bundle", str(bundle), store=own
    )
    assert f"{bundle}: " in page
    assert "unverifiable, redacted at 9" in done("replay", str(bundle))


def test_what_cannot_be_redacted_is_refused(own: Path) -> None:
    """No position, a root, no reason: one line each, and nothing is changed."""
    first = names(own)[0]
    before = (own / "segments" / "0-00000001.jsonl").read_bytes()
    for arguments, line in (
        ((first, "--why", "x"), f"which event of {first}?"),
        ((f"{first}@0", "--why", "x"), "begins a stream"),
        ((f"{first}@9",), "Missing option '--why'"),
        ((f"{first}@999", "--why", "x"), "there is no position 999"),
    ):
        refused = call("log", "redact", *arguments, store=own)
        assert refused.returncode != 0
        assert line in refused.stderr.splitlines()[-1]
    assert (own / "segments" / "0-00000001.jsonl").read_bytes() == before


def test_pruned_trajectories_do_not_come_back(own: Path) -> None:
    """They are listed before, gone after, and not made again by a resumed run."""
    first = names(own)[0]
    refused = call("log", "prune", first, "--why", "x", store=own)
    assert f"{first}.1 is a fork of {first}" in refused.stderr
    assert "--forks" in refused.stderr
    planned = done("log", "prune", first, "--forks", "--dry-run", store=own)
    assert [line.split()[0] for line in planned.splitlines()] == [first, f"{first}.1"]
    assert len(names(own)) == 5
    page = done("log", "prune", first, "--forks", "--why", "not wanted", store=own)
    assert "2 trajectories deleted" in page
    assert len(names(own)) == 3
    assert "nothing is left to do" in call("resume", store=own).stderr
    done("verify", store=own)
    done("replay", "--all", store=own)
    assert len(names(own)) == 3


def test_a_run_is_pruned_with_all_that_was_made_for_it(own: Path) -> None:
    """Its trajectories, forks, preparations and blobs; why, stays."""
    run = objects("ls", "--json", store=own)[0]["run"]
    assert call("log", "prune", "--run", run, store=own).returncode == 2
    page = done("log", "prune", "--run", run, "--why", "all of it", store=own)
    assert "5 trajectories deleted" in page
    assert names(own) == []
    assert list((own / "blobs").iterdir()) == []
    assert b"all of it" in (own / "segments" / "0-00000001.jsonl").read_bytes()
    done("verify", store=own)
    assert "0 blobs collected" in done("log", "prune", store=own)
    done("run", "--domain", "library", "-n", "1", "--seed", "3", store=own)
    assert len(names(own)) == 1
