"""Whatever is wrong: one clear line on stderr, the right exit code, nothing lost."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import call, done, objects


def refused(*arguments: object, code: int, store: Path | None = None) -> str:
    """The one line that the command says when it refuses."""
    result = call(*arguments, store=store)
    assert result.returncode == code, result.stderr
    assert result.stdout == ""
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("eventsim: ")
    assert "internal error" not in lines[0]
    return lines[0]


def _database(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path)) as con:
        for statement in statements:
            con.execute(statement)
        con.commit()
    return path


def _bad_file(path: Path, what: str) -> Path:
    if what == "empty":
        path.write_bytes(b"")
    elif what == "encrypted":
        path.write_bytes(os.urandom(8192))
    elif what == "text":
        path.write_text("id,name\n1,Ana\n")
    elif what == "tableless":
        _database(path, "PRAGMA user_version = 3")
    elif what in ("cut", "corrupt"):
        rows = "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900)"
        _database(
            path,
            "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT)",
            f"INSERT INTO item {rows} SELECT i, hex(randomblob(40)) FROM n",
        )
        data = path.read_bytes()
        cut = data[:9000] if what == "cut" else data[:4096] + os.urandom(8192)
        path.write_bytes(cut if what == "cut" else cut + data[12288:])
    return path


@pytest.mark.parametrize(
    ("command", "what"),
    [
        ("run", "missing"),
        ("run", "encrypted"),
        ("run", "corrupt"),
        ("run", "tableless"),
        ("tools", "empty"),
        ("tools", "text"),
        ("tools", "cut"),
    ],
)
def test_an_unusable_database_is_named(tmp_path: Path, command: str, what: str) -> None:
    """Which file, and no store comes into being."""
    file = _bad_file(tmp_path / f"{what}.db", what)
    line = refused(command, "--db", file, code=1, store=tmp_path / "store")
    assert f"{what}.db" in line
    assert not (tmp_path / "store").exists()


def test_a_directory_is_no_database(tmp_path: Path) -> None:
    """Said as such."""
    assert "directory" in refused("tools", "--db", tmp_path, code=1)


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "-n", "-3"],
        ["run", "--db", "a.db", "--domain", "outdoor"],
        ["run", "--domain", "nowhere"],
        ["run", "extra"],
        ["show", "--as", "poem"],
        ["tools"],
        ["fork"],
        ["resume", "x", "--all"],
        ["replay", "x", "--all"],
        ["export", "messages"],
        ["swho"],
    ],
)
def test_wrong_usage_exits_with_2(tmp_path: Path, arguments: list[str]) -> None:
    """And leaves no store behind."""
    refused(*arguments, code=2, store=tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_a_place_that_cannot_be_read_is_wrong_usage(made: Path, first: str) -> None:
    """The line shows how places are written."""
    assert f"{first}@u3" in refused("show", f"{first}@x", code=2, store=made)
    assert f"{first}@" in refused("fork", first, code=2, store=made)


def test_an_unknown_trajectory_is_answered_with_close_ones(
    made: Path, first: str
) -> None:
    """A letter is missing."""
    assert first in refused("show", first[0] + first[2:], code=1, store=made)


@pytest.mark.parametrize(
    ("command", "place"), [("show", "9999"), ("audit", "-9999"), ("fork", "u99")]
)
def test_an_unknown_position_is_answered_with_those_that_exist(
    made: Path, first: str, command: str, place: str
) -> None:
    """The range is named, and nothing is written."""
    before = [file.read_bytes() for file in (made / "segments").iterdir()]
    line = refused(command, f"{first}@{place}", code=1, store=made)
    assert first in line
    assert " to " in line
    assert [file.read_bytes() for file in (made / "segments").iterdir()] == before


@pytest.mark.parametrize(
    "arguments", [["ls"], ["replay", "--all"], ["resume"], ["fork", "a@1"]]
)
def test_a_store_that_is_not_there_is_not_made(
    tmp_path: Path, arguments: list[str]
) -> None:
    """Only `run` makes stores."""
    line = refused(*arguments, code=1, store=tmp_path / "nowhere")
    assert "nowhere" in line
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("command", ["ls", "run"])
def test_a_directory_of_other_things_is_no_store(tmp_path: Path, command: str) -> None:
    """It is left as it was."""
    (tmp_path / "letter.txt").write_text("hello")
    refused(command, code=1, store=tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["letter.txt"]


def test_a_file_is_no_store(tmp_path: Path) -> None:
    """Said as such."""
    (tmp_path / "store").write_text("hello")
    assert "file" in refused("ls", code=1, store=tmp_path / "store")


@pytest.mark.parametrize("command", ["ls", "run"])
def test_a_store_of_a_newer_format_asks_for_a_newer_release(
    own: Path, command: str
) -> None:
    """Both formats are named."""
    marker = own / "store.json"
    fields = json.loads(marker.read_text())
    marker.write_text(json.dumps({**fields, "major": 9}))
    assert "9" in refused(command, code=1, store=own)


def test_a_bundle_cut_in_the_middle_is_refused(
    made: Path, first: str, tmp_path: Path
) -> None:
    """At the file, as cut."""
    bundle = tmp_path / "one.jsonl"
    done("export", "bundle", first, "-o", bundle, store=made)
    bundle.write_bytes(bundle.read_bytes()[:-2000])
    assert "one.jsonl" in refused("replay", bundle, code=1)


def test_a_bundle_that_is_not_there_is_named(tmp_path: Path) -> None:
    """And is not looked for in the store."""
    assert "gone.jsonl" in refused("replay", tmp_path / "gone.jsonl", code=1)


def limited(size: int, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run `eventsim` where no file may grow past `size` bytes: a disk that is full."""
    script = (
        "import resource, runpy, sys\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))\n"
        "runpy.run_module('eventsim', run_name='__main__', alter_sys=True)\n"
    )
    # -B: a module's cache file, cut at the limit, would break every later import.
    return subprocess.run(
        [sys.executable, "-B", "-c", script, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_full_disk_is_named_and_leaves_no_half_export(
    made: Path, tmp_path: Path
) -> None:
    """An older export stays as it was."""
    target = tmp_path / "out.jsonl"
    target.write_text("older\n")
    result = limited(2000, "export", "messages", "--all", "-o", target, "--store", made)
    assert result.returncode == 1
    assert "out.jsonl" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["out.jsonl"]
    assert target.read_text() == "older\n"


def test_a_disk_that_fills_up_stops_a_run_and_loses_nothing(tmp_path: Path) -> None:
    """What was acknowledged is whole, and `resume` brings it to its end."""
    store = tmp_path / "store"
    plan = ("--domain", "library", "-n", "12", "--seed", "3", "--json")
    result = limited(300_000, "run", *plan, "--store", store)
    assert result.returncode == 1, result.stderr
    assert "Traceback" not in result.stderr
    assert "internal error" not in result.stderr
    (summary,) = objects("resume", "--json", store=store)
    assert summary["ended"] == 12
    assert summary["unfinished"] == 0
    assert objects("verify", "--json", store=store)[0]["failed"] == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_store_can_be_read_and_not_written(own: Path, first: str) -> None:
    """Reading needs no permission to write."""
    own.chmod(0o555)
    for folder in own.rglob("*"):
        folder.chmod(0o555 if folder.is_dir() else 0o444)
    try:
        done("show", first, store=own)
        refused("fork", f"{first}@8", code=1, store=own)
    finally:
        own.chmod(0o755)
        for folder in own.rglob("*"):
            folder.chmod(0o755)


def test_a_store_where_nothing_can_be_made_is_refused(tmp_path: Path) -> None:
    """A part of its path is a file."""
    (tmp_path / "file").write_text("")
    refused("run", "-n", "1", code=1, store=tmp_path / "file" / "store")


@pytest.mark.parametrize("arguments", [["show"], ["show", "--as", "events", "--json"]])
def test_nobody_reading_the_output_is_no_error(
    made: Path, arguments: list[str]
) -> None:
    """A closed pipe is silent."""
    process = subprocess.Popen(
        [sys.executable, "-m", "eventsim", *arguments],
        env={**os.environ, "EVENTSIM_STORE": str(made)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    process.wait()


def test_what_is_damaged_is_named_and_the_rest_stays_readable(
    own: Path, first: str
) -> None:
    """One byte of one message: verify and replay say which, other streams go on."""
    segment = next((own / "segments").glob("*.jsonl"))
    data = segment.read_bytes()
    at = data.index(b'"kind":"assistant.replied/')
    text = data.index(b'"payload":{', at) + len(b'"payload":{"text":"')
    segment.write_bytes(data[:text] + b"#" + data[text + 1 :])
    (own / "catalogue.sqlite").unlink()
    result = call("verify", "--json", store=own)
    assert result.returncode == 1
    report = json.loads(result.stdout)
    assert report["failed"] >= 1
    failure = report["failures"][0]
    assert failure["trajectory"]
    assert failure["position"] is not None
    replayed = call("replay", "--all", "--json", store=own)
    assert replayed.returncode == 1
    found = json.loads(replayed.stdout)
    assert found["checked"] == 4
    assert found["failed"] == 1
    assert found["failures"][0]["trajectory"] == failure["trajectory"]
