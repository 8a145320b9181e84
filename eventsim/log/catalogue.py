"""The catalogue: the index kept in SQLite, so that opening need not scan everything.

It is derived, local to a machine, never on the append path, and can be deleted at any
time. A row a stream: its summary and its offsets. A row that does not match its check,
rows of different times (a power loss may leave them so), or segments that are not those
which were scanned, and it is ignored and made again. Failing to write it is never an
error.
"""

from __future__ import annotations

import sqlite3
import sys
import zlib
from array import array
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import orjson

from eventsim.core.events import Ref
from eventsim.log.index import Block, Index, Stream
from eventsim.log.segments import Hurt, Segment

__all__ = ["CATALOGUE", "load_catalogue", "save_catalogue"]

CATALOGUE = "catalogue.sqlite"
_LAYOUT = f"4 {sys.byteorder}"
_SCHEMA = """
CREATE TABLE about (
  layout TEXT NOT NULL, streams INTEGER NOT NULL, whole INTEGER NOT NULL
);
CREATE TABLE segments (number INTEGER PRIMARY KEY, summary BLOB NOT NULL);
CREATE TABLE streams (
  id TEXT PRIMARY KEY, number INTEGER NOT NULL, summary BLOB NOT NULL,
  offsets BLOB NOT NULL, crc INTEGER NOT NULL
) WITHOUT ROWID;
"""
_FIELDS = (
    "family", "label", "version", "position", "hash", "root", "started_us",
    "last_us", "run_stream", "index", "purpose", "ended", "kinds",
)  # fmt: skip


def load_catalogue(store: Path) -> tuple[Index, list[Segment]] | None:
    """What was kept, or None if it is absent or cannot be trusted."""
    path = store / CATALOGUE
    if not path.exists():
        return None
    try:
        with closing(_connect(path, read_only=True)) as database:
            return _load(database)
    except (sqlite3.Error, ValueError, TypeError, KeyError, OverflowError):
        return None


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    mode = "ro" if read_only else "rwc"
    uri = f"{path.resolve().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=1.0, isolation_level=None)


def _load(database: sqlite3.Connection) -> tuple[Index, list[Segment]] | None:
    database.execute("BEGIN")
    about = database.execute("SELECT * FROM about").fetchone()
    if about[0] != _LAYOUT:
        return None
    _, count, whole = about
    index = Index()
    summaries = _summaries(database)
    segments = [_segment(summary) for summary in summaries]
    total = 0
    index.segments = [segment.name for segment in segments]
    rows = database.execute(
        "SELECT id, number, summary, offsets, crc FROM streams ORDER BY number"
    )
    for stream, number, summary, offsets, crc in rows:
        if _crc(stream, number, summary, offsets) != crc:
            return None
        total += crc
        index.insert(_stream(stream, summary, offsets))
    if len(index.streams) != count or _whole(total, summaries) != whole:
        return None
    index.kept = whole
    return index, segments


def _summaries(database: sqlite3.Connection) -> list[bytes]:
    rows = database.execute("SELECT summary FROM segments ORDER BY number")
    return [summary for (summary,) in rows]


def _whole_of(database: sqlite3.Connection) -> int:
    (total,) = database.execute("SELECT ifnull(sum(crc), 0) FROM streams").fetchone()
    return _whole(total, _summaries(database))


def _whole(total: int, summaries: list[bytes]) -> int:
    """A check over all rows: each may be right, and be of another time than the rest.

    `total` is the sum of the checks of all streams.
    """
    return zlib.crc32(b"\n".join(summaries), total & 0xFFFFFFFF)


def save_catalogue(store: Path, index: Index, segments: Iterable[Segment]) -> None:
    """Write what changed since the index was loaded or saved."""
    path = store / CATALOGUE
    try:
        with closing(_connect(path, read_only=False)) as database:
            _save(database, index, segments)
        return
    except sqlite3.OperationalError:
        return
    except sqlite3.Error:
        pass
    with suppress(OSError, sqlite3.Error):
        path.unlink(missing_ok=True)
        with closing(_connect(path, read_only=False)) as database:
            _save(database, index, segments)


def _save(
    database: sqlite3.Connection, index: Index, segments: Iterable[Segment]
) -> None:
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("BEGIN IMMEDIATE")
    if not _describes(database, index):
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (name,) in names.fetchall():
            database.execute(f'DROP TABLE "{name}"')
        for statement in _SCHEMA.split(";")[:-1]:
            database.execute(statement)
        for stream in index.streams.values():
            stream.changed = True
    database.execute("DELETE FROM segments")
    database.executemany(
        "INSERT INTO segments VALUES (?, ?)",
        ((number, _segment_summary(each)) for number, each in enumerate(segments)),
    )
    database.executemany(
        "INSERT OR REPLACE INTO streams VALUES (?, ?, ?, ?, ?)",
        (
            _row(stream, number)
            for number, stream in enumerate(index.streams.values())
            if stream.changed
        ),
    )
    whole = _whole_of(database)
    about = (_LAYOUT, len(index.streams), whole)
    database.execute("DELETE FROM about")
    database.execute("INSERT INTO about VALUES (?, ?, ?)", about)
    database.execute("COMMIT")
    for stream in index.streams.values():
        stream.changed = False
    index.kept = whole


def _describes(database: sqlite3.Connection, index: Index) -> bool:
    """Whether the file holds all of the index except what changed: it may have been
    deleted meanwhile, or another process has written what it knows.
    """
    try:
        about = database.execute("SELECT layout, whole FROM about").fetchone()
    except sqlite3.Error:
        return False
    return index.kept is not None and about == (_LAYOUT, index.kept)


def _segment(summary: bytes) -> Segment:
    fields = orjson.loads(summary)
    hurt = [Hurt(f, o, s, tuple(streams)) for f, o, s, streams in fields["hurt"]]
    offset, check = fields["mark"]
    return Segment(
        fields["name"],
        fields["scanned"],
        (offset, check),
        hurt=hurt,
        closed=fields["closed"],
        major=fields["major"],
        epoch=fields["epoch"],
    )


def _segment_summary(segment: Segment) -> bytes:
    return orjson.dumps(
        {
            "name": segment.name,
            "scanned": segment.scanned,
            "mark": segment.mark,
            "closed": segment.closed,
            "major": segment.major,
            "epoch": segment.epoch,
            "hurt": [(h.file, h.offset, h.size, h.streams) for h in segment.hurt],
        }
    )


def _stream(stream: str, summary: bytes, offsets: bytes) -> Stream:
    fields: dict[str, Any] = orjson.loads(summary)
    parent, block = fields.pop("parent"), fields.pop("block")
    digest = bytes.fromhex(fields.pop("hash"))
    return Stream(
        id=stream,
        **fields,
        digest=digest,
        changed=False,
        parent=Ref(**parent) if parent else None,
        block=Block(*block) if block else None,
        offsets=array("Q", offsets),
    )


def _row(stream: Stream, number: int) -> tuple[str, int, bytes, bytes, int]:
    fields = {name: getattr(stream, name) for name in _FIELDS}
    fields["parent"] = stream.parent.model_dump() if stream.parent else None
    fields["block"] = list(stream.block) if stream.block else None
    summary = orjson.dumps(fields)
    offsets = stream.offsets.tobytes()
    crc = _crc(stream.id, number, summary, offsets)
    return stream.id, number, summary, offsets, crc


def _crc(stream: str, number: int, summary: bytes, offsets: bytes) -> int:
    named = zlib.crc32(f"{number} {stream}".encode())
    return zlib.crc32(offsets, zlib.crc32(summary, named))
