"""Rows of places inside imported dialogues."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from eventsim.exchange.formats.registry import FORMATS
from eventsim.log.store import Store
from eventsim.run.importing.importing import Importing
from eventsim.run.importing.rows import open_rows
from eventsim.run.paths import open_path
from eventsim.run.shelf import Shelf
from eventsim.run.transcripts import origin_of_path, row_of
from tests.exchange.rows import ROWS

pytestmark = pytest.mark.anyio

FORM = FORMATS["messages"]


@pytest.mark.parametrize("last", [1, 2, 4, 5])
async def test_a_place_inside_a_row_is_its_beginning(tmp_path: Path, last: int) -> None:
    """What belongs to later messages does not come back without them."""
    said = ROWS["messages"]["messages"]
    row = {**ROWS["messages"], "messages": [{**m, "weight": 1} for m in said]}
    file = tmp_path / "rows.jsonl"
    file.write_bytes(orjson.dumps(row))
    async with Store.open(tmp_path / "s", mode="write") as store:
        await Importing(store, await open_rows(file, FORM), FORM).go()
        (info,) = store.streams(family="dialogue")
        shelf = Shelf(store)
        whole = await open_path(store, shelf, info.stream)
        opened = whole.up_to(last)
        origin = await origin_of_path(opened, shelf)
        made = orjson.loads(orjson.dumps(row_of(opened, FORM, origin)))
    length = 1 + len(opened.state.messages)
    assert made["messages"] == row["messages"][:length]
