"""What came of importing a file, and of each of its rows.

The same whether the rows were imported now or were there before: what is told of a row
is what the log holds of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from eventsim.core.events import TrajectoryImported

__all__ = ["Imported", "Told"]

_MOST_TOLD = 100_000
_MOST_OF_A_ROW = 1_000


class Told(NamedTuple):
    """What no event says of a row, as JSON pointers, and the remarks on it; `more`
    counts pointers that are left out.
    """

    row: int
    kept: tuple[str, ...]
    notes: tuple[str, ...]
    more: int = 0


@dataclass(slots=True)
class Imported:
    """What came of a file: rows read, imported now, there before, and rejected with
    the reason. `beside` counts rows by what of them no event says, `notes` by remark;
    `told` says both of each row, for as many as can be held, and `untold` counts the
    others. `lines` are those of rows whose number is another one. `accepted` were
    rejected before; `is_whole` unless rows were left; `remarks` are on the import.
    """

    label: str
    rows: int = 0
    imported: int = 0
    existing: int = 0
    accepted: int = 0
    first: int = 0
    is_whole: bool = True
    rejected: list[tuple[int, str]] = field(default_factory=list)
    beside: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    told: list[Told] = field(default_factory=list)
    untold: int = 0
    lines: dict[int, int] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    _size: int = 0

    def tell(self, root: TrajectoryImported) -> None:
        """Of a row that is in the store."""
        self.first = min(self.first or root.row, root.row)
        if not (root.kept or root.notes):
            return
        self.beside.update({_pattern(item.at) for item in root.kept})
        self.notes.update(root.notes)
        self._size += len(root.kept) + len(root.notes)
        if self._size > _MOST_TOLD:
            self.untold += 1
            return
        kept = tuple(item.at for item in root.kept[:_MOST_OF_A_ROW])
        more = len(root.kept) - len(kept)
        self.told.append(Told(root.row, kept, root.notes, more))

    def reject(self, rejected: Sequence[tuple[int, str]]) -> None:
        """Rows that could not be imported, in any order."""
        self.rejected += rejected


def _pattern(pointer: str) -> str:
    """A JSON pointer with places in lists left open."""
    keys = ["*" if key.isdigit() else key for key in pointer.split("/")]
    return "/".join(keys) or "/"
