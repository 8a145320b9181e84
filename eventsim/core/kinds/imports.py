"""What was imported: the kinds of the stream of one file.

Its rows are dialogues of their own, each a stream that begins with
`trajectory.imported` and refers to this one.
"""

from __future__ import annotations

from typing import Literal

from eventsim.core.event import Event
from eventsim.core.values import JsonObject, freeze

__all__ = ["ImportEnded", "ImportStarted", "RowRejected"]


class ImportStarted(Event):
    """A file whose rows become trajectories, and what is known of it.

    `file` is its name without its place, `licence` an SPDX expression or what its
    owner calls it. Rows of a `benchmark` are no training data. `masked` names what was
    replaced before anything was written; `around` is what the file holds beside its
    rows. `identity` is the digest of these: the same
    file imported again is the same import.
    """

    kind: Literal["import.started"] = "import.started"
    origin = "given"
    volatile = frozenset({"versions"})
    label: str
    identity: str
    format: str
    file: str
    file_sha256: str
    licence: str = ""
    benchmark: str = ""
    masked: tuple[str, ...] = ()
    around: JsonObject = freeze({})
    versions: JsonObject = freeze({})


class RowRejected(Event):
    """Row `row` (from 1) could not be imported: why, in one line."""

    kind: Literal["row.rejected"] = "row.rejected"
    origin = "given"
    row: int
    reason: str


class ImportEnded(Event):
    """All rows were read."""

    kind: Literal["import.ended"] = "import.ended"
    origin = "given"
    rows: int
    imported: int
