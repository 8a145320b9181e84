"""Outcomes of looking, as sentences: values, lists, measures, rankings, checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eventsim.providers.rule_based.assistant.formats import (
    be,
    capital,
    join,
    listed,
    quote,
    value,
)
from eventsim.providers.rule_based.assistant.requests import Clue
from eventsim.providers.rule_based.assistant.rows import (
    Row,
    compare,
    is_key_column,
    label_column_of,
    label_columns,
    same_value,
)
from eventsim.providers.rule_based.assistant.script import Outcome
from eventsim.providers.rule_based.assistant.wording import Voice

__all__ = ["tell_reading"]

_MOST_DETAILS = 8


def tell_reading(outcome: Outcome, voice: Voice) -> str | None:
    """The sentences for an outcome of looking; None for any other kind."""
    teller = _TELLERS.get(outcome.kind)
    if teller is None:
        return None
    if outcome.request.check and outcome.request.expected is not None:
        return _checked(outcome, voice, teller)
    return teller(outcome, voice)


def _subject(outcome: Outcome, voice: Voice) -> str:
    return voice.thing(outcome.entity, outcome.label, outcome.row, outcome.request)


# --- values -------------------------------------------------------------------------


def _value(outcome: Outcome, voice: Voice) -> str:
    row = outcome.row or {}
    found: list[tuple[str, str | None]] = []
    for asked, columns in outcome.columns:
        name = voice.asked(row, asked, columns, outcome)
        found.append((name, voice.values(row, columns)))
    subject = _subject(outcome, voice)
    if len(found) == 1:
        name, shown = found[0]
        if shown is None:
            return voice.choose(
                f"No {name} is recorded for {subject}.",
                f"There is no {name} on record for {subject}.",
            )
        return _one_value(outcome, voice, subject, name, shown)
    known = [
        f"the {name} {be(name)} {shown}" for name, shown in found if shown is not None
    ]
    empty = [name for name, shown in found if shown is None]
    text = voice.choose(
        f"For {subject}, {join(known)}.",
        f"{capital(subject)}: {join(known)}.",
        f"Here is what I found for {subject}: {join(known)}.",
    )
    if not known:
        return f"Neither is recorded for {subject}."
    return text + (f" No {join(empty, 'or')} is recorded." if empty else "")


def _one_value(
    outcome: Outcome, voice: Voice, subject: str, name: str, shown: str
) -> str:
    row = outcome.row or {}
    _, columns = outcome.columns[0]
    other = any(
        voice.leads(k, outcome.entity)
        and label_column_of(row, k, voice.lexicon) == columns[0]
        for k in row
    ) or columns[0].endswith(" ")
    if other:
        return voice.choose(
            f"The {name} of {subject} is {shown}.",
            f"{capital(subject)} belongs to the {name} {quote(shown)}.",
            f"It is {quote(shown)}: that is the {name} of {subject}.",
        )
    options = [
        f"The {name} of {subject} {be(name)} {shown}.",
        f"For {subject}, the {name} {be(name)} {shown}.",
        f"I looked it up: the {name} of {subject} {be(name)} {shown}.",
        f"{capital(subject)} has the {name} {shown}.",
    ]
    if voice.person(outcome.row, outcome.entity) and outcome.label:
        options.append(f"{outcome.label}'s {name} {be(name)} {shown}.")
    return voice.choose(*options)


def _details(outcome: Outcome, voice: Voice) -> str:
    row = outcome.row or {}
    labels = label_columns(row, outcome.entity, voice.lexicon)
    parts = []
    for column, item in row.items():
        if is_key_column(column) or column in labels or item in (None, ""):
            continue
        if isinstance(item, list | dict) or _leads_to_label(
            row, column, outcome, voice
        ):
            continue
        parts.append(
            f"{voice.column(row, column, outcome.entity)} {value(item, column)}"
        )
    subject = _subject(outcome, voice)
    if not parts:
        return f"I found {subject}; there is nothing more on record."
    shown = listed(parts) if len(parts) > _MOST_DETAILS else join(parts)
    return voice.choose(
        f"Here is {subject}: {shown}.",
        f"I found {subject}: {shown}.",
        f"This is what I have on {subject}: {shown}.",
    )


def _leads_to_label(row: Row, column: str, outcome: Outcome, voice: Voice) -> bool:
    """Whether the column is a key whose label stands in the row as well."""
    return voice.leads(column, outcome.entity) and (
        label_column_of(row, column, voice.lexicon) is not None
    )


# --- lists --------------------------------------------------------------------------


def _owner(outcome: Outcome, voice: Voice) -> str:
    if outcome.about is None or outcome.about_entity is None:
        return ""
    known = voice.lexicon.entities.get(outcome.about_entity)
    noun = voice.one(outcome.about_entity, outcome.request)
    if known is None:
        return quote(outcome.about)
    if outcome.about.isdigit():
        return f"{noun} {outcome.about}"
    return f"the {noun} {quote(outcome.about)}"


def _is(count: Any) -> str:
    return "is" if count == 1 else "are"


def _rows(outcome: Outcome, voice: Voice) -> str:
    request = outcome.request
    kind = request.focus or outcome.entity
    owner = _owner(outcome, voice)
    count = len(outcome.rows)
    if not count:
        what = voice.many(kind, request)
        tail = f" for {owner}" if owner else " that match"
        return voice.choose(
            f"I found no {what}{tail}.", f"There are no {what}{tail} on record."
        )
    columns = [c for _, found in outcome.columns for c in found]
    items = _items(outcome, voice, columns)
    noun = voice.one(kind, request) if count == 1 else voice.many(kind, request)
    number = value(count)
    shown = listed(items)
    if owner:
        return voice.choose(
            f"{capital(owner)} has {number} {noun}: {shown}.",
            f"I found {number} {noun} for {owner}: {shown}.",
            f"For {owner} there {_is(count)} {number} {noun}: {shown}.",
        )
    return voice.choose(
        f"I found {number} {noun}: {shown}.",
        f"There {_is(count)} {number} {noun}: {shown}.",
        f"Here {'is the one' if count == 1 else f'are the {number}'} {noun} "
        f"that I found: {shown}.",
    )


def _items(outcome: Outcome, voice: Voice, columns: list[str]) -> list[str]:
    """The rows as items; rows of one name get a detail that tells them apart."""
    plain = [
        voice.item(row, outcome.entity, columns, outcome.about) for row in outcome.rows
    ]
    if len(set(plain)) == len(plain) or len(plain) < 2:
        return plain
    for column in outcome.rows[0]:
        if is_key_column(column) or column in columns:
            continue
        if len({str(row.get(column)) for row in outcome.rows}) == len(outcome.rows):
            return [
                voice.item(row, outcome.entity, [*columns, column], outcome.about)
                if column in row else item
                for row, item in zip(outcome.rows, plain, strict=True)
            ]  # fmt: skip
    return plain


# --- measures -----------------------------------------------------------------------


def _measure(outcome: Outcome, voice: Voice) -> str:
    request = outcome.request
    kind = outcome.entity
    owner = _owner(outcome, voice)
    number = value(outcome.value)
    if outcome.detail == "count":
        noun = (
            voice.one(kind, request)
            if outcome.value == 1
            else voice.many(kind, request)
        )
        if not owner:
            attribute = _filtered(outcome, voice)
            return voice.choose(
                f"There {_is(outcome.value)} {number} {noun}{attribute}.",
                f"I count {number} {noun}{attribute}.",
            )
        return voice.choose(
            f"{capital(owner)} has {number} {noun}.",
            f"There {_is(outcome.value)} {number} {noun} for {owner}.",
            f"I count {number} {noun} for {owner}.",
        )
    spare = "total" if outcome.detail == "sum" else None
    measured = [word for word in request.by if word != spare]
    what = voice.as_said(measured, request)
    name = "total" if outcome.detail == "sum" else "average"
    what = f"{name} {what}".strip()
    many = voice.many(kind, request)
    tail = f" of the {many}" + (f" of {owner}" if owner else _filtered(outcome, voice))
    if outcome.value is None:
        return f"There is nothing on record to work out the {what}{tail} from."
    return voice.choose(
        f"The {what}{tail} is {number}.",
        f"I worked it out: the {what}{tail} is {number}.",
        f"It comes to {number}: that is the {what}{tail}.",
    )


def _filtered(outcome: Outcome, voice: Voice) -> str:
    """With the status "open": the filter of a measure, in words."""
    for clue in outcome.request.clues:
        if clue.value is not None and clue.words:
            words = voice.as_said(clue.words, outcome.request)
            return f" with the {words} {_said(clue)}"
    return ""


def _said(clue: Clue) -> str:
    return quote(clue.value or "") if clue.kind == "text" else str(clue.value)


def _ranking(outcome: Outcome, voice: Voice) -> str:
    request = outcome.request
    count = len(outcome.rows)
    if not count:
        return f"I found no {voice.many(outcome.entity, request)} to compare."
    way = "lowest" if request.low else "highest"
    counted = voice.lexicon.nouns.get(request.by) is not None
    if counted and request.by_entity != outcome.entity:
        way = "fewest" if request.low else "most"
        what = voice.many(request.by_entity, request)
    else:
        row = outcome.rows[0]
        columns = outcome.columns[0][1] if outcome.columns else ()
        what = voice.column(row, columns[0], outcome.entity) if columns else "value"
        if request.by:
            what = voice.as_said(request.by, request)
    shown = list(outcome.columns[0][1]) if outcome.columns else []
    items = [voice.item(row, outcome.entity, shown, None) for row in outcome.rows]
    if count == 1:
        noun = voice.one(outcome.entity, request)
        return voice.choose(
            f"The {noun} with the {way} {what} is {items[0]}.",
            f"That is {items[0]}: the {noun} with the {way} {what}.",
        )
    noun = voice.many(outcome.entity, request)
    return voice.choose(
        f"The {value(count)} {noun} with the {way} {what} are {listed(items)}.",
        f"Here are the {value(count)} {noun} with the {way} {what}: {listed(items)}.",
    )


# --- checks -------------------------------------------------------------------------


def _existence(outcome: Outcome, voice: Voice) -> str:
    subject = _subject(outcome, voice)
    if outcome.kind == "present":
        if outcome.value is False:
            return f"No, {subject} is still there."
        return f"Yes, {subject} is there."
    if outcome.value:
        return voice.choose(
            f"Yes, {subject} is gone: I can no longer find it.",
            f"Yes, I checked: {subject} does not exist any more.",
        )
    return f"No, I could not find {subject}."


def _checked(
    outcome: Outcome, voice: Voice, teller: Callable[[Outcome, Voice], str]
) -> str:
    """Yes or no, with the value."""
    expected = outcome.request.expected
    if outcome.kind in {"present", "absent"} or expected is None:
        return teller(outcome, voice)
    actual: Any = outcome.value
    if outcome.columns:
        row = outcome.row or {}
        actual = voice.values(row, outcome.columns[0][1])
    fits = _agrees(actual, expected)
    sentence = teller(outcome, voice)
    lowered = sentence if sentence[:2] == "I " else sentence[:1].lower() + sentence[1:]
    if outcome.label and sentence.startswith(outcome.label):
        lowered = sentence
    if fits:
        return f"Yes, {lowered}"
    return f"No: {lowered} That is not {_said(expected)}."


def _agrees(actual: Any, expected: Clue) -> bool:
    if actual is None:
        return False
    plain = actual.replace(",", "") if isinstance(actual, str) else actual
    return (
        same_value(actual, expected.value)
        or same_value(plain, expected.value)
        or compare(actual, expected)
    )


_TELLERS: dict[str, Callable[[Outcome, Voice], str]] = {
    "value": _value,
    "details": _details,
    "rows": _rows,
    "measure": _measure,
    "ranking": _ranking,
    "present": _existence,
    "absent": _existence,
}
