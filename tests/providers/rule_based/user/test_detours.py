"""Messages that leave the straight way: slips, detours, asides, tones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from eventsim.behaviour.registry import RULES
from eventsim.providers.rule_based.user.clause import parse_clause
from eventsim.providers.rule_based.user.slip import slipped
from eventsim.providers.rule_based.user.transcript import is_closing

Start = Callable[..., Any]

EMAIL = 'find the email of the customer "Ana Lima"'
GENRE = 'find the genre of the track "Believe"'
INVOICE = "look up invoice 3021 and tell the billing city"
PHONE = 'change the phone of the customer "Ana Lima" to "555 0147"'


def _wish(name: str) -> str:
    return RULES[name].instruction


def _seeds(start: Start, *objectives: str, **more: Any) -> list[Any]:
    return [start(*objectives, seed=seed, **more) for seed in range(30)]


def test_a_slip_is_put_right_in_the_next_message(talk: Start) -> None:
    """One value is wrong, the answer to it counts for nothing, then comes the right
    one with a word of apology.
    """
    for one in _seeds(talk, EMAIL, GENRE):
        wrong = one.say(None, _wish("wrong_detail"))
        assert "Ana Lima" not in wrong.text
        assert "email" in wrong.text
        right = one.say("I found no such customer.", _wish("corrects_detail"))
        assert right.notes == {"act": "ask", "reason": "corrected", "objectives": [1]}
        assert "Ana Lima" in right.text
        after = one.say("Her email is ana@x.example.")
        assert after.notes["objectives"] == [2]


def test_a_slip_is_put_right_whatever_came_back(talk: Start) -> None:
    """An answer, a question or nothing: the slip is the user's own."""
    for reply in ("Did you mean Ana Lima?", "His email is bo@x.example.", ""):
        one = talk(EMAIL)
        one.say(None, _wish("wrong_detail"))
        assert one.say(reply).notes["reason"] == "corrected"


@pytest.mark.parametrize("objective", [PHONE, "delete invoice 3021", f"{PHONE}."])
def test_nothing_is_changed_by_a_slip(talk: Start, objective: str) -> None:
    """Where something is to be changed, every value is right."""
    for one in _seeds(talk, objective):
        said = one.say(None, _wish("wrong_detail")).text
        assert all(value in said for value in parse_clause(objective).values)


@pytest.mark.parametrize(
    ("objective", "may_slip"),
    [
        (EMAIL, True),
        ("look up invoice 12 and tell the total", True),
        (PHONE, False),
        ('find the tracks whose name contains "love"', False),
        ("name the 5 customers with the most invoices", False),
        ("look up invoice 7 and tell the total", False),
        ('check that the phone of the customer "Ana Lima" is now "5"', False),
    ],
)
def test_where_a_slip_is_safe(objective: str, may_slip: bool) -> None:
    """Only a look-up by one name or number can be asked for wrongly."""
    from random import Random

    clause = parse_clause(objective)
    wrong = slipped(clause, Random(1))
    assert (wrong is not None) is may_slip
    if wrong is not None:
        assert wrong.values != clause.values
        assert wrong.words == clause.words


@pytest.mark.parametrize("rule", ["change_of_mind", "topic_switch"])
def test_what_was_put_off_is_asked_for_later(talk: Start, rule: str) -> None:
    """The second comes first, then the first, then the rest, and then the end."""
    for one in _seeds(talk, EMAIL, GENRE, INVOICE):
        assert one.say(None, _wish(rule)).notes["objectives"] == [2]
        back = one.say('The genre of "Believe" is Pop.')
        assert (back.notes["reason"], back.notes["objectives"]) == ("back", [1])
        assert one.say("Her email is ana@x.example.").notes["objectives"] == [3]
        assert one.say("The billing city of invoice 3021 is Oslo.").done


@pytest.mark.parametrize(
    "objectives",
    [
        (EMAIL, PHONE, INVOICE),
        (EMAIL, "find the phone of that customer", INVOICE),
        (EMAIL, GENRE, "find the album of that track"),
        (EMAIL,),
    ],
)
def test_order_is_kept_where_it_matters(talk: Start, objectives: Any) -> None:
    """Changes, and what refers to something spoken of before, wait for their turn."""
    for one in _seeds(talk, *objectives):
        assert one.say(None, _wish("change_of_mind")).notes["objectives"] == [1]


