"""What people say about a dialogue afterwards: remarks and labels.

Each stands in a stream of its own, so that what it is about is never touched.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from eventsim.core.event import Event, Origin, Ref
from eventsim.core.values import JsonObject, freeze

__all__ = ["NoteAdded"]


class NoteAdded(Event):
    """A remark, or labels by name, on the event at `of`; `position` is where it stands
    on its path, `author` who says so, if they gave a name.
    """

    origin: ClassVar[Origin] = "given"
    volatile: ClassVar[frozenset[str]] = frozenset({"of"})
    kind: Literal["note.added"] = "note.added"
    of: Ref
    position: int
    text: str = ""
    labels: JsonObject = freeze({})
    author: str = ""
