"""English out of identifiers: words, plurals and keys from the names in a schema.

`InvoiceLine` becomes "invoice line" and "invoice lines", `BillingCity` the key
`billing_city`. Names of tools and keys of results are plain ASCII, because endpoints
refuse others; words keep the alphabet of the schema.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from eventsim.core.wording import joined

__all__ = [
    "article",
    "ascii_key",
    "clipped",
    "distinct_keys",
    "joined",
    "plural",
    "singular",
    "split_words",
]

_BOUNDARY = re.compile(
    r"(?<=[^\W\d_A-Z])(?=[A-Z])"  # unitPrice
    r"|(?<=[A-Z])(?=[A-Z][^\W\d_A-Z])"  # URLPath
    r"|(?<=[^\W\d_])(?=\d)(?<![A-Z]|_)"  # line2
    r"|[\W_]+"
)
_PREFIX = re.compile(r"^(?:tbl_?|t_)(?=[A-Z]|(?<=_)\w)")
_IRREGULAR = {
    "child": "children",
    "criterion": "criteria",
    "curriculum": "curricula",
    "datum": "data",
    "foot": "feet",
    "goose": "geese",
    "half": "halves",
    "knife": "knives",
    "leaf": "leaves",
    "life": "lives",
    "man": "men",
    "medium": "media",
    "mouse": "mice",
    "person": "people",
    "phenomenon": "phenomena",
    "shelf": "shelves",
    "thesis": "theses",
    "tooth": "teeth",
    "wife": "wives",
    "woman": "women",
}
_SINGULARS = {many: one for one, many in _IRREGULAR.items()} | {
    "addresses": "address",
    "aliases": "alias",
    "analyses": "analysis",
    "bases": "base",
    "buses": "bus",
    "bonuses": "bonus",
    "campuses": "campus",
    "caches": "cache",
    "cookies": "cookie",
    "crises": "crisis",
    "diagnoses": "diagnosis",
    "gases": "gas",
    "indices": "index",
    "lenses": "lens",
    "matrices": "matrix",
    "movies": "movie",
    "statuses": "status",
    "viruses": "virus",
    "vertices": "vertex",
    "zombies": "zombie",
}
_INVARIANT = frozenset(
    "advice aircraft baggage cash content data deer equipment feedback fish furniture"
    " information inventory knowledge luggage media metadata money music news research"
    " series sheep software species sports staff stock traffic weather".split()
)
_ENDS_IN_S = re.compile(r"(?:ss|us|is|as|os|ics)$")


def split_words(name: str) -> tuple[str, ...]:
    """The lower-case words of an identifier: `BillingCity` gives billing, city."""
    bare = _PREFIX.sub("", name)
    words = tuple(word.lower() for word in _BOUNDARY.split(bare) if word)
    return words or (name.strip().lower() or "unnamed",)


def singular(word: str) -> str:
    """One of what the word names: `categories` gives category."""
    if word in _INVARIANT or word in _IRREGULAR or len(word) < 3:
        return word
    if word in _SINGULARS:
        return _SINGULARS[word]
    if not word.endswith("s") or _ENDS_IN_S.search(word) or not word.isascii():
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return word[:-2]
    return word[:-1]


def plural(phrase: str) -> str:
    """Many of what the phrase names: `invoice line` gives invoice lines."""
    head, _, word = phrase.rpartition(" ")
    lead = f"{head} " if head else ""
    if word in _INVARIANT or not word.isascii() or not word[-1:].isalpha():
        return lead + word
    if word in _IRREGULAR:
        return lead + _IRREGULAR[word]
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return f"{lead}{word}es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{lead}{word[:-1]}ies"
    return f"{lead}{word}s"


def article(phrase: str) -> str:
    """The phrase with "a" or "an" before it."""
    exceptions = ("uni", "use", "usu", "euro", "one", "ubi")
    vowel = phrase[:1] in "aeiou" and not phrase.startswith(exceptions)
    silent = phrase.startswith(("hour", "honest", "honour", "heir"))
    return f"{'an' if vowel or silent else 'a'} {phrase}"


_LETTERS = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "þ": "th"}


def ascii_key(words: Iterable[str]) -> str:
    """Words as one snake_case ASCII key; empty if no letter survives."""
    text = "_".join(words).lower()
    text = "".join(_LETTERS.get(letter, letter) for letter in text)
    plain = unicodedata.normalize("NFKD", text)
    kept = "".join(c for c in plain if not unicodedata.combining(c))
    key = re.sub(r"[^a-z0-9]+", "_", kept).strip("_")
    if sum(map(str.isalnum, key)) * 2 < sum(map(str.isalnum, text)):
        return ""  # most of the name is in another alphabet: a rest would mislead
    return f"n{key}" if key[:1].isdigit() else key


def clipped(key: str, length: int) -> str:
    """The key, cut at a word where it is longer than `length`."""
    if len(key) <= length:
        return key
    cut = key[:length]
    return cut[: cut.rfind("_")] if "_" in cut[length // 2 :] else cut


def distinct_keys(names: Iterable[tuple[str, ...]], stem: str) -> tuple[str, ...]:
    """One key for each list of words, made distinct by a number where they collide.

    A name that has no ASCII form is called by `stem` and its place, from 1.
    """
    taken: set[str] = set()
    keys = []
    for place, words in enumerate(names, 1):
        base = clipped(ascii_key(words), 48) or f"{stem}_{place}"
        key, number = base, 2
        while key in taken:
            key, number = f"{base}_{number}", number + 1
        taken.add(key)
        keys.append(key)
    return tuple(keys)
