"""Files of rows, and imports of them into a store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from eventsim.exchange.formats.registry import FORMATS
from eventsim.log.store import Store
from eventsim.run.importing.importing import Imported, Importing
from eventsim.run.importing.rows import open_rows
from eventsim.run.paths import open_path
from eventsim.run.shelf import Shelf
from eventsim.run.transcripts import origin_of_path, row_of

__all__ = ["imported", "lines", "rows_of"]


def lines(path: Path, *rows: Any) -> Path:
    """A file of JSON lines; bytes are lines as they are."""
    path.write_bytes(
        b"".join(
            (row if isinstance(row, bytes) else orjson.dumps(row)) + b"\n"
            for row in rows
        )
    )
    return path


async def imported(store: Store, path: Path, name: str, **options: Any) -> Imported:
    """What came of importing a file."""
    most = options.pop("most_bytes", 1 << 20)
    file = await open_rows(path, FORMATS[name], most_bytes=most)
    return await Importing(store, file, FORMATS[name], **options).go()


async def rows_of(store: Store, name: str) -> list[Any]:
    """All imported rows, written again."""
    shelf = Shelf(store)
    rows = []
    for info in store.streams(family="dialogue"):
        opened = await open_path(store, shelf, info.stream)
        origin = await origin_of_path(opened, shelf)
        rows.append(row_of(opened, FORMATS[name], origin))
    return orjson.loads(orjson.dumps(rows))
