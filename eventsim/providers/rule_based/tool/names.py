"""Names of tools and fields, taken apart: what is done to which kind of record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

__all__ = ["Verb", "key_fields", "noun_of", "own_key", "same", "singular", "verb_of"]

Verb = Literal[
    "get", "search", "count", "create", "update", "cancel", "delete", "other"
]

_VERBS: dict[str, Verb] = {
    **dict.fromkeys(
        "get fetch read retrieve view show lookup check track".split(), "get"
    ),
    **dict.fromkeys("search find query filter list browse".split(), "search"),
    **dict.fromkeys(
        "create add book make open place register schedule submit send issue order "
        "request reserve".split(),
        "create",
    ),
    **dict.fromkeys(
        "update change set edit modify adjust move reschedule assign mark rename "
        "transfer extend renew confirm approve".split(),
        "update",
    ),
    **dict.fromkeys("cancel close deactivate terminate".split(), "cancel"),
    **dict.fromkeys("delete remove".split(), "delete"),
    "count": "count",
}
_LINKS = frozenset("by of for in with from to on at".split())
_TRAILING = frozenset(
    "details detail info information data record records status history".split()
)
_KEYS = ("_id", "_number", "_code", "_reference", "_key")


def verb_of(name: str) -> Verb:
    """What a tool does, by the first word of its name."""
    return _VERBS.get(_words(name)[0], "other")


def noun_of(name: str) -> str:
    """The kind of record that a tool is about: `line` of list_lines_by_subscriber."""
    words = _words(name)[1:]
    kept: list[str] = []
    for word in words:
        if word in _LINKS and kept:
            break
        kept.append(word)
    while len(kept) > 1 and kept[-1] in _TRAILING:
        kept.pop()
    return "_".join([*kept[:-1], singular(kept[-1])]) if kept else "record"


def _words(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return [word for word in re.split(r"[\W_]+", spaced.lower()) if word] or ["other"]


def singular(word: str) -> str:
    """One of many: lines are a line, cities a city."""
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def key_fields(fields: Mapping[str, Any]) -> list[str]:
    """The fields that hold identifiers, in order."""
    found = [name for name in fields if name == "id" or name.endswith("_id")]
    return found or [name for name in fields if name.endswith(_KEYS)]


def own_key(fields: Mapping[str, Any], noun: str, given: Mapping[str, Any]) -> str:
    """The field that identifies a record of this kind, "" if none does.

    `given` are the arguments of the call: a record that a key was given for is
    identified by it.
    """
    keys = key_fields(fields)
    wanted = [f"{noun}_id", "id", *(f"{noun}{end}" for end in _KEYS)]
    last = noun.rpartition("_")[2]
    wanted += [f"{last}_id", *(key for key in given if key in keys)]
    return next((name for name in wanted if name in fields), keys[0] if keys else "")


def same(one: Any, other: Any) -> bool:
    """Whether two values mean the same: 7, 7.0 and "7" do."""
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other
    return str(one).casefold() == str(other).casefold()
