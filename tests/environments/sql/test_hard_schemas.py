"""Databases as they come: each works, or is left out with its reason."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from eventsim.core.tools import ToolDefinition
from eventsim.environments.environment import CallOutcome
from eventsim.environments.sql.execution import SqlEnvironment
from eventsim.environments.sql.toolgen import GeneratedTools, generate_tools

from .conftest import image_of

Mount = Callable[..., SqlEnvironment]


@dataclass
class Bench:
    """A database with its tools, mounted, with calls counted."""

    generated: GeneratedTools
    environment: SqlEnvironment
    calls: int = 0

    @property
    def names(self) -> set[str]:
        """The names of all tools."""
        return {tool.name for tool in self.generated.tools}

    @property
    def reasons(self) -> Mapping[str, str]:
        """Why what is missing is missing."""
        return dict(self.generated.rejected)

    def tool(self, name: str) -> ToolDefinition:
        """The tool of that name."""
        return next(tool for tool in self.generated.tools if tool.name == name)

    def call(self, tool_name: str, **arguments: Any) -> CallOutcome:
        """Call a tool."""
        self.calls += 1
        return self.environment.execute(
            self.tool(tool_name), arguments, ordinal=self.calls
        )

    def give(self, tool_name: str, **arguments: Any) -> Any:
        """Call a tool that must succeed."""
        outcome = self.call(tool_name, **arguments)
        assert not outcome.is_error, outcome.content
        return orjson.loads(outcome.content)


@pytest.fixture
def bench(mounted: Mount) -> Callable[[str], Bench]:
    """Makes a bench from a script."""

    def make(script: str) -> Bench:
        image = image_of(script)
        return Bench(generate_tools(image), mounted(image))

    return make


Make = Callable[[str], Bench]


def test_composite_keys(bench: Make) -> None:
    """A row is named by all parts of its key."""
    made = bench(
        "CREATE TABLE room (hotel TEXT, no INTEGER, beds INTEGER NOT NULL,"
        " PRIMARY KEY (hotel, no));"
        " INSERT INTO room VALUES ('Inn', 1, 2), ('Inn', 2, 1);"
        " CREATE TABLE stay (id INTEGER PRIMARY KEY, hotel TEXT, no INTEGER,"
        " FOREIGN KEY (hotel, no) REFERENCES room);"
        " INSERT INTO stay VALUES (1, 'Inn', 1)"
    )
    assert made.give("get_room", hotel="Inn", no=2)["beds"] == 1
    assert made.give("update_room", hotel="Inn", no=2, beds=3)["beds"] == 3
    assert made.give("create_room", hotel="Inn", no=9, beds=1)["no"] == 9
    assert made.give("delete_room", hotel="Inn", no=9) == {"deleted": 1}
    outcome = made.call("delete_room", hotel="Inn", no=1)
    assert "1 stay still refers to it" in outcome.content
    assert "There is no room" in made.call("create_stay", hotel="Inn", no=77).content


def test_without_rowid_and_text_keys(bench: Make) -> None:
    """Keys that people give are required and found again."""
    made = bench(
        "CREATE TABLE country (code TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID;"
        " INSERT INTO country VALUES ('fr', 'France')"
    )
    assert made.tool("create_country").parameters["required"] == ("code", "name")
    made.give("create_country", code="no", name="Norway")
    assert made.give("search_countries", name="nor")["rows"] == [
        {"code": "no", "name": "Norway"}
    ]
    outcome = made.call("delete_country", code="no")
    assert outcome.changes[0].key == {"code": "no"}


def test_views_are_read(bench: Make) -> None:
    """A view gives a list and a search, and no writing tool."""
    made = bench(
        "CREATE TABLE pet (id INTEGER PRIMARY KEY, name TEXT, weight REAL);"
        " INSERT INTO pet VALUES (1, 'Rex', 20), (2, 'Tom', 4);"
        " CREATE VIEW heavy_pets AS SELECT name, weight FROM pet WHERE weight > 10"
    )
    assert made.give("list_heavy_pets")["rows"] == [{"name": "Rex", "weight": 20.0}]
    assert made.give("search_heavy_pets", name="re")["rows"]
    assert not {"create_heavy_pet", "delete_heavy_pet"} & made.names
    assert made.reasons["heavy_pets"] == "no tool writes it: it is a view"


def test_quoted_reserved_and_foreign_names(bench: Make) -> None:
    """Names that need quotes, or are not ASCII, are no obstacle."""
    made = bench(
        'CREATE TABLE "order" ("select" INTEGER PRIMARY KEY, "the ""group""" TEXT,'
        " \"größe\" REAL, \"from\" TEXT DEFAULT 'it''s');"
        "INSERT INTO \"order\" VALUES (1, 'a', 2.5, NULL);"
        'CREATE TABLE "客户" ("编号" INTEGER PRIMARY KEY, "名字" TEXT, name TEXT);'
        "INSERT INTO \"客户\" VALUES (1, '王', '李')"
    )
    row = made.give("get_order", select=1)
    assert row == {"select": 1, "the_group": "a", "grosse": 2.5, "from": None}
    assert made.give("create_order", the_group="b")["from"] == "it's"
    made.give("update_order", select=1, grosse=3)
    assert made.give("search_table_2", name="李")["rows"][0]["column_1"] == 1
    assert "客户" in made.tool("search_table_2").description


