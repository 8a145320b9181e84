"""Plain English as tables: word forms, verb classes, numbers, function words.

Nothing here knows a table, a column or a domain. `stem` maps the forms of a word to
one key, which is never shown; `plural` and `singular` give forms that are.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = [
    "ASK_VERBS",
    "ATTRIBUTE_SUFFIXES",
    "CHECK_VERBS",
    "DETERMINERS",
    "FILLERS",
    "LABEL_WORDS",
    "NUMBER_WORDS",
    "ORDINALS",
    "PREPOSITIONS",
    "PRONOUNS",
    "SUPERLATIVES",
    "TOOL_VERBS",
    "VERB_PHRASES",
    "WRITE_VERBS",
    "plural",
    "singular",
    "split_name",
    "stem",
    "stems",
]

IRREGULAR = {
    "people": "person",
    "persons": "person",
    "children": "child",
    "men": "man",
    "women": "woman",
    "staffs": "staff",
    "feet": "foot",
    "mice": "mouse",
    "teeth": "tooth",
    "data": "data",
    "criteria": "criterion",
}
_PLURALS = {"person": "people", "child": "children", "man": "men", "woman": "women"}
_UNCOUNTED = frozenset({"staff", "data", "media", "equipment", "series", "news"})

_NAME_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+|[^\W_]+")


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """One key for the forms of a word: `boxes` and `box`, `Companies` and `company`."""
    word = word.casefold()
    word = IRREGULAR.get(word, word)
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if len(word) > 3 and word.endswith("e"):
        word = word[:-1]
    if word.endswith("i"):
        return word[:-1] + "y"
    if word.endswith("v"):
        return word[:-1] + "f"
    return word


def stems(words: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """The stems of words, which may be given as one text."""
    return tuple(stem(w) for w in (words.split() if isinstance(words, str) else words))


@lru_cache(maxsize=8192)
def split_name(name: str) -> tuple[str, ...]:
    """The lower-case words of an identifier: snake case, camel case, or plain."""
    return tuple(part.casefold() for part in _NAME_PARTS.findall(name))


@lru_cache(maxsize=1024)
def plural(phrase: str) -> str:
    """The plural of a noun phrase, for people to read."""
    first, _, last = phrase.rpartition(" ")
    if last in _UNCOUNTED:
        return phrase
    if last in _PLURALS:
        last = _PLURALS[last]
    elif re.search(r"(s|x|z|ch|sh)$", last):
        last += "es"
    elif re.search(r"[^aeiou]y$", last):
        last = last[:-1] + "ies"
    else:
        last += "s"
    return f"{first} {last}".strip()


@lru_cache(maxsize=1024)
def singular(phrase: str) -> str:
    """The singular of a noun phrase, for people to read."""
    first, _, last = phrase.rpartition(" ")
    if last in IRREGULAR:
        last = IRREGULAR[last]
    elif last in _UNCOUNTED or re.search(r"(ss|us|is)$", last):
        return phrase
    elif re.search(r"[^aeiou]ies$", last) and last != "movies":
        last = last[:-3] + "y"
    elif re.search(r"(ss|sh|ch|x|z|us)es$", last):
        last = last[:-2]
    elif last.endswith("s") and len(last) > 2:
        last = last[:-1]
    return f"{first} {last}".strip()


# What a tool's first word says about it.
TOOL_VERBS: dict[str, str] = {
    **dict.fromkeys(("get", "fetch", "read", "retrieve", "view", "describe"), "get"),
    **dict.fromkeys(("lookup", "show", "load"), "get"),
    **dict.fromkeys(("search", "find", "query", "filter"), "search"),
    **dict.fromkeys(("list", "browse", "all"), "list"),
    **dict.fromkeys(("top", "highest", "largest", "best", "most", "rank"), "top"),
    **dict.fromkeys(("bottom", "lowest", "smallest", "least", "fewest"), "bottom"),
    **dict.fromkeys(("count", "number"), "count"),
    **dict.fromkeys(("total", "sum"), "sum"),
    **dict.fromkeys(("average", "avg", "mean"), "average"),
    **dict.fromkeys(("minimum", "min"), "minimum"),
    **dict.fromkeys(("maximum", "max"), "maximum"),
    **dict.fromkeys(("create", "add", "insert", "new", "register", "record"), "create"),
    **dict.fromkeys(("make", "book", "open", "place", "log", "schedule"), "create"),
    **dict.fromkeys(("update", "change", "set", "edit", "modify", "rename"), "update"),
    **dict.fromkeys(("move", "mark", "assign", "adjust", "correct"), "update"),
    **dict.fromkeys(("delete", "remove", "drop", "erase", "cancel"), "delete"),
}

# What a person's verb asks for; several-word verbs come first in reading.
VERB_PHRASES: dict[tuple[str, ...], str] = {
    ("look", "up"): "ask",
    ("find", "out"): "ask",
    ("read", "out"): "ask",
    ("work", "out"): "ask",
    ("add", "up"): "sum",
    ("pull", "up"): "ask",
    ("bring", "up"): "ask",
    ("make", "sure"): "check",
    ("double", "check"): "check",
    ("set", "up"): "create",
    ("take", "off"): "delete",
    ("take", "out"): "delete",
    ("get", "rid", "of"): "delete",
    ("how", "many"): "ask",
    ("how", "much"): "ask",
}
ASK_VERBS = frozenset(
    "find get look tell show give read see know learn fetch display view list name "
    "what which who whose when where how search retrieve pull provide state share "
    "compute calculate work count sum what's who's where's when's identify report "
    "determine describe remind".split()
)
CHECK_VERBS = frozenset(
    "check verify confirm ensure double-check recheck re-check validate".split()
)
WRITE_VERBS: dict[str, str] = {
    **dict.fromkeys(
        "add create insert register record enter book put".split(), "create"
    ),
    **dict.fromkeys("open log include append schedule save make".split(), "create"),
    **dict.fromkeys("change update set edit modify correct rename".split(), "update"),
    **dict.fromkeys(
        "move replace switch adjust raise lower increase".split(), "update"
    ),
    **dict.fromkeys("reduce mark fix assign reassign transfer amend".split(), "update"),
    **dict.fromkeys("clear alter revise swap bump".split(), "update"),
    **dict.fromkeys("delete remove drop erase cancel discard take".split(), "delete"),
}

NUMBER_WORDS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve".split()
    )
} | {"fifteen": 15, "twenty": 20}
ORDINALS = {
    "first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3,
    "4th": 3, "fifth": 4, "5th": 4, "sixth": 5, "seventh": 6, "eighth": 7,
    "last": -1, "latter": -1, "former": 0,
}  # fmt: skip

# Superlatives: the direction, and words that a column for it may have.
SUPERLATIVES: dict[str, tuple[str, tuple[str, ...]]] = {
    "highest": ("high", ()),
    "largest": ("high", ()),
    "biggest": ("high", ()),
    "greatest": ("high", ()),
    "most": ("high", ()),
    "top": ("high", ()),
    "best": ("high", ()),
    "maximum": ("high", ()),
    "longest": ("high", ("duration", "length", "milliseconds", "minutes", "seconds")),
    "latest": ("high", ("date", "time", "year")),
    "newest": ("high", ("date", "time", "year")),
    "lowest": ("low", ()),
    "smallest": ("low", ()),
    "fewest": ("low", ()),
    "least": ("low", ()),
    "bottom": ("low", ()),
    "minimum": ("low", ()),
    "shortest": ("low", ("duration", "length", "milliseconds", "minutes", "seconds")),
    "earliest": ("low", ("date", "time", "year")),
    "oldest": ("low", ("date", "time", "year")),
    "cheapest": ("low", ("price", "cost", "fee", "fare", "rate")),
    "priciest": ("high", ("price", "cost", "fee", "fare", "rate")),
}

DETERMINERS = frozenset("the a an all any each every some both".split())
PRONOUNS = frozenset(
    "it its he him his she her hers they them their theirs that this those these "
    "same former latter".split()
)
PREPOSITIONS = frozenset(
    "of in by with for from to on at into under within as per about between named "
    "called titled whose where having belonging via onto against".split()
)
# Words that carry no content of a request.
FILLERS = frozenset(
    "please kindly now just also again still really quickly actually currently exactly "
    "i i'd i'm i've we we'd we're you me us my our your yours myself could can would "
    "will shall should may might must do does did done has have had be been being am "
    "is are was were there here so then and or but if whether that's it's thanks thank "
    "hi hello hey ok okay well need want like love help let let's lets one ones "
    "belong belongs stand stands go goes going for-me today right new old who which "
    "what how many much up out sure quick yes no not first-off next after before "
    "details detail information info record entry entries records data database "
    "system file files value exact exactly currently sort kind bit moment anything "
    "everything else too full whole more altogether overall together "
    "once again left remain remaining list lists listed wonder wondering try trying "
    "looking hoping able possible lot lots million bunch".split()
)
ATTRIBUTE_SUFFIXES = frozenset(
    {stem(w) for w in ("number", "no", "id", "value", "address", "name", "code")}
)
LABEL_WORDS = ("name", "title", "label", "subject", "headline", "description")
