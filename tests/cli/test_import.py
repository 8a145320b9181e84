"""`eventsim import`, `run --from` and back out again, as a user would call them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.cli.conftest import call, done, objects
from tests.exchange.rows import QUESTION, ROWS


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Three rows, one of them bad."""
    rows = [{**ROWS["messages"], "uuid": "u-1"}, {"messages": []}, ROWS["openai"]]
    path = tmp_path / "old.jsonl"
    path.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    return path


def test_what_is_imported_is_told_and_can_be_read(file: Path, tmp_path: Path) -> None:
    """Rows, rejections with reasons, what was kept beside; and a transcript."""
    store = tmp_path / "runs"
    page = done("import", "messages", file, "--licence", "MIT", store=store)
    assert "2 of 3 rows of old.jsonl imported" in page
    assert "row 2: the row has no messages" in page
    assert "/uuid  in 1 row" in page
    listed = objects("ls", "--json", store=store)
    assert [line["status"] for line in listed] == ["imported", "imported"]
    label = listed[0]["trajectory"]
    shown = done("show", label, store=store)
    assert "imported, row 1" in shown
    assert "User       Weather in Oslo?" in shown
    assert "→ get_weather" in shown
    told = done("audit", f"{label}@1", store=store)
    assert "a file: this was imported, not generated" in told
    (again,) = objects("import", "messages", file, "--json", store=store)
    assert (again["imported"], again["existing"]) == (0, 2)


def test_what_comes_through_a_pipe_is_imported(file: Path, tmp_path: Path) -> None:
    """By its own name or as `-`; it can be read once only, and nothing is lost."""
    store = tmp_path / "runs"
    for name in ("-", "/dev/stdin"):
        made = subprocess.run(
            [sys.executable, "-m", "eventsim", "import", "messages", name],
            input=file.read_bytes(),
            env={**os.environ, "EVENTSIM_STORE": str(store)},
            capture_output=True,
            check=True,
        )
        assert b"of 3 rows of stdin imported" in made.stdout
    assert b"2 were there already" in made.stdout
    empty = subprocess.run(
        [sys.executable, "-m", "eventsim", "import", "messages", "-"],
        input=b"",
        env={**os.environ, "EVENTSIM_STORE": str(store)},
        capture_output=True,
        check=False,
    )
    assert (empty.returncode, empty.stdout) == (1, b"")
    assert b"is empty" in empty.stderr


def test_no_rows_are_an_error_of_one_line(tmp_path: Path) -> None:
    """An array that holds nothing; nothing is begun."""
    path, store = tmp_path / "none.json", tmp_path / "runs"
    path.write_bytes(b"[ ]")
    result = call("import", "messages", path, store=store)
    assert result.returncode == 1
    assert "none.json holds no rows; nothing was imported" in result.stderr


def test_the_report_names_lines_limits_and_each_row(tmp_path: Path) -> None:
    """The line of an editor where blank lines are none; a first row that is there."""
    path, store = tmp_path / "old.jsonl", tmp_path / "runs"
    good = orjson.dumps({**ROWS["messages"], "uuid": "u"})
    path.write_bytes(b"nonsense\n\n" + good + b"\n\n{}\n" + good)
    page = done("import", "messages", path, "--limit", "3", store=store)
    assert "3 rows were read, as --limit says, and the rest was left" in page
    assert "row 1: it is no JSON" in page
    assert "row 3 (line 5): the row has no messages" in page
    assert "--json lists both for each row" in page
    label = page.partition(":")[0]
    assert f"run --from {label}-2" in page
    (told,) = objects("import", "messages", path, "--json", store=store)
    assert told["by_row"] == [
        {"row": 2, "kept": ["/uuid"], "notes": []},
        {"row": 4, "kept": ["/uuid"], "notes": []},
    ]
    assert told["rejected"][1]["line"] == 5
    assert (told["imported"], told["existing"], told["whole"]) == (1, 1, True)


