"""What `show`, `audit` and `stats` say of what was not generated here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from eventsim.cli import progress
from tests.cli.conftest import done, objects
from tests.exchange.rows import QUESTION, ROWS


def events(store: Path, trajectory: str) -> list[dict[str, Any]]:
    """Kinds with positions and payloads."""
    return objects("show", trajectory, "--as", "events", "--json", store=store)


def positions(store: Path, trajectory: str, kind: str) -> list[int]:
    """Where events of a kind stand."""
    found = events(store, trajectory)
    return [line["position"] for line in found if line["kind"] == kind]


def imported(store: Path, path: Path, *arguments: str) -> str:
    """The first trajectory of a file of one row, imported."""
    path.write_bytes(orjson.dumps({**ROWS["messages"], "uuid": "u-1"}))
    done("import", "messages", path, *arguments, store=store)
    return str(objects("ls", "--json", store=store)[0]["trajectory"])


# --- edits --------------------------------------------------------------------------


def test_each_edited_message_is_marked_and_the_header_sums_up(
    own: Path, first: str
) -> None:
    """Whose it is and how it came; where copies begin and end; on which positions."""
    users = positions(own, first, "user.messaged")
    result = positions(own, first, "tool.returned")[0]
    assert users[0] < result < users[1]
    done(
        "fork", f"{first}@{users[1]}", "--seed", "1",
        "--replace", f"{users[0]}=Good day.",
        "--replace", f'{result}={{"rows":[],"more":false}}',
        "--insert", f"{users[1]}=assistant:One moment.",
        store=own,
    )  # fmt: skip
    page = done("show", f"{first}.1", store=own)
    assert "Person" not in page
    assert "User (edited) Good day." in page
    assert "(edited) ← no rows" in page
    assert "Assistant (edited) One moment." in page
    assert page.count("taken over as it was, from here on") == 1
    assert page.count("generated, from here on") == 1
    by = {
        line["position"]: line["payload"].get("by")
        for line in events(own, f"{first}.1")
        if line["kind"] in ("user.messaged", "assistant.replied", "tool.returned")
    }
    user, tool, said = [position for position, how in by.items() if how == "edit"]
    assert f"edited: replaced @{user}, @{tool}; inserted @{said}\n" in page


def test_what_was_dropped_is_told_by_the_parents_path(own: Path, first: str) -> None:
    """Positions of the parent, for here there is nothing."""
    users = positions(own, first, "user.messaged")
    dropped = positions(own, first, "assistant.replied")[0]
    assert users[0] < dropped < users[1]
    done("fork", f"{first}@{users[1]}", "--drop", dropped, "--seed", "1", store=own)
    page = done("show", f"{first}.1", store=own)
    assert f"edited: dropped of its parent @{dropped}" in page
    there = f"{first}.1@{positions(own, f'{first}.1', 'user.messaged')[-1]}"
    done("log", "redact", there, "--why", "test", store=own)
    assert "dropped" not in done("show", f"{first}.1", store=own)


def test_tools_policy_clock_persona_and_model_are_told(
    own: Path, first: str, tmp_path: Path
) -> None:
    """In the header's one line; a fork of that fork, which only goes on, has none."""
    policy = tmp_path / "policy.txt"
    policy.write_text("Be kind.")
    (mounted,) = [e for e in events(own, first) if e["kind"] == "toolset.mounted"]
    tool = mounted["payload"]["names"][0]
    done(
        "fork", f"{first}@u1", "--seed", "1", "--policy", policy,
        "--clock", "2031-05-06T07:08:09Z", "--persona", "in a great hurry",
        "--without-tool", tool, "--set", "flaws.needless_question=0.5", store=own,
    )  # fmt: skip
    page = done("show", f"{first}.1", store=own)
    (line,) = [line for line in page.splitlines() if line.startswith("edited: ")]
    for part in (
        "persona in a great hurry",
        "policy",
        f"tool left out: {tool}",
        "clock 2031-05-06T07:08:09Z",
        "settings: flaws",
    ):
        assert part in line
    done("fork", f"{first}.1@u1", "--seed", "1", store=own)
    assert "edited: " not in done("show", f"{first}.1.1", store=own)


def test_each_assignment_has_its_own_title_and_objectives(
    own: Path, first: str
) -> None:
    """After another task was given, the first one still says what it was."""
    before = done("show", first, store=own)
    heading = next(line for line in before.splitlines() if "── Task 1: " in line)
    objective = next(line for line in before.splitlines() if " 1. " in line)
    done("fork", f"{first}@u1", "--task", "Find a lost kite", "--seed", "1", store=own)
    page = done("show", f"{first}.1", store=own)
    old, new = page.split("── Task 1 (edited): Find a lost kite ")
    assert heading in old
    assert objective.strip() in old
    assert "kite" not in old.split("edited: ")[1].split("\n", 1)[1]
    assert "1. find a lost kite" in new
    assert objective.strip() not in new


