"""What writes did to rows: evidence that the viewer shows and the checks read.

A change is about one row. `net` folds a history of changes into its effect, so that
a change and its undoing leave nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from eventsim.core.values import JsonObject, Value, canonical, freeze

__all__ = ["RowChange", "net"]


class RowChange(Value):
    """One row of one table: `old` and `new` hold only the columns that differ.

    An insert has every column in `new`, a delete every column in `old`; neither
    repeats the `key`. BLOBs are strings "x'hex'".
    """

    table: str
    op: Literal["insert", "update", "delete"]
    key: JsonObject
    old: JsonObject = freeze({})
    new: JsonObject = freeze({})


def net(changes: Iterable[RowChange]) -> tuple[RowChange, ...]:
    """The combined effect of changes in order, one a row, in order of first touch."""
    rows: dict[tuple[str, bytes], RowChange | None] = {}
    for change in changes:
        where = (change.table, canonical(change.key))
        earlier = rows.get(where)
        rows[where] = change if earlier is None else _combine(earlier, change)
    return tuple(change for change in rows.values() if change is not None)


def _combine(first: RowChange, then: RowChange) -> RowChange | None:
    match (first.op, then.op):
        case ("insert", "update"):
            return first.model_copy(update={"new": freeze({**first.new, **then.new})})
        case ("insert", "delete"):
            return None
        case ("update", "delete"):
            return then.model_copy(update={"old": freeze({**then.old, **first.old})})
        case _:
            # update after update, or insert after delete of the same key: an update
            # of the columns whose first and last values differ.
            old = {**then.old, **first.old}
            new = {**first.new, **then.new}
            differing = [c for c in new if c not in old or old[c] != new[c]]
            if not differing:
                return None
            return first.model_copy(
                update={
                    "op": "update",
                    "old": freeze({c: old[c] for c in differing if c in old}),
                    "new": freeze({c: new[c] for c in differing}),
                }
            )
