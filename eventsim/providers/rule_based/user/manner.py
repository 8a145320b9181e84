"""How somebody writes, read from the words that describe them.

A description that says nothing known gives the neutral manner. The traits are
independent, so that a new persona needs words, not code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["Manner", "read_manner"]


@dataclass(frozen=True, slots=True)
class Manner:
    """`length` and `courtesy` run from 0 (least) over 1 (neutral) to 2 (most)."""

    length: int = 1
    courtesy: int = 1
    greets: bool = False
    formal: bool = False
    lower: bool = False
    warm: bool = False
    hesitant: bool = False
    exact: bool = False
    dry: bool = False
    impatient: bool = False


def _said(words: str, text: str) -> bool:
    return re.search(rf"\b({words})", text) is not None


@lru_cache(maxsize=256)
def read_manner(text: str) -> Manner:
    """The traits that the persona's name and description mention."""
    text = re.sub(r"\b(no|without|hardly any|never any?) [a-z]+", "", text.lower())
    brief = _said(
        "short|brief|brisk|terse|concise|few words|straight to the point", text
    )
    long = _said(
        "longer|talkative|chatty|wordy|rambl|background|explain yourself", text
    )
    rude = _said("curt|rude|blunt|demanding|busy|brisk", text)
    polite = _said("polite|courteous|please|respectful", text)
    return Manner(
        length=0 if brief and not long else 2 if long and not brief else 1,
        courtesy=2 if polite else 0 if rude else 1,
        greets=_said("greet|friendly|warm|courteous|formal", text),
        formal=_said("formal|business|official", text) and not _said("informal", text),
        lower=_said("lower case|lowercase|casual|informal", text),
        warm=_said("cheerful|good mood|warm|enthusias|exclamation|excited", text),
        hesitant=_said("hesitant|unsure|apolog|shy|not used to|nervous", text),
        exact=_said("precise|exact|scept|skept|meticulous|careful|pedant", text),
        dry=_said("dry|weary|tired|deadpan", text),
        impatient=_said("little patience|impatien|in a hurry|busy", text),
    )
