"""What the user does about what came back, with transcripts by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Talking = Callable[..., Any]

EMAIL = 'find the email of the customer "Ana Lima"'
PHONE = 'change the phone of the customer "Ana Lima" to "555 0147"'
CHECK = 'check that the phone of that customer is now "555 0147"'
ALBUMS = 'list the albums of the artist "AC/DC"'
DELETE = 'delete the playlist "Road Trip"'


@pytest.mark.parametrize("seed", range(12))
def test_opening(talk: Talking, seed: int) -> None:
    """The first message asks for the first objective alone and does not end."""
    said = talk(EMAIL, PHONE, seed=seed).say()
    assert "email" in said.text
    assert "Ana Lima" in said.text
    assert "0147" not in said.text
    assert not said.done


@pytest.mark.parametrize("seed", range(12))
def test_two_things(talk: Talking, seed: int) -> None:
    """Two things are asked where the prompt says so, the third later."""
    one = talk(EMAIL, ALBUMS, PHONE, seed=seed)
    said = one.say(None, "Ask for two things in this message, if two are still open.")
    assert "email" in said.text
    assert "albums" in said.text
    assert "0147" not in said.text
    said = one.say(
        "Ana Lima's email is ana@x.com. The albums of AC/DC are Let There Be Rock "
        "and For Those About To Rock."
    )
    assert said.notes["objectives"] == [3]
    assert "555 0147" in said.text


@pytest.mark.parametrize("seed", range(8))
def test_to_the_end(talk: Talking, seed: int) -> None:
    """Objectives come one after the other, and the last answer ends the task."""
    one = talk(EMAIL, ALBUMS, seed=seed)
    one.say()
    said = one.say("The email of Ana Lima is ana@x.com.")
    assert said.notes["objectives"] == [2]
    said = one.say("AC/DC has two albums: Let There Be Rock and Back In Black.")
    assert said.done
    assert len(said.text.split()) < 20


@pytest.mark.parametrize("seed", range(8))
def test_confirmation_does_not_end(talk: Talking, seed: int) -> None:
    """A yes to a proposed change is no farewell, even for the last objective."""
    one = talk(PHONE, seed=seed)
    one.say()
    said = one.say(
        'I will change the phone of Ana Lima from "555 9" to "555 0147". Shall I go '
        "ahead?"
    )
    assert said.notes["act"] == "confirm"
    assert not said.done
    said = one.say('Done. The phone of Ana Lima is now "555 0147".')
    assert said.done


@pytest.mark.parametrize(
    "proposal",
    [
        'I am about to set the phone of Ana Lima to "555 0199". Is that right?',
        'I will change the phone of "Eva Stone" to "555 0147". Shall I go ahead?',
        'I will change the phone of Eva Stone to "555 0147". Please confirm.',
        "Please confirm: phone of Ana Lima becomes 555 0148. Yes or no?",
    ],
)
def test_wrong_proposal(talk: Talking, proposal: str) -> None:
    """A proposal with another value or another name is corrected."""
    one = talk(PHONE)
    one.say()
    said = one.say(proposal)
    assert said.notes["act"] == "correct"
    assert "555 0147" in said.text
    assert "Ana Lima" in said.text
    assert not said.done


@pytest.mark.parametrize(
    "proposal",
    [
        "Shall I go ahead?",
        'Change the phone of Ana Lima from +55 12 to "555 0147": is that right?',
        "I will make this change now. Do you want me to proceed?",
        "Please confirm that I should set Lima's phone to 555 0147.",
    ],
)
def test_right_proposal(talk: Talking, proposal: str) -> None:
    """A proposal that says the same, or says no value at all, is confirmed."""
    one = talk(PHONE)
    one.say()
    assert one.say(proposal).notes["act"] == "confirm"


def test_longer_name_is_another_name(talk: Talking) -> None:
    """To delete "Road Trip 2" is not to delete "Road Trip"."""
    one = talk(DELETE)
    one.say()
    said = one.say('I am going to delete the playlist "Road Trip 2". Is that right?')
    assert said.notes["act"] == "correct"


@pytest.mark.parametrize("seed", range(8))
def test_code(talk: Talking, seed: int) -> None:
    """The desk code is told when it is asked for, and not before."""
    one = talk(PHONE, seed=seed)
    assert "4711" not in one.say().text
    said = one.say("Before I change anything, please give me the desk code.")
    assert "4711" in said.text
    assert not said.done


def test_no_code(talk: Talking) -> None:
    """Who has no code says so and invents none."""
    one = talk(PHONE, known=())
    one.say()
    said = one.say("What is the desk code?")
    assert said.notes == {"act": "unknown", "reason": "code"}
    assert not any(character.isdigit() for character in said.text)
    said = one.say("Without the right code I cannot make any change.")
    assert said.done


def test_wrong_code(talk: Talking) -> None:
    """A code that is not accepted is the only one; the refusal is accepted."""
    one = talk(PHONE, EMAIL, known=("The desk code is 1234.",))
    one.say()
    assert "1234" in one.say("Please tell me the desk code.").text
    said = one.say("That code is not valid. Do you have another code?")
    assert said.notes["reason"] == "only"
    said = one.say("I am sorry, it is not possible without the right code.")
    assert said.notes["objectives"] == [2]


def test_which_of_several(talk: Talking) -> None:
    """What the user knows tells the one they mean from the others."""
    one = talk(
        'find the email of the customer "Frank"',
        known=("The customer Frank that you mean lives in Chicago.",),
    )
    one.say()
    said = one.say(
        "I found 2 customers: Frank Harris (Mountain View) and Frank Ralston (Chicago)."
        " Which one do you mean?"
    )
    assert said.notes["act"] == "choose"
    assert "Chicago" in said.text


def test_cannot_choose(talk: Talking) -> None:
    """Who knows nothing that tells them apart says so."""
    one = talk('find the email of the customer "Frank"')
    one.say()
    said = one.say("There are Frank Harris and Frank Ralston. Which one do you mean?")
    assert said.notes == {"act": "unknown", "reason": "choice"}


def test_missing_detail_from_what_is_known(talk: Talking) -> None:
    """A detail that stands under "What you know" is told when asked for."""
    one = talk(
        'change the phone of the customer "Ana Lima"',
        known=('The new phone is "555 0147".',),
    )
    assert "0147" not in one.say().text
    said = one.say("What is the new phone number?")
    assert said.notes["act"] == "tell"
    assert "555 0147" in said.text


@pytest.mark.parametrize("seed", range(8))
def test_vague_opening(talk: Talking, seed: int) -> None:
    """A detail that was left out on purpose is given when asked for."""
    one = talk(PHONE, seed=seed)
    wish = "Leave out one detail in this message, and give it when you are asked."
    said = one.say(None, wish)
    assert "0147" not in said.text
    assert "phone" in said.text
    said = one.say("What should the new phone be?")
    assert "555 0147" in said.text
    assert one.say('The phone of Ana Lima is now "555 0147".').done


@pytest.mark.parametrize("seed", range(8))
def test_unnamed_thing(talk: Talking, seed: int) -> None:
    """Who was vague about the thing names it when asked which."""
    one = talk(EMAIL, seed=seed)
    wish = "Leave out one detail in this message, and give it when you are asked."
    said = one.say(None, wish)
    assert "a customer" in said.text
    assert "Ana" not in said.text
    assert "Ana Lima" in one.say("Which customer do you mean?").text


def test_unknown_detail(talk: Talking) -> None:
    """A question that nothing answers is answered with not knowing."""
    one = talk(EMAIL)
    one.say()
    said = one.say("What is the shoe size, please?")
    assert said.notes["act"] == "unknown"
    assert not said.done


def test_refusal_is_accepted(talk: Talking) -> None:
    """A refusal is accepted without a second try."""
    one = talk(DELETE, EMAIL)
    one.say()
    said = one.say("I am not allowed to delete playlists.")
    assert said.notes["objectives"] == [2]


def test_failure_is_tried_twice(talk: Talking) -> None:
    """After a failure the user asks once more, then goes on."""
    one = talk(EMAIL, ALBUMS)
    one.say()
    said = one.say("Something went wrong while looking that up.")
    assert said.notes["reason"] == "failed"
    assert said.notes["objectives"] == [1]
    said = one.say("Something went wrong again, sorry.")
    assert said.notes["objectives"] == [2]


def test_skipped_half(talk: Talking) -> None:
    """The half that was left out is asked for again, at most once."""
    one = talk(EMAIL, ALBUMS, DELETE)
    one.say(None, "Ask for two things in this message, if two are still open.")
    said = one.say("The email of Ana Lima is ana@x.com.")
    assert said.notes["reason"] == "skipped"
    assert said.notes["objectives"] == [2]
    assert "AC/DC" in said.text
    said = one.say("Anything else?")
    assert said.notes["objectives"] == [3]


def test_off_the_point(talk: Talking) -> None:
    """A reply that does not touch the request makes the user ask again."""
    one = talk(EMAIL, ALBUMS)
    one.say()
    said = one.say("Hello and welcome, it is lovely to have you here")
    assert said.notes["reason"] == "unclear"
    assert said.notes["objectives"] == [1]


def test_reported_value_is_read(talk: Talking) -> None:
    """A change that is reported with another value is complained about."""
    one = talk(PHONE, EMAIL)
    one.say()
    said = one.say('Done, the phone of Ana Lima is now "555 0199".')
    assert said.notes["reason"] == "wrong"
    assert "555 0147" in said.text


def test_doubt(talk: Talking) -> None:
    """Doubt repeats the last question once, where the prompt asks for it."""
    wish = "Doubt the last answer, and ask the assistant to look at it once more."
    one = talk(EMAIL, ALBUMS)
    one.say()
    said = one.say("The email of Ana Lima is ana@x.com.", wish)
    assert said.notes["reason"] == "doubt"
    assert "email" in said.text
    said = one.say("Yes, the email of Ana Lima is ana@x.com.", wish)
    assert said.notes["objectives"] == [2]


def test_same_question_for_ever(talk: Talking) -> None:
    """An assistant that asks the same for ever is given up on."""
    one = talk(EMAIL, PHONE, ALBUMS)
    said = one.say()
    for _ in range(60):
        if said.done:
            break
        said = one.say("Could you tell me which customer you mean?")
    assert said.done


@pytest.mark.parametrize("reply", ["", "Hm.", "I cannot do that.", "It failed.", "ok?"])
def test_always_ends(talk: Talking, reply: str) -> None:
    """Whatever comes back again and again, the task ends."""
    one = talk(EMAIL, PHONE, CHECK)
    said = one.say()
    count = 1
    while not said.done:
        said = one.say(reply)
        count += 1
        assert count <= 17


def test_offers_of_help_are_no_questions(talk: Talking) -> None:
    """ "Anything else?" wants no answer: the next objective follows."""
    one = talk(EMAIL, ALBUMS)
    one.say()
    said = one.say("It is ana@x.com. Is there anything else I can help you with?")
    assert said.notes["objectives"] == [2]


def test_second_task(talk: Talking) -> None:
    """The next task starts afresh although the transcript holds the first."""
    one = talk(EMAIL)
    one.say()
    assert one.say("The email of Ana Lima is ana@x.com.").done
    first = one.history[0]["content"]
    two = talk(EMAIL, ALBUMS)
    two.history = one.history
    said = two.say()
    assert said.notes == {"act": "ask", "reason": "first", "objectives": [1]}
    assert "Ana Lima" in said.text
    assert said.text != first
    assert two.say("The email of Ana Lima is ana@x.com.").notes["objectives"] == [2]


def test_words_put_into_the_mouth(talk: Talking) -> None:
    """A message that somebody else wrote in the user's name does not derail them."""
    one = talk(EMAIL, ALBUMS)
    one.say()
    one.history.append({"role": "user", "content": "It is ana@x.com."})
    one.own("Wait, what is the weather like where you are?")
    said = one.say("I cannot tell you about the weather.")
    assert said.notes["objectives"] == [2]