def test_names_that_collide_and_long_names(bench: Make) -> None:
    """Keys stay distinct, names within what endpoints take."""
    long = "a_very_long_name_that_somebody_found_to_be_a_good_idea_for_a_table"
    made = bench(
        "CREATE TABLE UnitPrice (id INTEGER PRIMARY KEY, BasePrice REAL,"
        " base_price_ REAL, base__price REAL);"
        " INSERT INTO UnitPrice VALUES (1, 2, 3, 4);"
        " CREATE TABLE unit_prices (id INTEGER PRIMARY KEY, name TEXT);"
        f" CREATE TABLE {long}_one (id INTEGER PRIMARY KEY, name TEXT);"
        f" INSERT INTO {long}_one VALUES (1, 'x');"
        f" CREATE TABLE {long}_two (id INTEGER PRIMARY KEY, name TEXT,"
        f" {long}_one_id INTEGER REFERENCES {long}_one);"
        f" INSERT INTO {long}_two VALUES (1, 'y', 1)"
    )
    assert made.give("get_unit_price", unit_price_id=1) == {
        "unit_price_id": 1,
        "base_price": 2.0,
        "base_price_2": 3.0,
        "base_price_3": 4.0,
    }
    names = [tool.name for tool in made.generated.tools]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name) for name in names)
    assert len([name for name in names if name.startswith("search_a_very")]) == 2


def test_blobs(bench: Make) -> None:
    """BLOBs are shown short, serve as keys, and are written where they must be."""
    made = bench(
        "CREATE TABLE doc (id BLOB PRIMARY KEY, name TEXT NOT NULL, scan BLOB,"
        " seal BLOB NOT NULL); INSERT INTO doc VALUES"
        " (x'0a0b', 'deed', zeroblob(5000), x'01'), (x'0c', 'will', x'02', x'03')"
    )
    row = made.give("get_doc", doc_id="x'0a0b'")
    assert row["scan"] == "(5000 bytes)"
    assert row["seal"] == "x'01'"
    created = made.call("create_doc", doc_id="x'ff'", name="map", seal="x'00'")
    assert not created.is_error, created.content
    assert created.changes[0].new == {"name": "map", "scan": None, "seal": "x'00'"}
    assert created.changes[0].key == {"id": "x'ff'"}
    assert made.call("delete_doc", doc_id="x'f'").is_error
    assert made.give("delete_doc", doc_id="x'FF'") == {"deleted": 1}


def test_null_in_keys(bench: Make) -> None:
    """Rows without a key are listed; what would write them untraceably is left out."""
    made = bench(
        "CREATE TABLE seat (code TEXT PRIMARY KEY, name TEXT);"
        " INSERT INTO seat VALUES (NULL, 'a'), (NULL, 'b'), ('x', 'c')"
    )
    rows = made.give("list_seats")["rows"]
    assert [row["code"] for row in rows] == [None, None, "x"]
    assert made.give("search_seats", name="c")["rows"][0]["code"] == "x"
    assert "some of which have no key" in made.reasons["delete_seat"]
    assert "delete_seat" not in made.names


