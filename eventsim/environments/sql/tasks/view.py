"""The limited view of a database that tasks are written from.

A few hundred real rows of each table, spread over the table, with the names that rows
are called by and how often each name occurs. It is read once an image and shared by
all trajectories; what a trajectory changed is asked of its environment instead.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import apsw

from eventsim.environments.sql.image import Image
from eventsim.environments.sql.tables import Schema, Table
from eventsim.environments.sql.tasks.inventions import speakable

__all__ = [
    "DataView",
    "Entry",
    "by_key",
    "is_person",
    "numbered",
    "quoted",
    "view_of",
]

_SCANNED = 20_000
_SAMPLED = 400
_KEPT_VIEWS = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that a task speaks of. `name` is what people call it, if anything."""

    table: Table
    key: Mapping[str, Any]
    row: Mapping[str, Any]
    name: str | None = None

    @property
    def identity(self) -> tuple[str, tuple[Any, ...]]:
        """Equal for equal rows."""
        return self.table.name, tuple(self.key.values())


def quoted(name: str) -> str:
    """An identifier in SQL."""
    return '"' + name.replace('"', '""') + '"'


class DataView:
    """Sampled rows and the names in them."""

    def __init__(self, image: Image, schema: Schema) -> None:
        self.schema = schema
        self._entries: dict[str, tuple[Entry, ...]] = {}
        self._namesakes: dict[str, tuple[tuple[Entry, ...], ...]] = {}
        self._names: dict[str, Counter[str]] = {}
        self._known: dict[tuple[str, str], tuple[Any, ...]] = {}
        with contextlib.closing(image.connect()) as con:
            for table in schema.tables:
                self._read(con, table)

    def _read(self, con: apsw.Connection, table: Table) -> None:
        columns = [c for c in table.visible if c.kind != "blob"]
        if not columns:
            return
        listed = ", ".join(quoted(c.name) for c in columns)
        found = con.execute(
            f"SELECT {listed} FROM {quoted(table.name)} LIMIT {_SCANNED}"
        ).fetchall()
        names = [c.name for c in columns]
        places = [names.index(n) for n in table.label if n in names]
        counts: Counter[str] = Counter()
        if places:
            counts.update(_joined(row, places).casefold() for row in found)
        self._names[table.name] = counts
        for place, column in enumerate(columns):
            values = dict.fromkeys(
                row[place] for row in found if row[place] not in (None, "")
            )
            self._known[table.name, column.name] = tuple(values)[:2_000]
        if not set(table.primary_key) <= set(names) or not table.primary_key:
            return

        def entry_of(row: tuple[Any, ...]) -> Entry:
            held = dict(zip(names, row, strict=True))
            key = {column: held[column] for column in table.primary_key}
            return Entry(table, key, held, _joined(row, places) or None)

        stride = max(1, len(found) // _SAMPLED)
        sampled = [entry_of(row) for row in found[::stride]]
        self._entries[table.name] = tuple(e for e in sampled if _has_key(e))
        shared: dict[str, list[Entry]] = {}
        for row in found if places else ():
            name = _joined(row, places).casefold()
            if 2 <= counts[name] <= 3 and len(shared) < _SAMPLED:
                shared.setdefault(name, []).append(entry_of(row))
        self._namesakes[table.name] = tuple(
            tuple(group)
            for group in shared.values()
            if len(group) > 1
            and all(_has_key(e) and speakable(e.name) for e in group)
            and len({e.name for e in group}) == 1
        )

    def entries(self, table: str) -> tuple[Entry, ...]:
        """Sampled rows that have a key."""
        return self._entries.get(table, ())

    def known(self, table: str, column: str) -> tuple[Any, ...]:
        """Different values of a column."""
        return self._known.get((table, column), ())

    def occurrences(self, entry: Entry) -> int:
        """How many rows of its table are called as the entry is."""
        if entry.name is None:
            return 0
        return self._names[entry.table.name][entry.name.casefold()]

    @cached_property
    def named(self) -> Mapping[str, tuple[Entry, ...]]:
        """For each table the rows that their name alone tells apart."""
        return {
            table: tuple(
                e for e in entries if speakable(e.name) and self.occurrences(e) == 1
            )
            for table, entries in self._entries.items()
        }

    def namesakes(self, table: str) -> tuple[tuple[Entry, ...], ...]:
        """Groups of two or three rows that share their name."""
        return self._namesakes.get(table, ())


def _has_key(entry: Entry) -> bool:
    return all(value is not None for value in entry.key.values())


def _joined(row: tuple[Any, ...], places: list[int]) -> str:
    return " ".join(str(row[place]) for place in places if row[place] is not None)


_views: dict[str, DataView] = {}


def view_of(image: Image, schema: Schema) -> DataView:
    """The view of an image; the latest few are kept."""
    digest = image.rows_digest
    if digest not in _views:
        while len(_views) >= _KEPT_VIEWS:
            del _views[next(iter(_views))]
        _views[digest] = DataView(image, schema)
    return _views[digest]


_PEOPLE = frozenset(
    (
        *("customer", "client", "member", "owner", "employee", "author", "artist"),
        *(
            "actor",
            "doctor",
            "vet",
            "teacher",
            "student",
            "player",
            "person",
            "patient",
        ),
        *("emp", "staff", "worker", "head", "boss", "agent", "guide", "nurse", "coach"),
        *("user", "manager", "driver", "guest", "passenger", "singer", "director"),
    )
)
_TRAITS = frozenset(("birth date", "date of birth", "gender", "salary", "hire date"))
_TITLES = frozenset(("headline", "subject", "caption", "title"))


def is_person(table: Table) -> bool:
    """Whether rows are people."""
    traits = {column.words for column in table.columns} & _TRAITS
    noun = table.words.split()[-1]
    return len(table.label) == 2 or noun in _PEOPLE or (bool(traits) and noun != "pet")


def numbered(table: Table) -> bool:
    """Whether rows go by their number, as in "invoice 12"."""
    return by_key(table) and table.by_name[table.primary_key[0]].kind == "integer"


def by_key(table: Table) -> bool:
    """Whether rows go by their key: a number, or a code as in the airport "OSL".

    A headline is no name: reviews go by their number, although they have one.
    """
    if len(table.primary_key) != 1 or table.link or table.view:
        return False
    key = table.by_name[table.primary_key[0]]
    if table.foreign_key_of(key.name) or key.kind not in ("integer", "text"):
        return False
    label = table.labels
    if not label or table.label == table.primary_key:
        return True
    figures = label[0].statistics
    return label[0].words in _TITLES and figures.distinct * 2 < figures.filled
