"""Attributes of a row: the columns that answer, and what only another row holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eventsim.providers.rule_based.assistant.english import split_name
from eventsim.providers.rule_based.assistant.memory import Thing
from eventsim.providers.rule_based.assistant.resolving import (
    read_one,
)
from eventsim.providers.rule_based.assistant.rows import (
    Row,
    columns_for,
    foreign_things,
    label_of,
    role_at,
)
from eventsim.providers.rule_based.assistant.script import Script

__all__ = ["Columns", "answering_columns", "follow"]

Columns = list[tuple[tuple[str, ...], tuple[str, ...]]]


def answering_columns(
    script: Script, row: Row, asked: Sequence[tuple[str, ...]], entity: str
) -> tuple[Columns, list[tuple[str, ...]]]:
    """The columns that answer, and what no column answers."""
    found: Columns = []
    missing: list[tuple[str, ...]] = []
    for words in asked:
        columns = _related(script, row, words, entity) or columns_for(
            row, words, entity, script.lexicon
        )
        if columns:
            found.append((words, columns))
        else:
            missing.append(words)
    return found, missing


def _related(
    script: Script, row: Row, words: tuple[str, ...], entity: str
) -> tuple[str, ...]:
    """The label of another thing, where the words name that thing."""
    named = script.lexicon.nouns.get(words)
    for owner, column, _, label in foreign_things(row, entity, script.lexicon):
        role = role_at(column, script.lexicon)
        if label is None or not (owner == named or role == words):
            continue
        return tuple(c for c in row if row[c] is not None and str(row[c]) == label)[:1]
    return ()


def follow(
    script: Script,
    row: Row,
    entity: str,
    columns: Columns,
    missing: list[tuple[str, ...]],
) -> tuple[Row, Columns, list[tuple[str, ...]]]:
    """Look up what only another thing has: the title of the album of the track."""
    left = []
    for words in missing:
        named = script.lexicon.nouns.get(words)
        answer: tuple[str, Any] | None = None
        for owner, column, key, _ in foreign_things(row, entity, script.lexicon):
            role = role_at(column, script.lexicon)
            inside = (
                len(words) > 1 and tuple(owner.split()) == words[: len(owner.split())]
            )
            if not (owner == named or role == words or inside):
                continue
            other = read_one(script, Thing(owner, (key,), None, {column: key}))
            if other is None:
                continue
            said = script.lexicon.entities[owner].one
            if inside and owner != named:
                found = columns_for(other, words, owner, script.lexicon)
                value = other[found[0]] if found else None
                said = f"{said} {found[0]}" if found else said
            else:
                value = label_of(other, owner, script.lexicon)
                said = said if owner == named else " ".join(split_name(column)[:-1])
            if value is not None:
                answer = (said + " ", value)
                break
        if answer is None:
            left.append(words)
            continue
        row = {**row, answer[0]: answer[1]}
        columns = [*columns, (words, (answer[0],))]
    return row, columns, left
