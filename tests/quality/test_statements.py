"""How values and refusals are recognised in plain English."""

from __future__ import annotations

from typing import Any

import pytest

from eventsim.quality.statements import refuses, states

STATED: list[tuple[Any, str]] = [
    (3, "They have 3 invoices."),
    (3, "3"),
    (3, "It is 3, as you thought."),
    (3, "(3)"),
    (3, "It weighs 3kg."),
    (1234.5, "The total is 1,234.50."),
    (1234.5, "The total is 1234.5."),
    (1234.5, "That makes $1,234.50 in all."),
    (12500, "There are 12,500 of them."),
    (12500, "There are 12\u00a0500 of them."),
    (23.86, "The total is 23.86."),
    (5.651941747572816, "On average 5.65."),
    (5.651941747572816, "On average 5.652."),
    (4, "The price is 4.00 now."),
    (-2, "The balance is -2."),
    (0, "There are none."),
    (0, "There are 0 of them."),
    ("2026-03-12", "It was on 2026-03-12."),
    ("2026-03-12", "It was on 12 March 2026."),
    ("2026-03-12", "It was on the 12th of March 2026."),
    ("2026-03-12", "It was on March 12, 2026."),
    ("2026-03-12", "It was on Mar 12th 2026."),
    ("2026-03-12 00:00:00", "It was on 2026-03-12."),
    ("2026-03-12 14:20:00", "It starts on 12 March 2026 at 14:20."),
    ("2026-03-12 14:20:00", "It starts on 2026-03-12 at 2:20 pm."),
    ("2026-03-12 09:00:00", "It starts at 9:00 on 2026-03-12."),
    ("Ana Lima", "The customer is ana  lima."),
    ("Ana Lima", 'The customer is "Ana Lima".'),
    ("Ana Lima", "The customer is Ana\u00a0Lima."),
    ("AC/DC", "It belongs to AC/DC."),
    ("Balls to the Wall", 'The albums are "Balls to the Wall", "Facelift".'),
    ("Balls to the Wall", 'I found "Facelift, Balls to the Wall".'),
    ("Let There Be Rock", 'It is "Let There Be Rock (Live)".'),
    ("São Paulo", "She lives in são paulo."),
    ("+55 (12) 3923-5555", "The phone is +55 (12) 3923-5555."),
    ("555 0147", "It is now 555 0147."),
    ("10012", "The postal code is 10012."),
    ("in progress", "Its status is “in progress”."),
    ("rock'n'roll", "It is rock’n’roll."),
    (True, "Yes, it is."),
]

NOT_STATED: list[tuple[Any, str]] = [
    (3, "They have 13 invoices."),
    (3, "They have 30 invoices."),
    (3, "It is INV-3."),
    (3, "It is #3."),
    (3, "It is 3.5."),
    (3, "It is 0.3."),
    (3, "It was the 3rd."),
    (3, "It was on 2026-03-03."),
    (3, "It was on 3 March 2026."),
    (3, "It starts at 3:30."),
    (3, "It is 1,003."),
    (3, 'The artist is "3 Doors Down".'),
    (3, "I looked it up."),
    (147, "Call 0147."),
    (23.86, "The total is 23.68."),
    (23.86, "The total is 123.86."),
    (23.86, "The total is 23.9."),
    (23.86, "The total is 24."),
    (5.651941747572816, "On average 5.7."),
    (2, "The balance is -2."),
    ("2026-03-12", "It was on 2026-03-13."),
    ("2026-03-12", "It was on 12 May 2026."),
    ("2026-03-12", "It was in March 2026."),
    ("2026-03-12 14:20:00", "It starts on 12 March 2026."),
    ("2026-03-12 14:20:00", "It starts on 12 March 2026 at 15:20."),
    ("Ana Lima", "The customer is Ana Limares."),
    ("Ana Lima", "The customer is Diana Lima."),
    ("Rock", 'The genre is "Rock And Roll".'),
    ("Rock", "It is a rocket."),
    ("10012", "The postal code is 110012."),
    ("10012", "The postal code is 10012-400."),
    ("", "Nothing at all."),
    (None, "None."),
]


@pytest.mark.parametrize(("value", "text"), STATED)
def test_accepts_usual_forms(value: Any, text: str) -> None:
    """Each usual way of writing a value states it."""
    assert states(text, value)


@pytest.mark.parametrize(("value", "text"), NOT_STATED)
def test_rejects_parts_of_other_values(value: Any, text: str) -> None:
    """A value inside another, or a different value, is not stated."""
    assert not states(text, value)


REFUSALS = [
    "I cannot delete this customer.",
    "I can't do that: orders refer to it.",
    "Sorry, I can’t change the total.",
    "I'm unable to delete it.",
    "I am not able to make that change.",
    "That is not possible without the right desk code.",
    "That isn't possible, because other rows depend on it.",
    "The policy does not allow me to delete invoices.",
    "Deleting invoices is not allowed.",
    "Deleting invoices isn't permitted here.",
    "I may not delete invoices.",
    "Invoices may not be deleted.",
    "This could not be done: a loan still refers to the member.",
    "I have no tool for that.",
    "There is no way to do this here.",
    "I don't have a tool that deletes authors.",
    "I won't change the total, since it follows from the lines.",
    "The deletion was rejected, for the author has books.",
    "I must not do this.",
    "Deleting it is against the policy.",
    "I found her, but I cannot remove her.",
    "I looked.\nIt's impossible to remove it.",
    "I have to decline this one.",
    "Unfortunately I was not able to delete the author.",
    "I found the album but I'm not permitted to delete it; shall I do anything else?",
]

NO_REFUSALS = [
    "Done.",
    "I deleted it.",
    "I cannot find that customer.",
    "I could not find an album of that name.",
    "I can't see any invoice of hers.",
    "I don't know which Ana Lima you mean.",
    "There is no customer named Ana Lima.",
    "That customer does not exist.",
    "No problem, it is changed.",
    "I can't tell which one you mean. Do you have a city?",
    "Shall I delete it?",
    "Before I change anything, please tell me the desk code.",
    "I can do that right away.",
    "The customer has no invoices.",
    "It will not be long.",
    "Can't you remember the city?",
    "I can't wait to help.",
]


@pytest.mark.parametrize("text", REFUSALS)
def test_recognises_refusals(text: str) -> None:
    """Each of these says that something cannot or may not be done."""
    assert refuses(text)


@pytest.mark.parametrize("text", NO_REFUSALS)
def test_is_not_fooled_by_other_sentences(text: str) -> None:
    """Questions, successes and not-found statements are no refusals."""
    assert not refuses(text)


def test_not_found_counts_only_where_asked() -> None:
    """With `not_found` the missing row itself is the answer."""
    assert refuses("I could not find an album of that name.", not_found=True)
    assert refuses("No customer was found.", not_found=True)
    assert not refuses("I deleted it.", not_found=True)
