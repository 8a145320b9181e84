"""Where personal data that has a form stands in a text.

E-mail addresses, IP addresses, bank accounts, payment cards, phone numbers. Each is
looked for in time that grows with the length of the text, whatever is in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address
from itertools import islice
from typing import NamedTuple

__all__ = ["Span", "is_personal_number", "spans_of"]

SHORTEST = 6
_WINDOW = 4_096
_OVERLAP = 64

# Whole runs are taken, so that none is begun again from each of its characters.
_EMAIL = re.compile(r"[\w.+%-]++(?:'[\w.+%-]++)*+(?:@(?=([\w-]++(?:\.[\w-]++)*+)))?+")
_ENCODED = re.compile(r"(?:[\w.+-]|%(?!40)[\dA-Fa-f]{2})++(?:%40(?=([\w.-]++)))?+")
_IP = re.compile(
    r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d)"
    r"|(?<![\w.:])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![\w:])"
)
_IBAN = re.compile(r"(?<![^\W_])[A-Za-z]{2}\d{2}(?=[\s-]?[A-Za-z0-9])")
_IBAN_PART = re.compile(r"[\s-]?([A-Za-z0-9])")
_MOST_IBAN = 34
_CARD = re.compile(r"(?<![\d-])\d(?:[ \xa0\u202f-]?\d){12,22}(?![\d-])")
_ISSUED = re.compile(r"4\d{12}|3[4-9]\d{12,14}|[2-6]\d{15}|[456]\d{16,18}")
_GROUP = re.compile(r"\d+")
_CARD_LENGTHS = range(13, 20)
_DIGITS = re.compile(r"\d")
_NO_DIGITS = re.compile(r"[^\d]+")


class Span(NamedTuple):
    """A half-open range of a text, and what stands there."""

    start: int
    stop: int
    kind: str


def spans_of(text: str) -> list[Span]:
    """Those in a text, in order and apart from each other: where two overlap, what they
    cover is one of the more certain kind.
    """
    if len(text) < SHORTEST:
        return []
    found = [
        (span, certainty)
        for certainty, each in enumerate((_emails, _ips, _ibans, _cards, _phones))
        for span in each(text)
    ]
    joined: list[tuple[Span, int]] = []
    for span, certainty in sorted(found):
        if joined and span.start < joined[-1][0].stop:
            last, before = joined[-1]
            kind = last.kind if before <= certainty else span.kind
            whole = Span(last.start, max(last.stop, span.stop), kind)
            joined[-1] = whole, min(before, certainty)
        else:
            joined.append((span, certainty))
    return [span for span, _ in joined]


def is_personal_number(digits: str) -> str:
    """The kind of what a JSON number is, "" for a mere number: many numbers have the
    check digit of a card, times in milliseconds for instance, and fewer its length and
    beginning.
    """
    import phonenumbers

    if _ISSUED.fullmatch(digits) and _is_card(digits):
        return "card"
    for written, region in ((digits, "US"), (f"+{digits}", None)):
        try:
            number = phonenumbers.parse(written, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return "phone"
    return ""


def _emails(text: str) -> Iterator[Span]:
    if "@" in text:
        for found in _EMAIL.finditer(text):
            if found[1] and ("." in found[1] or found[1][0].isalpha()):
                start = _unescaped(text, found.start())
                yield Span(start, found.end(1), "email")
    if "%40" in text:
        for found in _ENCODED.finditer(text):
            if found[1]:
                yield Span(found.start(), found.end(1), "email")


def _unescaped(text: str, start: int) -> int:
    """Behind the escape of a JSON string that is only a part of the text."""
    if start == 0 or text[start - 1] != "\\":
        return start
    if text[start] == "u":
        return start + 5
    return start + (text[start] in "nrtbf")


def _ips(text: str) -> Iterator[Span]:
    if "." not in text and ":" not in text:
        return
    for found in _IP.finditer(text):
        try:
            ip_address(found[0])
        except ValueError:
            continue
        if any(letter in found[0] for letter in "123456789abcdefABCDEF"):
            yield Span(found.start(), found.end(), "ip")


def _ibans(text: str) -> Iterator[Span]:
    """The longest that is one: words may follow it."""
    from stdnum import iban

    for found in _IBAN.finditer(text):
        country, check = found[0][:2], found[0][2:]
        rest, best, whole = 0, 0, found[0]
        at = found.end()
        while len(whole) < _MOST_IBAN and (part := _IBAN_PART.match(text, at)):
            at = part.end()
            whole += part[1]
            rest = int(f"{rest}{int(part[1], 36)}") % 97
            last = int(f"{rest}{int(country[0], 36)}{int(country[1], 36)}{check}")
            if last % 97 == 1 and iban.is_valid(whole):
                best = at
        if best:
            yield Span(found.start(), best, "iban")


def _cards(text: str) -> Iterator[Span]:
    for found in _CARD.finditer(text):
        ends = [each.end() for each in _GROUP.finditer(found[0])]
        for end in reversed(ends):
            digits = _NO_DIGITS.sub("", found[0][:end])
            if len(digits) in _CARD_LENGTHS and _is_card(digits):
                yield Span(found.start(), found.start() + end, "card")
                break


def _is_card(digits: str) -> bool:
    from stdnum import luhn

    return bool(digits.strip("0")) and bool(luhn.is_valid(digits))


def _phones(text: str) -> Iterator[Span]:
    import phonenumbers

    if sum(1 for _ in islice(_DIGITS.finditer(text), SHORTEST)) < SHORTEST:
        return
    for start, piece in _pieces(text):
        for found in phonenumbers.PhoneNumberMatcher(piece, "US"):
            yield Span(start + found.start, start + found.end, "phone")


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Windows that overlap: what looks for phone numbers gives up in a long text."""
    for start in range(0, max(len(text) - _OVERLAP, 1), _WINDOW):
        yield start, text[start : start + _WINDOW + _OVERLAP]
