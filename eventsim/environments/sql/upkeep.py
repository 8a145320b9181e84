"""Keeps totals right: triggers of the environment for columns that follow from lines.

No tool writes such a column; when a tool writes the lines, these temporary triggers
write the sum anew, so that what held of every row of the source still holds. A column
that follows from its own row needs none: the statements of its table compute it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from eventsim.environments.sql.digest import quoted
from eventsim.environments.sql.image import Image
from eventsim.environments.sql.schema import read_schema
from eventsim.environments.sql.tables import Derivation

__all__ = ["upkeep_script"]


@lru_cache(maxsize=16)
def upkeep_script(image: Image) -> str:
    """The CREATE TEMP TRIGGER statements for an image; empty if nothing is derived."""
    parts: list[str] = []
    for number, derivation in enumerate(read_schema(image).derivations):
        if derivation.via is not None:
            parts.extend(_triggers(derivation, f"upkeep_{number}"))
    return "\n".join(parts)


def _triggers(derivation: Derivation, name: str) -> Iterator[str]:
    lines = f"main.{quoted(derivation.source)}"
    assert derivation.via is not None
    watched = ", ".join(
        quoted(column) for column in (*derivation.via.columns, *derivation.components)
    )
    yield _trigger(f"{name}_insert", f"AFTER INSERT ON {lines}", derivation, "NEW")
    yield _trigger(f"{name}_delete", f"AFTER DELETE ON {lines}", derivation, "OLD")
    update = f"AFTER UPDATE OF {watched} ON {lines}"
    yield _trigger(f"{name}_update", update, derivation, "NEW", "OLD")


def _trigger(name: str, event: str, derivation: Derivation, *rows: str) -> str:
    body = " ".join(_update(derivation, row) for row in rows)
    return f"CREATE TEMP TRIGGER {quoted(name)} {event} BEGIN {body} END;"


def _update(derivation: Derivation, row: str) -> str:
    via = derivation.via
    assert via is not None
    pairs = list(zip(via.columns, via.targets, strict=True))
    lines = " AND ".join(f"{quoted(own)} = {row}.{quoted(own)}" for own, _ in pairs)
    owner = " AND ".join(f"{quoted(to)} = {row}.{quoted(own)}" for own, to in pairs)
    digits = derivation.decimals
    total = f"coalesce(sum({derivation.formula}), 0)"
    value = f"round({total}, {digits})" if digits else total
    column = quoted(derivation.column)
    fresh = f"(SELECT {value} FROM {quoted(derivation.source)} WHERE {lines})"
    # A difference that is only rounding would show up as a change of its own.
    return (
        f"UPDATE {quoted(derivation.table)} SET {column} = {fresh}"
        f" WHERE {owner} AND abs({column} - {fresh}) > 1e-7;"
    )
