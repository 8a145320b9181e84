"""The assistant asks when it must: which one, what value, which thing."""

from __future__ import annotations

import pytest

from tests.providers.rule_based.assistant.world import Chat

EMAIL = 'find the email of the customer "Wei Chen"'


def test_several_hits_are_told_apart() -> None:
    """The question names what differs between the rows, not their keys."""
    question = Chat().say(EMAIL)
    assert question.endswith("?")
    assert "Leeds" in question or "chen@inbox.example" in question
    assert "Porto" in question or "wei@inbox.example" in question
    assert "customer_id" not in question


@pytest.mark.parametrize(
    "reply",
    [
        "the one in Leeds",
        "The Wei Chen I mean lives in Leeds.",
        "the second one, please",
        "chen@inbox.example",
        "Number 4.",
        'It is the one with the phone "555 0104".',
    ],
)
def test_understands_which_one_is_meant(reply: str) -> None:
    """A city, a place in the list, an address or a number settles it."""
    chat = Chat()
    chat.say(EMAIL)
    assert "chen@inbox.example" in chat.say(reply)


def test_the_choice_holds_for_a_change() -> None:
    """The row that was chosen is the row that is changed."""
    chat = Chat()
    chat.say('change the phone of the customer "Wei Chen" to "1"')
    chat.say("The one in Leeds.")
    assert chat.value("SELECT phone FROM customer WHERE customer_id = 4") == "1"
    assert chat.value("SELECT phone FROM customer WHERE customer_id = 3") == "555 0103"


def test_one_exact_name_among_partial_ones_is_taken() -> None:
    """A name that fits one row exactly is no reason to ask."""
    chat = Chat()
    chat.db.execute("INSERT INTO artist VALUES (9, 'AC/DC Tribute')")
    assert "2" in chat.say('how many albums does the artist "AC/DC" have?')


def test_who_cannot_tell_ends_it() -> None:
    """A person who does not know is not asked for ever, and nothing is guessed."""
    chat = Chat()
    chat.say(EMAIL)
    answer = chat.say("I don't know, I can't tell them apart.")
    assert "@" not in answer
    assert not answer.endswith("?")
    follow_up = chat.say("what is the phone of that customer?")
    assert "555" not in follow_up


def test_two_unclear_answers_end_the_question() -> None:
    """An answer that settles nothing is asked for once more, then left."""
    chat = Chat()
    chat.say(EMAIL)
    assert chat.say("Purple.").endswith("?")
    assert not chat.say("Purple!").endswith("?")


@pytest.mark.parametrize(
    "reply",
    [
        'The name is "Road Trip".',
        "Road Trip",
        "It should be Road Trip, please.",
        "Oh yes: Road Trip.",
    ],
)
def test_asks_for_what_a_call_cannot_do_without(reply: str) -> None:
    """A missing value is asked for, and taken from a sentence."""
    chat = Chat()
    assert chat.say("add a playlist").endswith("?")
    chat.say(reply)
    assert chat.value("SELECT name FROM playlist WHERE playlist_id = 4") == "Road Trip"


@pytest.mark.parametrize(
    ("reply", "phone"),
    [
        ("The new phone of Ana Lima is 555 0199.", "555 0199"),
        ("That would be 555 0199. Quickly, please, I have to leave soon.", "555 0199"),
        ("I have 555 0199 here.", "555 0199"),
        ('"555 0199"', "555 0199"),
    ],
)
def test_asks_for_the_new_value(reply: str, phone: str) -> None:
    """A change without a value is a question for it."""
    chat = Chat()
    assert chat.say('change the phone of the customer "Ana Lima"').endswith("?")
    chat.say(reply)
    assert chat.value("SELECT phone FROM customer WHERE customer_id = 1") == phone


def test_a_value_outside_a_closed_set_is_not_sent() -> None:
    """The options are named; the one chosen then goes through."""
    chat = Chat()
    question = chat.say('set the level of the customer "Ana Lima" to "platinum"')
    assert "bronze, silver or gold" in question
    assert not [name for name, _ in chat.calls if name == "update_customer"]
    chat.say("Then silver.")
    assert chat.value("SELECT level FROM customer WHERE customer_id = 1") == "silver"


def test_a_reference_to_nothing_is_asked_about() -> None:
    """Without anything spoken of, that customer is a question."""
    assert Chat().say("what is the email of that customer?").endswith("?")


def test_that_one_after_a_list_of_several_is_asked_about() -> None:
    """A list of two leaves open which of them is meant."""
    chat = Chat()
    chat.say('show the customers in the city "Porto"')
    assert chat.say("what is the email of that customer?").endswith("?")
    assert "ana@inbox.example" in chat.say("Ana Lima")


@pytest.mark.parametrize(
    "said",
    [
        "Hi there!",
        "Thanks, that is all.",
        "I'm getting my desk in order before the weekend.",
        "I work at the front desk of the Harbour Lane clinic.",
        "",
        "?!",
    ],
)
def test_small_talk_makes_no_calls(said: str) -> None:
    """What asks for nothing is answered without a tool."""
    chat = Chat()
    assert chat.say(said)
    assert chat.calls == []


def test_a_statement_beside_a_request_is_no_request() -> None:
    """Background does not get in the way of what is wanted."""
    chat = Chat()
    chat.say('find the email of the customer "Ana Lima"')
    answer = chat.say(
        "4, thanks a lot! I'm in a bit of a hurry. What's the city of that customer?"
    )
    assert "Porto" in answer
    assert "not" not in answer
