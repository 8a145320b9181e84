"""`export`: rows that trainers read, and where each comes from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Grown, done, objects


def rows(file: Path) -> list[dict[str, Any]]:
    """The rows of a JSONL file."""
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_only_valid_trajectories_are_exported(made: Path, tmp_path: Path) -> None:
    """Unless all are asked for; `--whole` leaves out beginnings."""
    lines = objects("ls", "--json", store=made)
    valid = [line["trajectory"] for line in lines if line["verdict"] == "valid"]
    few, many = tmp_path / "few.jsonl", tmp_path / "many.jsonl"
    (found,) = objects("export", "messages", "--whole", "-o", few, "--json", store=made)
    assert (found["rows"], found["passed_over"]) == (len(valid), 4 - len(valid))
    done("export", "messages", "--all", "-o", many, store=made)
    assert len(rows(many)) == 4
    entries = rows(tmp_path / "few.jsonl.manifest.jsonl")
    assert [entry["trajectory"] for entry in entries] == valid


def test_a_failed_task_does_not_spoil_those_before_it(tmp_path: Path) -> None:
    """Of an invalid trajectory the row ends with its last task before the first that
    failed, is a beginning of the whole one, and says so in the manifest.
    """
    store, few, many = tmp_path / "s", tmp_path / "few.jsonl", tmp_path / "many.jsonl"
    done("run", "-n", "12", "--tasks", "3", "--seed", "4", store=store)
    (found,) = objects("export", "messages", "-o", few, "--json", store=store)
    done("export", "messages", "--all", "-o", many, store=store)
    whole = {
        entry["trajectory"]: (entry, row["messages"])
        for entry, row in zip(
            rows(tmp_path / "many.jsonl.manifest.jsonl"), rows(many), strict=True
        )
    }
    cut = 0
    for entry, row in zip(
        rows(tmp_path / "few.jsonl.manifest.jsonl"), rows(few), strict=True
    ):
        assert entry["verdict"] == "valid"
        assert {verdict["judgment"] for verdict in entry["verdicts"]} == {"valid"}
        of, messages = whole[entry["trajectory"]]
        if entry["beginning_of"] is None:
            assert row["messages"] == messages
            continue
        cut += 1
        assert entry["beginning_of"]["verdict"] == of["verdict"] == "invalid"
        assert 0 < len(entry["verdicts"]) < len(of["verdicts"])
        assert row["messages"] == messages[: len(row["messages"])] != messages
        assert row["messages"][-1]["role"] == "assistant"
    assert cut == found["beginnings"] > 0


@pytest.mark.parametrize("form", ["object", "string"])
def test_rows_are_chat_messages_with_tools(
    made: Path, tmp_path: Path, form: str
) -> None:
    """System first, an answer last; every result answers a call by its id; arguments
    are in the form that was asked for; nothing but what trainers know.
    """
    file = tmp_path / "out.jsonl"
    done("export", "messages", "--all", "--arguments", form, "-o", file, store=made)
    for row in rows(file):
        assert row.keys() == {"messages", "tools"}
        offered = {tool["function"]["name"] for tool in row["tools"]}
        messages = row["messages"]
        assert messages[0]["role"] == "system"
        assert messages[1]["role"] == "user"
        assert messages[-1]["role"] == "assistant"
        waiting: list[str] = []
        for message in messages:
            for call in message.get("tool_calls", ()):
                arguments = call["function"]["arguments"]
                assert isinstance(arguments, dict if form == "object" else str)
                assert call["function"]["name"] in offered
                waiting.append(call["id"])
            if message["role"] == "tool":
                assert message["tool_call_id"] == waiting.pop(0)
                assert isinstance(message["content"], str)
        assert waiting == []


def test_a_manifest_leads_back_to_the_log(grown: Grown, tmp_path: Path) -> None:
    """Streams, versions and the head's hash are those of the store; a fork's path
    goes through its parent.
    """
    store = grown.store
    file = tmp_path / "out.jsonl"
    done("export", "messages", "--all", "--forks", "-o", file, store=store)
    entries = rows(tmp_path / "out.jsonl.manifest.jsonl")
    listed = {line["trajectory"]: line for line in objects("ls", "--json", store=store)}
    assert [entry["row"] for entry in entries] == list(range(5))
    assert len(rows(file)) == 5
    for entry in entries:
        line = listed[entry["trajectory"]]
        assert entry["head"] == line["hash"]
        assert entry["path"][-1]["stream"] == line["stream"]
        assert entry["path"][-1]["last"] == line["version"]
        assert entry["verdict"] == line["verdict"]
        assert {"models", "prompts", "verdicts", "configuration"} <= entry.keys()
    of_fork = next(e for e in entries if e["trajectory"] == grown.fork)
    assert [span["stream"] for span in of_fork["path"]] == [
        listed[grown.parent]["stream"],
        listed[grown.fork]["stream"],
    ]
    assert of_fork["path"][0]["last"] == grown.position + 1
