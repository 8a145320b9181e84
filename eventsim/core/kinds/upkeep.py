"""What was done to the log itself: a payload taken out, trajectories deleted, records
taken over from a bundle.

Each stands in a stream of its own, so that what is missing is explained by the log.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from eventsim.core.event import Event, Origin, Ref
from eventsim.core.values import Value

__all__ = ["BundleTaken", "PayloadRedacted", "Pruned", "StreamsPruned"]


class PayloadRedacted(Event):
    """The payload of the record at `of` is gone, its digest stays.

    `position` is where it stood on its path. `covered` are model calls whose request
    held it: the digests of their requests are gone too, for a guess could be tried
    against them.
    """

    origin: ClassVar[Origin] = "given"
    volatile: ClassVar[frozenset[str]] = frozenset({"of", "covered"})
    kind: Literal["payload.redacted"] = "payload.redacted"
    of: Ref
    position: int
    why: str
    covered: tuple[Ref, ...] = ()


class Pruned(Value):
    """A stream that was deleted, and what it was; `run` is the stream of its run."""

    stream: str
    version: int
    label: str = ""
    run: str | None = None
    index: int | None = None


class StreamsPruned(Event):
    """These streams are no longer in the log."""

    origin: ClassVar[Origin] = "given"
    kind: Literal["streams.pruned"] = "streams.pruned"
    streams: tuple[Pruned, ...]
    why: str


class BundleTaken(Event):
    """The records of a bundle are taken over, byte for byte: said before they are.

    `trajectory` is its label. `streams` are those that were not here. Of a run among
    them, only the trajectories of the bundle are: the rest is made where the run began.
    `absent` names blobs that the bundle left out, for its path does not use them.
    """

    origin: ClassVar[Origin] = "given"
    kind: Literal["bundle.taken"] = "bundle.taken"
    trajectory: str
    file: str
    file_sha256: str
    streams: tuple[str, ...]
    absent: tuple[str, ...] = ()
