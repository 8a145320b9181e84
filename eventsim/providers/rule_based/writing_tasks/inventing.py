"""New values that somebody would want to write: like those in the rows, and not them.

The form comes from the value that is there and from the column's name. Where neither
gives a hint there is no value, and another wish is chosen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from eventsim.providers.rule_based.writing_tasks.ddl import Column

__all__ = ["NAMES", "literal", "new_value", "person_named", "speakable"]

_FIRST = (
    "Amara Bruno Carla Dmitri Elif Farid Greta Hugo Ines Jonas Kavya Leon Mara Nils "
    "Olga Pablo Quinn Rosa Sami Tilda Umar Vera Wanda Xenia Yara Zoltan".split()
)
_LAST = (
    "Acosta Berg Costa Dahl Engel Fuentes Grimm Holm Ivers Jansen Keller Lund Moreau "
    "Novak Ortiz Petrov Reyes Sandoval Torres Ueda Vidal Wolff Yilmaz Zeman".split()
)
NAMES = tuple(_FIRST)

_AHEAD = frozenset("due delivery next end expiry until deadline return pickup".split())
_KEPT = frozenset(
    "barcode birth breed code gender hash isbn latitude longitude password sex sku "
    "species token url uuid vaccine year".split()
)
_MONEY = frozenset("amount budget charge cost fare fee price rate salary wage".split())
_STREETS = ("Elm Street", "Station Road", "Mill Lane", "Park Avenue", "Quay Street")
_HEADLINES = ("After two weeks", "In the rain", "First impressions", "One year later")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def speakable(value: Any) -> bool:
    """Whether a person could type the value into a chat."""
    if isinstance(value, str):
        plain = value == value.strip() and value.isprintable()
        odd = re.search(r'["“”\\]|\s\s|\w_\w|00:00:00$', value)
        named = any(letter.isalnum() for letter in value)
        return 0 < len(value) <= 50 and plain and not odd and named
    return isinstance(value, int | float) and not isinstance(value, bool)


def literal(value: Any) -> str:
    """A value as it stands in a clause."""
    if isinstance(value, str):
        return value if _DATE.fullmatch(value) else f'"{value}"'
    return str(value)


def person_named(initial: str, rng: Random) -> str:
    """A first and a last name; the first begins with the letter, if there is one."""
    fitting = [name for name in _FIRST if name.startswith(initial)] or list(_FIRST)
    return f"{rng.choice(fitting)} {rng.choice(_LAST)}"


def new_value(
    column: Column,
    current: Any,
    known: Sequence[Any],
    rng: Random,
    today: str,
    *,
    who: str = "",
    fresh: bool = False,
) -> Any:
    """Another value than `current` for the column, or None. `known` are values of
    other rows, `who` is the name of the row; `fresh` that the row is a new one.
    """
    words = set(column.words.split())
    others = [value for value in known if value != current and speakable(value)]
    if column.choices:
        return rng.choice([c for c in column.choices if c != current])
    if words & _KEPT:
        return None
    if column.kind == "date":
        return _day(today, rng) if fresh or words & _AHEAD else None
    if column.kind in ("datetime", "blob"):
        return None
    if column.kind in ("integer", "number"):
        return _number(words, current, others, rng)
    return _text(words, current, others, rng, who=who, unique=column.unique)


def _day(today: str, rng: Random) -> str:
    return (date.fromisoformat(today) + timedelta(rng.randint(3, 40))).isoformat()


def _number(
    words: set[str], current: Any, others: Sequence[Any], rng: Random
) -> int | float | None:
    numbers = [n for n in others if isinstance(n, int | float)]
    if not isinstance(current, int | float):
        return rng.choice(numbers) if numbers else None
    if words & _MONEY or isinstance(current, float):
        step = max(1, round(abs(current) * 0.1))
        value = round(current + step * rng.choice((1, 1, 2)), 2)
        return int(value) if value == int(value) else value
    within = [n for n in numbers if min(numbers) <= n <= max(numbers)]
    if abs(current) < 20:
        return rng.choice(within) if within else None
    return current + rng.choice((1, 2, 3))


def _text(
    words: set[str],
    current: Any,
    others: Sequence[Any],
    rng: Random,
    *,
    who: str,
    unique: bool,
) -> str | None:
    model = current if isinstance(current, str) else next(iter(others), None)
    if "email" in words or "mail" in words:
        return _email(model, who, rng)
    if words & {"phone", "fax", "mobile", "telephone"}:
        return _redialled(model, rng)
    if words & {"street", "address"}:
        return f"{rng.randint(2, 180)} {rng.choice(_STREETS)}"
    if words & {"headline", "subject"}:
        return rng.choice(_HEADLINES)
    if unique or not others:
        return None
    return str(rng.choice(others))


def _email(model: Any, who: str, rng: Random) -> str | None:
    domain = str(model).partition("@")[2] if model else ""
    parts = [p for p in re.findall(r"[a-z]+", who.lower()) if len(p) > 1]
    if not domain or not parts:
        return None
    return f"{parts[0]}.{parts[-1]}{rng.randint(2, 99)}@{domain}"


def _redialled(model: Any, rng: Random) -> str | None:
    if not isinstance(model, str):
        return None
    places = [n for n, letter in enumerate(model) if letter.isdigit()][-3:]
    letters = list(model)
    for place in places:
        letters[place] = rng.choice("0123456789")
    return "".join(letters) if places else None
