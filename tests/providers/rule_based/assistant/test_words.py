"""Answers read as a person would write them."""

from __future__ import annotations

import re

import pytest

from eventsim.providers.rule_based.assistant.formats import join, listed, value
from tests.providers.rule_based.assistant.world import Chat

_REQUESTS = (
    'find the email of the customer "Ana Lima"',
    'find the email and the phone of the customer "Bruno Reis"',
    'look up the customer "Ana Lima"',
    "look up invoice 1",
    'list the invoices of the customer "Ana Lima"',
    "list the 5 tracks with the highest milliseconds",
    'how many invoices does the customer "Bruno Reis" have?',
    'find the total of the invoices of the customer "Ana Lima"',
    'find out which artist the album "Facelift" belongs to',
    'list the tracks of the playlist "Movies"',
    'find the email of the customer "Wei Chen"',
    "find the customer of invoice 3",
    'add a playlist called "Road Trip"',
    'change the phone of the customer "Ana Lima" to "555 0147"',
    'delete the playlist "Music"',
    'delete the customer "Ana Lima"',
)


@pytest.mark.parametrize("said", _REQUESTS)
def test_no_answer_shows_the_database(said: str) -> None:
    """No snake_case, None, midnight or currency, in any wording."""
    for seed in range(0, 4000, 500):
        answer = Chat(seed=seed).say(said)
        assert not re.search(r"[a-z]_[a-z]", answer), answer
        assert "None" not in answer
        assert "null" not in answer
        assert "00:00" not in answer
        assert not re.search(r"[$€£]", answer)
        assert answer[:1].isupper() or answer[:1] == '"'
        assert answer[-1] in ".?!"
        assert "  " not in answer


@pytest.mark.parametrize("said", _REQUESTS[:3])
def test_keys_are_not_told_unasked(said: str) -> None:
    """A named thing is told without its key."""
    answer = Chat().say(said)
    assert not re.search(r"\b(id|key|number) \d", answer)


def test_wordings_vary_with_the_seed() -> None:
    """Another seed may give other words; the value stays."""
    answers = {Chat(seed=n * 50).say(_REQUESTS[0]) for n in range(24)}
    assert len(answers) >= 4
    assert all("ana@inbox.example" in answer for answer in answers)


@pytest.mark.parametrize(
    ("stored", "column", "told"),
    [
        (123456, "bytes", "123,456"),
        (1234, "duration", "1234"),
        (1998, "publication_year", "1998"),
        (98765, "postal_code", "98765"),
        (12345, "customer_id", "12345"),
        (0.99, "unit_price", "0.99"),
        (39.620000000000005, "total", "39.62"),
        (5.0, "amount", "5"),
        (12345.5, "total", "12,345.5"),
        ("2024-01-05 00:00:00", "invoice_date", "2024-01-05"),
        ("2024-01-05T14:30:00Z", "start", "2024-01-05 at 14:30"),
        (None, "phone", "not recorded"),
        (True, "active", "yes"),
    ],
)
def test_values_are_written_for_people(stored: object, column: str, told: str) -> None:
    """Numbers are grouped where they measure, dates lose midnight."""
    assert value(stored, column) == told


def test_a_sentence_holds_at_most_five_rows() -> None:
    """A long list says how many more there are."""
    names = [f"n{i}" for i in range(17)]
    assert listed(names) == "n0, n1, n2, n3, n4 and 12 more"
    assert listed(names[:5]) == "n0, n1, n2, n3 and n4"
    assert join(["a"]) == "a"
