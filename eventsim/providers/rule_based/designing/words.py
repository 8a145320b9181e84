"""English for the designer of tools: number, articles, lists, words of identifiers.

Only forms that names and descriptions of tools are made of. Nothing here knows a
domain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = [
    "article",
    "capital",
    "joined",
    "plural",
    "same_noun",
    "singular",
    "snake",
    "split_name",
]

_IRREGULAR = {"person": "people", "child": "children", "man": "men", "woman": "women"}
_SINGULAR = {many: one for one, many in _IRREGULAR.items()} | {
    "addresses": "address",
    "analyses": "analysis",
    "buses": "bus",
    "movies": "movie",
    "series": "series",
    "shelves": "shelf",
    "statuses": "status",
}
_ALIKE = frozenset(
    "equipment feedback information inventory luggage media news series staff stock "
    "traffic weather".split()
)
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def split_name(name: str) -> tuple[str, ...]:
    """The small words of an identifier in snake, camel or kebab case."""
    return tuple(part.lower() for part in _PARTS.findall(name))


def snake(phrase: str) -> str:
    """A phrase as part of a name: `standing order` is standing_order."""
    return "_".join(re.findall(r"[a-z0-9]+", phrase.lower()))


def plural(phrase: str) -> str:
    """Many of what the phrase names."""
    head, space, word = phrase.rpartition(" ")
    if word in _ALIKE:
        return phrase
    if word in _IRREGULAR:
        many = _IRREGULAR[word]
    elif word.endswith("shelf"):
        many = word[:-1] + "ves"
    elif re.search(r"(s|x|z|ch|sh)$", word):
        many = word + "es"
    elif re.search(r"[^aeiou]y$", word):
        many = word[:-1] + "ies"
    else:
        many = word + "s"
    return head + space + many


def singular(phrase: str) -> str:
    """One of what the phrase names."""
    head, space, word = phrase.rpartition(" ")
    if word in _ALIKE or len(word) < 4:
        return phrase
    if word in _SINGULAR:
        one = _SINGULAR[word]
    elif re.search(r"(ss|us|is|as|os|ics)$", word) or not word.endswith("s"):
        one = word
    elif re.search(r"[^aeiou]ies$", word):
        one = word[:-3] + "y"
    elif re.search(r"(sses|xes|ches|shes|zzes)$", word):
        one = word[:-2]
    else:
        one = word[:-1]
    return head + space + one


def same_noun(one: str, other: str) -> bool:
    """Whether two phrases name the same kind of thing, in whatever number."""
    return singular(one.lower()) == singular(other.lower())


def article(phrase: str) -> str:
    """The phrase with "a" or "an" before it."""
    vowel = phrase[:1] in "aeiou" and not phrase.startswith(("uni", "use", "one", "eu"))
    return f"{'an' if vowel or phrase.startswith('hour') else 'a'} {phrase}"


def joined(items: Iterable[str], last: str = "and") -> str:
    """A list in a sentence: one, two and three."""
    parts = list(items)
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def capital(text: str) -> str:
    """The text with a capital letter in front."""
    return text[:1].upper() + text[1:]
