"""The languages that a user may write in, by their English names. Pure.

A closed list, so that a misspelt name is refused before it reaches a prompt. A new
language is one word here. A conversation from elsewhere goes on in its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["LANGUAGES", "language_of"]

LANGUAGES: tuple[str, ...] = tuple(
    "Arabic Bengali Bulgarian Cantonese Catalan Chinese Croatian Czech Danish Dutch "
    "English Estonian Finnish French German Greek Gujarati Hebrew Hindi Hungarian "
    "Icelandic Indonesian Irish Italian Japanese Korean Latvian Lithuanian Malay "
    "Marathi Norwegian Persian Polish Portuguese Punjabi Romanian Russian Serbian "
    "Slovak Slovenian Spanish Swahili Swedish Tagalog Tamil Telugu Thai Turkish "
    "Ukrainian Urdu Vietnamese Welsh".split()
)

OF_CONVERSATION = "the language of the conversation so far"
"""What is said of a language that nobody named."""

_WORD = re.compile(r"[^\W\d_]+")
_COMMON = frozenset(
    "a about am an and any are as at be but by can could did do does for from get had "
    "has have he her his how i if in is it it's just like me my need no not of on one "
    "or our out please she so some than thank thanks that the their them then there "
    "they this to up us want was we were what when where which who why will with would "
    "yes you your".split()
)
_ENOUGH_WORDS, _FEWEST_COMMON, _MOST_FOREIGN = 10, 0.08, 0.3


def language_of(texts: Sequence[str]) -> str:
    """English, or that it is the language of these texts: they are in another script,
    or long enough, without the words that no English does without, and with such words
    of its neighbours.
    """
    whole = " ".join(texts)
    letters = [each for each in whole if each.isalpha()]
    foreign = sum(ord(each) > _LATIN for each in letters)
    if letters and foreign / len(letters) > _MOST_FOREIGN:
        return OF_CONVERSATION
    words = [word.lower() for word in _WORD.findall(whole)]
    common = sum(word in _COMMON for word in words)
    others = sum(word in _ELSEWHERE for word in words)
    few = common < _FEWEST_COMMON * len(words)
    if len(words) >= _ENOUGH_WORDS and few and others >= max(common, 1):
        return OF_CONVERSATION
    return "English"


_ELSEWHERE = frozenset(
    "aber als auch auf che con da das dat de del dem den der des di die du ein eine "
    "el en er es est et för für går het hej hola ich ik il ist ja je jeg la las le les "
    "los med meu mi mijn minha mir mit na não nicht nie niet non och og olá para pas "
    "per por pour que qui se sich sie si una und une van von voor vous wir zu är è "
    "y".split()
)
"""Words of a few letters that other languages in Latin letters do not do without."""


_LATIN = 0x24F
"""The last letter of Latin Extended-B."""
