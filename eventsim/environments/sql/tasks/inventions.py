"""New values that fit a column: what a person would really want to write there.

The form is learned from the values that the column holds (the build of a telephone
number, the domain of an e-mail address, the range of a price); the words come from
short lists. A column whose values give no hint gets no invention, and the writer asks
for something else.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from eventsim.environments.domains.people import FAMILIES, WOMEN_AND_MEN, plain
from eventsim.environments.sql.tables import Column

__all__ = ["invent", "is_place", "new_name", "new_person", "speakable"]

_TITLES = (
    *("Road Trip", "Rainy Days", "Northern Lights", "Early Birds", "Blue Hour"),
    *("Second Wind", "Open Water", "Sunday Morning", "Long Way Home", "Quiet Hours"),
    *("Summer Break", "Fresh Start", "Harvest Moon", "Window Seat", "Paper Boats"),
    *("Golden Mile", "Night Shift", "Spring Tide", "Kitchen Table", "Green Room"),
)
_KINDS = (
    *("Accessories", "Spare Parts", "Gift Cards", "Repairs", "Clearance", "Rentals"),
    *("Starter Sets", "Limited Editions", "Second Hand", "Samples"),
)
_GENRES = (
    *("Chamber Pop", "Desert Blues", "Bossa Jazz", "Folk Noir", "Synthwave"),
    *("Afrobeat", "Klezmer", "Ambient Folk"),
)
_SERVICES = (
    *("Follow-up visit", "Travel certificate", "Weight check", "Bandage change"),
    *("Express service", "Home visit", "Second opinion"),
)
_PETS = ("Nugget", "Willow", "Moss", "Pretzel", "Comet", "Dumpling", "Kiwi", "Bramble")
_HEADLINES = (
    *("After two weeks", "First impressions", "The third one I bought", "In the rain"),
    *(
        "A word about sizes",
        "One season later",
        "Used it twice",
        "Compared with others",
    ),
)
_FORMATS = ("FLAC audio file", "Ogg Vorbis audio file", "WAV audio file")
_SITES = (
    *("Lakeside", "Westgate", "Kingsmead", "Harbour", "Millbrook", "Parkside"),
    *("Southfield", "Bridge End", "Hilltop", "Garden City"),
)
_STREETS = (
    *("Elm Street", "Station Road", "Mill Lane", "Park Avenue", "Bridge Street"),
    *("Orchard Close", "Chapel Row", "Garden Terrace", "Quay Street", "Maple Drive"),
)
_FIRMS = (
    *("Larkfield Studio", "Ostwind Logistics", "Casa Miro", "Brightwater Foods"),
    *("Tallis & Daughters", "Nordlicht Media", "Pinhal Imports", "Copperleaf"),
)
_NAMES: dict[str, Sequence[str]] = {
    **dict.fromkeys(("category", "group", "kind", "department", "section"), _KINDS),
    **dict.fromkeys(("genre", "style"), _GENRES),
    **dict.fromkeys(("treatment", "service", "procedure"), _SERVICES),
    **dict.fromkeys(("type", "format"), _FORMATS),
    **dict.fromkeys(("supplier", "vendor", "company", "publisher", "label"), _FIRMS),
    "pet": _PETS,
    "animal": _PETS,
    "review": _HEADLINES,
    "comment": _HEADLINES,
    **dict.fromkeys(("branch", "location", "site", "office", "station"), _SITES),
}
_PLACES = (
    *("Lisbon", "Bergen", "Utrecht", "Galway", "Turin", "Graz", "Valencia", "Leeds"),
    *("Nantes", "Aarhus", "Kraków", "Osaka"),
)
_AHEAD = frozenset(
    (
        *("due", "delivery", "next", "end", "expiry", "expiration"),
        *("expires", "until", "deadline"),
    )
)
_PLACE_WORDS = frozenset(
    (
        *("city", "town", "country", "state", "region", "district"),
        *("neighbourhood", "neighborhood", "province", "county", "area", "nationality"),
    )
)
_PHONE_WORDS = frozenset((*("phone", "fax", "mobile", "telephone", "cell", "tel"),))
_MONEY_WORDS = frozenset(
    (
        *("price", "amount", "cost", "fee", "rate", "salary"),
        *("wage", "fare", "charge", "deposit", "budget"),
    )
)
_EMPTY = frozenset(("none", "null", "nan", "n/a", "nil", "undefined", "unknown"))
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def speakable(value: Any) -> bool:
    """Whether a person could type the value into a chat: short, on one line, plain."""
    if isinstance(value, str):
        return (
            0 < len(value) <= 60
            and value == value.strip()
            and value.isprintable()
            and not re.search(r'["“”\\\x00]|\s\s|\w_\w|00:00:00$', value)
            and any(c.isalnum() for c in value)
            and value.casefold() not in _EMPTY
        )
    if isinstance(value, float):
        return value == round(value, 2)
    return isinstance(value, int) and not isinstance(value, bool)


def is_place(column: Column) -> bool:
    """Whether the column says where something is."""
    return bool(set(column.words.split()) & _PLACE_WORDS)


def invent(
    column: Column,
    known: Sequence[Any],
    rng: Random,
    now: str,
    *,
    current: Any = None,
    who: str = "",
    named: bool = False,
    unique: bool = False,
    fresh: bool = False,
    noun: str = "",
) -> Any:
    """A value for the column other than `current`, or None.

    `known` are its different values; `named` that rows are called by it; `who` is
    the name of the row, from which an e-mail address is made; `fresh` that the row is
    a new one, a `noun`.
    """
    for _ in range(6):
        value: Any
        if named and known and all(isinstance(v, str) for v in known):
            value = new_name(known, rng, noun)
        elif fresh and column.kind == "date" and "birth" not in column.words:
            value = _ahead(rng, now)
        else:
            value = _invent(
                column, known, rng, now, who=who, unique=unique, current=current
            )
        if value is None:
            return None
        repeated = value == current or (unique and value in known)
        if not repeated and speakable(value) and _within(column, value):
            return value
    return None


def _within(column: Column, value: Any) -> bool:
    if not isinstance(value, int | float):
        return True
    low, high = column.minimum, column.maximum
    return (low is None or value >= low) and (high is None or value <= high)


def _invent(
    column: Column,
    known: Sequence[Any],
    rng: Random,
    now: str,
    *,
    who: str,
    unique: bool,
    current: Any,
) -> Any:
    if column.choices:
        return rng.choice(column.choices)
    if not known or column.kind in ("blob", "boolean", "datetime"):
        return None
    words = set(column.words.split())
    if all(isinstance(value, str) for value in known):
        if column.kind == "date":
            return _day(words, known, rng, now)
        for fits, make in _FORMS:
            if fits(words, known):
                return make(known, rng, who)
        return _text(column, known, rng, unique=unique)
    if all(isinstance(value, int | float) for value in known):
        return _number(words, known, rng, current)
    return None


def _email(known: Sequence[str], rng: Random, who: str) -> str | None:
    domain = rng.choice(known).partition("@")[2]
    parts = [plain(part) for part in who.split() if plain(part)]
    if not domain or not parts:
        return None
    local = f"{parts[0]}.{parts[-1]}" if len(parts) > 1 else parts[0]
    forms = (local, f"{local}{rng.randint(2, 99)}", parts[-1] + parts[0][:1])
    return f"{rng.choice(forms)}@{domain}"


def _renumbered(model: str, rng: Random, tail: int) -> str | None:
    """The same build with other digits in its last `tail` places."""
    places = [n for n, c in enumerate(model) if c.isdigit()][-tail:]
    if len(places) < 2:
        return None
    letters = list(model)
    for place in places:
        letters[place] = rng.choice("0123456789")
    return "".join(letters)


def _ahead(rng: Random, now: str) -> str:
    return (date.fromisoformat(now[:10]) + timedelta(rng.randint(3, 60))).isoformat()


def _day(words: set[str], known: Sequence[str], rng: Random, now: str) -> str:
    if words & _AHEAD:
        return (
            date.fromisoformat(now[:10]) + timedelta(rng.randint(3, 60))
        ).isoformat()
    try:
        near = date.fromisoformat(rng.choice(known)) - timedelta(rng.randint(1, 9))
    except ValueError:
        return rng.choice(known)
    return near.isoformat()


def _text(
    column: Column, known: Sequence[str], rng: Random, *, unique: bool
) -> str | None:
    if unique or column.statistics.distinct == column.statistics.filled > 12:
        coded = all(sum(c.isdigit() for c in text) >= 3 for text in known[:20])
        return _renumbered(rng.choice(known), rng, tail=3) if coded else None
    return rng.choice(known) if len(known) > 2 else None


def _number(
    words: set[str], known: Sequence[float], rng: Random, current: Any
) -> float | int | None:
    low, high = min(known), max(known)
    if low == high or set(known) <= {0, 1}:
        return None
    near = current if isinstance(current, int | float) else rng.choice(known)
    if words & _MONEY_WORDS or any(isinstance(value, float) for value in known):
        return _amount(float(near), rng)
    near = int(near)
    if "year" in words or abs(near) < 20:
        return max(int(low), min(int(high), near + rng.choice((-2, -1, 1, 2))))
    step: int = 10 ** max(0, len(str(abs(near))) - 2)
    return max(near + rng.choice((-2, -1, 1, 2, 3)) * step, int(low))


def _amount(near: float, rng: Random) -> float | int:
    """A number near another that ends in the same cents, as prices do."""
    whole, cents = int(near), near - int(near)
    if whole > 3:
        step = max(1, round(whole * rng.uniform(0.03, 0.2)))
        moved = whole + step * rng.choice((-1, 1, 1)) + cents
    else:
        moved = near + rng.choice((0.3, 0.5, 1.0))
    value = round(moved, 2)
    return int(value) if value == int(value) else value


_Make = Callable[[Sequence[str], Random, str], str | None]
_FORMS: tuple[tuple[Callable[[set[str], Sequence[str]], bool], _Make], ...] = (
    (
        lambda words, known: (
            bool(words & {"email", "mail"}) or all("@" in text for text in known[:20])
        ),
        _email,
    ),
    (
        lambda words, _: bool(words & _PHONE_WORDS),
        lambda known, rng, _: _renumbered(rng.choice(known), rng, tail=4),
    ),
    (
        lambda words, _: bool(words & {"postal", "zip", "postcode"}),
        lambda known, rng, _: _renumbered(rng.choice(known), rng, tail=2),
    ),
    (
        lambda words, _: bool(words & {"address", "street"}),
        lambda _, rng, __: f"{rng.randint(2, 180)} {rng.choice(_STREETS)}",
    ),
    (
        lambda words, _: bool(words & {"company", "firm", "employer"}),
        lambda _, rng, __: rng.choice(_FIRMS),
    ),
    (
        lambda words, _: bool(words & _PLACE_WORDS),
        lambda known, rng, _: rng.choice(known if len(known) > 2 else _PLACES),
    ),
    (
        lambda _, known: all(_TIME.fullmatch(text) for text in known[:50]),
        lambda _, rng, __: f"{rng.randint(9, 16):02d}:{rng.randrange(6)}0",
    ),
)


def new_person(rng: Random) -> tuple[str, str]:
    """A first and a family name that go together."""
    culture = rng.randrange(len(FAMILIES))
    return rng.choice(WOMEN_AND_MEN[culture]), rng.choice(FAMILIES[culture])


def new_name(known: Sequence[str], rng: Random, noun: str = "") -> str | None:
    """A name of the same make as the known ones, and different from them all.

    Two-word names are crossed (the start of one, the end of another) where many share
    a start or an end, so that they are made of parts; others get a fresh name that
    suits the noun.
    """
    taken = {name.casefold() for name in known}
    starts, ends = _parts(tuple(known))
    fresh = _NAMES.get(noun.split()[-1] if noun else "", _TITLES)
    for _ in range(8):
        name = rng.choice(fresh)
        if ends:
            name = f"{rng.choice(starts or _SITES)} {rng.choice(ends)}"
        if name.casefold() not in taken and speakable(name):
            return name
    return None


@lru_cache(maxsize=256)
def _parts(known: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Starts and ends that several names share, if most names are made of both."""
    pairs = [name.split(" ", 1) for name in known if " " in name]
    if len(pairs) < 0.8 * len(known):
        return (), ()
    starts = Counter(pair[0] for pair in pairs)
    ends = Counter(pair[1] for pair in pairs)
    return (
        tuple(sorted(start for start, times in starts.items() if times > 2)),
        tuple(sorted(end for end, times in ends.items() if times > 2)),
    )
