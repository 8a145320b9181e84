"""The assistant changes things under its policy, and says what it did."""

from __future__ import annotations

import pytest

from tests.providers.rule_based.assistant.world import (
    CODE,
    CONFIRM,
    Chat,
    functions,
)

PHONE = "SELECT phone FROM customer WHERE customer_id = 1"
CHANGE = 'Please change the phone of the customer "Ana Lima" to "555 0147".'


@pytest.mark.parametrize(
    ("said", "query", "value"),
    [
        (CHANGE, PHONE, "555 0147"),
        ('set the phone of Ana Lima to "555 0147"', PHONE, "555 0147"),
        ('Would you mind correcting the phone of the client "Ana Lima" to "1 2"?',
         PHONE, "1 2"),
        ('set the unit price of the song "Overdose" to 1.29',
         "SELECT unit_price FROM track WHERE track_id = 6", 1.29),
        ("change the level of Ana Lima to Silver",
         "SELECT level FROM customer WHERE customer_id = 1", "silver"),
        ('add a playlist with the name "Road Trip"',
         "SELECT count(*) FROM playlist WHERE name = 'Road Trip'", 1),
        ('create a mix called "Road Trip"',
         "SELECT count(*) FROM playlist WHERE name = 'Road Trip'", 1),
        ('add the track "Overdose" to the playlist "Grunge"',
         "SELECT count(*) FROM playlist_track WHERE track_id = 6", 1),
        ('remove the track "Go Down" from the playlist "Music"',
         "SELECT count(*) FROM playlist_track WHERE track_id = 1", 0),
        ('take the song "Go Down" from the mix "Music"',
         "SELECT count(*) FROM playlist_track WHERE track_id = 1", 0),
        ('delete the playlist "Movies"',
         "SELECT count(*) FROM playlist WHERE name = 'Movies'", 0),
    ],
)  # fmt: skip
def test_makes_the_change(said: str, query: str, value: object) -> None:
    """A change is made as it was said, on the row that was named."""
    chat = Chat()
    answer = chat.say(said)
    assert chat.value(query) == value
    assert not answer.endswith("?")


def test_changes_one_row_once() -> None:
    """One request is one writing call."""
    chat = Chat()
    chat.say(CHANGE)
    assert [name for name, _ in chat.calls].count("update_customer") == 1


def test_two_writes_in_one_message_are_both_made() -> None:
    """The second change is made after the first."""
    chat = Chat()
    chat.say(
        'remove the track "Go Down" from the playlist "Music" and delete the playlist '
        '"Movies"'
    )
    assert chat.value("SELECT count(*) FROM playlist_track WHERE track_id = 1") == 0
    assert chat.value("SELECT count(*) FROM playlist WHERE name = 'Movies'") == 0


def test_the_code_is_asked_for_once_and_checked() -> None:
    """The code comes before the first change and is never asked for again."""
    chat = Chat(rules=(CODE,))
    assert "desk code" in chat.say(CHANGE)
    assert chat.calls == []
    chat.say("It's 4711.")
    assert chat.value(PHONE) == "555 0147"
    assert "code" not in chat.say('delete the playlist "Movies"')
    assert chat.value("SELECT count(*) FROM playlist WHERE name = 'Movies'") == 0


def test_a_code_that_is_given_unasked_counts() -> None:
    """A person who states the code with the request is not asked."""
    chat = Chat(rules=(CODE,))
    chat.say(f"The desk code is 4711. {CHANGE}")
    assert chat.value(PHONE) == "555 0147"


@pytest.mark.parametrize(
    "reply", ["The desk code is 1234.", "I don't have one.", "No idea, sorry", "999"]
)
def test_without_the_right_code_nothing_changes(reply: str) -> None:
    """A wrong or missing code ends every change, with the reason, for good."""
    chat = Chat(rules=(CODE,))
    chat.say(CHANGE)
    assert "without the right desk code" in chat.say(reply).lower()
    assert "without the right desk code" in chat.say(CHANGE).lower()
    assert chat.value(PHONE) == "555 0101"


def test_reading_needs_no_code() -> None:
    """The code guards changes alone."""
    chat = Chat(rules=(CODE, CONFIRM))
    assert "555 0101" in chat.say('find the phone of the customer "Ana Lima"')


def test_says_what_it_will_change_and_waits() -> None:
    """Before a change comes a sentence with old and new value, and a question."""
    chat = Chat(rules=(CONFIRM,))
    proposal = chat.say(CHANGE)
    assert proposal.endswith("?")
    assert "555 0101" in proposal
    assert "555 0147" in proposal
    assert chat.value(PHONE) == "555 0101"


@pytest.mark.parametrize(
    "reply",
    ["Yes, please.", "Correct, go ahead.", "yep", "Sure, do it", "That's right."],
)
def test_a_yes_makes_the_change(reply: str) -> None:
    """Any usual yes is one."""
    chat = Chat(rules=(CONFIRM,))
    chat.say(CHANGE)
    chat.say(reply)
    assert chat.value(PHONE) == "555 0147"


