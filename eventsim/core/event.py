"""What every event is: a frozen value with a kind, an origin and a content digest.

An event is a fact in the past tense. Its `kind` is a stored literal, its payload is
everything else. `origin` says how replay treats it: *decided* events are computed
again and compared, *outcome* and *given* ones are taken as they were recorded.
`volatile` names the fields that a content digest leaves out: clocks, and references
whose hashes are salted. The kinds themselves are in `kinds/`, listed in `events`.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from eventsim.core.values import Value, canonical, sha256_hex

__all__ = ["By", "Event", "Origin", "Ref", "Withheld", "content_digest"]

Origin = Literal["decided", "outcome", "given"]

By = Literal["", "import", "person", "edit", "copy"]
"""Who gave a message that was not generated here: a file it was imported from, a person
who plays the role, or an edit; `copy` is what a fork with an edit takes over as it was.
"""


class Ref(Value):
    """Points at the state of a stream after `version` records, `hash` its head."""

    stream: str
    version: int
    hash: str


class Event(Value):
    """Base of all kinds. Subclasses fix `kind`; payloads never repeat it."""

    kind_version: ClassVar[int] = 1
    origin: ClassVar[Origin] = "decided"
    volatile: ClassVar[frozenset[str]] = frozenset()
    kind: str

    def payload(self) -> bytes:
        """The stored JSON bytes: every field that is not at its default."""
        return self.__pydantic_serializer__.to_json(
            self, exclude={"kind"}, exclude_defaults=True
        )


class Withheld(Event):
    """In the place of a payload that was redacted, for those who only look; it is
    never stored. `kind` is that of the record.
    """

    origin: ClassVar[Origin] = "given"


def content_digest(event: Event) -> str:
    """SHA-256 of kind and payload without the volatile fields, in hex."""
    fields = event.model_dump(
        mode="json", exclude=set(event.volatile) | {"kind"}, exclude_defaults=True
    )
    return sha256_hex(event.kind.encode() + b"\0" + canonical(fields))
