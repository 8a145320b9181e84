"""Requests of clauses that change something: what is set, on what, to which value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from eventsim.providers.rule_based.assistant.phrases import Phrase
from eventsim.providers.rule_based.assistant.requests import Clue, Request, clue_of

__all__ = ["write_request"]

_TO = frozenset({"to", "into", "as", "onto"})


def write_request(act: str, verb: str, phrases: Sequence[Phrase], text: str) -> Request:
    """The request of a clause whose verb changes something."""
    match act:
        case "update":
            request = _update(phrases)
        case "create":
            request = _create(phrases)
        case _:
            request = _delete(phrases)
    return replace(request, act=act, verb=verb, text=text)


def _update(phrases: Sequence[Phrase]) -> Request:
    reader = _Update()
    for phrase in phrases:
        reader.take(phrase)
    return reader.request()


class _Update:
    """Takes the phrases of an update in order: attribute, thing, value."""

    def __init__(self) -> None:
        self.clues: list[Clue] = []
        self.sets: list[Clue] = []
        self.attribute: Phrase | None = None
        self.thing: Phrase | None = None

    def take(self, phrase: Phrase) -> None:
        """Read one phrase by where it stands."""
        if phrase.prep in _TO or (phrase.prep == "is" and not self.sets):
            if phrase.known or phrase.words:
                self.put(phrase)
        elif phrase.prep == "from" and phrase.value is not None and not phrase.entity:
            return
        elif phrase.known and (phrase.entity or phrase.value is None):
            self.clues.append(clue_of(phrase))
            if phrase.rest and phrase.value is None and self.attribute is None:
                self.attribute = Phrase(words=list(phrase.rest), rest=phrase.rest)
            self.thing = phrase
        elif phrase.value is not None:
            self.take_value(phrase)
        elif phrase.words:
            self.take_words(phrase)

    def put(self, phrase: Phrase) -> None:
        """The phrase is what the attribute is set to."""
        self.sets.append(_set(self.attribute, phrase))
        self.attribute = None

    def take_value(self, phrase: Phrase) -> None:
        """A value beside words that name no thing: a new value, or what one has."""
        if phrase.prep == "of" and self.attribute is not None:
            self.clues.append(clue_of(phrase))
            self.thing = phrase
            return
        thing = self.thing
        filters = thing is not None and not thing.known and not phrase.joined
        alone = not phrase.words and not self.clues and phrase.prep == "of"
        if filters or alone:
            entity = thing.entity if thing is not None else None
            self.clues.append(replace(clue_of(phrase), entity=entity))
            self.thing = phrase
        elif phrase.words:
            self.sets.append(clue_of(phrase))
        elif self.attribute is not None:
            self.put(phrase)
        else:
            self.clues.append(clue_of(phrase))

    def take_words(self, phrase: Phrase) -> None:
        """Words without a value: an attribute, or the thing that has it."""
        if phrase.entity and (self.attribute is not None or not phrase.rest):
            if self.attribute is None and phrase.prep == "":
                self.attribute = phrase
            self.thing = phrase
        else:
            self.attribute = phrase

    def request(self) -> Request:
        """What all phrases come to."""
        attribute, thing = self.attribute, self.thing
        asked = (tuple(attribute.words),) if attribute is not None else ()
        if attribute is not None and not self.sets and attribute.words:
            self.sets.append(_set(attribute, Phrase()))
        clues = tuple(c for c in self.clues if c.value is not None or c.refers)
        focus = thing.entity if thing is not None else None
        return Request("update", focus, asked=asked, clues=clues, sets=tuple(self.sets))


def _set(attribute: Phrase | None, value: Phrase) -> Clue:
    """The clue that sets an attribute; a new value may be another thing by name."""
    given = clue_of(value)
    words = tuple(attribute.words) if attribute is not None else ()
    entity = attribute.entity if attribute is not None else None
    if value.value is None and not given.refers:
        text = " ".join(value.texts)
        given = Clue(value=text or None, kind="text", bare=True)
    if not words:
        words = given.words if given.entity is None else ()
    return replace(given, words=words, entity=given.entity or entity, prep="to")


def _create(phrases: Sequence[Phrase]) -> Request:
    focus: Phrase | None = None
    sets: list[Clue] = []
    for number, phrase in enumerate(phrases):
        new = phrase.det in {"a", "an", "another"} or not phrase.known
        if number == 0 and phrase.entity and (new or not phrase.det):
            focus = phrase
            if phrase.value is not None:
                sets.append(Clue(value=phrase.value.text, kind=phrase.value.kind))
            elif phrase.ref:
                sets.append(clue_of(phrase))
        elif phrase.known:
            sets.append(clue_of(phrase))
        elif focus is None and phrase.entity:
            focus = phrase
    entity = focus.entity if focus is not None else None
    words = tuple(focus.words) if focus is not None else ()
    return Request("create", entity, words, sets=tuple(sets))


def _delete(phrases: Sequence[Phrase]) -> Request:
    clues = [clue_of(p) for p in phrases if p.known]
    first = next((p for p in phrases if p.entity), None)
    entity = first.entity if first is not None else None
    words = tuple(first.words) if first is not None else ()
    many = first.many if first is not None else False
    return Request("delete", entity, words, many, clues=tuple(clues))