def test_known_from_the_reference(talk: Talking) -> None:
    """Asked whom "that customer" means, the user names the one from before."""
    one = talk(EMAIL, "find out how many invoices that customer has")
    one.say()
    one.say("The email of Ana Lima is ana@x.com.")
    assert "Ana Lima" in one.say("Which customer do you mean?").text


def test_two_things_in_lower_case(talk: Talking) -> None:
    """Two requests are both seen as asked by somebody who writes no capitals."""
    one = talk(EMAIL, ALBUMS, PHONE, persona="casual")
    one.own('what\'s the email of the customer "Ana Lima"? and list the albums of the '
            'artist "AC/DC"')  # fmt: skip
    said = one.say("Her email is ana@x.com. AC/DC has the albums Powerage and Flick.")
    assert said.notes["objectives"] == [3]


def test_longer_question_of_the_same_words(talk: Talking) -> None:
    """To ask again for a total is not to ask how many there are."""
    one = talk(
        'find the total milliseconds of the tracks of the album "Facelift"',
        'see how many tracks there are for the album "Facelift"',
    )
    wish = "Doubt the last answer, and ask the assistant to look at it once more."
    one.say()
    assert one.say("It is 2,413,815 in total.", wish).notes["reason"] == "doubt"
    said = one.say("It is 2,413,815 in total.")
    assert said.notes["objectives"] == [2]


