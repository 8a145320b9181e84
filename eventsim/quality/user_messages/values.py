"""Values that a simulated user gives: each must stand in the task or the dialogue.

Looked at are addresses, quoted names, dates, telephone numbers, identifiers and
numbers. Natural forms of a known value are known (March 3rd for 2026-03-03, 25 for
25.00, the last digits of a number), and so are small numbers, times of day, and sums
and differences of what was said: a careful grounding check elsewhere flagged 21 values
of 185, all falsely.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from eventsim.quality.user_messages.draft import Draft, fold, words_of

__all__ = ["invents_values", "literals"]

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|"
    r"aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_YEAR = r"(?:,? (?P<year>\d{4}))?"
_DATES = (
    re.compile(r"(?P<year>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})(?!\d)日?"),
    re.compile(r"(?<![\d.])(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<year>\d{4})"),
    re.compile(rf"\b{_MONTH} (?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d){_YEAR}"),
    re.compile(rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}{_YEAR}"),
)
_TIME = re.compile(
    r"\b\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?:\s?[ap]\.?m\b\.?)?|\b\d{1,2}\s?[ap]\.?m\b\.?"
    r"|\b\d{1,2} o'clock\b|\b\d{1,2} ?uhr\b|\b\d{1,2}h\d{0,2}\b"
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_QUOTED = re.compile(
    r"\"([^\"\n]{1,200})\"|«\s?([^»\n]{1,200}?)\s?»|「([^」\n]{1,200})」"
    r"|(?<![\w'])'([^'\n]{2,200})'(?![\w'])"
)
_PHONE = re.compile(r"(?<![\w.,/-])\+?\(?\d[\d ().-]{5,}\d(?![\w/]|[.,]\d)")
_TOKEN = re.compile(r"[^\W_][\w/-]*[^\W_]|[^\W_]")
_NUMBER = re.compile(
    r"(?<![\w.,])[-−+]?(?P<digits>\d+(?:[.,'’\u00a0\u202f]\d+)*)"
    r"(?P<unit>\s?(?:%|percent\b|minutes?\b|mins?\b|hours?\b|hrs?\b|seconds?\b|secs?\b|"
    r"days?\b|weeks?\b|months?\b|years?\b|times\b|st\b|nd\b|rd\b|th\b|s\b|x\b))?"
)
_ORDINARY_ID = re.compile(
    r"\d+(?:st|nd|rd|th|s|x|k|h|m|min|am|pm|km|kg|g|mb|gb|kb|eur|usd|gbp|%)"
    r"|(?:mp|b|a|h|covid-?|mpeg-?|utf-?|sql|web|top-?|24/)\d+|\d+/\d+|\d+-\d+"
)
_RECKONED = re.compile(
    r"\b(?:total|altogether|in all|sum|makes|comes to|that's|difference|remaining|left|"
    r"remainder|rest|half|twice|double|average)\b|="
)
_SMALL = 31
_ROUND = frozenset({40.0, 50.0, 60.0, 100.0, 1000.0})


@dataclass(frozen=True, slots=True)
class _Known:
    """The values of one text: its folded letters, its digits without marks between
    them, numbers in every reading, and dates as (year or 0, month, day).
    """

    folded: str
    digits: str
    numbers: frozenset[float]
    dates: frozenset[tuple[int, int, int]]


@lru_cache(maxsize=4096)
def _known(text: str) -> _Known:
    folded = fold(text)
    numbers = {r for m in _NUMBER.finditer(folded) for r in _readings(m["digits"])}
    # a year, a month or a day of a date may be said alone
    numbers |= {float(run) for run in re.findall(r"\d+", folded) if len(run) < 16}
    return _Known(
        folded,
        re.sub(r"(?<=\d)[ ().,/-]+(?=\d)", "", folded),
        frozenset(numbers),
        frozenset(date for m in _dates_in(folded) for date in _days(m)),
    )


def _readings(digits: str) -> set[float]:
    """What a number may mean: 1,234 and 1.234 are read both ways."""
    digits = re.sub(r"['’\u00a0\u202f]", "", digits)
    english, continental = digits.replace(",", ""), digits.replace(".", "")
    found = set()
    for text in (english, continental.replace(",", ".")):
        if text.count(".") <= 1 and len(text) < 24:
            found.add(float(text))
    if not found:
        found.add(float(re.sub(r"\D", "", digits)[:20]))
    return found


def _dates_in(folded: str) -> Iterator[re.Match[str]]:
    for pattern in _DATES:
        yield from pattern.finditer(folded)


def _days(found: re.Match[str]) -> set[tuple[int, int, int]]:
    parts = found.groupdict()
    year, day = int(parts["year"] or 0), int(parts["d"])
    if name := parts.get("month"):
        return {(year, _MONTHS.index(name[:3]) + 1, day)}
    month = int(parts["m"])
    return {(year, month, day), (year, day, month)}


def literals(text: str) -> tuple[str, ...]:
    """The literals of an objective, folded: quoted names, dates, numbers of two digits
    and more.
    """
    folded = fold(text)
    quoted = [next(filter(None, m.groups())) for m in _QUOTED.finditer(folded)]
    rest = _QUOTED.sub(" ", folded)
    dates = [m[0] for m in _dates_in(rest)]
    for date in dates:
        rest = rest.replace(date, " ")
    numbers = [m["digits"] for m in _NUMBER.finditer(rest)]
    return (*quoted, *dates, *(n for n in numbers if len(n) > 1))


class _Ground:
    """All that a user may give back: the task, the dialogue, the day."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._latest = (*draft.given, *draft.heard[-2:])

    @cached_property
    def _texts(self) -> tuple[str, ...]:
        draft = self._draft
        clock = (draft.state.clock or "")[:10]
        years = [str(int(clock[:4]) + n) for n in (-1, 0, 1)] if clock[:4] else []
        return (
            *draft.given,
            *(message.text for message in reversed(draft.state.messages)),
            " ".join([clock, *years]),
        )

    def holds(self, words: str) -> bool:
        return any(words in _known(text).folded for text in self._texts)

    def holds_digits(self, digits: str) -> bool:
        return any(
            digits in _known(text).digits or digits in _known(text).folded
            for text in self._texts
        )

    def holds_word(self, word: str) -> bool:
        return any(word in words_of(text) for text in self._texts)

    @property
    def holds_numbers(self) -> bool:
        """Whether anything was said that could be reckoned with."""
        return sum(len(_known(text).numbers) for text in self._latest) > 1

    def holds_date(self, date: tuple[int, int, int]) -> bool:
        year, month, day = date
        return any(
            (month, day) == known[1:] and (not year or not known[0] or year == known[0])
            for text in self._texts
            for known in _known(text).dates
        )

    def holds_number(self, value: float) -> bool:
        for text in self._texts:
            for number in _known(text).numbers:
                if value in {number, round(number), round(number, 1), round(number, 2)}:
                    return True
                if number >= 100 and _is_rounded(value, number):
                    return True
        return self._is_reckoned(value)

    def _is_reckoned(self, value: float) -> bool:
        """Whether it is the sum, difference or product of two numbers, or the sum of
        all in a message.
        """
        latest = [_known(text).numbers for text in self._latest]
        if any(abs(sum(numbers) - value) < 0.005 for numbers in latest):
            return True
        numbers = sorted({n for found in latest for n in found})[:80]
        return any(
            abs(one + other - value) < 0.005
            or abs(abs(one - other) - value) < 0.005
            or abs(one * other - value) < 0.005
            for index, one in enumerate(numbers)
            for other in numbers[index:]
        )


