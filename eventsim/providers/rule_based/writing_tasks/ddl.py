"""CREATE TABLE statements, read from the text of a request.

Only what tools and tasks are made from is kept: columns with their kinds, keys, values
that a CHECK lists, and what comments after a statement say of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from eventsim.providers.rule_based.designing.words import (
    plural,
    singular,
    split_name,
)

__all__ = ["Column", "Reference", "Table", "read_tables"]

Kind = Literal["integer", "number", "text", "date", "datetime", "blob"]

_CREATE = re.compile(
    r"^CREATE TABLE\s+(\"[^\"]+\"|\[[^\]]+\]|`[^`]+`|\w+)\s*\(",
    re.MULTILINE | re.IGNORECASE,
)
_REMARKS = re.compile(r"[^;]*;((?:\n-- [^\n]*)*)")
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_NAME = r"(?:\"[^\"]+\"|\[[^\]]+\]|`[^`]+`|[\w$]+)"
_COLUMN = re.compile(rf"(?P<name>{_NAME})\s*(?P<type>[A-Za-z ]*(?:\([\d, ]+\))?)")
_REFERENCES = re.compile(
    rf"REFERENCES\s+(?P<parent>{_NAME})\s*(?:\((?P<targets>[^)]*)\))?", re.IGNORECASE
)
_FOREIGN = re.compile(r"FOREIGN\s+KEY\s*\(([^)]*)\)", re.IGNORECASE)
_PRIMARY = re.compile(r"PRIMARY\s+KEY\s*\(([^)]*)\)", re.IGNORECASE)
_UNIQUE = re.compile(r"UNIQUE\s*\(([^)]*)\)", re.IGNORECASE)
_CHOICES = re.compile(
    rf"CHECK\s*\(\s*(?P<name>{_NAME})\s+IN\s*\((?P<list>[^)]*)\)", re.IGNORECASE
)
_DEFAULT = re.compile(
    r"DEFAULT\s+(?P<value>'(?:[^']|'')*'|\([^)]*\)|[-\w.]+)", re.IGNORECASE
)
_ENDS = re.compile(
    r"\b(?:NOT|NULL|PRIMARY|UNIQUE|CHECK|DEFAULT|REFERENCES|COLLATE|GENERATED|AS|"
    r"CONSTRAINT|AUTOINCREMENT)\b.*",
    re.IGNORECASE | re.DOTALL,
)
# Words that say too little without their owner: the "date" of an order.
_BARE = frozenset("id code date day key name number no time title type year".split())
_TABLE_WORDS = ("CONSTRAINT", "PRIMARY", "FOREIGN", "UNIQUE", "CHECK")
_ROWS = re.compile(r"has (\d+) rows?\.")
_DERIVED = re.compile(r"\.(\S+) cannot be set by a tool")
_UNWRITABLE = re.compile(r"cannot be written")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `key` is its name in arguments and results; `by_itself`: a value
    comes about without being given; `derived`: it may not be given at all.
    """

    name: str
    key: str
    words: str
    kind: Kind
    required: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()
    unique: bool = False
    derived: bool = False

    @property
    def by_itself(self) -> bool:
        """Whether SQLite fills it in with the time of the change."""
        return "CURRENT" in self.default.upper() or "NOW" in self.default.upper()


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that names a row of another table; `role` is what that row is here."""

    column: str
    parent: str
    target: str
    role: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `label` are the columns that people call its rows by; `link`: a row
    only ties two others together; `assigned`: SQLite gives new rows their key.
    """

    name: str
    words: str
    plural: str
    columns: tuple[Column, ...]
    primary: tuple[str, ...]
    references: tuple[Reference, ...] = ()
    together: tuple[tuple[str, ...], ...] = ()
    rows: int = 0
    unwritable: bool = False
    label: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """One row, in names."""
        return "_".join(self.words.split())

    @property
    def many(self) -> str:
        """Many rows, in names."""
        return "_".join(self.plural.split())

    def column(self, name: str) -> Column:
        """The column of that name, in whatever case."""
        return next(c for c in self.columns if c.name.casefold() == name.casefold())

    def reference(self, column: str) -> Reference | None:
        """The reference that a column is."""
        return next((r for r in self.references if r.column == column), None)

    @property
    def assigned(self) -> bool:
        """Whether the key is one whole number, which is left to SQLite."""
        if len(self.primary) != 1:
            return False
        column = self.column(self.primary[0])
        return column.kind == "integer" and self.reference(column.name) is None

    @property
    def link(self) -> bool:
        """Whether all of the key are references and little else is there."""
        tied = [n for n in self.primary if self.reference(n) is not None]
        return len(self.primary) == 2 == len(tied)


def read_tables(text: str) -> tuple[Table, ...]:
    """The tables of all CREATE TABLE statements in a text, in order."""
    found = [_table(*parts) for parts in _statements(text)]
    by_name = {table.name.casefold(): table for table in found}
    return tuple(_resolved(table, by_name) for table in found)


def _statements(text: str) -> Iterator[tuple[str, str, str]]:
    """Each table's name, what stands in its brackets, and the comments after it."""
    for match in _CREATE.finditer(text):
        depth, quote = 1, ""
        for place in range(match.end(), len(text)):
            letter = text[place]
            if quote:
                quote = "" if letter == quote else quote
            elif letter in "'\"":
                quote = letter
            else:
                depth += (letter == "(") - (letter == ")")
            if depth == 0:
                remarks = _REMARKS.match(text, place)
                body = _COMMENT.sub(" ", text[match.end() : place])
                yield _bare(match[1]), body, remarks[1] if remarks else ""
                break