def test_an_aside_leaves_the_matter_where_it_was(talk: Start) -> None:
    """Whatever is answered to it, the user goes on with the next objective."""
    for reply in ("I am afraid I can't help with that.", "What do you mean?", "Ha."):
        for one in _seeds(talk, EMAIL, GENRE):
            one.say()
            aside = one.say("Her email is ana@x.example.", _wish("out_of_scope"))
            assert aside.notes == {"act": "aside"}
            assert not aside.done
            assert "genre" not in aside.text
            assert one.say(reply).notes["objectives"] == [2]


def test_an_aside_waits_until_the_matter_rests(talk: Start) -> None:
    """A question is answered first, and a first message has something to ask."""
    one = talk(EMAIL, known=("The desk code is 4711.",))
    assert one.say(None, _wish("out_of_scope")).notes["act"] == "ask"
    asked = one.say("Could you give me the desk code?", _wish("out_of_scope"))
    assert asked.notes["act"] == "tell"


def test_a_later_request_may_lack_a_detail(talk: Start) -> None:
    """The detail comes when it is asked for, and the request counts as made."""
    for one in _seeds(talk, EMAIL, PHONE):
        one.say()
        vague = one.say("Her email is ana@x.example.", _wish("missing_detail"))
        assert vague.notes["objectives"] == [2]
        assert "555 0147" not in vague.text
        told = one.say("What should the new phone be?")
        assert told.notes["act"] == "tell"
        assert "555 0147" in told.text
        assert one.say("Done: the phone is now 555 0147.").done


def test_what_was_declined_is_not_asked_for_again_for_its_detail(talk: Start) -> None:
    """A change that may not be made needs no further detail."""
    one = talk(PHONE, EMAIL)
    one.say(None, _wish("vague_opening"))
    after = one.say("I'm sorry, I can't change phones: it is not allowed.")
    assert after.notes["objectives"] == [2]


@pytest.mark.parametrize(
    ("rule", "longer"), [("wordy", True), ("small_talk", True), ("terse", False)]
)
def test_length_shows(talk: Start, rule: str, longer: bool) -> None:
    """Wordy messages and remarks take more words, terse ones fewer."""
    plain = sum(len(one.say().text.split()) for one in _seeds(talk, EMAIL))
    shaped = sum(
        len(one.say(None, _wish(rule)).text.split()) for one in _seeds(talk, EMAIL)
    )
    assert (shaped > plain) is longer


def test_wishes_are_no_orders(talk: Start) -> None:
    """An indirect request never comes as an imperative."""
    texts = [one.say(None, _wish("indirect")).text for one in _seeds(talk, EMAIL)]
    assert not any("lease" in text or text.startswith("Find") for text in texts)
    assert len(set(texts)) > 10


def test_farewells_may_have_slips_and_stay_farewells(talk: Start) -> None:
    """A typing slip in the last message does not hide that it is the last."""
    slipped_ones = 0
    for seed in range(60):
        plain, hasty = talk(EMAIL, seed=seed), talk(EMAIL, seed=seed)
        for one in (plain, hasty):
            one.say()
        usual = plain.say("Her email is ana@x.example.")
        typed = hasty.say("Her email is ana@x.example.", _wish("typing_slips"))
        assert typed.done
        assert is_closing(typed.text)
        slipped_ones += typed.text != usual.text
    assert slipped_ones > 10


def test_a_count_in_a_second_sentence_is_an_answer(talk: Start) -> None:
    """What one reply delivers for both requests is not asked for again."""
    one = talk(
        'delete the holding of the book "Dune" for the branch "North"',
        "find out how many holdings that book still has",
    )
    one.say(None, _wish("two_things"))
    after = one.say('I have deleted the holding. I count 1 holding for "Dune".')
    assert after.done


def test_known_details_in_small_letters_choose(talk: Start) -> None:
    """A detail needs no capital to tell one from the other."""
    one = talk(
        'find the price of the shoe "Falcon"',
        known=("The colour of the shoe is blue.",),
    )
    one.say()
    chosen = one.say(
        'There are 2 shoes called "Falcon": one in black and one in blue. '
        "Which one do you mean?"
    )
    assert chosen.notes["act"] == "choose"
    assert "blue" in chosen.text
