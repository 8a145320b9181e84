"""Finds columns whose value follows from others in every row, by looking at the rows.

A total that equals the sum of its lines, a price that equals rate times hours: such a
column written alone would break the data, so no tool writes it. A coincidence must
not count: at least five rows with three different values are needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, permutations
from typing import Any

import apsw

from eventsim.environments.sql.digest import quoted
from eventsim.environments.sql.tables import Column, Derivation, ForeignKey, Table

__all__ = ["find_derivations", "marked"]

_LEAST_ROWS = 5
_LEAST_VALUES = 3
_MOST_NUMBERS = 8
_MOST_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class _Formula:
    sql: str
    components: tuple[str, ...]
    words: str


def find_derivations(
    con: apsw.Connection, tables: Sequence[Table]
) -> tuple[Derivation, ...]:
    """All derived columns, those of the same row first."""
    inner = [found for table in tables for found in _within_rows(con, table)]
    known = {(found.table, found.column) for found in inner}
    across = [
        found for table in tables for found in _over_lines(con, table, tables, known)
    ]
    return (*inner, *across)


def marked(
    tables: Sequence[Table], derivations: Sequence[Derivation]
) -> Iterator[Table]:
    """The tables with the reason at each column that is derived."""
    reasons = {(found.table, found.column): found.reason for found in derivations}
    for table in tables:
        columns = tuple(
            replace(column, derived=reasons.get((table.name, column.name), ""))
            for column in table.columns
        )
        yield replace(table, columns=columns)


def _numbers(table: Table) -> list[Column]:
    """Measured columns, and those that are constant so far, as quantities may be."""
    keys = {*table.primary_key, *(c for f in table.foreign_keys for c in f.columns)}
    return [
        column
        for column in table.visible
        if column.kind in ("integer", "number")
        and column.name not in keys
        and not column.generated
    ][:_MOST_NUMBERS]


def _candidates(table: Table) -> list[Column]:
    """Columns that may be derived: varied, filled in every row."""
    if table.view or not _LEAST_ROWS <= table.row_count <= _MOST_ROWS:
        return []
    return [
        column
        for column in _numbers(table)
        if column.measure
        and column.statistics.distinct >= _LEAST_VALUES
        and column.statistics.nulls == 0
    ]


def _within_rows(con: apsw.Connection, table: Table) -> Iterator[Derivation]:
    taken: set[str] = set()
    for column in _candidates(table):
        others = [c for c in _numbers(table) if c is not column and c.name not in taken]
        formulas = [f for f in _of_pairs(others) if column.name not in f.components]
        digits = column.statistics.decimals
        if not formulas:
            continue
        gaps = ", ".join(
            f"max(abs({quoted(column.name)} - ({formula.sql})))" for formula in formulas
        )
        row: tuple[Any, ...] = con.execute(
            f"SELECT {gaps}, {_unknowns(formulas)} FROM main.{quoted(table.name)}"
        ).fetchall()[0]
        for place, formula in enumerate(formulas):
            if row[len(formulas) + place] or not _equal(row[place], digits):
                continue
            taken.add(column.name)
            yield Derivation(
                table=table.name,
                column=column.name,
                source=table.name,
                formula=formula.sql,
                components=formula.components,
                reason=f"it always equals {formula.words}",
                decimals=digits,
            )
            break


def _unknowns(formulas: Sequence[_Formula]) -> str:
    return ", ".join(f"sum(({formula.sql}) IS NULL)" for formula in formulas)


def _of_pairs(columns: Sequence[Column]) -> Iterator[_Formula]:
    varied = [c for c in columns if c.statistics.distinct > 1]
    for one, other in combinations(varied, 2):
        names = (one.name, other.name)
        for mark, word in (("*", "times"), ("+", "plus")):
            yield _Formula(
                f"{quoted(one.name)} {mark} {quoted(other.name)}",
                names,
                f"{one.words} {word} {other.words}",
            )
    for one, other in permutations(varied, 2):
        yield _Formula(
            f"{quoted(one.name)} - {quoted(other.name)}",
            (one.name, other.name),
            f"{one.words} minus {other.words}",
        )


def _over_lines(
    con: apsw.Connection,
    table: Table,
    tables: Sequence[Table],
    known: set[tuple[str, str]],
) -> Iterator[Derivation]:
    columns = [c for c in _candidates(table) if (table.name, c.name) not in known]
    lines = [
        (child, foreign)
        for child in tables
        for foreign in child.foreign_keys
        if foreign.parent == table.name
        and child.name != table.name
        and child.row_count <= _MOST_ROWS
    ]
    for child, foreign in lines:
        formulas = list(_of_lines(child))
        found = _sums(con, table, columns, child, foreign, formulas)
        for column, formula in found:
            columns.remove(column)
            yield Derivation(
                table=table.name,
                column=column.name,
                source=child.name,
                formula=formula.sql,
                components=formula.components,
                reason=f"it always equals {formula.words}",
                decimals=column.statistics.decimals,
                via=foreign,
            )


def _of_lines(child: Table) -> Iterator[_Formula]:
    """Products first: a quantity that is always 1 must not hide behind its price."""
    numbers = _numbers(child)
    many = child.plural
    for one, other in combinations(numbers, 2):
        yield _Formula(
            f"{quoted(one.name)} * {quoted(other.name)}",
            (one.name, other.name),
            f"the sum of {one.words} times {other.words} of its {many}",
        )
    for one in numbers:
        yield _Formula(
            quoted(one.name), (one.name,), f"the sum of the {one.words} of its {many}"
        )
    yield _Formula("1", (), f"the number of its {many}")


def _sums(
    con: apsw.Connection,
    table: Table,
    columns: Sequence[Column],
    child: Table,
    foreign: ForeignKey,
    formulas: Sequence[_Formula],
) -> list[tuple[Column, _Formula]]:
    if not columns:
        return []
    pairs = [(column, formula) for column in columns for formula in formulas]
    sums = ", ".join(f"sum({f.sql}) AS s{place}" for place, f in enumerate(formulas))
    keys = ", ".join(quoted(name) for name in foreign.columns)
    on = " AND ".join(
        f"l.{quoted(own)} = p.{quoted(target)}"
        for own, target in zip(foreign.columns, foreign.targets, strict=True)
    )
    gaps = ", ".join(
        f"max(abs(p.{quoted(column.name)} - coalesce(l.s{formulas.index(formula)}, 0)))"
        for column, formula in pairs
    )
    row: tuple[Any, ...] = con.execute(
        f"SELECT {gaps} FROM main.{quoted(table.name)} AS p LEFT JOIN (SELECT {keys},"
        f" {sums} FROM main.{quoted(child.name)} GROUP BY {keys}) AS l ON {on}"
    ).fetchall()[0]
    found: dict[str, tuple[Column, _Formula]] = {}
    for (column, formula), gap in zip(pairs, row, strict=True):
        if column.name not in found and _equal(gap, column.statistics.decimals):
            found[column.name] = (column, formula)
    return list(found.values())


def _equal(gap: float | None, decimals: int) -> bool:
    return gap is not None and gap < 0.5 * 10.0**-decimals * 0.01 + 1e-9