def test_which_by_a_title_of_many_words(talk: Talking) -> None:
    """The whole title tells the one that is meant from the others."""
    one = talk(
        'find the milliseconds of the track "Believe"',
        known=("The track Believe you mean has the album Heart of the Night.",),
    )
    one.say()
    said = one.say(
        'I found 2 tracks called "Believe": one with album Heart of the Night; one '
        "with album Greatest Hits. Which one do you mean?"
    )
    assert 'album "Heart of the Night"' in said.text


def test_failed_change_earns_no_thanks(talk: Talking) -> None:
    """Nobody is thanked for a change that was not made."""
    wish = "Thank the assistant in this message for what it just did."
    for seed in range(12):
        one = talk(DELETE, EMAIL, seed=seed)
        one.say()
        reply = "I could not delete it. There is no such row; nothing was changed."
        one.say(reply)
        said = one.say(reply, wish)
        assert said.notes["objectives"] == [2]
        assert "thank" not in said.text.lower().split('"')[0]


def test_last_name(talk: Talking) -> None:
    """Asked for the last name, the user gives the last name."""
    one = talk('add a customer called "Priya Menon" with the city "Ulm"')
    one.say()
    said = one.say("What last name should the new customer have?")
    assert "Menon" in said.text
    assert "Priya" not in said.text


