"""What the conversation has been about: things by kind, newest last, and the last list.

References are looked up here: that customer, the second one, their invoices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from eventsim.providers.rule_based.assistant.rows import (
    Row,
    foreign_things,
    key_of,
    label_column_of,
    label_of,
    role_at,
)
from eventsim.providers.rule_based.assistant.toolset import Lexicon

__all__ = ["UNKNOWN", "Memory", "Thing", "thing_of"]

UNKNOWN = "?"
"""The kind of a thing that no tool names; it is known by its name and role alone."""

_KEPT = 60


@dataclass(frozen=True, slots=True)
class Thing:
    """A row that was spoken of: its kind, key, name, and what was seen of it; `role`
    is what it is to another thing, as stems; `implied` that only a row named it.
    """

    entity: str
    key: tuple[Any, ...]
    label: str | None
    row: Row
    role: tuple[str, ...] = ()
    implied: bool = False

    def same(self, other: Thing) -> bool:
        """Whether both are the same row."""
        return self.entity == other.entity and self.key == other.key


@dataclass(frozen=True, slots=True)
class Memory:
    """Things in the order of mention; `shown` is the last list, as it was told, and
    `names` the names that things have gone by: (entity, folded name, thing).
    `open_list` is the kind of a list of which no single thing was picked since.
    """

    things: tuple[Thing, ...] = ()
    shown: tuple[Thing, ...] = ()
    topic: Thing | None = None
    names: tuple[tuple[str, str, Thing], ...] = ()
    open_list: str | None = None

    def with_things(self, things: Sequence[Thing]) -> Memory:
        """These were spoken of; the last one is the topic."""
        if not things:
            return self
        spoken = [t for t in self.things if not t.implied]
        things = [
            t for t in things
            if not (t.implied and any(t.same(known) for known in spoken))
        ]  # fmt: skip
        if not things:
            return self
        kept = [t for t in self.things if not any(t.same(new) for new in things)]
        merged = (*kept, *things)[-_KEPT:]
        named = [(t.entity, t.label.casefold(), t) for t in things if t.label]
        known = {(entity, name) for entity, name, _ in named}
        names = [n for n in self.names if n[:2] not in known] + named
        return replace(
            self,
            things=tuple(merged),
            open_list=None
            if any(t.entity == self.open_list and not t.implied for t in things)
            else self.open_list,
            topic=self.topic if things[-1].implied else things[-1],
            names=tuple(names[-_KEPT:]),
        )

    def called(self, entity: str, name: str | None) -> Thing | None:
        """The thing that has gone by a name."""
        wanted = (entity, (name or "").casefold())
        return next((t for e, n, t in reversed(self.names) if (e, n) == wanted), None)

    def with_list(self, things: Sequence[Thing], *, apart: bool) -> Memory:
        """These were listed, in this order; `apart` from any one thing of the kind."""
        if not things:
            return self
        several = apart and len(things) > 1
        kind = things[0].entity if several else self.open_list
        return replace(self, shown=tuple(things), open_list=kind)

    def without(self, entity: str) -> Memory:
        """It stays unknown which thing of a kind is meant: none may be taken for it."""
        kept = tuple(t for t in self.things if t.entity != entity)
        topic = None if self.topic and self.topic.entity == entity else self.topic
        return replace(self, things=kept, topic=topic)

    def latest(self, entity: str | None, noun: tuple[str, ...] = ()) -> Thing | None:
        """The thing of a kind that was spoken of last; of any kind for None.

        One that plays the role that the noun names is preferred.
        """
        if entity is None:
            return self.topic
        known = [t for t in reversed(self.things) if t.entity == entity]
        known.sort(key=lambda t: t.implied)
        return next((t for t in known if noun and t.role == noun), None) or next(
            (t for t in known if not t.role), known[0] if known else None
        )

    def playing(self, role: tuple[str, ...]) -> Thing | None:
        """The thing that was last spoken of in a role."""
        return next((t for t in reversed(self.things) if role and t.role == role), None)

    def placed(self, place: int, entity: str | None) -> Thing | None:
        """A place in the last list, counted from 0, or from the end if negative."""
        listed = self.shown
        if entity is not None and not any(t.entity == entity for t in listed):
            return None
        try:
            return listed[place]
        except IndexError:
            return None


def _role(column: str, owner: str, lexicon: Lexicon) -> tuple[str, ...]:
    role = role_at(column, lexicon)
    return () if role == tuple(owner.split()) else role


def thing_of(row: Row, entity: str | None, lexicon: Lexicon) -> list[Thing]:
    """The thing that a row is, last, after the things that it refers to."""
    found = [
        Thing(
            owner,
            (key,),
            label,
            {column: key},
            _role(column, owner, lexicon),
            implied=True,
        )
        for owner, column, key, label in foreign_things(row, entity, lexicon)
    ]
    for column in row:
        if lexicon.key_owners.get(column) is None and row[column] is not None:
            label = label_column_of(row, column, lexicon)
            if label is not None and row[label]:
                role = role_at(column, lexicon)
                key = (row[column], entity)
                thing = Thing(UNKNOWN, key, str(row[label]), {}, role, implied=True)
                found.append(thing)
    own = key_of(row, entity, lexicon)
    if entity is not None and own is not None:
        found.append(Thing(entity, own, label_of(row, entity, lexicon), row))
    return found
