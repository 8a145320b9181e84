"""Whether a text states a value, or says that something cannot be done.

The rules are about form alone: how numbers, dates and names are written in plain
English. They accept every usual way of writing a value and no part of another value:
3 is not stated by "13", "INV-3", "3rd" or "2026-03-03". What a task expects is not
known here.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache
from typing import Any

__all__ = ["NOT_FOUND", "refuses", "states"]

NOT_FOUND = "not found"

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august"),
    *("september", "october", "november", "december"),
)
_MONTH = "(" + "|".join(f"{m[:3]}(?:{m[3:]})?" for m in _MONTHS) + "|sept)\\.?"
_DAY_FIRST = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH},? (\d{{4}})\b"
)
_MONTH_FIRST = re.compile(rf"\b{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})\b")
_CLOCK = re.compile(r"\b(\d{1,2})(?::(\d{2}))? ?([ap])\.?m\b\.?")
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[t ](\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?z?)?")
_DATE_IN_TEXT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[t ]\d{2}:\d{2}(?::\d{2})?)?")
_NUMBER = re.compile(
    r"(?<![\w.,:/#])(?<!\w[-−])([-−]?)"
    r"(\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?=(?:k?g|[kcm]?m|m?s|min|h|[kmg]b)?(?!\w))(?![.,:/]\d)(?!-\w)"
)
_DIGIT = re.compile(r"\d")
# a no-break space between digits groups thousands and is kept
_SPACES = re.compile(r"[ \t\r\n]+|(?<!\d)[\u00a0\u202f]+|[\u00a0\u202f]+(?!\d)")
_QUOTED = re.compile(r'"([^"]{1,120})"')
_FOLDED = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "‑": "-"})


def states(text: str, value: Any) -> bool:
    """Whether `text` holds `value` as a whole: a number, a date or words."""
    folded = _fold(text)
    match value:
        case bool():
            return bool(
                re.search(r"\b(yes|true)\b" if value else r"\b(no|false)\b", folded)
            )
        case int() | float():
            return _states_number(folded, value)
        case str():
            plain = _fold(value)
            if _ISO.fullmatch(plain):
                return _states_moment(folded, plain)
            return _states_words(folded, plain)
        case _:
            return False


@lru_cache(maxsize=2048)
def _fold(text: str) -> str:
    """Lower case, single spaces, straight quotes, ISO dates, 24-hour times."""
    folded = unicodedata.normalize("NFC", text).translate(_FOLDED).casefold()
    folded = _SPACES.sub(" ", folded).strip()
    if not _DIGIT.search(folded):
        return folded
    folded = _DAY_FIRST.sub(lambda m: _iso(m[3], m[2], m[1]), folded)
    folded = _MONTH_FIRST.sub(lambda m: _iso(m[3], m[1], m[2]), folded)
    return _CLOCK.sub(_full_day, folded)


def _iso(year: str, month: str, day: str) -> str:
    number = next(n for n, m in enumerate(_MONTHS, start=1) if m[:3] == month[:3])
    try:
        return date(int(year), number, int(day)).isoformat()
    except ValueError:
        return f"{day} {month} {year}"


def _full_day(clock: re.Match[str]) -> str:
    hour = int(clock[1]) % 12 + (12 if clock[3] == "p" else 0)
    return f"{hour:02d}:{clock[2] or '00'}"


def _states_number(folded: str, value: float) -> bool:
    if value == 0 and re.search(r"\b(zero|none)\b", folded):
        return True
    if not _DIGIT.search(folded):
        return False
    text = _QUOTED.sub(lambda m: m[0] if _NUMBER.fullmatch(m[1]) else " ", folded)
    text = _DATE_IN_TEXT.sub(" ; ", text)
    return any(_same(value, sign, digits) for sign, digits in _NUMBER.findall(text))


def _same(value: float, sign: str, digits: str) -> bool:
    plain = re.sub(r"[,\u00a0\u202f]", "", digits)
    if plain[0] == "0" and plain[1:2].isdigit():
        return False
    stated = -float(plain) if sign else float(plain)
    decimals = len(plain.partition(".")[2])
    exact = abs(stated - value) <= 1e-9 * max(1.0, abs(value))
    return exact or (decimals >= 2 and abs(stated - value) <= 0.5000001 * 10**-decimals)


def _states_moment(folded: str, value: str) -> bool:
    found = _ISO.fullmatch(value)
    assert found
    day, time = found[1], found[2]
    if not re.search(rf"(?<![\w-]){day}(?!\d|-\w)", folded):
        return False
    if time is None or time == "00:00":
        return True
    short = time.removeprefix("0")
    return bool(re.search(rf"(?<![\d:])0?{short}(?!\d)", folded))


def _states_words(folded: str, value: str) -> bool:
    if not value:
        return False
    if value.replace(".", "").isdigit():
        before, after = r"(?<![\w#-])(?<!\d[.,:/])", r"(?![\w-])(?![.,:/]\d)"
    else:
        before = r"(?<!\w)" if value[0].isalnum() else ""
        after = r"(?!\w)" if value[-1].isalnum() else ""
    quotes = [(m.start(), m.end(), m[1]) for m in _quoted(folded)]
    for found in re.finditer(before + re.escape(value) + after, folded):
        inside = [q for s, e, q in quotes if s < found.start() and found.end() < e]
        if not inside or _whole(value, inside[0]):
            return True
    return False


def _quoted(folded: str) -> list[re.Match[str]]:
    """Quoted spans, where the quotation marks pair up."""
    return [] if folded.count('"') % 2 else list(_QUOTED.finditer(folded))


def _whole(value: str, quoted: str) -> bool:
    """Whether a quotation is the value, or lists or explains it."""
    parts = [quoted, quoted.partition(" (")[0], *quoted.split(", ")]
    return any(part.strip(" .,!?;:") == value.strip(" .,!?;:") for part in parts)


# --- refusals -----------------------------------------------------------------------

_NEGATED = (
    r"can ?not|can't|could not|couldn't|unable to|not able to|"
    r"may not|must not|mustn't|will not|won't|am not going to|'m not going to|"
    r"do not|don't|did not|didn't|was not|wasn't|has not|hasn't|have not|haven't"
)
_REFUSAL = re.compile(
    r"\b(?:"
    r"can ?not|can't|could not be|couldn't be|could not|couldn't|"
    r"unable to|not able to|am not going to|'m not going to|"
    r"(?:i|we) (?:may not|must not|mustn't|won't|will not)|"
    r"(?:may|must) not be|mustn't be|"
    r"(?:not|never|\w+n't|neither) (?:\w+ )?"
    r"(?:possible|allowed|permitted|authori[sz]ed|supported|available to me)|"
    r"impossible|forbidden|prohibited|prevented|prevents|refused?|declined?|"
    r"(?:does not|doesn't|do not|don't) (?:allow|permit|support|have (?:a|any|the) "
    r"(?:tool|way|means|function|permission|right|option))|"
    r"(?:have|has|there is|there's) no (?:\w+ )?"
    r"(?:tool|way|means|function|permission|right|option|possibility)|"
    r"no tool|not something (?:that )?i can|beyond what i can|outside what i can|"
    r"against (?:the |our )?(?:policy|rules)|rules out|blocked|was rejected|is rejected"
    r")"
)
_NOT_FOUND = re.compile(
    rf"\b(?:{_NEGATED}) (?:be |been |\w+ly )?"
    r"(?:find|found|locate|located|see|seen|identif(?:y|ied)|tell|spot|recogni[sz]e|"
    r"hear|understand|read|recall|remember|figure|make out|determine|know)\b"
    r"|\bno (?:\w+ ){0,4}(?:found|matches|matched)\b|\bnot found\b"
    r"|\b(?:there is|there are|there's|is|are) (?:no|not any) (?:such )?\w+"
    r"(?: \w+)? (?:with|named|called|of that name|by that name)\b"
    r"|\b(?:does not|doesn't|do not|don't) exist\b"
)
_HARMLESS = re.compile(
    r"\bcan(?:'t|not) (?:wait|thank|complain|be sure)\b|\bcan(?:'t|not) help but\b"
    r"|\b(?:why|if|unless|can|could) (?:you |i |we )?(?:can't|cannot)\b"
    r"|^(?:can't|couldn't|won't) you\b"
)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+|\s+[—–]\s+|, (?:but|so) ")


def refuses(text: str, *, not_found: bool = False) -> bool:
    """Whether a sentence says that something cannot or may not be done.

    That something was not found counts only with `not_found`.
    """
    folded = text.translate(_FOLDED).casefold()
    for sentence in _SENTENCE.split(folded):
        if not_found and _NOT_FOUND.search(sentence):
            return True
        rest = _HARMLESS.sub(" ", _NOT_FOUND.sub(" ", sentence))
        if _REFUSAL.search(rest):
            return True
    return False
