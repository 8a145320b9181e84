"""What the tables, columns and roles of one schema are called, in words and keys.

Words are English and lower case ("invoice line"); keys are ASCII snake_case, distinct
in the schema or in the table. A prefix that every table shares is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eventsim.environments.sql.names import (
    ascii_key,
    clipped,
    distinct_keys,
    plural,
    singular,
    split_words,
)
from eventsim.environments.sql.thesaurus import synonyms

__all__ = ["TableNames", "column_names", "role_of", "table_names"]

_REFERENCE_SUFFIXES = frozenset(("id", "ids", "fk", "key", "ref", "code", "no", "uuid"))
# Words that say too little without their owner: the "date" of an invoice.
_BARE = _REFERENCE_SUFFIXES | {"date", "day", "number", "num", "time", "year", "at"}
_ROLES = {
    "reports to": "manager",
    "reporting to": "manager",
    "managed by": "manager",
    "created by": "creator",
    "written by": "author",
    "assigned to": "assignee",
    "owned by": "owner",
    "sold by": "seller",
    "sold to": "buyer",
    "parent": "parent",
}


@dataclass(frozen=True, slots=True)
class TableNames:
    """What a table is called: one row, many rows, keys of both, other words."""

    key: str
    plural_key: str
    words: str
    plural: str
    also: tuple[str, ...]


def table_names(tables: Mapping[str, Sequence[str]]) -> Mapping[str, TableNames]:
    """The names of all tables, given the names of their columns.

    No other word for a table is what a table or a column is called itself.
    """
    split = [split_words(name) for name in tables]
    prefix = _shared_prefix(split)
    nouns = [(*words[prefix:-1], singular(words[-1])) for words in split]
    keys = distinct_keys(nouns, "table")
    taken = {" ".join(noun) for noun in nouns}
    taken.update(
        " ".join(split_words(name)) for some in tables.values() for name in some
    )
    named = {}
    for name, noun, key in zip(tables, nouns, keys, strict=True):
        words = " ".join(noun)
        many = plural(words)
        plain = clipped(ascii_key(many.split()), 48)
        many_key = plain if ascii_key(noun) == key and plain else key
        named[name] = TableNames(key, many_key, words, many, synonyms(words, taken))
    return named


def _shared_prefix(split: Sequence[tuple[str, ...]]) -> int:
    if len(split) < 3:
        return 0
    shared = 0
    for column in zip(*split, strict=False):
        if len(set(column)) > 1:
            break
        shared += 1
    named = all(any(map(str.isalpha, words[shared:])) for words in split)
    return shared if named else 0


def column_names(
    names: Sequence[str], own: TableNames, primary_key: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """The key and the words of each column of a table."""
    split = [_column_words(name, own, primary_key) for name in names]
    keys = distinct_keys(split, "column")
    return tuple(
        (key, _without_owner(words, own))
        for key, words in zip(keys, split, strict=True)
    )


def _column_words(
    name: str, own: TableNames, primary_key: Sequence[str]
) -> tuple[str, ...]:
    words = split_words(name)
    if words == ("id",) and tuple(primary_key) == (name,):
        return (*own.words.split(), "id")
    return words


def _without_owner(words: tuple[str, ...], own: TableNames) -> str:
    owner = tuple(own.words.split())
    rest = words[len(owner) :]
    if words[: len(owner)] == owner and rest and rest[0] not in _BARE:
        return " ".join(rest)
    return " ".join(words)


def role_of(columns: Sequence[str], parent: str) -> str:
    """What the referred row is to the referring one: "support rep", "manager"."""
    if len(columns) != 1:
        return parent
    words = split_words(columns[0])
    while len(words) > 1 and words[-1] in _REFERENCE_SUFFIXES:
        words = words[:-1]
    role = " ".join(words)
    return _ROLES.get(role, parent if role in _REFERENCE_SUFFIXES else role)
