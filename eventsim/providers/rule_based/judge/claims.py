"""What an assistant's text claims, and whether what came before bears it out.

Claims are numbers, dates, quotations, codes and names. What people do with values is
allowed: another format, rounding, counting rows, sums and differences of one field,
products inside one record. What nothing explains is not grounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from eventsim.providers.rule_based.judge.reading import Line

__all__ = ["Evidence", "claims_of", "folded"]

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august"),
    *("september", "october", "november", "december"),
)
_MONTH = "(" + "|".join(f"{m[:3]}(?:{m[3:]})?" for m in _MONTHS) + ")"
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH},? (\d{{4}})")
_MONTH_FIRST = re.compile(rf"\b{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})")
_SHORT_DAY = re.compile(
    rf"\b(?:{_MONTH} \d{{1,2}}|\d{{1,2}} {_MONTH})(?:st|nd|rd|th)?\b"
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"(?:t|\b)\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?z?|\b\d{1,2} ?[ap]m\b")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_CODE = re.compile(r"\b(?=[\w-]*[a-z])(?=[\w-]*\d)[a-z0-9]+(?:[-_][a-z0-9]+)*\b")
_NUMBER = re.compile(
    r"(?<![\w.])[-−]?\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?:\.\d+)?|"
    r"(?<![\w.])[-−]?\d+(?:\.\d+)?"
)
_QUOTED = re.compile(r'"([^"\n]{2,80})"')
_NAME = re.compile(
    r"(?<![.!?:\n] )(?<!^)\b[A-Z][\w'-]+(?: [A-Z][\w'-]+)+", re.MULTILINE
)
_LISTED = re.compile(r"^\s*(?:\d+[.)]|[-*])\s+", re.MULTILINE)
_EXAMPLE = re.compile(
    r"\b(?:for example|for instance|such as|e\.g\.|like)\b", re.IGNORECASE
)
_GROUPING = re.compile("[,\u00a0\u202f]")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_ORDINAL = re.compile(r"\b\d+(?:st|nd|rd|th)\b")
_UNITS = re.compile(
    r"^(\d+(?:\.\d+)?)(?:kg|g|km|m|cm|mm|min|h|s|ms|gb|mb|kb|x|eur|usd|k)$"
)
_FOLDED = str.maketrans({"’": "'", "“": '"', "”": '"', "„": '"', "‑": "-", "−": "-"})
_MOST_PAIRED = 60


def folded(text: str) -> str:
    """Lower case, straight quotes, ISO dates."""
    plain = " ".join(text.translate(_FOLDED).casefold().split())
    plain = _DAY_FIRST.sub(lambda m: _iso(m[3], m[2], m[1]), plain)
    return _MONTH_FIRST.sub(lambda m: _iso(m[3], m[1], m[2]), plain)


def _iso(year: str, month: str, day: str) -> str:
    number = next(n for n, m in enumerate(_MONTHS, 1) if m[:3] == month[:3])
    return f"{year}-{number:02d}-{int(day):02d}"


def claims_of(text: str) -> Iterator[str]:
    """What a text claims; sentences that give examples are left out."""
    text = _LISTED.sub(" ", text.translate(_FOLDED))
    for sentence in _SENTENCE.split(text):
        if not _EXAMPLE.search(sentence):
            yield from _claims(sentence)


def _claims(sentence: str) -> Iterator[str]:
    for name in _NAME.findall(sentence):
        yield f"name {name}"
    plain = folded(sentence)
    for kind, form in (
        ("text", _QUOTED),
        ("text", _EMAIL),
        ("date", _DATE),
    ):
        for found in form.finditer(plain):
            yield f"{kind} {found[found.lastindex or 0].strip(' .,!?;:')}"
        plain = form.sub(" ; ", plain)
    for form in (_TIME, _SHORT_DAY, _ORDINAL):
        plain = form.sub(" ; ", plain)
    for found in _CODE.finditer(plain):
        unit = _UNITS.match(found[0])
        yield f"number {unit[1]}" if unit else f"text {found[0]}"
    plain = _CODE.sub(" ; ", plain)
    for found in _NUMBER.finditer(plain):
        yield f"number {_GROUPING.sub('', found[0])}"


class Evidence:
    """What was known before a line: results, the person's words, the instructions."""

    def __init__(self, system: str, lines: Iterable[Line]) -> None:
        lines = list(lines)
        results = [line for line in lines if line.speaker == "CALL"]
        heard = [line.text for line in lines if line.speaker == "PERSON"]
        said = [system, *heard, *(line.text for line in results)]
        self._text = folded("\n".join(said))
        self._words = frozenset(re.findall(r"[^\W\d_]+", self._text))
        self._numbers = {abs(float(n)) for n in _numbers(self._text)}
        self._rows = 1 if results else 0
        for line in results:
            self._count(line.value)

    def _count(self, value: Any) -> None:
        """Counts, sums and differences that a person would work out."""
        if not isinstance(value, list | Mapping):
            return
        for rows in _tables(value):
            self._rows = max(self._rows, len(rows))
            columns: dict[str, list[float]] = {}
            for row in rows:
                for name, item in row.items() if isinstance(row, Mapping) else ():
                    if isinstance(item, int | float) and not isinstance(item, bool):
                        columns.setdefault(name, []).append(float(item))
            for numbers in columns.values():
                self._numbers |= {sum(numbers), sum(numbers) / len(numbers)}
                self._pair(numbers)
        for record in _records(value):
            numbers = [s for s in record.values() if isinstance(s, int | float)]
            self._pair([float(n) for n in numbers[:_MOST_PAIRED]], products=True)

    def _pair(self, numbers: list[float], *, products: bool = False) -> None:
        for one, other in combinations(numbers[:_MOST_PAIRED], 2):
            self._numbers |= {abs(one - other), one + other}
            if products:
                self._numbers.add(one * other)

    def grounds(self, claim: str) -> bool:
        """Whether something bears a claim out."""
        kind, _, value = claim.partition(" ")
        match kind:
            case "number":
                return self._has_number(value)
            case "name":
                words = re.findall(r"[^\W\d_]+", folded(value))
                return any(word in self._words or word in _CALENDAR for word in words)
            case _:
                return value in self._text

    def _has_number(self, text: str) -> bool:
        number = abs(float(text))
        if number.is_integer() and number <= self._rows:
            return True
        decimals = len(text.partition(".")[2])
        near = 0.5000001 * 10**-decimals
        return any(
            abs(known - number) <= (near if decimals or known >= 10 else 1e-9)
            for known in self._numbers
        )


_CALENDAR = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday".split()
) | frozenset(_MONTHS)


def _numbers(text: str) -> Iterator[str]:
    for found in _NUMBER.finditer(text):
        yield _GROUPING.sub("", found[0])
    for found in re.finditer(r"\d+(?:\.\d+)?", text):
        yield found[0]


def _tables(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, list):
        yield value
        for item in value:
            yield from _tables(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _tables(item)


def _records(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
        for item in value.values():
            yield from _records(item)
    elif isinstance(value, list):
        for item in value:
            yield from _records(item)
