"""`ls`, `show`, `diff`, `stats`, `tools`, `domains`: what a reader sees."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import orjson
import pytest

from eventsim.environments.domains.registry import DOMAINS
from eventsim.environments.seeds.registry import SEED_DOMAINS
from tests.cli.conftest import Grown, call, done, objects


def test_a_list_has_a_line_for_each_trajectory(made: Path) -> None:
    """With what programs need, and the same ones for people."""
    lines = objects("ls", "--json", store=made)
    assert len(lines) == 4
    for line in lines:
        assert line["status"] == "ended"
        assert line["version"] == line["positions"]
        assert line["parent"] is None
    page = done("ls", store=made)
    assert all(line["trajectory"] in page for line in lines)


def test_a_list_can_be_of_one_run(own: Path, first: str) -> None:
    """By a unique beginning of its label."""
    done("run", "--domain", "clinic", "-n", "1", "--seed", "9", "--json", store=own)
    label = first.split("-")[0]
    lines = objects("ls", "--run", label, "--json", store=own)
    assert {line["run"] for line in lines} == {label}
    assert len(objects("ls", "--json", store=own)) == len(lines) + 1


def test_a_transcript_shows_who_said_what_where(made: Path, first: str) -> None:
    """Every position in its margin is the position of an event of that kind."""
    page = done("show", first, store=made)
    events = objects("show", first, "--as", "events", "--json", store=made)
    speakers = {"User": "user.messaged", "Assistant": "assistant.replied"}
    seen = 0
    for line in page.splitlines():
        words = line.split()
        if len(words) > 1 and words[0].isdecimal() and words[1] in speakers:
            event = events[int(words[0])]
            assert event["kind"] == speakers[words[1]]
            assert event["payload"]["text"].split()[0] == words[2]
            seen += 1
    assert seen >= 4
    assert "Task 1:" in page
    assert "→" in page
    assert "\x1b" not in page


def test_a_transcript_keeps_to_the_width_of_the_page(made: Path, first: str) -> None:
    """At 60 columns as at 120, where it is not wider than can be read."""
    for columns, widest in (("60", 60), ("120", 100)):
        result = call("show", first, store=made, COLUMNS=columns)
        body = result.stdout.splitlines()[2:]
        assert max(map(len, body)) <= widest


def test_without_a_name_the_latest_is_shown(grown: Grown) -> None:
    """The one that began last: here a fork; where it left is marked on both."""
    page = done("show", store=grown.store)
    assert page.startswith(f"{grown.fork} ")
    assert f"fork of {grown.parent}@{grown.position}" in page
    assert f"{grown.fork} leaves here" in done("show", grown.parent, store=grown.store)


@pytest.mark.parametrize("place", ["@12", "@-1", "@u2", ""])
def test_places_name_positions(made: Path, first: str, place: str) -> None:
    """The events view ends exactly there."""
    events = objects("show", f"{first}{place}", "--as", "events", "--json", store=made)
    assert [event["position"] for event in events] == list(range(len(events)))
    if place == "@12":
        assert len(events) == 13
    elif place == "@u2":
        kinds = [event["kind"] for event in events]
        assert kinds[-1] == "user.messaged"
        assert kinds.count("user.messaged") == 2
    else:
        assert events[-1]["kind"] == "trajectory.ended"


def test_a_unique_beginning_and_a_stream_id_name_a_trajectory(
    made: Path, first: str
) -> None:
    """All three names show the same."""
    stream = objects("ls", "--json", store=made)[0]["stream"]
    assert done("show", stream[:10], store=made) == done("show", first, store=made)
    assert done("show", first[:-1] + "1", store=made) == done("show", first, store=made)


def test_the_state_at_the_root_is_the_untouched_database(
    made: Path, first: str
) -> None:
    """Its digest is computed from rows; a change later on the path changes it."""
    (root,) = objects("show", f"{first}@1", "--as", "state", "--json", store=made)
    assert root["environment"]["unchanged"]
    for line in objects("ls", "--json", store=made):
        label = line["trajectory"]
        (end,) = objects("show", label, "--as", "state", "--json", store=made)
        changed = bool(end["environment"]["net_changes"])
        assert end["environment"]["unchanged"] is not changed
        if changed:
            break
    digest = end["environment"]["rows_digest"]
    assert digest != root["environment"]["rows_digest"]
    assert digest in done("show", label, "--as", "state", store=made)


def test_requests_are_rebuilt_and_match_what_was_recorded(
    made: Path, first: str
) -> None:
    """The hash is checked here anew, over the bytes that the command printed."""
    lines = done("show", first, "--as", "requests", "--json", store=made).splitlines()
    assert len(lines) >= 6
    for line in lines:
        body = line[line.index('"request":') + len('"request":') : -1]
        fields = json.loads(line)
        assert fields["matches"]
        digest = hashlib.sha256(body.encode()).hexdigest()
        assert digest == fields["recorded_sha256"] == fields["rebuilt_sha256"]
        assert orjson.loads(body) == fields["request"]
    position = json.loads(lines[-1])["position"]
    page = done("show", f"{first}@{position}", "--as", "requests", store=made)
    assert "[system]" in page


def test_a_diff_begins_where_the_paths_part(grown: Grown) -> None:
    """What both share is not repeated; both verdicts are told."""
    names = (grown.parent, grown.fork)
    (found,) = objects("diff", *names, "--json", store=grown.store)
    assert found["common"] == grown.position + 1
    for pair in found["lines"]:
        for side in ("left", "right"):
            if pair[side] is not None:
                assert pair[side]["position"] >= found["common"]
    page = done("diff", *names, store=grown.store)
    assert f"{grown.parent}@{grown.position}" in page
    same = done("diff", grown.parent, grown.parent, store=grown.store)
    assert "the same path" in same


def test_statistics_add_up(made: Path) -> None:
    """Over all, and by database and tag."""
    (found,) = objects("stats", "--json", store=made)
    assert found["trajectories"] == found["ended"] == 4
    assert found["valid"] + found["invalid"] == 4
    assert sum(found["tools"].values()) == found["tool_calls"]
    assert found["groups"].keys() == {"database outdoor", "tag demo"}
    assert all(group["trajectories"] == 4 for group in found["groups"].values())
    lines = objects("ls", "--json", store=made)
    assert found["valid"] == sum(line["verdict"] == "valid" for line in lines)
    page = done("stats", store=made)
    assert "database outdoor" in page
    assert "step" in page


def test_statistics_count_forks_only_when_asked(grown: Grown) -> None:
    """They share their beginning with their parent."""
    counted = objects("stats", "--json", store=grown.store)
    with_forks = objects("stats", "--forks", "--json", store=grown.store)
    assert counted[0]["trajectories"] == 4
    assert with_forks[0]["trajectories"] == 5


def test_domains_are_listed() -> None:
    """All of them, databases first, then seed tools."""
    lines = objects("domains", "--json")
    assert [line["domain"] for line in lines] == [*DOMAINS, *SEED_DOMAINS]
    assert all(name in done("domains") for name in (*DOMAINS, *SEED_DOMAINS))


def test_tools_that_an_environment_offers_are_shown() -> None:
    """As a run would find them; a class takes its settings."""
    ledger = "ledger=tests.environments.shelf:Ledger"
    (tools,) = objects("tools", "--env", ledger, "--json")
    named = [tool["function"]["name"] for tool in tools]
    assert named == ["book", "die", "hang", "shout", "total_of"]
    settings = ("--env-settings", 'ledger={"start": 9}')
    page = done("tools", "--env", ledger, *settings)
    assert "Book an amount. (amount, [note])" in " ".join(page.split())
    failed = call("tools", "--env", ledger, "--env-settings", 'ledger={"x": 9}')
    assert failed.returncode == 1
    assert "unexpected keyword" in failed.stderr
    broken = call("tools", "--env", ledger, "--env-settings", "ledger={start")
    assert broken.returncode == 2
    assert "--env-settings ledger: this is no JSON" in broken.stderr
    assert "give --db FILE, --domain NAME or --env" in call("tools").stderr


def test_tools_of_a_file_are_shown_with_what_got_none(tmp_path: Path) -> None:
    """As OpenAI functions, and as a page; the file is not touched."""
    file = tmp_path / "shop.sqlite"
    with closing(sqlite3.connect(file)) as con:
        con.execute("CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT)")
        con.execute("CREATE TABLE note (text TEXT)")
        con.execute("INSERT INTO customer VALUES (1, 'Ana'), (2, 'Bo')")
        con.execute("INSERT INTO note VALUES ('hello')")
        con.commit()
    before = file.read_bytes()
    (tools,) = objects("tools", "--db", file, "--json")
    assert all(tool["type"] == "function" for tool in tools)
    names = {tool["function"]["name"] for tool in tools}
    assert {"search_customers", "update_customer"} <= names
    page = done("tools", "--db", file)
    assert all(name in page for name in names)
    assert "note" in page.split("Left out")[1]
    assert file.read_bytes() == before