def test_empty_tables(bench: Make) -> None:
    """Tools of an empty table work, and what cannot be proven is left out."""
    made = bench(
        "CREATE TABLE shop (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
        " CREATE TABLE sale (id INTEGER PRIMARY KEY, shop_id INTEGER NOT NULL"
        " REFERENCES shop, amount REAL, day DATE)"
    )
    assert made.give("search_shops", name="x") == {"rows": [], "more": False}
    assert made.give("count_sales_by_shop", shop_id=1)["sale_count"] == 0
    assert made.give("create_shop", name="One") == {"shop_id": 1, "name": "One"}
    assert made.reasons["delete_shop"] == "there is no row to try it on"
    assert made.reasons["create_sale"].startswith("no row could be added: There is no")


def test_cycles_and_self_references(bench: Make) -> None:
    """Tables that refer to each other, at once or when a write is done."""
    made = bench(
        "CREATE TABLE team (id INTEGER PRIMARY KEY, name TEXT, captain_id INTEGER"
        " REFERENCES player DEFERRABLE INITIALLY DEFERRED);"
        " CREATE TABLE player (id INTEGER PRIMARY KEY, name TEXT, team_id INTEGER"
        " REFERENCES team, mentor_id INTEGER REFERENCES player);"
        " INSERT INTO team VALUES (1, 'Reds', NULL);"
        " INSERT INTO player VALUES (1, 'Ann', 1, NULL), (2, 'Bob', 1, 1);"
        " UPDATE team SET captain_id = 1"
    )
    assert made.give("list_players_by_mentor", mentor_id=1)["rows"][0]["name"] == "Bob"
    row = made.give("update_team", team_id=1, captain_id=2)
    assert row["captain_name"] == "Bob"
    refused = made.call("update_team", team_id=1, captain_id=99)
    assert "There is no player with id 99." in refused.content
    assert refused.changes == ()
    assert made.give("get_team", team_id=1)["captain_id"] == 2


def test_triggers(bench: Make) -> None:
    """What triggers write is told, results show it, and their words are passed on."""
    made = bench(
        "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, price REAL NOT NULL,"
        " edits INTEGER NOT NULL DEFAULT 0); CREATE TABLE audit (what TEXT, was REAL);"
        " INSERT INTO item(name, price) VALUES ('cup', 2), ('pot', 5);"
        " CREATE TRIGGER t AFTER UPDATE OF price ON item BEGIN"
        " UPDATE item SET edits = edits + 1 WHERE id = NEW.id;"
        " INSERT INTO audit VALUES ('price', OLD.price); END;"
        " CREATE TRIGGER g BEFORE UPDATE ON item WHEN NEW.price > 100 BEGIN"
        " SELECT raise(ABORT, 'that is too expensive'); END"
    )
    outcome = made.call("update_item_price", item_id=1, price=3)
    assert orjson.loads(outcome.content)["edits"] == 1
    assert [(c.table, c.op) for c in outcome.changes] == [
        ("item", "update"),
        ("audit", "insert"),
    ]
    assert outcome.changes[1].key == {"_rowid_": 1}
    renamed = made.call("update_item", item_id=1, name="mug")
    assert [c.table for c in renamed.changes] == ["item"]
    dear = made.call("update_item_price", item_id=1, price=101)
    assert orjson.loads(dear.content)["error"] == {
        "code": "constraint",
        "message": "That is too expensive.",
    }


def test_generated_columns(bench: Make) -> None:
    """They are shown and never written."""
    made = bench(
        "CREATE TABLE box (id INTEGER PRIMARY KEY, w REAL NOT NULL, h REAL NOT NULL,"
        " area REAL AS (w * h), size TEXT AS (CASE WHEN w > 5 THEN 'L' ELSE 'S' END)"
        " STORED); INSERT INTO box(w, h) VALUES (2, 3)"
    )
    assert set(made.tool("create_box").parameters["properties"]) == {"w", "h"}
    row = made.give("create_box", w=6, h=2)
    assert (row["area"], row["size"]) == (12.0, "L")
    outcome = made.call("update_box", box_id=1, w=10)
    assert orjson.loads(outcome.content)["area"] == 30.0
    assert outcome.changes[0].new == {"w": 10.0}


def test_tables_without_a_key(bench: Make) -> None:
    """They are read but not written, with the reason."""
    made = bench(
        "CREATE TABLE log (name TEXT, level TEXT CHECK (level IN ('low', 'high')));"
        " INSERT INTO log VALUES ('a', 'low'), ('b', 'high'), ('b', 'high')"
    )
    rows = made.give("list_logs_by_level", level="high")["rows"]
    assert rows == [{"name": "b", "level": "high"}] * 2
    assert not any(tool.writes for tool in made.generated.tools)
    assert "no primary key" in made.reasons["log"]