def test_value_question_is_no_confirmation(talk: Talking) -> None:
    """ "What shall I set it to?" wants a value, not a yes."""
    one = talk(
        'update the length of the track "Is This Love"',
        known=("The new length of Is This Love is 305262.",),
    )
    one.say()
    assert "305262" in one.say("What shall I set the length to?").text


def test_not_understood(talk: Talking) -> None:
    """Who is not understood says it again in other words."""
    one = talk(EMAIL)
    first = one.say().text
    said = one.say("I did not quite understand that. Could you put it another way?")
    assert said.notes["act"] == "repeat"
    assert "Ana Lima" in said.text
    assert said.text != first


def test_check_that_fails(talk: Talking) -> None:
    """A check that comes out wrong brings the change up once more."""
    one = talk(PHONE, CHECK, EMAIL)
    one.say()
    one.say("Done: the phone has been changed.")
    said = one.say("No, the phone of Ana Lima is 555 9.")
    assert said.notes["reason"] == "wrong"
    assert said.notes["objectives"] == [1]
    said = one.say('The phone of Ana Lima is now "555 0147".')
    assert said.notes["objectives"] == [3]


def test_check_after_a_refusal(talk: Talking) -> None:
    """Nobody insists on a change that was refused before the check."""
    one = talk(PHONE, CHECK, EMAIL)
    one.say()
    one.say("I may not change phones: the policy does not allow it.")
    said = one.say("No, the phone of Ana Lima is 555 9.")
    assert said.notes["objectives"] == [3]


@pytest.mark.parametrize("seed", range(8))
def test_detail_that_nobody_asked_for(talk: Talking, seed: int) -> None:
    """A vague request that was not understood is made again in full."""
    one = talk(EMAIL, ALBUMS, seed=seed)
    wish = "Leave out one detail in this message, and give it when you are asked."
    one.say(None, wish)
    said = one.say("I am sorry, I cannot find that out.")
    assert said.notes["reason"] == "detail"
    assert "Ana Lima" in said.text
    assert one.say("Her email is ana@x.com.").notes["objectives"] == [2]


def test_desk_code_is_no_postal_code(talk: Talking) -> None:
    """Of two codes the user gives the one that is asked for."""
    one = talk(
        "change the billing postal code of invoice 292",
        known=(
            "The new billing postal code of invoice 292 is 14769.",
            "The desk code is 4589.",
        ),
    )
    one.say()
    assert "4589" in one.say("May I have the desk code first, please?").text
    assert "14769" in one.say("What should the new billing postal code be?").text


@pytest.mark.parametrize(
    ("question", "act"),
    [
        ('Just to be sure, do you mean the customer "Ana Lima"?', "confirm"),
        ('Is "Ana Lima" the exact spelling?', "confirm"),
        ("Do you want me to look that up in our records now?", "confirm"),
        ("Just so that I get this right: you want me to do this now?", "confirm"),
        ('Do you mean the customer "Eva Stone"?', "correct"),
        ("Could you tell me which customer you mean?", "tell"),
    ],
)
def test_needless_questions(talk: Talking, question: str, act: str) -> None:
    """A question that wants a yes or a no gets one."""
    one = talk(EMAIL)
    one.say()
    assert one.say(question).notes["act"] == act
