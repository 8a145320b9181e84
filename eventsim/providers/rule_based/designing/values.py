"""Concrete values for parameters: names, places, dates, amounts, by what they are.

Examples of the tools come first; where there are none, the name and the type of a
parameter decide. A value is a literal as it stands in a request: texts in quotation
marks, numbers and dates bare.
"""

from __future__ import annotations

import math
from random import Random
from typing import Any

from eventsim.providers.rule_based.designing.knowledge import Param

__all__ = ["label_literal", "literal", "number_of"]

_FIRST = (
    "Amara Bruno Chiara Daniel Elena Farid Greta Hugo Ines Jonas Kemal Lucia Mateo "
    "Nora Oskar Paula Rafael Sofia Tomas Vera Yasmin Zoe".split()
)
_LAST = (
    "Alvarez Bauer Costa Dahl Eriksen Fischer Garcia Haas Ibrahim Jansen Keller Lopez "
    "Meyer Novak Okoro Petit Rossi Santos Tanaka Ueda Vogel Weiss".split()
)
_CITIES = (
    "Antwerp Bergen Cork Dresden Evora Florence Ghent Heidelberg Lisbon Malmo Nantes "
    "Porto Seville Turin Utrecht Vienna".split()
)
_STREETS = ("Mill Lane", "Harbour Road", "Station Street", "Linden Way", "Church Hill")
_TITLES = (
    "Spring Review",
    "Blue Harbour",
    "Quiet Corner",
    "North Star",
    "Winter Plan",
    "Second Chance",
    "Open Door",
    "River Walk",
)
_NOTES = (
    "please call before noon",
    "second floor, left door",
    "the old one is broken",
    "agreed by phone",
    "needed before the weekend",
)
_STATES = ("open", "confirmed", "closed", "delayed")
_PEOPLE = frozenset(
    "account-holder agent attendee author buyer candidate client contact customer "
    "doctor driver employee guest member nurse owner passenger patient person "
    "recipient student subscriber teacher tenant traveller user visitor".split()
)
_PEOPLE_SHARE = 0.7


def literal(param: Param, rng: Random, noun: str = "") -> str:
    """A value of the parameter as it stands in a request."""
    if param.enum:
        return _quoted(rng.choice(param.enum))
    words = set(param.words.split())
    if "boolean" in param.kinds:
        return _quoted(rng.choice(("yes", "no")))
    if param.kinds & {"integer", "number"} and "string" not in param.kinds:
        return _number(param, rng)
    if _is_day(param, words):
        return day(rng)
    if words & {"time", "hour"} and not words & {"zone"}:
        return f'"{rng.randint(7, 20):02d}:{rng.choice((0, 15, 30, 45)):02d}"'
    if param.examples and not _is_person(param.words, noun):
        return _quoted(rng.choice(param.examples))
    return _quoted(_text(param.words, noun, rng))


def label_literal(param: Param | None, rng: Random, noun: str) -> str:
    """The name of one thing, in quotation marks."""
    shared = param is not None and rng.random() > _PEOPLE_SHARE
    if param is not None and param.examples and (shared or not _is_person("", noun)):
        return _quoted(rng.choice(param.examples))
    return _quoted(_text("name", noun, rng))


def number_of(rng: Random) -> int:
    """The number of a thing, as people read it off a letter."""
    return rng.randint(11, 99) * rng.choice((1, 1, 7, 13)) + rng.randint(0, 9)


def day(rng: Random) -> str:
    """A day, as it stands in a request."""
    return f"2026-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"


def _is_day(param: Param, words: set[str]) -> bool:
    dated = any(len(e) == 10 and e[4:5] == e[7:8] == "-" for e in param.examples)
    return dated or bool(words & {"date", "day", "birthday", "deadline"})


def _is_person(words: str, noun: str) -> bool:
    named = noun.replace(" ", "-") in _PEOPLE or noun.split(" ")[-1] in _PEOPLE
    return named and words in {"", "name", "full name"}


def _number(param: Param, rng: Random) -> str:
    usual = next((float(e) for e in param.examples if _is_number(e)), 20.0)
    least, most = max(1.0, usual / 2), max(2.0, usual * 1.3)
    if param.least is not None:
        least = max(param.least, min(least, param.most or least))
    if param.most is not None:
        most = min(param.most, max(most, least))
    if "integer" in param.kinds:
        return str(rng.randint(math.ceil(least), max(math.ceil(least), int(most))))
    return f"{rng.uniform(least, max(least, most)):.2f}".rstrip("0").rstrip(".")


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


def _text(words: str, noun: str, rng: Random) -> str:
    last = words.split(" ")[-1] if words else ""
    person = f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"
    match last:
        case "email" | "mail":
            first, _, family = person.lower().partition(" ")
            return f"{first}.{family}@mail.example"
        case "phone" | "mobile" | "telephone" | "fax":
            return f"555 {rng.randint(100, 199):04d}"
        case "city" | "town" | "place" | "location" | "origin" | "destination":
            return rng.choice(_CITIES)
        case "address" | "street":
            return f"{rng.randint(2, 98)} {rng.choice(_STREETS)}"
        case "note" | "comment" | "reason" | "summary" | "description" | "message":
            return rng.choice(_NOTES)
        case "status" | "state":
            return rng.choice(_STATES)
        case "code" | "number" | "reference":
            letters = rng.choice("ABCDEFGH") + rng.choice("KLMNPR")
            return f"{letters}-{rng.randint(100, 999)}"
        case _:
            named = _is_person("", noun) or last in _PEOPLE
            return person if named else rng.choice(_TITLES)


def _quoted(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return f'"{value}"'
