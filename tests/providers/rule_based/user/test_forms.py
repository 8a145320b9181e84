"""Objectives taken apart and their grammatical forms."""

from __future__ import annotations

import pytest

from eventsim.providers.rule_based.user.clause import parse_clause
from eventsim.providers.rule_based.user.forms import forms_of, gerund
from eventsim.providers.rule_based.user.request import loosened, referring


@pytest.mark.parametrize(
    ("text", "kind", "shape", "values"),
    [
        ('find the email of the customer "Ana Lima"', "look", "np", ("Ana Lima",)),
        ("look up invoice 12 and tell the billing city", "look", "two", ("12",)),
        ('see which tracks the album "X" has', "look", "wh", ("X",)),
        ('add up the total of the invoices of the customer "A"', "look", "np", ("A",)),
        ('add a playlist with the name "A b"', "write", "other", ("A b",)),
        ('check that the phone of that customer is now "5"', "check", "that", ("5",)),
        ("confirm how many albums that artist has now", "check", "wh", ()),
        ('set the due date of the loan "L" to 2024-05-01', "write", "other",
         ("L", "2024-05-01")),
    ],
)  # fmt: skip
def test_parts(text: str, kind: str, shape: str, values: tuple[str, ...]) -> None:
    """A clause falls into kind, shape and values."""
    clause = parse_clause(text)
    assert (clause.kind, clause.shape, clause.values) == (kind, shape, values)


@pytest.mark.parametrize(
    ("text", "question"),
    [
        (
            'find out which artist the album "Facelift" belongs to',
            'which artist does the album "Facelift" belong to',
        ),
        (
            'find out how many invoices the customer "Ana Lima" has',
            'how many invoices does the customer "Ana Lima" have',
        ),
        (
            "confirm how many tracks that playlist has now",
            "how many tracks does that playlist have now",
        ),
        (
            "check how many tracks that playlist still has",
            "how many tracks does that playlist still have",
        ),
        (
            'see how many loans there are for the member "Bo"',
            'how many loans are there for the member "Bo"',
        ),
        (
            'find out who the support rep of the customer "A" is',
            'who is the support rep of the customer "A"',
        ),
        (
            "find out which customer has the most invoices",
            "which customer has the most invoices",
        ),
        (
            'check that the phone of that customer is now "5"',
            'is the phone of that customer now "5"',
        ),
        ('find the email of the customer "A"', 'what\'s the email of the customer "A"'),
        (
            "name the 5 customers with the most invoices",
            "which 5 customers have the most invoices",
        ),
        (
            'list the albums of the artist "AC/DC"',
            'which albums does the artist "AC/DC" have',
        ),
        ('find the support rep of the customer "A"', None),
        ('count the albums of the artist "A"', None),
        ("find out whether it rained", None),
    ],
)
def test_direct_question(text: str, question: str | None) -> None:
    """Clauses become questions where the grammar is certain, and only there."""
    assert forms_of(parse_clause(text)).direct == question


@pytest.mark.parametrize(
    ("phrase", "form"),
    [
        ("set the price", "setting the price"),
        ("put it", "putting it"),
        ("change it and then list them", "changing it and then listing them"),
        ("look up invoice 12 and tell me the city",
         "looking up invoice 12 and telling me the city"),
        ("find out who", "finding out who"),
    ],
)  # fmt: skip
def test_gerund(phrase: str, form: str) -> None:
    """Both verbs of a phrase take the -ing form."""
    assert gerund(phrase) == form


@pytest.mark.parametrize(
    ("text", "looser"),
    [
        ('change the phone of the user "A" to "5"', 'change the phone of the user "A"'),
        ('set the price of the track "A" to 1.29', 'set the price of the track "A"'),
        ('find the email of the artist "A"', "find the email of an artist"),
        ('delete the playlist "A"', None),
        ('find the tracks whose name contains "A"', None),
        ("list the 3 tracks with the highest price", None),
    ],
)  # fmt: skip
def test_loosened(text: str, looser: str | None) -> None:
    """One detail is left out only where a question can bring it back."""
    found = loosened(parse_clause(text))
    assert (found.text if found else None) == looser


def test_reference_to_what_was_spoken_of() -> None:
    """A name becomes "that …" only where one thing of that noun was spoken of."""
    first = parse_clause('find the email of the customer "A"')
    other = parse_clause('find the email of the customer "B"')
    again = parse_clause('find the city of the customer "A"')
    assert referring(again, [first]).text == "find the city of that customer"
    assert referring(again, [first, other]) == again
    assert referring(again, [other]) == again
    assert referring(again, []) == again