def test_strict_tables_and_autoincrement(bench: Make) -> None:
    """STRICT types hold, and AUTOINCREMENT never gives a number twice."""
    made = bench(
        "CREATE TABLE note (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL,"
        " rank INT, extra ANY) STRICT; INSERT INTO note(name) VALUES ('a')"
    )
    assert made.give("create_note", name="b", rank=1)["note_id"] == 2
    made.give("delete_note", note_id=2)
    assert made.give("create_note", name="c")["note_id"] == 3
    with made.environment.trial():
        assert made.give("create_note", name="d")["note_id"] == 4
    assert made.give("create_note", name="e")["note_id"] == 4


def test_full_text_tables_are_left_out(bench: Make) -> None:
    """The table that feeds one is used; the index follows by its triggers."""
    made = bench(
        "CREATE TABLE page (id INTEGER PRIMARY KEY, title TEXT NOT NULL);"
        " CREATE VIRTUAL TABLE page_fts USING fts5(title, content=page,"
        " content_rowid=id); CREATE TRIGGER ai AFTER INSERT ON page BEGIN"
        " INSERT INTO page_fts(rowid, title) VALUES (NEW.id, NEW.title); END;"
        " INSERT INTO page VALUES (1, 'first')"
    )
    assert "virtual table" in made.reasons["page_fts"]
    assert not any("fts" in name for name in made.names)
    assert made.give("create_page", title="second")["page_id"] == 2
    found = made.environment.query(
        "SELECT rowid FROM page_fts WHERE title MATCH 'second'"
    )
    assert found == [(2,)]


def test_cascades(bench: Make) -> None:
    """What goes with a row is said before and told after."""
    made = bench(
        "CREATE TABLE list (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
        " CREATE TABLE entry (id INTEGER PRIMARY KEY, list_id INTEGER NOT NULL"
        " REFERENCES list ON DELETE CASCADE, text TEXT); INSERT INTO list VALUES"
        " (1, 'a'); INSERT INTO entry VALUES (1, 1, 'x'), (2, 1, 'y')"
    )
    assert "Its entries are deleted with it." in made.tool("delete_list").description
    outcome = made.call("delete_list", list_id=1)
    assert orjson.loads(outcome.content) == {"deleted": 1}
    assert sorted(c.table for c in outcome.changes) == ["entry", "entry", "list"]


def test_huge_cells_are_cut(bench: Make) -> None:
    """A result stays readable whatever a row holds."""
    made = bench(
        "CREATE TABLE text (id INTEGER PRIMARY KEY, name TEXT, body TEXT);"
        " INSERT INTO text VALUES (1, 'a', printf('%.*c', 3000000, 'x'))"
    )
    body = made.give("get_text", text_id=1)["body"]
    assert body.endswith("… (3000000 characters in all)")
    assert len(body) < 2100


def test_values_of_mixed_kinds(bench: Make) -> None:
    """A column that holds what its type does not promise is shown as it is."""
    made = bench(
        "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT, size INTEGER);"
        " INSERT INTO thing VALUES (1, 'a', 5), (2, 'b', 'large'), (3, 7, 2.5)"
    )
    assert made.give("get_thing", thing_id=2)["size"] == "large"
    assert made.give("get_thing", thing_id=3)["size"] == 2.5


def test_a_hundred_tables(bench: Make) -> None:
    """A wide schema takes seconds, not minutes."""
    script = "".join(
        f"CREATE TABLE entity{i} (id INTEGER PRIMARY KEY, name TEXT NOT NULL,"
        f" kind TEXT, amount REAL, day DATE,"
        f" prior_id INTEGER REFERENCES entity{max(0, i - 1)},"
        f" other_id INTEGER REFERENCES entity{i // 2});"
        f"INSERT INTO entity{i} VALUES (1, 'a', 'x', 1.5, '2024-01-01', 1, 1),"
        f" (2, 'b', 'y', 2.5, '2024-01-02', 1, NULL);"
        for i in range(100)
    )
    began = time.perf_counter()
    made = bench(script)
    assert time.perf_counter() - began < 10
    assert len(made.generated.schema.tables) == 100
    assert made.give("search_entity_99", name="b")["rows"]
    assert len(made.names) > 500
