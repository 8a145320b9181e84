"""Identifiers become plain English and safe keys."""

from __future__ import annotations

import pytest

from eventsim.environments.sql.names import (
    article,
    ascii_key,
    distinct_keys,
    joined,
    plural,
    singular,
    split_words,
)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("InvoiceLine", ("invoice", "line")),
        ("billing_city", ("billing", "city")),
        ("URLPath", ("url", "path")),
        ("order items", ("order", "items")),
        ("tblCustomer", ("customer",)),
        ("unitPrice", ("unit", "price")),
        ("Straße-Nr", ("straße", "nr")),
        ("客户", ("客户",)),
        ("___", ("___",)),
    ],
)
def test_words_of_identifiers(name: str, words: tuple[str, ...]) -> None:
    """Camel case, underscores, spaces and acronyms are told apart."""
    assert split_words(name) == words


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("city", "cities"),
        ("day", "days"),
        ("box", "boxes"),
        ("person", "people"),
        ("invoice line", "invoice lines"),
        ("address", "addresses"),
        ("status", "statuses"),
        ("shelf", "shelves"),
        ("movie", "movies"),
        ("series", "series"),
        ("bus", "buses"),
        ("branch", "branches"),
    ],
)
def test_plurals_and_back(one: str, many: str) -> None:
    """One and many lead to each other."""
    assert plural(one) == many
    head, _, word = many.rpartition(" ")
    assert f"{head} {singular(word)}".strip() == one


def test_articles() -> None:
    """The article follows the sound, not the letter."""
    assert article("invoice") == "an invoice"
    assert article("user") == "a user"
    assert article("hour") == "an hour"
    assert article("track") == "a track"


def test_lists_in_a_sentence() -> None:
    """One, two and three items read well."""
    assert joined([]) == ""
    assert joined(["a"]) == "a"
    assert joined(["a", "b"]) == "a and b"
    assert joined(["a", "b", "c"], "or") == "a, b or c"


def test_keys_are_ascii_and_distinct() -> None:
    """Accents are dropped, other alphabets numbered, collisions told apart."""
    assert ascii_key(("größe",)) == "grosse"
    assert ascii_key(("客户",)) == ""
    assert ascii_key(("2nd", "name")) == "n2nd_name"
    names = [("a", "b"), ("a", "b"), ("客户",), ("x" * 90,)]
    keys = distinct_keys(names, "column")
    assert keys[:3] == ("a_b", "a_b_2", "column_3")
    assert len(set(keys)) == 4
    assert max(map(len, keys)) <= 48