@pytest.mark.parametrize("reply", ["No, leave it.", "Stop, not that.", "Never mind."])
def test_a_no_changes_nothing(reply: str) -> None:
    """A no drops the change, and a later yes does not bring it back."""
    chat = Chat(rules=(CONFIRM,))
    chat.say(CHANGE)
    chat.say(reply)
    chat.say("yes")
    assert chat.value(PHONE) == "555 0101"


def test_a_correction_changes_the_proposal() -> None:
    """Another value instead of a yes gives another proposal, then the change."""
    chat = Chat(rules=(CONFIRM,))
    chat.say(CHANGE)
    assert "555 0148" in chat.say('No, make it "555 0148", please.')
    chat.say("Yes.")
    assert chat.value(PHONE) == "555 0148"


def test_a_yes_with_a_further_request_does_both() -> None:
    """What comes after the yes is a request of its own."""
    chat = Chat(rules=(CONFIRM,))
    chat.say(CHANGE)
    answer = chat.say('Yes. And then find the email of the customer "Bruno Reis".')
    assert chat.value(PHONE) == "555 0147"
    assert "bruno@inbox.example" in answer


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("Do not delete playlists: refuse and say so.", 'delete the mix "Movies"'),
        ("Playlists must not be deleted.", 'remove the playlist "Movies"'),
        ("Never delete or change playlists.", 'delete the playlist "Movies"'),
        (
            "Do not change the unit price of tracks. If the person asks for it, "
            "refuse and say so.",
            'set the unit price of the track "Overdose" to 3',
        ),
        ("Do not add playlists: refuse and say so.", 'add a playlist called "X"'),
    ],
)
def test_refuses_what_policy_forbids(rule: str, said: str) -> None:
    """A forbidden change is refused with the reason, without any call."""
    chat = Chat(rules=(CODE, CONFIRM, rule))
    answer = chat.say(said).lower()
    assert chat.calls == []
    assert "policy" in answer
    assert "may not" in answer or "must not" in answer or "can't" in answer


def test_a_rule_forbids_no_more_than_it_says() -> None:
    """Another attribute, or another kind of thing, stays allowed."""
    chat = Chat(
        rules=(
            "Do not change the unit price of tracks: refuse and say so.",
            "Do not delete tracks: refuse and say so.",
        )
    )
    chat.say('change the composer of the track "Overdose" to "Young"')
    chat.say('remove the track "Go Down" from the playlist "Music"')
    assert chat.value("SELECT composer FROM track WHERE track_id = 6") == "Young"
    assert chat.value("SELECT count(*) FROM playlist_track WHERE track_id = 1") == 0


@pytest.mark.parametrize(
    "said",
    [
        'delete the customer "Ana Lima"',
        'delete the track "Go Down"',
        "change the total of invoice 1 to 3",
        'add an artist called "Nova"',
    ],
)
def test_says_what_no_tool_can_do(said: str) -> None:
    """A change that no tool makes is declined, and nothing is called to make it."""
    chat = Chat()
    answer = chat.say(said).lower()
    assert not [name for name, _ in chat.calls if not name.startswith("search")]
    assert "can't" in answer or "not" in answer
    assert "tool" in answer


def test_a_failed_change_is_reported_as_it_is() -> None:
    """An error of a tool is told, with the plain statement that nothing changed."""
    chat = Chat()
    answer = chat.say('delete the playlist "Music"')
    assert "FOREIGN KEY" in answer
    assert "not" in answer.lower()
    assert chat.value("SELECT count(*) FROM playlist WHERE name = 'Music'") == 1


def test_a_change_of_a_row_that_is_gone_is_not_claimed() -> None:
    """A result that names no row is no success."""
    chat = Chat(tools=functions("delete_playlist"))
    answer = chat.say("delete the playlist 99")
    assert "deleted the" not in answer
    assert "not" in answer.lower()


def test_first_and_last_name_come_from_one_name() -> None:
    """A whole name is split where the tool takes both parts."""
    tool = {
        "type": "function",
        "function": {
            "name": "create_member",
            "description": "Add a new member (reader).",
            "parameters": {
                "type": "object",
                "properties": {
                    "first_name": {"type": "string"},
                    "last_name": {"type": "string"},
                    "email": {"type": "string"},
                },
                "required": ["first_name", "last_name", "email"],
            },
        },
    }
    chat = Chat(tools=[tool])
    chat.execute = lambda name, arguments: {"member_id": 1, **arguments}
    chat.say('add a reader with the name "Rita Maria Sá" and the email "r@x.example"')
    assert chat.calls == [
        (
            "create_member",
            {"first_name": "Rita Maria", "last_name": "Sá", "email": "r@x.example"},
        )
    ]