def test_an_import_comes_out_as_it_went_in(file: Path, tmp_path: Path) -> None:
    """The good rows, with a manifest that names file, row and licence."""
    store, out = tmp_path / "runs", tmp_path / "out.jsonl"
    done("import", "messages", file, "--licence", "MIT", store=store)
    done("export", "messages", "-o", out, store=store)
    rows = [orjson.loads(line) for line in out.read_bytes().splitlines()]
    assert rows == [{**ROWS["messages"], "uuid": "u-1"}, ROWS["openai"]]
    manifest = (tmp_path / "out.jsonl.manifest.jsonl").read_bytes().splitlines()
    first = orjson.loads(manifest[0])
    assert first["imported"]["file"] == "old.jsonl"
    assert first["imported"]["licence"] == "MIT"
    assert first["imported"]["row"] == 1
    assert first["models"] == {}
    done("replay", "--all", store=store)
    done("verify", store=store)


def test_rows_of_a_benchmark_are_exported_only_when_asked_for(tmp_path: Path) -> None:
    """Forks of them too."""
    store, out = tmp_path / "runs", tmp_path / "out.jsonl"
    path = tmp_path / "q.json"
    path.write_bytes(orjson.dumps(QUESTION))
    done("import", "bfcl", path, store=store)
    label = objects("ls", "--json", store=store)[0]["trajectory"]
    done("run", "--from", label, "--seed", "1", store=store)
    page = done("export", "messages", "--all", "--forks", "-o", out, store=store)
    assert "0 rows" in page
    assert "2 left out, of a benchmark" in page
    rows = ("--benchmarks", "--run", label.partition("-")[0])
    page = done("export", "bfcl", *rows, "-o", out, store=store)
    assert orjson.loads(out.read_bytes().splitlines()[0]) == QUESTION


def test_a_run_goes_on_from_a_file_in_one_command(file: Path, tmp_path: Path) -> None:
    """The format is told by the first row; all that could be imported goes on."""
    store = tmp_path / "runs"
    (told,) = objects("run", "--from-file", file, "--seed", "3", "--json", store=store)
    assert (told["started"], told["unfinished"]) == (2, 0)
    page = done("replay", "--all", store=store)
    assert "all as recorded" in page


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--from", "nobody"], "no trajectory is called 'nobody'"),
        (["--from", "T", "--from-file", "pyproject.toml"], "exclude each other"),
        (["--format", "messages"], "belong to --from-file"),
        (["--from", "T@99"], "there is no position 99"),
        (["--from", "T", "--pipeline", "user-oriented+execution"], "has no database"),
    ],
)
def test_what_makes_no_sense_is_one_line(
    file: Path, tmp_path: Path, arguments: list[str], why: str
) -> None:
    """And nothing is begun."""
    store = tmp_path / "runs"
    done("import", "messages", file, store=store)
    before = len(objects("ls", "--json", store=store))
    label = objects("ls", "--json", store=store)[0]["trajectory"]
    named = [a.replace("T", label) if a[0] == "T" else a for a in arguments]
    result = call("run", *named, "--seed", "1", store=store)
    assert result.returncode in (1, 2)
    assert why in result.stderr
    assert "Traceback" not in result.stderr
    assert len(objects("ls", "--json", store=store)) == before


def test_a_bundle_is_taken_over_as_it_is(tmp_path: Path) -> None:
    """Shown, replayed and forked there; the rest of its run is left where it began."""
    store, other, file = tmp_path / "runs", tmp_path / "other", tmp_path / "b.jsonl"
    done("run", "--domain", "clinic", "-n", "2", "--tasks", "1", store=store)
    label = objects("ls", "--json", store=store)[0]["trajectory"]
    done("export", "bundle", label, "-o", file, store=store)
    page = done("import", "bundle", file, store=other)
    assert f"{label}: " in page
    assert "taken over as they are" in page
    assert "was here already" in done("import", "bundle", file, store=other)
    assert done("show", label, store=other) == done("show", label, store=store)
    done("replay", "--all", "--execute", store=other)
    done("resume", "--all", store=other)
    assert [one["trajectory"] for one in objects("ls", "--json", store=other)] == [
        label
    ]
    done("fork", f"{label}@u1", "--seed", "3", store=other)
    done("verify", store=other)
    refused = call("import", "bundle", file, "--licence", "MIT", store=other)
    assert "--licence" in refused.stderr
    file.write_bytes(file.read_bytes()[:-40])
    cut = call("import", "bundle", file, store=other)
    assert "is cut" in cut.stderr
