"""Clauses are plain English in many wordings."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

import pytest

from eventsim.environments.sql.tasks import phrases
from eventsim.environments.sql.tasks.phrases import Mention

ANA = Mention('the customer "Ana Lima"', "customer", person=True)
THAT = Mention("that customer", "customer", back=True, person=True)
LIST = Mention('the playlist "Road Trip"', "playlist")

CLAUSES: list[Callable[[Random], str]] = [
    lambda rng: phrases.find_attributes(rng, ANA, ["email", "phone"]),
    lambda rng: phrases.find_related(rng, ANA, "support rep", person=True),
    lambda rng: phrases.find_related(rng, LIST, "artist", person=False),
    lambda rng: phrases.list_of(rng, "invoices", THAT),
    lambda rng: phrases.list_where(rng, "customers", "city", "Paris"),
    lambda rng: phrases.contains(rng, "tracks", "name", "love"),
    lambda rng: phrases.top(rng, "track", "tracks", "unit price", 3, "highest"),
    lambda rng: phrases.top(rng, "track", "tracks", "unit price", 1, "lowest"),
    lambda rng: phrases.top_by_count(rng, "artist", "artists", "albums", 2),
    lambda rng: phrases.count(rng, "invoices", ANA),
    lambda rng: phrases.count_where(rng, "orders", "status", "open"),
    lambda rng: phrases.total(rng, "quantity", "order lines", LIST),
    lambda rng: phrases.average(rng, "unit price", "tracks", LIST),
    lambda rng: phrases.change(rng, "phone", ANA, "555 0147"),
    lambda rng: phrases.change(rng, "phone", ANA, None),
    lambda rng: phrases.add(rng, "invoice", ("name", "X"), [("date", "2026-01-02")]),
    lambda rng: phrases.remove(rng, LIST),
    lambda rng: phrases.remove_from(rng, Mention('the track "X"', "track"), LIST),
    lambda rng: phrases.check_value(rng, "phone", THAT, "555 0147"),
    lambda rng: phrases.check_value(rng, "phone", THAT, None),
    lambda rng: phrases.check_count(rng, "invoices", THAT),
    lambda rng: phrases.check_gone(rng, "tracks", LIST),
]


@pytest.mark.parametrize("clause", CLAUSES)
def test_clauses_are_infinitives_in_several_wordings(
    clause: Callable[[Random], str],
) -> None:
    """Each begins with a verb in small letters, ends without a stop, and varies."""
    texts = {clause(Random(n)) for n in range(60)}
    assert len(texts) > 1
    for text in texts:
        assert re.match(r"[a-z]+ ", text), text
        assert not text.startswith("to ")
        assert not text.endswith((".", " ", ","))
        assert "  " not in text
        assert text.count('"') % 2 == 0


def test_literals() -> None:
    """Texts are quoted, numbers and dates bare, midnight is left out."""
    assert phrases.literal("Paris") == '"Paris"'
    assert phrases.literal(1.29) == "1.29"
    assert phrases.literal("2026-03-12") == "2026-03-12"
    assert phrases.literal("2026-03-12 00:00:00") == "2026-03-12"