def _table(name: str, body: str, remarks: str) -> Table:
    words = singular(" ".join(split_name(name)))
    parts = [" ".join(part.split()) for part in _parts(body)]
    own = [p for p in parts if p.split(" ")[0].upper() not in _TABLE_WORDS]
    rest = [p for p in parts if p not in own]
    derived = {n.rstrip(".,:") for n in _DERIVED.findall(remarks)}
    columns = [_column(part, words) for part in own]
    primary = [c.name for c, p in zip(columns, own, strict=True) if _is_key(p)]
    references = [
        _reference((column.name,), found, words)
        for column, part in zip(columns, own, strict=True)
        if (found := _REFERENCES.search(part))
    ]
    together = []
    for part in rest:
        if key := _PRIMARY.search(part):
            primary = _names(key[1])
        if unique := _UNIQUE.search(part):
            together.append(tuple(_names(unique[1])))
        target = _REFERENCES.search(part)
        if (foreign := _FOREIGN.search(part)) and target:
            references.append(_reference(tuple(_names(foreign[1])), target, words))
    singles = {names[0] for names in together if len(names) == 1}
    counted = _ROWS.search(remarks)
    choices = {
        _bare(m["name"]): _texts(m["list"]) for p in parts for m in _CHOICES.finditer(p)
    }
    columns = [
        replace(
            column,
            unique=column.unique or column.name in singles,
            derived=column.name in derived,
            choices=choices.get(column.name, ()),
        )
        for column in columns
    ]
    table = Table(
        name=name,
        words=words,
        plural=plural(words),
        columns=tuple(columns),
        primary=tuple(primary),
        references=tuple(r for r in references if r is not None),
        together=tuple(names for names in together if len(names) > 1),
        rows=int(counted[1]) if counted else 0,
        unwritable=bool(_UNWRITABLE.search(remarks)) or not primary,
    )
    return replace(table, label=_label(table))


def _resolved(table: Table, by_name: dict[str, Table]) -> Table:
    """The table with the real names of what it refers to; others are let go."""
    found = []
    for reference in table.references:
        parent = by_name.get(reference.parent.casefold())
        if parent is None or len(parent.primary) != 1:
            continue
        target = reference.target or parent.primary[0]
        role = parent.words if reference.role == "" else reference.role
        if role == " ".join(split_name(parent.name)):
            role = parent.words
        found.append(Reference(reference.column, parent.name, target, role))
    return replace(table, references=tuple(found))


# --- parts --------------------------------------------------------------------------


def _parts(body: str) -> Iterator[str]:
    """The definitions between the commas of the outermost level."""
    depth, start, quote = 0, 0, ""
    for place, letter in enumerate(body):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
        elif letter == "," and depth == 0:
            yield body[start:place]
            start = place + 1
    if body[start:].strip():
        yield body[start:]


def _column(part: str, owner: str) -> Column:
    found = _COLUMN.match(part)
    name = _bare(found["name"]) if found else part.split(" ")[0]
    declared = _ENDS.sub("", found["type"]).strip().upper() if found else ""
    default = _DEFAULT.search(part)
    split = split_name(name)
    if split == ("id",):
        split = (*owner.split(), "id")
    words = " ".join(split)
    rest = words.removeprefix(f"{owner} ")
    if rest not in _BARE:
        words = rest
    upper = part.upper()
    return Column(
        name=name,
        key="_".join(split),
        words=words,
        kind=_kind(declared),
        required="NOT NULL" in upper,
        default=default["value"] if default else "",
        unique=bool(re.search(r"\bUNIQUE\b", upper)),
    )


def _kind(declared: str) -> Kind:
    if "DATETIME" in declared or "TIMESTAMP" in declared:
        return "datetime"
    if "DATE" in declared:
        return "date"
    if "INT" in declared or "BOOL" in declared:
        return "integer"
    if any(word in declared for word in ("CHAR", "TEXT", "CLOB")):
        return "text"
    if "BLOB" in declared:
        return "blob"
    return "number" if declared else "text"


def _is_key(part: str) -> bool:
    return bool(re.search(r"\bPRIMARY\s+KEY\b", part, re.IGNORECASE))


def _reference(
    columns: Sequence[str], found: re.Match[str], owner: str
) -> Reference | None:
    if len(columns) != 1:
        return None
    targets = _names(found["targets"] or "")
    words = list(split_name(columns[0]))
    while len(words) > 1 and words[-1] in ("id", "fk", "key", "ref", "code", "no"):
        words.pop()
    role = " ".join(words)
    if role in ("reports to", "managed by"):
        role = "manager"
    if role in ("id", owner):
        role = ""
    return Reference(columns[0], _bare(found["parent"]), "".join(targets[:1]), role)


def _names(text: str) -> list[str]:
    return [_bare(part.split()[0]) for part in text.split(",") if part.strip()]


def _bare(name: str) -> str:
    name = name.strip()
    return name[1:-1] if name[:1] in '"[`' else name


def _texts(text: str) -> tuple[str, ...]:
    return tuple(t.replace("''", "'") for t in re.findall(r"'((?:[^']|'')*)'", text))


_NAMES = ("name", "title", "label")


def _label(table: Table) -> tuple[str, ...]:
    """What people call a row by: first and last name, or its name or title."""
    texts = {c.key: c.name for c in table.columns if c.kind == "text"}
    first = next((n for k, n in texts.items() if k in ("first_name", "forename")), "")
    last = next((n for k, n in texts.items() if k in ("last_name", "surname")), "")
    if first and last:
        return first, last
    for wanted in _NAMES:
        for key in (wanted, f"{table.key}_{wanted}", f"full_{wanted}"):
            if key in texts:
                return (texts[key],)
    return ()
