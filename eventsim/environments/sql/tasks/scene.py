"""One task in the making: what was said, called and changed so far.

Moves (reads, writes, refusals) speak of rows through a scene, so that a row is named
in full once and referred to afterwards, and call tools through it, so that every fact
is what a tool really returned. A move that does not work out raises `Unsuitable`; the
scene is then thrown away and its trial undone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal, TypeVar

import orjson

from eventsim.core.changes import RowChange
from eventsim.core.tools import ToolDefinition
from eventsim.environments.sql.execution import SqlEnvironment
from eventsim.environments.sql.names import plural
from eventsim.environments.sql.policy import Policy
from eventsim.environments.sql.tables import Column, ForeignKey, Table
from eventsim.environments.sql.tasks.inventions import speakable
from eventsim.environments.sql.tasks.phrases import Mention, literal
from eventsim.environments.sql.tasks.toolbox import Operation, Toolbox, rows_in
from eventsim.environments.sql.tasks.view import (
    DataView,
    Entry,
    by_key,
    is_person,
    numbered,
    quoted,
)

__all__ = ["Call", "Checkable", "Scene", "Step", "Unsuitable"]

T = TypeVar("T")


class Unsuitable(Exception):
    """This move cannot be made here; the text says why, for the record."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the reference solution."""

    tool: ToolDefinition
    arguments: Mapping[str, Any]


@dataclass(slots=True)
class Step:
    """One objective: its clause, how it is done, and what proves it.

    `outcome` says in the goal what holds in the end. `stated` are facts as (what it
    is, values); `refused` what the answer must decline. `given` are the columns whose
    new values the clause holds; `swaps` other calls in place of the last one, each
    of which must fail the checks.
    """

    kind: Literal["read", "write", "check", "refusal"]
    text: str
    outcome: str
    calls: list[Call] = field(default_factory=list)
    stated: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    refused: str = ""
    changes: list[RowChange] = field(default_factory=list)
    given: frozenset[str] = frozenset()
    known: list[str] = field(default_factory=list)
    swaps: list[Call] = field(default_factory=list)
    needs: tuple[str, ...] = ()
    missing_detail: bool = False


Checkable = tuple[Literal["value", "count", "left"], Entry, Column | Operation, Any]
"""What a later step can look at: a value, or how many rows belong to a row."""


