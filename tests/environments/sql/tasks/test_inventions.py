"""Invented values look like the values that a column already holds."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import pytest

from eventsim.environments.sql.tables import Column, Kind, Statistics
from eventsim.environments.sql.tasks.inventions import (
    invent,
    new_name,
    new_person,
    speakable,
)

NOW = "2026-06-24 10:00:00"


def _column(words: str, kind: Kind = "text", **more: Any) -> Column:
    return Column(
        name=words.replace(" ", "_"),
        key=words.replace(" ", "_"),
        words=words,
        declared="",
        stored="text",
        affinity="",
        kind=kind,
        nullable=True,
        **more,
    )


def _many(col: Column, known: list[Any], **more: Any) -> list[Any]:
    return [invent(col, known, Random(n), NOW, **more) for n in range(50)]


FORMS: list[tuple[Column, list[Any], str]] = [
    (_column("phone"), ["555 01 2205", "555 01 0775"], r"555 01 \d{4}"),
    (_column("fax"), ["+55 (12) 3923-5555"], r"\+55 \(12\) 3923-\d{4}"),
    (_column("postal code"), ["12227-000"], r"12227-0\d\d"),
    (_column("billing address"), ["1 A Street"], r"\d{1,3} [A-Z][a-z]+ [A-Z][a-z]+"),
    (_column("city"), ["Paris", "Oslo", "Prague"], "Paris|Oslo|Prague"),
    (_column("delivery date", "date"), ["2025-01-01"], r"2026-0[678]-\d\d"),
    (_column("start time"), ["09:20", "14:40"], r"\d\d:\d0"),
    (_column("status", choices=("open", "paid")), ["open"], "open|paid"),
    (
        _column("isbn"),
        ["979-8-170-00008-4"],
        r"979-8-170-000\d\d-\d|979-8-170-\d{5}-\d",
    ),
]


@pytest.mark.parametrize(("col", "known", "form"), FORMS, ids=lambda v: str(v)[:20])
def test_values_have_the_build_of_known_ones(
    col: Column, known: list[Any], form: str
) -> None:
    """Numbers, addresses, dates and codes keep the form of their column."""
    values = [v for v in _many(col, known, unique=col.words == "isbn") if v is not None]
    assert values
    assert all(re.fullmatch(form, str(value)) for value in values), values


def test_the_current_value_is_never_proposed() -> None:
    """A change changes something."""
    status = _column("status", choices=("open", "paid"))
    assert set(_many(status, ["open"], current="open")) <= {"paid", None}


def test_prices_stay_near_known_prices() -> None:
    """Money has at most two decimals and stays in the range of the column."""
    prices = _many(_column("unit price", "number"), [0.99, 1.99, 12.5, 240.0])
    assert all(0 < p < 300 and p == round(p, 2) for p in prices)
    assert len(set(prices)) > 5


def test_bounds_of_a_constraint_are_kept() -> None:
    """A rating from 1 to 5 stays one."""
    rating = _column("rating", "integer", minimum=1, maximum=5)
    assert {v for v in _many(rating, [1, 2, 5]) if v is not None} <= {1, 2, 3, 4, 5}


def test_an_email_is_made_from_the_name() -> None:
    """The address has the name of the person and a known domain."""
    values = _many(_column("email"), ["a@mail.example"], who="Élodie Roche")
    assert all(
        re.fullmatch(r"(elodie\.roche\d*|rochee)@mail\.example", v) for v in values
    )
    assert invent(_column("email"), ["a@mail.example"], Random(1), NOW) is None


def test_nothing_is_invented_without_a_hint() -> None:
    """Free texts that are all different, BLOBs and empty columns get no value."""
    notes = [f"note about {chr(97 + n % 26)}{n // 26}" for n in range(40)]
    free = _column("note", statistics=Statistics(distinct=40, filled=40))
    assert set(_many(free, notes)) == {None}
    assert invent(_column("picture", "blob"), [b"x"], Random(1), NOW) is None
    assert invent(_column("note"), [], Random(1), NOW) is None


def test_names_are_made_of_shared_parts() -> None:
    """Where names share starts and ends, a new one crosses them; else it is fresh."""
    starts, ends = ("Aster", "Brook", "Glen", "Ember"), ("tarp", "daypack", "stove")
    known = [f"{a} {b}" for a in starts for b in ends][:-1]
    assert new_name(known, Random(4)) in {None, "Ember stove"}
    fresh = new_name(["Music", "Movies"], Random(4))
    assert fresh
    assert speakable(fresh)


def test_new_people_have_two_names() -> None:
    """First and family name, neither empty."""
    assert all(all(new_person(Random(n))) for n in range(20))


@pytest.mark.parametrize(
    "value", ["", " x", 'a "b"', "two\nlines", "x" * 61, None, True, 0.12345, "  ", "-"]
)
def test_what_cannot_be_typed_is_not_speakable(value: Any) -> None:
    """Empty, over-long, quoted, multi-line and non-text values stay out of clauses."""
    assert not speakable(value)
