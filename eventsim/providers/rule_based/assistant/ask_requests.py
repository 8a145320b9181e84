"""Requests of clauses that want to know something, or want it confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from eventsim.providers.rule_based.assistant.phrases import Phrase
from eventsim.providers.rule_based.assistant.requests import Clue, Request, clue_of

__all__ = ["ask_request", "check_request"]

_GONE = frozenset({"gone", "deleted", "removed", "delet", "remof", "gon", "removd"})


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
        return Request(act, measured.entity, many=True, by=by)
    focus = next((p for p in rest if p.entity and not p.known), None)
    clues = [clue_of(p) for p in rest if p.known]
    entity = focus.entity if focus is not None else measured.entity
    if measured.value is not None or measured.ref:
        clues.insert(0, clue_of(measured))
    also = tuple(
        tuple(p.words)
        for p in rest
        if (p.joined or measured.joined) and p.words and not p.entity and not p.known
    )
    return Request(act, entity, many=True, asked=also, clues=tuple(clues), by=by)


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
    if mark.prep == "by" or not mark.words:
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
