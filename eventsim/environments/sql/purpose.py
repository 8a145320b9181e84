"""What a generated tool is for, in terms of the schema: for the task writer alone.

No assistant sees it. With it a task is phrased, its reference solution called and its
expected changes named without reading SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Family", "Purpose", "ResultColumn", "Target"]

Family = Literal[
    "get",
    "search",
    "list",
    "top",
    "count",
    "total",
    "average",
    "insert",
    "update",
    "delete",
]


@dataclass(frozen=True, slots=True)
class Target:
    """What a parameter stands for.

    `key`: a key column of the tool's table; `parent`: of `table`, whose rows are
    listed or counted by; `filter`: the column equals it; `text`: the label contains
    it; `value`: the column is written; `limit`: how many rows.
    """

    role: Literal["key", "parent", "filter", "text", "value", "limit"]
    table: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """Where a key of the result comes from.

    One column, or the columns of a label joined by a space. `via` is the foreign key
    column of the tool's table that leads to another `table`; `computed` marks counts,
    sums and averages, whose `columns` are what they are computed over.
    """

    table: str
    columns: tuple[str, ...]
    via: str = ""
    computed: bool = False


@dataclass(frozen=True, slots=True)
class Purpose:
    """What one tool does.

    `table` is what it reads or writes; of aggregates, the table whose rows are
    counted or summed; of `top` by a count, the table whose rows are ranked, with
    `counted` the one that refers to it. `parent` is the table whose key selects rows,
    `via` the way there: columns of `table`, or of the link table `link`. `measure` is
    the column that is ranked, summed or averaged; `filter` the column filtered by.
    `all_rows`: a list of the whole table. `given` are columns that an insert sets by
    itself, with their value (a total of no lines: 0).
    """

    tool: str
    family: Family
    table: str
    key: tuple[str, ...]
    parameters: Mapping[str, Target]
    results: Mapping[str, ResultColumn]
    parent: str = ""
    via: tuple[str, ...] = ()
    link: str = ""
    filter: str = ""
    measure: str = ""
    counted: str = ""
    all_rows: bool = False
    given: Mapping[str, object] = field(default_factory=dict)
