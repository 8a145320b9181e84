"""Values, names and lists as people read them.

No column name is shown as it is, nothing empty as None, no midnight; counts and
measures are grouped from 10,000 on, keys and codes never.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from eventsim.providers.rule_based.assistant.english import split_name
from eventsim.providers.rule_based.assistant.rows import is_key_column

__all__ = ["attribute", "be", "capital", "join", "listed", "quote", "value"]

_MIDNIGHT = re.compile(r"^(\d{4}-\d{2}-\d{2})[T ]00:00(:00(\.0+)?)?Z?$")
_MOMENT = re.compile(r"^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2}(\.\d+)?)?Z?$")
_CODES = frozenset(
    "id year code number no zip postal postcode phone fax isbn key".split()
)
_AT_MOST = 5


def value(item: Any, column: str = "") -> str:
    """A value as it stands in a sentence."""
    if item is None or item == "":
        return "not recorded"
    if isinstance(item, bool):
        return "yes" if item else "no"
    if isinstance(item, int):
        return _grouped(str(item), column)
    if isinstance(item, float):
        if item == int(item) and abs(item) < 1e15:
            return _grouped(str(int(item)), column)
        return _grouped(f"{item:.12g}", column)
    if isinstance(item, list | tuple):
        return join([value(i, column) for i in item])
    text = " ".join(str(item).split())
    found = _MIDNIGHT.match(text)
    if found is not None:
        return found[1]
    found = _MOMENT.match(text)
    if found is not None:
        return f"{found[1]} at {found[2]}"
    return text


def _grouped(digits: str, column: str) -> str:
    whole, dot, rest = digits.partition(".")
    plain = whole.lstrip("-")
    if len(plain) < 5 or set(split_name(column)) & _CODES or is_key_column(column):
        return digits
    if "e" in digits:
        return digits
    return f"{int(whole):,}{dot}{rest}"


@lru_cache(maxsize=1024)
def attribute(column: str) -> str:
    """A column's name in words, without the mark of a key."""
    words = list(split_name(column))
    if len(words) > 1 and words[-1] in {"id", "key", "uuid"}:
        words[-1] = "number"
    return " ".join(words)


def quote(text: str) -> str:
    """A name in quotation marks, so that its end is plain."""
    return f'"{text}"' if '"' not in text else text


def join(items: Sequence[str], last: str = "and") -> str:
    """One, two and three."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def listed(items: Sequence[str], total: int | None = None) -> str:
    """At most five items in a sentence, and how many more there are."""
    count = len(items) if total is None else total
    if count <= _AT_MOST and len(items) == count:
        return join(items)
    shown = list(items[: _AT_MOST - (1 if count == _AT_MOST + 1 else 0)])
    return f"{', '.join(shown)} and {count - len(shown)} more"


def be(noun: str) -> str:
    """Is or are, by the number of the noun."""
    last = noun.rpartition(" ")[2]
    many = last.endswith("s") and not last.endswith(("ss", "us", "is"))
    return "are" if many else "is"


def capital(text: str) -> str:
    """The text with a capital letter in front."""
    return text[:1].upper() + text[1:]
