"""Finding in the user's own messages what they asked for."""

from __future__ import annotations

import pytest

from eventsim.providers.rule_based.user import wrappers
from eventsim.providers.rule_based.user.answer_words import ANSWER_WORDS
from eventsim.providers.rule_based.user.clause import parse_clause
from eventsim.providers.rule_based.user.forms import forms_of
from eventsim.providers.rule_based.user.phrases import PHRASES
from eventsim.providers.rule_based.user.transcript import (
    Said,
    is_closing,
    read_progress,
)

CLAUSES = (
    'find the email and the phone of the customer "Ana Lima"',
    "look up invoice 12 and tell the billing city",
    'look up the track "Believe" and tell which genre it belongs to',
    "look up that subscriber and read out the phone",
    'find out which artist the album "Facelift" belongs to',
    "find out who the customer of that bill is",
    'list all albums of the artist "AC/DC"',
    'find the tracks whose name contains "love"',
    'show the albums with "Acústico" in the title',
    "name the 5 customers with the most invoices",
    'count the albums of the artist "Djavan"',
    'find the number of mixes of the song "Starting Over"',
    'see how many tracks there are for the record "Cesta Básica"',
    'add up the milliseconds of the songs of the record "Live"',
    'change the phone of the customer "Ana Lima" to "555 0147"',
    "set the bytes of that track to 5999898",
    'put the track "Realword" on the playlist "Grunge"',
    'take the track "Tyrant" from the playlist "Grunge"',
    'take out the client "João Fernandes"',
    'add an album for that artist with the title "Early Birds"',
    "make sure that the bytes of that track are now 5999898",
    "check the fax of that client once more",
    "confirm how many songs that playlist has now",
)
CLOSING = [p for phrases in ANSWER_WORDS["closing"].values() for p in phrases]
OTHERS = [
    phrase
    for occasion, table in PHRASES.items()
    if occasion != "closing"
    for phrases in table.values()
    for phrase in phrases
]
TABLES = (
    wrappers.INFINITIVE,
    wrappers.SINGULAR,
    wrappers.PLURAL,
    wrappers.WH,
    wrappers.THAT,
)


@pytest.mark.parametrize("text", CLAUSES)
def test_every_wording_is_recognised(text: str) -> None:
    """Whatever words an objective was wrapped in, it counts as asked for."""
    clause = parse_clause(text)
    other = parse_clause('delete the gadget "Zed"')
    slots = forms_of(clause).slots()
    seen = 0
    for template in (t for table in TABLES for ts in table.values() for t in ts):
        try:
            request = template.format(**slots)
        except KeyError:
            continue
        progress = read_progress(
            [Said(own=True, text=f"Hi. {request} I'm in a hurry.")], [clause, other]
        )
        assert progress.asked == 1, request
        assert progress.batch == (0,), request
        seen += 1
    assert seen >= 20


@pytest.mark.parametrize("phrase", CLOSING)
def test_farewells_are_recognised(phrase: str) -> None:
    """Each farewell marks the end of its task."""
    assert is_closing(phrase)


@pytest.mark.parametrize("phrase", OTHERS)
def test_nothing_else_is_a_farewell(phrase: str) -> None:
    """No other phrase is taken for a farewell."""
    assert not is_closing(phrase)


@pytest.mark.parametrize("phrase", OTHERS + CLOSING)
def test_phrases_ask_for_nothing(phrase: str) -> None:
    """What stands around requests is never taken for one."""
    clauses = [parse_clause(text) for text in CLAUSES]
    text = phrase.replace("{v}", "42").replace("{label}", "the code")
    for clause in clauses:
        assert read_progress([Said(own=True, text=text)], [clause]).asked == 0
