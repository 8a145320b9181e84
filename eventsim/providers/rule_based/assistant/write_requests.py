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
    clues: list[Clue] = []
    sets: list[Clue] = []
    attribute: Phrase | None = None
    thing: Phrase | None = None
    for phrase in phrases:
        if phrase.prep in _TO or (phrase.prep == "is" and sets == []):
            if phrase.known or phrase.words:
                sets.append(_set(attribute, phrase))
                attribute = None
        elif phrase.prep == "from" and phrase.value is not None and not phrase.entity:
            continue
        elif phrase.known and (phrase.entity or phrase.value is None):
            if phrase.entity and phrase.rest and phrase.value is not None:
                clues.append(replace(clue_of(phrase)))
            else:
                clues.append(clue_of(phrase))
                if phrase.rest and phrase.value is None and attribute is None:
                    attribute = _bare(phrase)
            thing = phrase
        elif phrase.value is not None and phrase.prep == "of" and attribute is not None:
            clues.append(clue_of(phrase))
            thing = phrase
        elif phrase.value is not None:
            filters = thing is not None and not thing.known and not phrase.joined
            if filters or (not phrase.words and not clues and phrase.prep == "of"):
                entity = thing.entity if thing is not None else None
                clues.append(replace(clue_of(phrase), entity=entity))
                thing = phrase
            elif phrase.words:
                sets.append(clue_of(phrase))
            elif attribute is not None:
                sets.append(_set(attribute, phrase))
                attribute = None
            else:
                clues.append(clue_of(phrase))
        elif phrase.words:
            if phrase.entity and (attribute is not None or not phrase.rest):
                if attribute is None and phrase.prep == "":
                    attribute = phrase
                thing = phrase
            else:
                attribute = phrase
    focus = thing.entity if thing is not None else None
    asked = (tuple(attribute.words),) if attribute is not None else ()
    if attribute is not None and not sets and attribute.words:
        sets.append(_set(attribute, Phrase()))
    clues = [c for c in clues if c.value is not None or c.refers]
    return Request("update", focus, asked=asked, clues=tuple(clues), sets=tuple(sets))


def _bare(phrase: Phrase) -> Phrase:
    return Phrase(words=list(phrase.rest), rest=phrase.rest)


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
