"""Forks where something is different: another clock, tools, messages, task; and what
rests on what.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.cli.conftest import call, done, objects
from tests.exchange.rows import ROWS

CLOCK = "2031-05-06T07:08:09Z"
CUSTOMER = {
    "first_name": "Ada",
    "last_name": "Byron",
    "email": "ada@mail.example",
    "phone": "555 01 1058",
    "city": "Rome",
}
TYPED = f"""\
/call create_customer {json.dumps(CUSTOMER)}
/call create_wishlist_item {{"customer_id":91,"product_id":25}}
Both are there.
/quit
"""


@pytest.fixture(scope="module")
def edited(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that the forks of this module stand in side by side."""
    return Path(shutil.copytree(made, tmp_path_factory.mktemp("edited") / "store"))


@pytest.fixture(scope="module")
def writer(edited: Path) -> str:
    """The trajectory that writes twice: a wishlist item, then a customer."""
    return str(objects("ls", "--json", store=edited)[3]["trajectory"])


@pytest.fixture(scope="module")
def write(edited: Path, writer: str) -> int:
    """Where the result of its first write stands."""
    lines = events(edited, writer)
    return int(next(e["position"] for e in lines if e["payload"].get("changes")))


@pytest.fixture(scope="module")
def typed(edited: Path, writer: str) -> str:
    """A fork where a person made two writes, the second of what the first made."""
    place = f"{writer}@{at(edited, writer, 'user.messaged')[4]}"
    command = ("fork", place, "--play", "assistant", "--seed", "1")
    ran = subprocess.run(
        [sys.executable, "-m", "eventsim", *command],
        input=TYPED,
        env={**os.environ, "EVENTSIM_STORE": str(edited), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    (fork,) = [
        each["trajectory"]
        for each in objects("ls", "--json", store=edited)
        if each["parent"] == writer and each["trajectory"] in ran.stderr
    ]
    return str(fork)


@cache
def events(store: Path, place: str) -> list[dict[str, Any]]:
    """Every event of a path; none of the paths here grows."""
    return objects("show", place, "--as", "events", "--json", store=store)


def at(store: Path, place: str, kind: str) -> list[int]:
    """Where events of a kind stand."""
    return [e["position"] for e in events(store, place) if e["kind"] == kind]


def fork(store: Path, place: object, *options: object) -> str:
    """The one fork of a place; it has ended."""
    (one,) = objects("fork", place, "--seed", "1", *options, "--json", store=store)
    assert one["ended"] is not None
    return str(one["trajectory"])


def database(store: Path, place: str) -> dict[str, Any]:
    """The database at a place: its digest, and what the path changed."""
    (state,) = objects("show", place, "--as", "state", "--json", store=store)
    found: dict[str, Any] = state["environment"]
    return found


def texts(store: Path, place: str, kind: str) -> list[str]:
    """What was said, in order."""
    lines = events(store, place)
    return [e["payload"].get("text", "") for e in lines if e["kind"] == kind]


def sizes(store: Path) -> dict[str, int]:
    """The segments of a store that hold something."""
    files = (store / "segments").iterdir()
    return {file.name: size for file in files if (size := file.stat().st_size)}


def inserted(state: Mapping[str, Any], table: str) -> list[dict[str, Any]]:
    """The rows that a path put into a table."""
    changes = state["net_changes"]
    return [c["new"] for c in changes if c["table"] == table and c["op"] == "insert"]


# --- clock and tools ----------------------------------------------------------------


def test_a_clock_set_after_a_write_leaves_its_date(
    edited: Path, writer: str, write: int
) -> None:
    """What is written from then on has the new one: each write is made again at the
    time that it had.
    """
    other = fork(edited, f"{writer}@{write}", "--clock", CLOCK)
    state = database(edited, other)
    (item,) = inserted(state, "wishlist_items")
    (customer,) = inserted(state, "customers")
    assert not item["date_added"].startswith("2031")
    assert customer["join_date"] == "2031-05-06"


def test_a_clock_set_before_a_write_dates_it(
    edited: Path, writer: str, write: int
) -> None:
    """From the fork on it is that time, at the beginning of the fork too."""
    reply = at(edited, f"{writer}@{write}", "user.messaged")[-1]
    other = fork(edited, f"{writer}@{reply}", "--clock", CLOCK)
    items = inserted(database(edited, other), "wishlist_items")
    assert {item["date_added"] for item in items} == {"2031-05-06"}
    clocks = [e for e in events(edited, other) if e["kind"] == "clock.set"]
    assert [e["payload"]["now"] for e in clocks][1:] == [CLOCK]


def test_without_a_tool_what_it_wrote_stays(
    edited: Path, writer: str, write: int
) -> None:
    """The rows are those of the parent, and the tool is offered no more."""
    place = f"{writer}@{write}"
    before = database(edited, place)
    other = fork(edited, place, "--without-tool", "create_wishlist_item")
    begins = at(edited, other, "trajectory.forked")[-1]
    there = database(edited, f"{other}@{begins}")
    assert there["rows_digest"] == before["rows_digest"]
    assert there["net_changes"] == before["net_changes"] != []
    own = events(edited, other)[begins:]
    (offered,) = [e for e in own if e["kind"] == "toolset.mounted"]
    assert "create_wishlist_item" not in offered["payload"]["names"]
    called = {e["payload"]["name"] for e in own if e["kind"] == "tool.called"}
    assert "create_wishlist_item" not in called


# --- what rests on what -------------------------------------------------------------


def test_a_kept_call_that_rests_on_a_changed_one_is_refused(
    edited: Path, typed: str
) -> None:
    """Dropping the write, or giving it another result: one line, and no fork."""
    first, second, _ = at(edited, typed, "assistant.replied")[-3:]
    result = at(edited, typed, "tool.returned")[-2]
    assert first < result < second
    before = objects("ls", "--json", store=edited)
    for edit in (("--drop", first), ("--replace", f'{result}={{"customer_id":7}}')):
        refused = call("fork", f"{typed}@{second + 3}", "--seed", "1", *edit,
                       store=edited)  # fmt: skip
        assert refused.returncode == 2
        assert len(refused.stderr.splitlines()) == 1
        assert "create_wishlist_item rests on what is changed before it" in (
            refused.stderr
        )
        assert "There is no customer with id 91." in refused.stderr
    assert objects("ls", "--json", store=edited) == before


def test_both_calls_may_be_dropped(edited: Path, typed: str) -> None:
    """Then neither row is there, and what the person said is."""
    first, second, said = at(edited, typed, "assistant.replied")[-3:]
    place = f"{typed}@{said}"
    other = fork(edited, place, "--drop", first, "--drop", second)
    shown = events(edited, other)
    (copied,) = [e for e in shown if e["payload"].get("text") == "Both are there."]
    assert copied["payload"]["by"] == "copy"
    there = database(edited, f"{other}@{copied['position']}")
    assert inserted(there, "customers") == []
    assert len(inserted(there, "wishlist_items")) == 1


# --- where a message may be changed -------------------------------------------------


def test_a_message_may_follow_the_last_one(
    edited: Path, writer: str, write: int
) -> None:
    """At the position after the place; the assistant answers it."""
    place = at(edited, writer, "assistant.replied")
    last = next(position for position in place if position > write)
    words = f"{last + 1}=user:Which wishlist items has the product?"
    other = fork(edited, f"{writer}@{last}", "--insert", words)
    begins = at(edited, other, "trajectory.forked")[-1]
    own = [e for e in events(edited, other) if e["position"] > begins]
    spoken = [e for e in own if e["kind"] in ("user.messaged", "assistant.replied")]
    assert spoken[0]["payload"]["text"] == "Which wishlist items has the product?"
    assert spoken[0]["payload"]["by"] == "edit"
    assert spoken[1]["kind"] == "assistant.replied"


@pytest.mark.parametrize("word", ["u2", "-1", "u-1"])
def test_places_are_said_as_everywhere(edited: Path, writer: str, word: str) -> None:
    """`u2` is the second user message; `-1` the last event before the fork."""
    place = at(edited, writer, "user.messaged")[1]
    other = fork(edited, f"{writer}@{place}", "--replace", f"{word}=Never mind.")
    assert texts(edited, other, "user.messaged")[1] == "Never mind."


@pytest.mark.parametrize(
    ("edits", "why"),
    [
        (["--insert", "{result}=user:Wait"], "stands between a call and its result"),
        (["--insert", "{call}=user:Wait"], "insert before the reply that makes"),
        (["--replace", "{said}="], "give the message some words"),
        (["--insert", "{said}=assistant:  "], "give the message some words"),
        (["--replace", "{said}=a", "--drop", "{said}"], "is changed in two ways"),
        (["--drop", "{result}"], "is the result of a call; drop the reply"),
        (["--replace", "{call}=x"], "only messages and results"),
        (["--insert", "999=user:Wait"], "is after the place where it goes on"),
        (["--task", "..."], "needs some words: what the user wants"),
        (["--without-tool", "nothing"], "no tool is named 'nothing'; the tools are"),
        (["--clock", "noon"], "write one as 2026-03-01T09:30:00Z"),
    ],
)
def test_an_edit_that_makes_no_sense_is_one_line(
    edited: Path, writer: str, write: int, edits: list[str], why: str
) -> None:
    """And nothing is written."""
    places = {"call": str(write - 1), "result": str(write), "said": str(write + 5)}
    options = [edit.format(**places) for edit in edits]
    before = sizes(edited)
    place = f"{writer}@{write + 5}"
    refused = call("fork", place, "--seed", "1", *options, store=edited)
    assert refused.returncode in (1, 2)
    assert why in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert sizes(edited) == before


def test_a_verdict_cannot_stand_among_what_is_kept(edited: Path, writer: str) -> None:
    """It would be about another dialogue; the line says where a fork may begin."""
    verdict = at(edited, writer, "verdict.given")[0]
    user = [p for p in at(edited, writer, "user.messaged") if p < verdict][-1]
    edit = ("--replace", f"{user}=Never mind.", "--seed", "1")
    refused = call("fork", f"{writer}@{verdict + 2}", *edit, store=edited)
    assert refused.returncode == 2
    assert f"fork at {verdict - 1} or before" in refused.stderr


# --- another task -------------------------------------------------------------------


def test_a_task_in_words_becomes_clauses(edited: Path, writer: str) -> None:
    """Parted at sentences and at "then"; the first one is the title."""
    words = (
        "Please find the customer Quang Vu, then change the city of that customer to "
        '"Rome". I want to know the total of order 67.'
    )
    other = fork(edited, f"{writer}@u1", "--task", words)
    page = done("show", other, store=edited)
    assert "── Task 1 (edited): Find the customer Quang Vu " in page
    assert "1. find the customer Quang Vu" in page
    assert '2. change the city of that customer to "Rome"' in page
    assert "3. know the total of order 67" in page
    made = events(edited, f"tasks-{other}")
    (task,) = [e["payload"]["task"] for e in made if e["kind"] == "task.created"]
    kinds = [objective["kind"] for objective in task["objectives"]]
    assert kinds == ["read", "write", "read"]


# --- conversations from elsewhere ---------------------------------------------------


@pytest.fixture(scope="module")
def elsewhere(edited: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A conversation with one call, imported into the same store."""
    path = tmp_path_factory.mktemp("rows") / "old.jsonl"
    path.write_bytes(orjson.dumps(ROWS["messages"]))
    done("import", "messages", path, store=edited)
    listed = objects("ls", "--json", store=edited)
    (one,) = [x["trajectory"] for x in listed if x["status"] == "imported"]
    return str(one)


def test_an_edit_of_an_import_is_a_path_that_a_run_goes_on_from(
    edited: Path, elsewhere: str
) -> None:
    """The edited path is a fork of the import; the run's trajectory a fork of that."""
    edit = ("--replace", "u1=How warm is Bergen?", "--seed", "1", "--json")
    (made,) = objects("fork", f"{elsewhere}@-1", *edit, store=edited)
    assert made["parent"] == f"{elsewhere}.1"
    assert made["ended"] is not None
    listed = {x["trajectory"]: x for x in objects("ls", "--json", store=edited)}
    between = listed[made["parent"]]
    assert between["parent"] == elsewhere
    assert listed[made["trajectory"]]["run"] != between["run"]
    said = texts(edited, made["trajectory"], "user.messaged")
    assert said[0] == "How warm is Bergen?"
    replies = texts(edited, made["trajectory"], "assistant.replied")
    assert "21 degrees." in replies
    assert texts(edited, elsewhere, "user.messaged") == ["Weather in Oslo?"]


def test_siblings_of_an_edited_import_share_the_edited_path(
    edited: Path, elsewhere: str
) -> None:
    """It is made once."""
    edit = ("--drop", "-1", "-n", "2", "--seed", "1", "--json")
    made = objects("fork", f"{elsewhere}@-1", *edit, store=edited)
    assert len({each["parent"] for each in made}) == 1
    assert len({each["trajectory"] for each in made}) == 2


def test_the_imported_part_of_a_run_that_went_on_can_be_edited(
    edited: Path, elsewhere: str
) -> None:
    """It is a fork with the run's configuration; what the run mounted is mounted."""
    done("run", "--from", elsewhere, "--seed", "3", store=edited)
    listed = objects("ls", "--json", store=edited)
    went_on = next(x for x in listed if x["parent"] == elsewhere and x["ended"])
    name = went_on["trajectory"]
    place = f"{name}@{at(edited, name, 'user.messaged')[1]}"
    other = fork(edited, place, "--replace", "u1=How warm is Bergen?")
    assert texts(edited, other, "user.messaged")[0] == "How warm is Bergen?"
    again = {x["trajectory"]: x for x in objects("ls", "--json", store=edited)}
    assert again[other]["run"] == went_on["run"]


def test_an_import_as_it_is_has_no_next_message_to_say(
    edited: Path, elsewhere: str
) -> None:
    """Nobody plays the user there; the line says what can be done."""
    refused = call("fork", f"{elsewhere}@u1", "--say", "Hello", store=edited)
    assert refused.returncode == 2
    assert "give --insert or --replace instead of --say" in refused.stderr


# --- at the end ---------------------------------------------------------------------


def test_all_of_it_replays_and_verifies(edited: Path) -> None:
    """Every fork above, calls repeated, with all that it stands on."""
    (found,) = objects("replay", "--all", "--execute", "--json", store=edited)
    assert found["failed"] == 0
    done("verify", store=edited)
