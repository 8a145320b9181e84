"""Requests: what one clause of a message asks for, as data.

A request says what to do, about which kind of thing, which attributes, and by which
clues (names, numbers, dates, references) the thing is known. How tools meet it is not
decided here.
"""

from __future__ import annotations

from dataclasses import dataclass

from eventsim.providers.rule_based.assistant.phrases import Phrase

__all__ = ["Clue", "Request", "clue_of"]


@dataclass(frozen=True, slots=True)
class Clue:
    """Something that a thing is known by, or a value that a write sets.

    `words` are the stems of an attribute, `entity` the kind of thing named beside the
    value, `noun` the stems by which it was called. `ref` is the word of a reference;
    `place` a place in the last list.
    """

    words: tuple[str, ...] = ()
    entity: str | None = None
    value: str | None = None
    kind: str = "text"
    op: str = ""
    ref: str = ""
    place: int | None = None
    prep: str = ""
    many: bool = False
    bare: bool = False
    noun: tuple[str, ...] = ()

    @property
    def refers(self) -> bool:
        """Whether it points back into the conversation."""
        return self.value is None and (bool(self.ref) or self.place is not None)


@dataclass(frozen=True, slots=True)
class Request:
    """One thing to do.

    `act` is read, list, count, sum, average, top, create, update or delete; `asked`
    the attributes wanted, as stems, or a kind of thing; `sets` what a write puts in.
    `expected` is what a check expects (`+` for existence, `-` for absence).
    """

    act: str
    focus: str | None = None
    focus_words: tuple[str, ...] = ()
    many: bool = False
    asked: tuple[tuple[str, ...], ...] = ()
    clues: tuple[Clue, ...] = ()
    sets: tuple[Clue, ...] = ()
    by: tuple[str, ...] = ()
    by_entity: str | None = None
    hints: tuple[str, ...] = ()
    low: bool = False
    number: int | None = None
    check: bool = False
    expected: Clue | None = None
    verb: str = ""
    text: str = ""

    @property
    def writes(self) -> bool:
        """Whether it changes something."""
        return self.act in {"create", "update", "delete"}

    @property
    def entities(self) -> frozenset[str]:
        """Every kind of thing that is named."""
        named = {c.entity for c in (*self.clues, *self.sets)} | {self.focus}
        named.add(self.by_entity)
        return frozenset(name for name in named if name)

    @property
    def refers(self) -> bool:
        """Whether it points back into the conversation."""
        return any(c.refers for c in (*self.clues, *self.sets))

    @property
    def substance(self) -> bool:
        """Whether there is anything to go by."""
        return bool(self.clues or self.sets or self.focus or self.by or self.asked)


def clue_of(phrase: Phrase) -> Clue:
    """The clue that a phrase gives."""
    value = phrase.value
    kind = value.kind if value is not None else "ref"
    words = phrase.rest if phrase.entity else tuple(phrase.words)
    if phrase.entity and phrase.rest and phrase.value is None and phrase.ref:
        words = ()
    return Clue(
        words=words,
        entity=phrase.entity,
        value=value.text if value is not None else None,
        kind=kind,
        op=phrase.op,
        ref=phrase.ref,
        place=phrase.ordinal,
        prep=phrase.prep,
        many=phrase.many,
        bare=value is not None and value.bare,
        noun=tuple(w for w in phrase.words if w not in phrase.rest)
        if phrase.entity
        else (),
    )
