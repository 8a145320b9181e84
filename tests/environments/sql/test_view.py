"""What is shown of a database to whoever writes tools or tasks for it."""

from __future__ import annotations

import csv

from eventsim.core.draws import Draws
from eventsim.environments.domains.registry import domain_image
from eventsim.environments.sql.image import Image
from eventsim.environments.sql.view import (
    CELL_CHARACTERS,
    ROWS_SHOWN,
    data_view,
    schema_text,
)
from tests.environments.sql.conftest import image_of


def _blocks(text: str) -> dict[str, list[dict[str, str]]]:
    blocks = {}
    for block in text.split("\n\n"):
        head, _, body = block.partition("\n")
        blocks[head.split(" (")[0]] = list(csv.DictReader(body.splitlines()))
    return blocks


def test_the_schema_says_what_cannot_be_read_from_it(shop: Image) -> None:
    """How many rows there are, what follows from others, what cannot be written."""
    text = schema_text(shop)
    assert "CREATE TABLE Customer (" in text
    assert "-- Customer has 30 rows." in text
    assert "-- Invoice.Total cannot be set by a tool: it always equals" in text
    keyless = schema_text(image_of("CREATE TABLE t (a TEXT); INSERT INTO t VALUES (1)"))
    assert "-- t cannot be written:" in keyless


def test_a_view_is_a_few_rows_of_each_table(shop: Image) -> None:
    """Those that were drawn, and at most as many that they refer to."""
    blocks = _blocks(data_view(shop, Draws(1, "a")))
    assert set(blocks) == {
        "Customer",
        "Invoice",
        "InvoiceLine",
        "Product",
        "ProductTag",
        "Tag",
    }
    assert all(0 < len(rows) <= 2 * ROWS_SHOWN for rows in blocks.values())
    assert "Photo" not in blocks["Product"][0]


def test_rows_that_are_referred_to_are_among_them(shop: Image) -> None:
    """So that a task can go from one to the other."""
    blocks = _blocks(data_view(shop, Draws(1, "a")))
    shown = {row["ProductId"] for row in blocks["Product"]}
    wanted = {row["ProductId"] for row in blocks["ProductTag"]}
    assert wanted & shown


def test_a_view_is_drawn(shop: Image) -> None:
    """The same draws show the same rows, others show others."""
    first = data_view(shop, Draws(1, "a"))
    assert first == data_view(shop, Draws(1, "a"))
    assert first != data_view(shop, Draws(1, "b"))


def test_rows_that_share_their_name_are_not_shown() -> None:
    """What a task said of one of them would be said of both."""
    image = domain_image("outdoor")
    for number in range(20):
        for row in _blocks(data_view(image, Draws(1, str(number))))["customers"]:
            name = (row["first_name"], row["last_name"])
            assert name not in {("Ana", "Lima"), ("Wei", "Chen"), ("Grace", "Marsh")}


def test_cells_are_on_one_line_and_not_long() -> None:
    """NULL is told from an empty text, long texts are cut."""
    image = image_of(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c TEXT);"
        f"INSERT INTO t VALUES (1, NULL, '', 'x{'y' * 100}'), (2, 'a\nb', 'q', 'z')"
    )
    rows = _blocks(data_view(image, Draws(1, "a")))["t"]
    assert rows[0]["a"] == "NULL"
    assert rows[0]["b"] == ""
    assert rows[0]["c"] == f"x{'y' * (CELL_CHARACTERS - 1)}…"
    assert rows[1]["a"] == "a b"
