"""`eventsim init`: a file to begin from."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import call


def test_it_writes_a_file_that_plan_and_run_take(tmp_path: Path) -> None:
    """Under the name that both read, and what it says next are calls of theirs."""
    written = call("init", cwd=tmp_path)
    assert written.returncode == 0
    assert "eventsim plan\n" in written.stdout
    assert "eventsim run\n" in written.stdout
    planned = call("plan", "--json", cwd=tmp_path)
    assert planned.returncode == 0, planned.stderr
    settings = json.loads(planned.stdout)["settings"]
    assert not [each for each in settings if each["origin"]]


def test_a_file_of_another_name_is_named_in_what_to_do_next(tmp_path: Path) -> None:
    """Quoted where a shell would part it."""
    written = call("init", "my run.yaml", cwd=tmp_path)
    assert "eventsim plan --config 'my run.yaml'" in written.stdout
    assert (tmp_path / "my run.yaml").exists()


def test_a_file_that_is_there_is_kept_unless_forced(tmp_path: Path) -> None:
    """It may hold a day's work."""
    file = tmp_path / "eventsim.yaml"
    file.write_text("count: 3\n")
    refused = call("init", cwd=tmp_path)
    assert refused.returncode == 2
    assert refused.stderr == (
        "eventsim: eventsim.yaml is there already; name another file, or write over "
        "it with --force\n"
    )
    assert file.read_text() == "count: 3\n"
    forced = call("init", "--force", "--json", cwd=tmp_path)
    assert json.loads(forced.stdout) == {"file": "eventsim.yaml"}
    assert file.read_text().startswith("# The configuration")


def test_a_place_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    """With its name."""
    refused = call("init", "nowhere/eventsim.yaml", cwd=tmp_path)
    assert refused.returncode == 1
    assert refused.stderr.startswith("eventsim: nowhere/eventsim.yaml: there is no")
    assert len(refused.stderr.splitlines()) == 1