def test_of_many_siblings_a_few_are_named(own: Path, first: str) -> None:
    """And how many more there are."""
    done("fork", f"{first}@u1", "-n", "6", "--seed", "1", store=own)
    page = done("show", first, store=own)
    names = ", ".join(f"{first}.{number}" for number in range(1, 5))
    assert f"├─ {names} and 2 more leave here" in page


# --- imports ------------------------------------------------------------------------


def test_an_imported_message_names_its_file(tmp_path: Path) -> None:
    """File, row, digest, format and licence; the import is no run, its tools no
    tasks.
    """
    store = tmp_path / "runs"
    label = imported(store, tmp_path / "old.jsonl", "--licence", "MIT")
    page = done("audit", f"{label}@1", store=store)
    assert "imported   from old.jsonl, row 1 (u-1), format messages" in page
    assert "licence    MIT" in page
    assert "benchmark" not in page
    assert "masked" not in page
    (found,) = objects("audit", f"{label}@1", "--json", store=store)
    assert found["imported"]["file_sha256"] in page
    assert [c["what"] for c in found["causes"][-2:]] == ["import", "tools"]
    shown = done("show", label, store=store)
    assert shown.startswith(f"{label}  old.jsonl\nimported, row 1 · 0 tasks")
    assert " 0  imported, from here on" in shown


def test_a_benchmark_and_a_mask_are_named(tmp_path: Path) -> None:
    """By whoever audits what was imported so."""
    pytest.importorskip("phonenumbers")
    path = tmp_path / "q.json"
    path.write_bytes(orjson.dumps(QUESTION))
    store = tmp_path / "runs"
    done("import", "bfcl", path, "--mask-pii", store=store)
    label = objects("ls", "--json", store=store)[0]["trajectory"]
    page = done("audit", f"{label}@0", store=store)
    assert "no training data" in page
    assert "masked     email, " in page


def test_a_run_from_an_import_says_what_it_goes_on_from(tmp_path: Path) -> None:
    """The file, and what the run adds; imported and generated parts are told apart."""
    store = tmp_path / "runs"
    label = imported(store, tmp_path / "old.jsonl")
    page = done("run", "--from", label, "--seed", "1", store=store)
    assert f"1 trajectory going on from {label} (old.jsonl) · seed 1" in page
    shown = done("show", store=store)
    assert "  old.jsonl\n" in shown
    assert "1 task added" in shown
    assert shown.index("imported, from here on") < shown.index("begins here")
    assert shown.index("begins here") < shown.index("generated, from here on")


def test_statistics_count_imports_apart(tmp_path: Path) -> None:
    """With nothing else they say so, and all is well."""
    store = tmp_path / "runs"
    label = imported(store, tmp_path / "old.jsonl")
    page = done("stats", store=store)
    assert page == "1 imported dialogue, nothing generated yet\n"
    (found,) = objects("stats", "--json", store=store)
    assert (found["imported"], found["trajectories"]) == (1, 0)
    done("run", "--from", label, "--seed", "1", store=store)
    page = done("stats", store=store)
    assert page.startswith("1 trajectory\nand 1 imported dialogue, not counted below\n")


def test_a_long_text_is_shortened_before_it_is_laid_out(tmp_path: Path) -> None:
    """What is left out is counted; `--whole` shows it."""
    store, path = tmp_path / "runs", tmp_path / "long.jsonl"
    text = "word " * 200_000
    messages = [
        {"role": "user", "content": text},
        {"role": "assistant", "content": "No."},
    ]
    path.write_bytes(orjson.dumps({"messages": messages}))
    done("import", "messages", path, store=store)
    page = done("show", store=store)
    assert "[… 992,000 characters left out; --whole shows all …]" in page
    assert len(page) < 20_000
    assert page.endswith("Assistant  No.\n")
    whole = done("show", "--whole", store=store)
    assert whole.count("word") == 200_000


# --- progress -----------------------------------------------------------------------


def test_progress_without_a_total_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bare number would mean nothing."""
    monkeypatch.setattr(progress, "_LINE_EVERY_S", 0.0)
    with progress.Bar("talegi-2", 0) as bar:
        bar.advance()
    with progress.Bar("talegi", 2) as bar:
        bar.advance("1 valid")
    assert capsys.readouterr().err == "talegi-2: 1 so far\ntalegi: 1 of 2  1 valid\n"
