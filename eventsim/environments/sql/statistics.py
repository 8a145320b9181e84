"""Looks at the rows: what each column really holds, and how often.

One statement a table, over at most 20,000 rows, so that a large database costs no
more than a moment. What the figures mean is `meaning`'s to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from eventsim.environments.sql.digest import quoted
from eventsim.environments.sql.tables import Statistics

__all__ = ["Observed", "observe", "row_count"]

_ROWS = 20_000
_COLUMNS_AT_ONCE = 40


@dataclass(frozen=True, slots=True)
class Observed:
    """The figures of a column, and how many of its values are of which sort."""

    statistics: Statistics
    integers: int = 0
    reals: int = 0
    texts: int = 0
    blobs: int = 0
    dates: int = 0
    datetimes: int = 0
    stamps: int = 0


def row_count(con: apsw.Connection, table: str) -> int:
    """How many rows a table or view has."""
    return int(con.execute(f"SELECT count(*) FROM main.{quoted(table)}").get)


def observe(
    con: apsw.Connection, table: str, columns: Sequence[str]
) -> dict[str, Observed]:
    """What the rows of a table say of its columns, by name."""
    found: dict[str, Observed] = {}
    for start in range(0, len(columns), _COLUMNS_AT_ONCE):
        some = columns[start : start + _COLUMNS_AT_ONCE]
        measures = ", ".join(_measures(quoted(name)) for name in some)
        chosen = ", ".join(quoted(name) for name in some)
        row: tuple[Any, ...] = con.execute(
            f"SELECT count(*), {measures} FROM"
            f" (SELECT {chosen} FROM main.{quoted(table)} LIMIT {_ROWS})"
        ).fetchall()[0]
        width = (len(row) - 1) // len(some)
        for place, name in enumerate(some):
            figures = row[1 + place * width : 1 + (place + 1) * width]
            found[name] = _observed(row[0], *figures)
    return found


_DATE = "'[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'"
_DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
_STAMP = f"'{_DAY} [0-9][0-9]:[0-9][0-9]:[0-9][0-9]'"
_DATETIME = "'[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9][ T][0-9][0-9]:*'"


def _measures(name: str) -> str:
    number = f"typeof({name}) IN ('integer', 'real')"
    return ", ".join(
        (
            f"count({name})",
            f"count(DISTINCT {name})",
            f"sum(typeof({name}) = 'integer')",
            f"sum(typeof({name}) = 'real')",
            f"sum(typeof({name}) = 'text')",
            f"sum(typeof({name}) = 'blob')",
            f"sum(typeof({name}) = 'text' AND {name} GLOB {_DATE})",
            f"sum(typeof({name}) = 'text' AND {name} GLOB {_DATETIME})",
            f"sum(typeof({name}) = 'text' AND {name} GLOB {_STAMP})",
            f"min({name}) FILTER (WHERE {number})",
            f"max({name}) FILTER (WHERE {number})",
            f"max(length({name})) FILTER (WHERE typeof({name}) = 'text')",
            *(
                f"max(abs({name} - round({name}, {digits})))"
                f" FILTER (WHERE typeof({name}) = 'real')"
                for digits in (0, 1, 2, 3, 4)
            ),
        )
    )


def _observed(  # one argument a figure, in the order of `_measures`
    rows: int,
    filled: int,
    distinct: int,
    integers: int | None,
    reals: int | None,
    texts: int | None,
    blobs: int | None,
    dates: int | None,
    datetimes: int | None,
    stamps: int | None,
    least: float | None,
    greatest: float | None,
    longest: int | None,
    *off: float | None,
) -> Observed:
    exact = (digits for digits, gap in enumerate(off) if (gap or 0.0) < 1e-9)
    return Observed(
        Statistics(
            distinct=distinct,
            nulls=rows - filled,
            filled=filled,
            least=least,
            greatest=greatest,
            decimals=next(exact, 6) if reals else 0,
            longest=longest or 0,
        ),
        integers=integers or 0,
        reals=reals or 0,
        texts=texts or 0,
        blobs=blobs or 0,
        dates=dates or 0,
        datetimes=datetimes or 0,
        stamps=stamps or 0,
    )
