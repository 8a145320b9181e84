"""Words and values of a text: what two texts can be compared by.

Values are what stands in double quotes, numbers and ISO dates. Content words are the
others, cut down to a stem that plurals and verb endings share.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["content_words", "mask", "plain", "says", "stem", "values_in"]

_QUOTED = re.compile(r'"([^"]*)"')
_NUMBER = re.compile(
    r"(?<![\w.\-])(\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?)?|-?\d+(?:[.,]\d+)*)"
    r"(?![\w-])"
)
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_STOP = frozenset(
    "a an the this that these those of in on at by to for from with as is are was were "
    "be been has have had do does did and or not no it its he his she her they their "
    "them me my mine i you your we our us who whose which what when where whether how "
    "many much there here now then so if can could would will please just also too "
    "whom all any some one ones belong belongs find out look up list show tell give "
    "get check confirm verify see say first second third last once more again".split()
)


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A crude stem: enough for invoice/invoices, change/changing/changed."""
    word = word.lower()
    if word.endswith("ings"):
        word = word[:-1]
    for ending in ("ing", "ied", "ies", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)] + ("y" if ending in {"ied", "ies"} else "")
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


@lru_cache(maxsize=1024)
def content_words(text: str) -> frozenset[str]:
    """Stems of the words outside quotes that carry meaning."""
    return frozenset(
        stem(word)
        for word in _WORD.findall(_QUOTED.sub(" ", text).lower())
        if word not in _STOP
    )


@lru_cache(maxsize=1024)
def values_in(text: str) -> tuple[str, ...]:
    """Quoted texts without their quotes, then bare numbers and dates."""
    quoted = tuple(_QUOTED.findall(text))
    return quoted + tuple(_NUMBER.findall(_QUOTED.sub(" ", text)))


@lru_cache(maxsize=1024)
def plain(text: str) -> str:
    """Lower case, typographic quotes and runs of spaces made plain."""
    text = text.replace("\u201c", '"').replace("\u201d", '"').replace("\u2019", "'")
    return " ".join(text.casefold().split())


def says(text: str, value: str) -> bool:
    """Whether a text states a value: a number by its amount, a text by its letters."""
    wanted = plain(value)
    if not wanted:
        return True
    try:
        amount = float(wanted.replace(",", ""))
    except ValueError:
        return _stands_alone(wanted, plain(text))
    return any(amount == number for number in _amounts(text)) or wanted in plain(text)


def _stands_alone(wanted: str, text: str) -> bool:
    """Whether a text holds another, with no letter or digit right beside it."""
    at = text.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        before, after = text[at - 1 : at], text[end : end + 1]
        if not (before.isalnum() or after.isalnum()):
            return True
        at = text.find(wanted, at + 1)
    return False


@lru_cache(maxsize=1024)
def _amounts(text: str) -> tuple[float, ...]:
    numbers = re.findall(r"-?\d+(?:,\d{3})*(?:\.\d+)?", text)
    return tuple(float(number.replace(",", "")) for number in numbers)


@lru_cache(maxsize=1024)
def mask(text: str) -> str:
    """The skeleton of a message: quoted texts and numbers replaced by marks."""
    return _NUMBER.sub("#", _QUOTED.sub('"…"', text))
