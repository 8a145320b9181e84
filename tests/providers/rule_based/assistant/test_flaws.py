"""Flaws come at their rates, are noted, and show in what is said or called."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from eventsim.config import FlawRates
from tests.providers.rule_based.assistant.world import CONFIRM, FLAWLESS, Chat

EMAIL = 'find the email of the customer "Bruno Reis"'
BOTH = (
    'find the email of the client "Bruno Reis", and then check how many bills '
    "that client has"
)


def _rates(**rates: float) -> FlawRates:
    return FLAWLESS.model_copy(update=rates)


def test_without_rates_there_are_no_flaws() -> None:
    """At rate 0 nothing is noted and every answer is right."""
    for seed in range(0, 3000, 100):
        chat = Chat(seed=seed)
        assert "bruno@inbox.example" in chat.say(EMAIL)
        assert chat.notes == []


def test_a_needless_question_is_followed_by_the_answer() -> None:
    """The question comes before any call, and the work goes on after it."""
    chat = Chat(flaws=_rates(needless_question=1))
    question = chat.say(EMAIL)
    assert question.endswith("?")
    assert chat.calls == []
    assert chat.notes == ["needless_question"]
    assert "bruno@inbox.example" in chat.say("Yes, that one.")


def test_a_needless_question_is_not_asked_of_an_answer() -> None:
    """An answer to a question is never met with another needless one."""
    chat = Chat(flaws=_rates(needless_question=1), rules=(CONFIRM,))
    chat.say('change the phone of the customer "Ana Lima" to "1"')
    chat.say("Yes.")
    chat.say("Yes.")
    assert chat.value("SELECT phone FROM customer WHERE customer_id = 1") == "1"


def test_a_misreported_value_is_another_than_the_tool_gave() -> None:
    """The call is right, the value told is not."""
    chat = Chat(flaws=_rates(misreported_value=1))
    answer = chat.say(EMAIL)
    assert chat.calls == [("search_customers", {"text": "Bruno Reis"})]
    assert "bruno@inbox.example" not in answer
    assert chat.notes == ["misreported_value"]


def test_a_wrong_row_is_changed_in_place_of_the_right_one() -> None:
    """The writing call takes the key of another row."""
    chat = Chat(flaws=_rates(wrong_row=1))
    chat.say('change the phone of the customer "Bruno Reis" to "1"')
    assert chat.value("SELECT phone FROM customer WHERE customer_id = 2") is None
    assert chat.value("SELECT count(*) FROM customer WHERE phone = '1'") == 1
    assert chat.notes == ["wrong_row"]


def test_half_done_sounds_finished() -> None:
    """A change is claimed without the call that would make it."""
    chat = Chat(flaws=_rates(half_done=1))
    answer = chat.say('change the phone of the customer "Ana Lima" to "1"')
    assert not answer.endswith("?")
    assert "change" in answer.lower()
    assert chat.value("SELECT phone FROM customer WHERE customer_id = 1") == "555 0101"
    assert chat.notes == ["half_done"]


def test_half_done_leaves_out_the_second_part() -> None:
    """Of two parts the first is answered, the second is not looked up."""
    chat = Chat(flaws=_rates(half_done=1))
    answer = chat.say(BOTH)
    assert "bruno@inbox.example" in answer
    assert not [name for name, _ in chat.calls if name.startswith("count")]
    assert chat.notes == ["half_done"]


def test_half_done_tells_one_of_two_attributes() -> None:
    """Of two attributes that one call shows, one is told."""
    chat = Chat(flaws=_rates(half_done=1))
    answer = chat.say('find the email and the phone of the customer "Ana Lima"')
    assert "ana@inbox.example" in answer
    assert "555 0101" not in answer
    assert chat.notes == ["half_done"]


@pytest.mark.parametrize(
    ("flaw", "said", "least", "most"),
    [
        ("needless_question", EMAIL, 40, 80),
        ("misreported_value", EMAIL, 60, 110),
        ("wrong_row", 'set the phone of the customer "Bruno Reis" to "1"', 60, 110),
        ("half_done", 'set the phone of the customer "Bruno Reis" to "1"', 90, 150),
    ],
)
def test_flaws_come_at_about_their_rate(
    flaw: str, said: str, least: int, most: int
) -> None:
    """A rate is one over all requests: where a flaw can show, it shows more often."""
    noted: Counter[str] = Counter()
    for seed in range(200):
        chat: Any = Chat(seed=seed * 1000, flaws=_rates(**{flaw: 0.3}))
        chat.say(said)
        noted.update(chat.notes)
    assert least <= noted[flaw] <= most
    assert set(noted) == {flaw}