def _is_rounded(value: float, number: float) -> bool:
    return any(
        value == round(number, -places)
        for places in (1, 2, 3, 4, 5, 6)
        if number >= 10**places
    )


def invents_values(draft: Draft) -> str:
    """Gives a value that neither the task nor the dialogue holds."""
    if any(drawn.rule == "wrong_detail" for drawn in draft.state.behaviours):
        return ""  # a slip was asked for
    ground = _Ground(draft)
    rest = draft.folded
    for find, tells in _FINDS:
        if not tells.search(rest):
            continue
        found, rest = find(rest, ground, draft.text)
        if found:
            return found
    return ""


def _emails(text: str, ground: _Ground, _: str) -> tuple[str, str]:
    for found in _EMAIL.finditer(text):
        if not ground.holds(found[0].rstrip(".")):
            return found[0], text
    return "", _EMAIL.sub(" ", text)


def _names(text: str, ground: _Ground, written: str) -> tuple[str, str]:
    """Quoted texts: each that is a name or holds a number must be known, in whole or
    word by word.
    """
    plain = " ".join(written.split())
    for found in _QUOTED.finditer(text):
        inside = next(filter(None, found.groups())).strip(" .,!?;:")
        if not inside or ground.holds(inside):
            continue
        at = plain.casefold().find(inside)
        spelled = plain[at : at + len(inside)] if at >= 0 else inside
        for word in _telling_words(spelled):
            known = ground.holds_digits(word) if word.isdigit() else None
            if not (known or ground.holds_word(word) or ground.holds(word)):
                return f'"{spelled}"', text
    return "", _QUOTED.sub(" ", text)


