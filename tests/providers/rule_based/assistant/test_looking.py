"""The assistant looks things up: values, lists, measures, rankings, references."""

from __future__ import annotations

import pytest

from tests.providers.rule_based.assistant.world import Chat, functions


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('find the email of the customer "Ana Lima"', "ana@inbox.example"),
        ('I need the email of the client "Ana Lima", please.', "ana@inbox.example"),
        ("look up invoice 2 and tell the billing city", "Braga"),
        ('find out which artist the album "Facelift" belongs to', "Alice in Chains"),
        ('look up the record "Facelift" and tell which band it belongs to', "Alice"),
        ("What's the total of invoice 1?", "13.86"),
        ("find the customer of invoice 3", "Bruno Reis"),
        ('how many bills does the customer "Ana Lima" have?', "3"),
        ('count the albums of the artist "AC/DC"', "2"),
        ('find the total of the invoices of the buyer "Ana Lima"', "21.78"),
        ('add up the total of all invoices of the customer "Ana Lima"', "21.78"),
        ('get the average unit price of the tracks of the album "Facelift"', "1.14"),
        ("find the track with the highest milliseconds", "Love, Hate, Love"),
        ("what is the phone of Ana Lima?", "555 0101"),
    ],
)
def test_states_what_was_asked(said: str, told: str) -> None:
    """One request in many wordings is answered with the value that is on record."""
    assert told in Chat().say(said)


def test_lists_what_belongs_to_a_thing() -> None:
    """A list names every row and how many there are."""
    answer = Chat().say('Could you list the albums of the artist "AC/DC"?')
    assert '"Let There Be Rock"' in answer
    assert '"High Voltage"' in answer
    assert "2 albums" in answer


def test_searches_before_it_uses_a_key() -> None:
    """A name becomes a key by a search; the key is what the next call takes."""
    chat = Chat()
    chat.say('list the albums of the artist "AC/DC"')
    assert chat.calls == [
        ("search_artists", {"text": "AC/DC"}),
        ("list_albums_by_artist", {"artist_id": 1}),
    ]


def test_a_number_is_a_key_without_a_search() -> None:
    """A thing that is called by its number is read at once."""
    chat = Chat()
    chat.say("what is the billing city of invoice 2?")
    assert chat.calls == [("get_invoice", {"invoice_id": 2})]


@pytest.mark.parametrize(
    "said",
    [
        'find the songs whose name contains "love"',
        'show the tracks with "love" in the name',
        'search for tracks whose name contains "love"',
    ],
)
def test_finds_by_a_part_of_a_name(said: str) -> None:
    """A part of a name is searched for as it stands."""
    chat = Chat()
    assert "Love, Hate, Love" in chat.say(said)
    assert chat.calls == [("search_tracks", {"text": "love"})]


def test_filters_by_an_attribute() -> None:
    """A value of an attribute goes to the tool that takes that attribute."""
    chat = Chat()
    answer = chat.say('show the customers in the city "Porto"')
    assert chat.calls == [("list_customers_by_city", {"city": "Porto"})]
    assert "Ana Lima" in answer
    assert "Wei Chen" in answer


@pytest.mark.parametrize(
    ("said", "limit"),
    [
        ("list the 3 tracks with the highest milliseconds", 3),
        ("name the two songs with the highest milliseconds", 2),
        ("which track has the highest milliseconds?", 1),
        ("show me the longest track", 1),
    ],
)
def test_ranks_as_many_as_asked(said: str, limit: int) -> None:
    """The number in a request is the number of rows in the call."""
    chat = Chat()
    chat.say(said)
    assert chat.calls == [("top_tracks_by_milliseconds", {"limit": limit})]


def test_counts_rows_where_no_tool_counts() -> None:
    """Without a counting tool the rows of a list are counted."""
    chat = Chat(tools=functions("search_artists", "list_albums_by_artist"))
    assert "2" in chat.say('how many albums does the artist "AC/DC" have?')


def test_references_go_to_what_was_spoken_of() -> None:
    """That customer, their invoices, that artist: no name has to be said twice."""
    chat = Chat()
    chat.say('find the email of the customer "Ana Lima"')
    assert "3" in chat.say("how many invoices does that customer have?")
    assert "invoice 2" in chat.say("list their invoices")
    chat.say('find out which artist the album "Facelift" belongs to')
    assert '"Facelift"' in chat.say("list the albums of that artist")
    assert chat.calls[-1] == ("list_albums_by_artist", {"artist_id": 2})


def test_places_in_the_last_list_are_understood() -> None:
    """The second one is the second row of the list as it was told."""
    chat = Chat()
    chat.say('list the invoices of the customer "Ana Lima"')
    assert "Braga" in chat.say("what is the billing city of the second one?")
    assert "Porto" in chat.say("and the billing city of the first of them?")


def test_a_thing_keeps_its_old_name_for_reference() -> None:
    """After a new name the old one still points at the same row."""
    chat = Chat()
    chat.say('set the email of the customer "Ana Lima" to "new@inbox.example"')
    assert "new@inbox.example" in chat.say('check the email of the client "Ana Lima"')


def test_two_requests_in_one_message_are_both_answered() -> None:
    """Each part of a message gets its answer."""
    answer = Chat().say(
        'Find the email of the customer "Ana Lima" and then tell me how many albums '
        'the artist "AC/DC" has.'
    )
    assert "ana@inbox.example" in answer
    assert "2" in answer


def test_independent_look_ups_may_go_together() -> None:
    """Two names are looked up in one step for some seeds, one by one for others."""
    said = 'find the email of the client "Ana Lima". Find the artist of album "Idem".'
    rounds = set()
    for seed in range(12):
        chat = Chat(seed=seed * 100)
        chat.say(said)
        rounds.add(sum("tool_calls" in m for m in chat.messages))
    assert rounds == {1, 2}


def test_a_check_looks_again() -> None:
    """A check after a change calls a tool again and says yes or no with the value."""
    chat = Chat()
    chat.say('change the phone of the customer "Ana Lima" to "555 0147"')
    calls = len(chat.calls)
    answer = chat.say('check that the phone of that customer is now "555 0147"')
    assert len(chat.calls) > calls
    assert answer.startswith("Yes")
    assert "555 0147" in answer
    assert chat.say('is the phone of that customer "555 9999"?').startswith("No")


def test_an_unset_value_is_said_in_words() -> None:
    """A value that is NULL is told as missing, never as None."""
    answer = Chat().say('find the phone of the customer "Bruno Reis"')
    assert "None" not in answer
    assert "phone" in answer


def test_a_name_that_nobody_has_is_not_found() -> None:
    """No hit is said, with what would help."""
    answer = Chat().say('find the email of the customer "Nobody Here"')
    assert '"Nobody Here"' in answer
    assert "not" in answer or "no " in answer


def test_what_no_tool_tells_is_admitted() -> None:
    """A question that no tool answers is declined without a call."""
    chat = Chat(tools=functions("search_artists"))
    answer = chat.say("look up invoice 2 and tell the billing city")
    assert chat.calls == []
    assert answer
