"""Requests: what one clause of a message asks for, as data.

A request says what to do, about which kind of thing, which attributes, and by which
clues (names, numbers, dates, references) the thing is known. How tools meet it is not
decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from eventsim.providers.rule_based.assistant.phrases import Phrase

__all__ = ["Clue", "Request", "ask_request", "check_request", "write_request"]

_GONE = frozenset({"gone", "deleted", "removed", "delet", "remof", "gon", "removd"})
_TO = frozenset({"to", "into", "as", "onto"})


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


# --- writes -------------------------------------------------------------------------


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
    return Request("update", focus, (), False, asked, tuple(clues), tuple(sets))


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


# --- questions ----------------------------------------------------------------------


def ask_request(phrases: Sequence[Phrase], how_many: bool, text: str) -> Request:
    """The request of a clause that wants to know something."""
    found = _with_text_in([p for p in phrases if not p.empty])
    if any(p.extreme for p in found):
        request = _top(found)
        if request is not None:
            return replace(request, text=text)
    act = "read"
    if how_many or any(p.total == "count" for p in found):
        act = "count"
    measured = next((p for p in found if p.total in {"sum", "average"}), None)
    if act == "read" and measured is not None:
        kind = _measure(measured, found)
        if kind:
            act = kind
    if act in {"sum", "average"} and measured is not None:
        return replace(_aggregate(act, measured, found), text=text)
    return replace(_plain(act, found), text=text)


def _with_text_in(phrases: Sequence[Phrase]) -> list[Phrase]:
    """Join: with "love" in the name, to: whose name contains "love"."""
    result: list[Phrase] = []
    for phrase in phrases:
        last = result[-1] if result else None
        lone = last is not None and last.value is not None and not last.words
        if lone and last is not None and phrase.prep == "in" and not phrase.known:
            last.words, last.texts = phrase.words, phrase.texts
            last.rest, last.op = tuple(phrase.words), "contains"
            continue
        result.append(phrase)
    return result


def _measure(measured: Phrase, phrases: Sequence[Phrase]) -> str:
    """Whether `total` means adding up, or is the name of an attribute."""
    words = [w for w in measured.words if w not in {"total", "sum"}]
    if measured.total == "average" or words:
        return measured.total
    owner = next((p for p in phrases if p is not measured and p.entity), None)
    return measured.total if owner is not None and owner.many else ""


def _aggregate(act: str, measured: Phrase, phrases: Sequence[Phrase]) -> Request:
    by = tuple(w for w in measured.words[1:]) or tuple(measured.words)
    rest = [p for p in phrases if p is not measured]
    if measured.entity and not rest[:1]:
        return Request(act, measured.entity, (), True, clues=(), by=by)
    focus = next((p for p in rest if p.entity and not p.known), None)
    clues = [clue_of(p) for p in rest if p.known]
    entity = focus.entity if focus is not None else measured.entity
    if measured.value is not None or measured.ref:
        clues.insert(0, clue_of(measured))
    return Request(act, entity, (), True, clues=tuple(clues), by=by)


def _top(phrases: Sequence[Phrase]) -> Request | None:
    mark = next(p for p in phrases if p.extreme)
    things = [p for p in phrases if p.entity and p is not mark]
    low = mark.extreme == "low"
    number = next((p.number for p in phrases if p.number is not None), None)
    clues = tuple(clue_of(p) for p in phrases if p.known and p is not mark)
    if mark.entity and not mark.rest and (mark.hints or not things):
        # the 3 longest tracks; the top 5 customers by invoices
        by = next(
            (p for p in phrases if p is not mark and p.words and not p.known), None
        )
        return Request(
            "top",
            mark.entity,
            many=mark.many,
            clues=clues,
            by=tuple(by.words) if by is not None else (),
            by_entity=by.entity if by is not None else None,
            hints=mark.hints,
            low=low,
            number=number if number is not None else (None if mark.many else 1),
        )
    if not things and not mark.words:
        return None
    if mark.prep in {"by"} or not mark.words:
        ranked = next((p for p in phrases if p is not mark and p.prep == "by"), mark)
    else:
        ranked = mark
    focus = things[0] if things else None
    many = focus.many if focus is not None else mark.many
    return Request(
        "top",
        focus.entity if focus is not None else mark.entity,
        many=many,
        clues=tuple(c for c in clues if c.value is not None or c.refers),
        by=tuple(ranked.words),
        by_entity=ranked.entity,
        hints=mark.hints,
        low=low,
        number=number if number is not None else (None if many else 1),
    )


def _plain(act: str, phrases: Sequence[Phrase]) -> Request:
    asked: list[tuple[str, ...]] = []
    clues: list[Clue] = []
    focus: Phrase | None = None
    for phrase in phrases:
        if phrase.known:
            clue = clue_of(phrase)
            holder = focus if phrase.value is not None and not phrase.entity else None
            if holder is not None and phrase.prep != "is":
                clue = replace(clue, entity=holder.entity)
            if phrase.entity and phrase.rest and (phrase.value is None or phrase.owner):
                asked.append(phrase.rest)
                clue = replace(clue, words=())
            clues.append(clue)
        elif phrase.entity and phrase.rest and not phrase.many and act == "read":
            asked.append(tuple(phrase.words))
        elif phrase.entity and focus is None:
            focus = phrase
        elif phrase.words:
            asked.append(tuple(phrase.words))
    many = focus.many if focus is not None else False
    kind = "list" if act == "read" and many else act
    number = next((p.number for p in phrases if p.number is not None), None)
    return Request(
        kind,
        focus.entity if focus is not None else None,
        tuple(focus.words) if focus is not None else (),
        many,
        tuple(asked),
        tuple(clues),
        number=number,
    )


def _without_expectation(phrases: Sequence[Phrase]) -> list[Phrase]:
    """A value beside a reference is a phrase of its own: that customer now "x"."""
    result: list[Phrase] = []
    for phrase in phrases:
        if phrase.ref and phrase.value is not None:
            value = Phrase(prep="is", value=phrase.value)
            phrase.value = None
            result += [phrase, value]
        else:
            result.append(phrase)
    return result


def _expects(phrase: Phrase, before: Sequence[Phrase]) -> bool:
    """Whether the phrase is what a check expects, not what it is about."""
    if phrase.prep == "is" and before:
        return phrase.value is not None or bool(phrase.texts)
    return phrase.value is not None and not phrase.words and bool(before)


def check_request(phrases: Sequence[Phrase], how_many: bool, text: str) -> Request:
    """The request of a clause that wants something confirmed."""
    found = [p for p in phrases if not p.empty]
    expected: Clue | None = None
    rest: list[Phrase] = []
    for phrase in _without_expectation(found):
        lone = set(phrase.words) & _GONE
        if lone:
            expected = Clue(op="-")
            if phrase.entity or phrase.value is not None:
                rest.append(phrase)
        elif _expects(phrase, rest):
            given = clue_of(phrase)
            text_value = given.value or " ".join(phrase.texts)
            expected = replace(given, value=text_value)
        else:
            rest.append(phrase)
    request = ask_request(rest, how_many, text)
    if expected is None and "exist" in text.casefold().split("no longer")[0]:
        expected = Clue(op="+")
    if "no longer" in text or "not exist" in text or "n't exist" in text:
        expected = Clue(op="-")
    number = next((p.number for p in rest if p.number is not None), None)
    if expected is None and number is not None and not how_many:
        expected = Clue(value=str(number), kind="number")
        request = replace(request, act="count", number=None)
    return replace(request, check=True, expected=expected)