@dataclass
class Scene:
    """What moves share. `taken` are rows that earlier tasks of the trajectory wrote;
    `written` those of this one; `ambiguous` the row that its name does not tell apart.
    """

    view: DataView
    tools: Toolbox
    env: SqlEnvironment
    policy: Policy
    rng: Random
    now: str
    taken: set[tuple[str, tuple[Any, ...]]]
    wrong_code: bool = False
    withholds: bool = False
    written: set[tuple[str, tuple[Any, ...]]] = field(default_factory=set)
    steps: list[Step] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    main: Entry | None = None
    ambiguous: Entry | None = None
    listed: list[Entry] = field(default_factory=list)
    asked: set[tuple[Any, str]] = field(default_factory=set)
    checkable: Checkable | None = None
    _nouns: dict[str, str] = field(default_factory=dict)
    _roles: dict[tuple[str, tuple[Any, ...]], str] = field(default_factory=dict)
    _said: dict[str, list[Entry]] = field(default_factory=dict)
    _calls: list[Call] = field(default_factory=list)
    _resolved: dict[tuple[str, tuple[Any, ...]], Mapping[str, Any]] = field(
        default_factory=dict
    )
    _ordinal: int = 0

    # --- words --------------------------------------------------------------------

    def noun(self, table: Table) -> str:
        """What rows of the table are called in this task: one word throughout."""
        if table.name not in self._nouns:
            usual = [table.words] * 3
            self._nouns[table.name] = self.rng.choice(
                usual + list(self.tools.synonyms(table))
            )
        return self._nouns[table.name]

    def many(self, table: Table) -> str:
        """The plural of the noun."""
        noun = self.noun(table)
        return table.plural if noun == table.words else plural(noun)

    def mention(self, entry: Entry, noun: str | None = None) -> Mention:
        """Speak of a row: in full at first, later mostly as "that …"."""
        called = noun or self._roles.get(entry.identity) or self.noun(entry.table)
        person = is_person(entry.table)
        said = self._said.setdefault(entry.table.name, [])
        known = entry in said
        if not known:
            said.append(entry)
        if known and len(said) == 1 and self.rng.random() < 0.8:
            return Mention(f"that {called}", called, back=True, person=person)
        listed = self._place(entry)
        if listed and (not known or self.rng.random() < 0.9):
            return Mention(listed, called, back=True, person=person)
        return Mention(self._in_full(entry, called), called, person=person)

    def _place(self, entry: Entry) -> str:
        """ "the first of them", if the step before listed the entry."""
        words = ("the first of them", "the second one", "the third one")
        for place, other in enumerate(self.listed[:3]):
            if other == entry:
                return words[place]
        return ""

    def _in_full(self, entry: Entry, noun: str) -> str:
        if self.names(entry):
            return f'the {noun} "{entry.name}"'
        key = next(iter(entry.key.values()), None)
        if numbered(entry.table):
            return f"{noun} {key}"
        if by_key(entry.table) and speakable(key):
            return f'the {noun} "{key}"'
        raise Unsuitable(f"{entry.table.words} rows have no name to call them by")

    def names(self, entry: Entry) -> bool:
        """Whether the entry can be called by its name here."""
        return (
            not by_key(entry.table)
            and speakable(entry.name)
            and self.tools.search(entry.table) is not None
            and (entry == self.ambiguous or self.view.occurrences(entry) == 1)
        )

    def hear(self, entry: Entry, noun: str = "") -> None:
        """A tool's answer named the entry: it may be referred to."""
        said = self._said.setdefault(entry.table.name, [])
        if entry not in said:
            said.append(entry)
        if noun:
            self._roles[entry.identity] = noun

    # --- calls --------------------------------------------------------------------

    def call(self, tool: ToolDefinition, arguments: Mapping[str, Any]) -> Any:
        """Execute a call of the reference; its decoded result.

        Raises: Unsuitable if the tool reports an error.
        """
        outcome = self.env.execute(tool, arguments, ordinal=self._ordinal)
        self._ordinal += 1
        if outcome.is_error:
            raise Unsuitable(f"{tool.name} failed: {outcome.content[:120]}")
        self._calls.append(Call(tool, arguments))
        self._changes = outcome.changes
        return orjson.loads(outcome.content)

    def fails(self, tool: ToolDefinition, arguments: Mapping[str, Any]) -> bool:
        """Execute a call that should be refused; whether it was."""
        outcome = self.env.execute(tool, arguments, ordinal=self._ordinal)
        self._ordinal += 1
        self._calls.append(Call(tool, arguments))
        return outcome.is_error and not outcome.changes

    @property
    def changes(self) -> tuple[RowChange, ...]:
        """What the last call did to rows."""
        return self._changes

    _changes: tuple[RowChange, ...] = ()

    def take_calls(self) -> list[Call]:
        """The calls since this was last asked: those of one objective."""
        calls, self._calls = self._calls, []
        return calls

    def resolve(self, entry: Entry) -> Mapping[str, Any]:
        """What a search by name shows of the entry, by column; made once a task.

        Raises: Unsuitable if the search does not find exactly this row, or, for the
        ambiguous entry, this one among few.
        """
        if entry.identity in self._resolved:
            return self._resolved[entry.identity]
        shown: Mapping[str, Any] = {}
        search = self.tools.search(entry.table)
        if search is not None and self.names(entry) and not self._place(entry):
            found = rows_in(self.call(search.tool, search.ask("text", entry.name)))
            rows = [row for row in found if search.key_in(row) == entry.key]
            if len(rows) != 1:
                raise Unsuitable(f"a search for {entry.name!r} does not find it")
            if len(found) > 1 and entry != self.ambiguous:
                raise Unsuitable(f"a search for {entry.name!r} finds several rows")
            if len(found) < 2 and entry == self.ambiguous:
                raise Unsuitable(f"a search for {entry.name!r} finds only one row")
            shown = _by_column(search, rows[0])
        self._resolved[entry.identity] = shown
        return shown

    def details(self, entry: Entry, column: Column) -> Any:
        """The value of a column as tools show it, with the calls that it takes."""
        shown = self.resolve(entry)
        if column.name in shown and entry.identity not in self.written:
            return shown[column.name]
        row = self.read(entry)
        if column.name not in row:
            raise Unsuitable(f"no tool shows the {column.words}")
        return row[column.name]

    def read(self, entry: Entry) -> Mapping[str, Any]:
        """The row by its key, by column; labels of parents stand under "role of".

        Raises: Unsuitable if no tool reads it.
        """
        get = self.tools.get(entry.table)
        if get is None:
            raise Unsuitable(f"no tool reads one {entry.table.words}")
        row = self.call(get.tool, get.bind(entry.key))
        if not isinstance(row, Mapping):
            raise Unsuitable(f"{get.tool.name} does not find the {entry.table.words}")
        return _by_column(get, row)

    # --- choices ------------------------------------------------------------------

    def pick(self, items: Iterable[T], why: str = "no row can be spoken of") -> T:
        """One of the items. Raises: Unsuitable when there is none."""
        found = list(items)
        if not found:
            raise Unsuitable(why)
        return self.rng.choice(found)

    def entry_of(self, table: Table, *, fresh: bool = False) -> Entry:
        """A row of the table that can be spoken of; `fresh`: not written before."""
        named = self.view.named.get(table.name, ())
        entries = self.view.entries(table.name)
        usable: Sequence[Entry] = ()
        if by_key(table):
            usable = [e for e in entries if speakable(next(iter(e.key.values())))]
        elif len(named) * 3 >= len(entries) and self.tools.search(table):
            usable = named
        for _ in range(8):
            entry = self.pick(usable, f"no {table.words} can be called by its name")
            if not fresh or entry.identity not in self.taken | self.written:
                return entry
        raise Unsuitable(f"every {table.words} at hand was changed before")

    def find(self, table: Table, key: Mapping[str, Any]) -> Entry | None:
        """The row with that key, as it is now."""
        where = " AND ".join(f"{quoted(column)} = ?" for column in key)
        columns = [c.name for c in table.visible if c.kind != "blob"]
        listed = ", ".join(quoted(column) for column in columns)
        rows = self.env.query(
            f"SELECT {listed} FROM {quoted(table.name)} WHERE {where}",
            tuple(key.values()),
        )
        if len(rows) != 1:
            return None
        row = dict(zip(columns, rows[0], strict=True))
        parts = [str(row[c]) for c in table.label if row.get(c) is not None]
        return Entry(table, dict(key), row, " ".join(parts) or None)

    def told(self, value: Any) -> bool:
        """Whether a value can be asked for: it can be said, and was not said yet."""
        return speakable(value) and not any(
            literal(value) in step.text for step in self.steps
        )

    def others(self, entry: Entry) -> list[Entry]:
        """A few other rows of the same table."""
        entries = self.view.entries(entry.table.name)
        start = self.rng.randrange(len(entries)) if entries else 0
        rest = [*entries[start:], *entries[:start]]
        return [e for e in rest[:4] if e.identity != entry.identity]

    def remember(self, operation: Operation, rows: Sequence[Mapping[str, Any]]) -> None:
        """Rows that an answer lists may be referred to by their place."""
        keys = [operation.key_in(row) for row in rows]
        found = [self.find(operation.table, key) for key in keys if key]
        self.listed = [entry for entry in found if entry is not None]
        if len(self.listed) != len(rows) or operation.table.link:
            self.listed = []
        if len(self.listed) == 1:
            self.hear(self.listed[0])

    def parent_of(self, entry: Entry, key: ForeignKey) -> Entry | None:
        """The row that a foreign key of the entry leads to."""
        values = [entry.row.get(column) for column in key.columns]
        if any(value is None for value in values):
            return None
        table = self.view.schema.by_name.get(key.parent)
        if table is None or set(key.targets) != set(table.primary_key):
            return None
        return self.find(table, dict(zip(key.targets, values, strict=True)))

    def children_of(self, entry: Entry, table: Table, key: ForeignKey) -> list[Entry]:
        """A few rows of a table that refer to the entry by a foreign key."""
        where = " AND ".join(f"{quoted(column)} = ?" for column in key.columns)
        columns = ", ".join(quoted(column) for column in table.primary_key)
        values = [entry.row.get(target) for target in key.targets]
        rows = self.env.query(
            f"SELECT {columns} FROM {quoted(table.name)} WHERE {where} LIMIT 3", values
        )
        found = [
            self.find(table, dict(zip(table.primary_key, row, strict=True)))
            for row in rows
        ]
        return [child for child in found if child is not None]

    def wrote(self, entry: Entry) -> None:
        """The entry was changed: no other objective shall change it."""
        self.written.add(entry.identity)

    # --- going back ---------------------------------------------------------------

    def mark(self) -> dict[str, Any]:
        """What a move may change in the scene, as it is now."""
        kept = {name: getattr(self, name) for name in _PLAIN}
        copied = {name: copy(getattr(self, name)) for name in _COPIED}
        said = {name: list(entries) for name, entries in self._said.items()}
        return {**kept, **copied, "_said": said}

    def rewind(self, mark: Mapping[str, Any]) -> None:
        """The scene as it was; rows are the business of the trial around the move."""
        for name, value in mark.items():
            setattr(self, name, value)


_PLAIN = ("main", "withholds", "checkable", "ambiguous")
_COPIED = (
    *("written", "steps", "known", "asked", "listed"),
    *("_nouns", "_roles", "_calls", "_resolved"),
)


def _by_column(operation: Operation, row: Mapping[str, Any]) -> dict[str, Any]:
    """A result row by column of its table; a parent's label under "via" and column."""
    found: dict[str, Any] = {}
    for name, source in operation.purpose.results.items():
        if source.computed or name not in row:
            continue
        if source.via:
            found[f"via {source.via}"] = row[name]
        elif len(source.columns) == 1 and source.table == operation.table.name:
            found[source.columns[0]] = row[name]
    return found
