"""`eventsim export` of what was imported and gone on with, and what it leaves out."""

from __future__ import annotations

from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.cli.conftest import call, done, objects
from tests.exchange.rows import AROUND, QUESTION, ROWS, SIMULATION
from tests.exchange.test_variants import SYSTEMS


def _imported(store: Path, name: str, *rows: Any) -> Path:
    """A store with these rows."""
    file = store.with_suffix(".jsonl")
    file.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    done("import", name, file, store=store)
    return store


def _exported(store: Path, name: str, *more: str) -> list[Any]:
    out = store.with_name("out.jsonl")
    done("export", name, "--all", *more, "-o", out, store=store)
    return [orjson.loads(line) for line in out.read_bytes().splitlines()]


def _lists(row: Any) -> list[Any]:
    if "responses_create_params" in row:
        return [*row["responses_create_params"]["input"], *row["response"]["output"]]
    return next(row[k] for k in ("messages", "conversations", "steps") if k in row)


@pytest.mark.parametrize("name", list(SYSTEMS))
def test_what_goes_on_from_a_row_begins_with_it(tmp_path: Path, name: str) -> None:
    """With several system prompts, remarks on messages and an odd item in the middle:
    no message is lost, doubled, or changed.
    """
    row = deepcopy(SYSTEMS[name])
    _lists(row)[-1]["weight"] = 0.5
    row["uuid"] = "u-1"
    store = _imported(tmp_path / "runs", name, row)
    label = objects("ls", "--json", store=store)[0]["trajectory"]
    done("run", "--from", label, "--seed", "1", store=store)
    (longer,) = _exported(store, name)  # the row itself stands at its beginning
    run = objects("ls", "--json", store=store)[0]["run"]
    (same,) = _exported(store, name, "--run", run)
    assert same == row
    begin, whole = _lists(row), _lists(longer)
    assert len(whole) > len(begin)
    assert whole[: len(begin)] == begin
    assert "uuid" not in longer
    if name == "messages":
        speakers = [m["role"] for m in whole if m["role"] in ("user", "assistant")]
        assert ("user", "user") not in set(pairwise(speakers))


def test_what_a_format_has_no_place_for_is_counted(tmp_path: Path) -> None:
    """On the page, in the JSON, and in the manifest of each row."""
    thinking = deepcopy(ROWS["messages"])
    thinking["messages"][2]["reasoning_content"] = "I look it up."
    image = {"type": "image_url", "image_url": {"url": "data:,"}}
    thinking["messages"][1]["content"] = [{"type": "text", "text": "Hm?"}, image]
    store = _imported(tmp_path / "runs", "messages", thinking, ROWS["messages"])
    out = tmp_path / "out.jsonl"
    page = done("export", "hermes", "-o", out, store=store)
    assert "reasoning is left out of 1 row\n" in page
    assert "images are left out of 1 row\n" in page
    (told,) = objects("export", "hermes", "-o", out, "--json", store=store)
    assert told["lost"] == {"reasoning": 1, "images": 1}
    manifest = (tmp_path / "out.jsonl.manifest.jsonl").read_bytes().splitlines()
    lost = [orjson.loads(line)["lost"] for line in manifest]
    assert sorted(lost) == [[], ["reasoning", "images"]]
    (told,) = objects("export", "messages", "-o", out, "--json", store=store)
    assert told["lost"] == {}


@pytest.mark.parametrize(
    ("name", "why"), [("bfcl", "answers no question"), ("tau2-tasks", "has no task")]
)
def test_a_dialogue_without_a_question_or_task_is_no_row_of_them(
    tmp_path: Path, name: str, why: str
) -> None:
    """It is refused in one line, and no file is left behind."""
    store = _imported(tmp_path / "runs", "messages", ROWS["messages"])
    out = tmp_path / "out.jsonl"
    result = call("export", name, "-o", out, store=store)
    assert result.returncode == 2
    assert why in result.stderr
    assert not out.exists()


def test_rows_of_two_files_are_not_one_results_file(tmp_path: Path) -> None:
    """Each has surroundings of its own; one run after the other is exported."""
    store = tmp_path / "runs"
    for name, policy in (("a", "You help."), ("b", "You refuse.")):
        around = deepcopy(AROUND["tau2"])
        around["info"]["environment_info"]["policy"] = policy
        file = tmp_path / f"{name}.json"
        file.write_bytes(orjson.dumps({**around, "simulations": [SIMULATION]}))
        done("import", "tau2", file, store=store)
    out = tmp_path / "out.json"
    options = ("export", "tau2", "--benchmarks", "-o", out)
    result = call(*options, store=store)
    assert result.returncode == 2
    assert "a.json, b.json" in result.stderr
    assert "give --run" in result.stderr
    for line in objects("ls", "--json", store=store):
        run = line["trajectory"].rpartition("-")[0]
        done(*options, "--run", run, store=store)
        document = orjson.loads(out.read_bytes())
        assert document["simulations"] == [SIMULATION]


def test_questions_of_a_benchmark_still_come_back(tmp_path: Path) -> None:
    """What is refused is a dialogue that never was one."""
    store = _imported(tmp_path / "runs", "bfcl", QUESTION)
    assert _exported(store, "bfcl", "--benchmarks") == [QUESTION]
