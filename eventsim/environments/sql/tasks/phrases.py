"""The controlled language: infinitive clauses in plain English, in many wordings.

Every function gives one clause without "to" and without a full stop. String literals
stand in double quotes, numbers and ISO dates bare. Nouns and attributes come in as
words; nothing here knows tables, tools or rows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from eventsim.environments.sql.names import article, joined, singular

__all__ = [
    "Mention",
    "add",
    "add_to",
    "average",
    "be",
    "change",
    "check_count",
    "check_gone",
    "check_value",
    "contains",
    "count",
    "count_where",
    "find_attributes",
    "find_related",
    "list_of",
    "list_where",
    "literal",
    "remove",
    "remove_from",
    "remove_pair",
    "top",
    "top_by_count",
    "total",
]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Mention:
    """How a row is spoken of: `the customer "Ana Lima"`, `invoice 12`, `that album`.

    `back` marks a reference to something said before.
    """

    text: str
    noun: str
    back: bool = False
    person: bool = False

    @property
    def possessive(self) -> str:
        """For "their invoices"; empty where it would not be understood."""
        return "their" if self.back and self.person else ""


def literal(value: Any) -> str:
    """A value as it stands in a clause."""
    if isinstance(value, str):
        day = value.removesuffix(" 00:00:00")
        return day if _DATE.fullmatch(day) else f'"{value}"'
    return str(value)


def find_attributes(rng: Random, who: Mention, attributes: Sequence[str]) -> str:
    """Find the e-mail and the phone of the customer."""
    what = joined(f"the {attribute}" for attribute in attributes)
    forms = (
        f"find {what} of {who.text}",
        f"find out {what} of {who.text}",
        f"look up {what} of {who.text}",
        f"get {what} of {who.text}",
        f"look up {who.text} and tell {what}",
        f"look up {who.text} and read out {what}",
        f"check {what} of {who.text}",
    )
    return rng.choice(forms)


def find_related(rng: Random, who: Mention, noun: str, *, person: bool) -> str:
    """Find out which artist the album belongs to."""
    forms = [
        f"find out which {noun} {who.text} belongs to",
        f"find the {noun} of {who.text}",
        f"look up the {noun} of {who.text}",
        f"look up {who.text} and tell which {noun} it belongs to",
    ]
    if person:
        forms = [
            f"find out who the {noun} of {who.text} is",
            f"find the {noun} of {who.text}",
            f"look up who the {noun} of {who.text} is",
            f"look up the {noun} of {who.text}",
        ]
    return rng.choice(forms)


def list_of(rng: Random, many: str, who: Mention) -> str:
    """List the albums of the artist."""
    forms = [
        f"list the {many} of {who.text}",
        f"show the {many} of {who.text}",
        f"list all {many} of {who.text}",
        f"get the list of the {many} of {who.text}",
        f"see which {many} {who.text} has",
    ]
    if who.possessive:
        forms += [f"list {who.possessive} {many}", f"show {who.possessive} {many}"]
    return rng.choice(forms)


def list_where(rng: Random, many: str, attribute: str, value: Any) -> str:
    """List the customers with the city "Paris"."""
    forms = [
        f"list the {many} with the {attribute} {literal(value)}",
        f"show the {many} with the {attribute} {literal(value)}",
        f"find all {many} with the {attribute} {literal(value)}",
        f"list the {many} whose {attribute} {be(attribute)} {literal(value)}",
        f"find the {many} whose {attribute} {be(attribute)} {literal(value)}",
    ]
    return rng.choice(forms)


def contains(rng: Random, many: str, attribute: str, word: str) -> str:
    """Find the tracks whose name contains "love"."""
    forms = (
        f'find the {many} whose {attribute} contains "{word}"',
        f'list the {many} whose {attribute} contains "{word}"',
        f'search for {many} whose {attribute} contains "{word}"',
        f'show the {many} with "{word}" in the {attribute}',
    )
    return rng.choice(forms)


def top(
    rng: Random, noun: str, many: str, attribute: str, number: int, way: str
) -> str:
    """List the 3 tracks with the highest unit price."""
    if number == 1:
        forms: tuple[str, ...] = (
            f"find the {noun} with the {way} {attribute}",
            f"find out which {noun} has the {way} {attribute}",
            f"look up which {noun} has the {way} {attribute}",
        )
    else:
        forms = (
            f"list the {number} {many} with the {way} {attribute}",
            f"name the {number} {many} with the {way} {attribute}",
            f"show the {number} {many} with the {way} {attribute}",
            f"find the {number} {many} with the {way} {attribute}",
        )
    return rng.choice(forms)


def top_by_count(rng: Random, noun: str, many: str, counted: str, number: int) -> str:
    """Name the 5 customers with the most invoices."""
    if number == 1:
        forms: tuple[str, ...] = (
            f"find out which {noun} has the most {counted}",
            f"find the {noun} with the most {counted}",
        )
    else:
        forms = (
            f"name the {number} {many} with the most {counted}",
            f"list the {number} {many} with the most {counted}",
            f"find out which {number} {many} have the most {counted}",
        )
    return rng.choice(forms)


def count(rng: Random, many: str, who: Mention) -> str:
    """Find out how many invoices the customer has."""
    forms = [
        f"find out how many {many} {who.text} has",
        f"count the {many} of {who.text}",
        f"find the number of {many} of {who.text}",
        f"check how many {many} {who.text} has",
        f"see how many {many} there are for {who.text}",
    ]
    if who.possessive:
        forms += [f"count {who.possessive} {many}"]
    return rng.choice(forms)


def count_where(rng: Random, many: str, attribute: str, value: Any) -> str:
    """Find out how many orders have the status "open"."""
    forms = (
        f"find out how many {many} have the {attribute} {literal(value)}",
        f"count the {many} with the {attribute} {literal(value)}",
        f"find the number of {many} with the {attribute} {literal(value)}",
    )
    return rng.choice(forms)


def total(rng: Random, attribute: str, many: str, who: Mention) -> str:
    """Find the total quantity of the invoice lines of the track."""
    bare = attribute.removeprefix("total ")
    if bare == "total":
        return rng.choice(
            (
                f"find the total of all {many} of {who.text}",
                f"find out the total of all {many} of {who.text}",
                f"add up the total of the {many} of {who.text}",
            )
        )
    forms = (
        f"find the total {bare} of the {many} of {who.text}",
        f"find out the total {bare} of the {many} of {who.text}",
        f"get the total {bare} of all {many} of {who.text}",
        f"add up the {attribute} of the {many} of {who.text}",
    )
    return rng.choice(forms)


def average(rng: Random, attribute: str, many: str, who: Mention) -> str:
    """Find the average unit price of the tracks in the genre."""
    forms = (
        f"find the average {attribute} of the {many} of {who.text}",
        f"find out the average {attribute} of the {many} of {who.text}",
        f"get the average {attribute} of the {many} of {who.text}",
    )
    return rng.choice(forms)


def change(rng: Random, attribute: str, who: Mention, value: Any | None) -> str:
    """Change the phone of the customer to "555 0147"; without value: change it."""
    if value is None:
        forms: tuple[str, ...] = (
            f"change the {attribute} of {who.text}",
            f"update the {attribute} of {who.text}",
            f"correct the {attribute} of {who.text}",
        )
    else:
        forms = (
            f"change the {attribute} of {who.text} to {literal(value)}",
            f"set the {attribute} of {who.text} to {literal(value)}",
            f"update the {attribute} of {who.text} to {literal(value)}",
            f"correct the {attribute} of {who.text} to {literal(value)}",
        )
    return rng.choice(forms)


def add(
    rng: Random,
    noun: str,
    named: tuple[str, str] | None,
    values: Sequence[tuple[str, str]],
    owner: str | None = None,
) -> str:
    """Add a playlist with the name "Road Trip"; add a line for invoice 5 with ….

    `named` is the attribute and text of the name, `values` attributes with their
    literals, `owner` whom the new row is for.
    """
    verb = rng.choice(("add", "create", "add", "enter"))
    fresh = article(noun)
    if verb == "create":
        fresh = rng.choice((fresh, f"a new {noun}"))
    target = f"{verb} {fresh}"
    if owner:
        target += f" for {owner}"
    parts = [(a, v) for a, v in values]
    if named and rng.random() < 0.4 and not owner:
        target += f' called "{named[1]}"'
    elif named:
        parts.insert(0, (named[0], f'"{named[1]}"'))
    if not parts:
        return target
    if rng.random() < 0.6:
        listed = joined(f"the {attribute} {value}" for attribute, value in parts)
    else:
        listed = joined(f"{attribute} {value}" for attribute, value in parts)
    return f"{target} with {listed}"


def add_to(rng: Random, what: Mention, where: Mention) -> str:
    """Add the track "X" to the playlist "Y"."""
    verb = rng.choice(("add", "put", "add"))
    way = "on" if verb == "put" else "to"
    return f"{verb} {what.text} {way} {where.text}"


def be(attribute: str) -> str:
    """The verb that agrees with an attribute: delivery days are, a status is."""
    last = attribute.split()[-1]
    return "are" if singular(last) != last else "is"


def remove(rng: Random, who: Mention) -> str:
    """Delete the playlist "Road Trip"."""
    return f"{rng.choice(('delete', 'remove'))} {who.text}"


def remove_from(rng: Random, who: Mention, owner: Mention) -> str:
    """Remove the track "X" from the playlist "Y"."""
    verb = rng.choice(("remove", "take", "delete", "remove"))
    return f"{verb} {who.text} from {owner.text}"


def remove_pair(rng: Random, noun: str, who: Mention, about: Mention) -> str:
    """Delete the wishlist item of the customer "Y" for the product "X"."""
    verb = rng.choice(("delete", "remove"))
    return f"{verb} the {noun} of {who.text} for {about.text}"


def check_value(rng: Random, attribute: str, who: Mention, value: Any | None) -> str:
    """Check that the phone of that customer is now "555 0147"."""
    verb = be(attribute)
    if value is None:
        forms: tuple[str, ...] = (
            f"check the {attribute} of {who.text} once more",
            f"look up the new {attribute} of {who.text}",
            f"confirm the {attribute} of {who.text}",
        )
    else:
        forms = (
            f"check that the {attribute} of {who.text} {verb} now {literal(value)}",
            f"confirm that the {attribute} of {who.text} {verb} now {literal(value)}",
            f"make sure that the {attribute} of {who.text} {verb} now {literal(value)}",
        )
    return rng.choice(forms)


def check_count(rng: Random, many: str, who: Mention) -> str:
    """Confirm how many albums that artist has now."""
    forms = (
        f"confirm how many {many} {who.text} has now",
        f"check how many {many} {who.text} has now",
        f"find out how many {many} {who.text} has after that",
    )
    return rng.choice(forms)


def check_gone(rng: Random, many: str, who: Mention) -> str:
    """Check how many tracks are left in that playlist."""
    forms = (
        f"check how many {many} {who.text} has left",
        f"confirm how many {many} {who.text} still has",
    )
    return rng.choice(forms)