def _telling_words(spelled: str) -> list[str]:
    """The words of a quotation that make it a name: with capitals or digits. The first
    word of a sentence has its capital from elsewhere.
    """
    words = [word.strip("'\"(),.!?;:") for word in spelled.split()]
    sentence = len(words) >= 4 and not any(w[:1].isupper() for w in words[1:])
    telling = [w for w in words[1 if sentence else 0 :] if re.search(r"[A-ZÀ-Þ\d]", w)]
    return [word.casefold() for word in telling if len(word) > 1]


def _dates(text: str, ground: _Ground, _: str) -> tuple[str, str]:
    for pattern in _DATES:
        for found in pattern.finditer(text):
            if not any(map(ground.holds_date, _days(found))):
                return found[0], text
        text = pattern.sub(" ", text)
    return "", _TIME.sub(" ", text)


def _phones(text: str, ground: _Ground, _: str) -> tuple[str, str]:
    for found in _PHONE.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        if len(digits) >= 7 and not ground.holds_digits(digits):
            return found[0], text
    return "", _PHONE.sub(
        lambda m: " " if sum(map(str.isdigit, m[0])) >= 7 else m[0], text
    )


def _identifiers(text: str, ground: _Ground, _: str) -> tuple[str, str]:
    """Words of letters and digits, such as inv-2041."""
    kept = text
    for found in _TOKEN.finditer(text):
        word = found[0]
        digits = sum(map(str.isdigit, word))
        if digits == 0 or word.isdecimal() or not word.isascii():
            continue
        kept = kept.replace(word, " ")
        if digits < 2 or len(word) < 4 or _ORDINARY_ID.fullmatch(word):
            continue
        if not (ground.holds(word) or _parts_known(word, ground)):
            return word, text
    return "", kept


def _parts_known(word: str, ground: _Ground) -> bool:
    """Whether an identifier is made of known ones: 12-A, 42/43, invoice-12."""
    runs = re.findall(r"\d+", word)
    return all(len(run) < 3 or ground.holds_digits(run) for run in runs)


def _numbers(text: str, ground: _Ground, _: str) -> tuple[str, str]:
    for found in _NUMBER.finditer(text):
        digits, readings = found["digits"], _readings(found["digits"])
        small = any(value <= _SMALL and value == int(value) for value in readings)
        if small or found["unit"] or readings & _ROUND:
            continue
        if len(digits) >= 3 and digits.isdigit() and ground.holds_digits(digits):
            continue
        if any(map(ground.holds_number, readings)):
            continue
        around = text[max(0, found.start() - 40) : found.end() + 25]
        if not (_RECKONED.search(around) and ground.holds_numbers):
            return found[0].strip(), text
    return "", text


_DIGIT = re.compile(r"\d")
_FINDS = (
    (_emails, re.compile("@")),
    (_names, re.compile("[\"'«「]")),
    (_dates, _DIGIT),
    (_phones, _DIGIT),
    (_identifiers, _DIGIT),
    (_numbers, _DIGIT),
)
"""How values are found, each with what a text must hold for there to be any."""
