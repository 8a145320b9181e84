"""The gate: good messages pass, bad ones are stopped by the right check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pytest

from eventsim.core import events as e
from eventsim.core.fold import evolve, fold
from eventsim.core.state import Dialogue
from eventsim.core.tasks import Task
from eventsim.quality.gate import CHECKS, advice, gate
from tests.quality.user_messages import BAD, ELSEWHERE, GOOD, at


def _each(
    messages: Mapping[str, Sequence[str]],
) -> Iterator[tuple[str, str, bool]]:
    for point, texts in messages.items():
        for text in texts:
            yield point, text.removeprefix("END "), text.startswith("END ")


_GOOD = list(_each(GOOD))
_BAD = [(check, *one) for check, points in BAD.items() for one in _each(points)]
_ELSEWHERE = [
    (name, *one) for name, points in ELSEWHERE.items() for one in _each(points)
]


def _reason(point: str, text: str, complete: bool, language: str = "English") -> str:
    state, task = at(point, language)
    return gate(text, complete, state, task)


def _gate(text: str, state: Dialogue, task: Task, *, ends: bool = False) -> str:
    return gate(text, ends, state, task)


def test_there_are_enough_of_both() -> None:
    """The figures below rest on at least sixty messages of each kind."""
    assert len(_GOOD) >= 60
    assert len(_BAD) >= 60
    assert set(BAD) == {*CHECKS, "empty"}


@pytest.mark.parametrize(("point", "text", "complete"), _GOOD)
def test_a_good_message_passes(point: str, text: str, complete: bool) -> None:
    """Nothing that a person may well write here is held against them."""
    assert _reason(point, text, complete) == ""


@pytest.mark.parametrize(("check", "point", "text", "complete"), _BAD)
def test_a_bad_message_is_stopped(
    check: str, point: str, text: str, complete: bool
) -> None:
    """The reason names the check, in one line of bounded length."""
    reason = _reason(point, text, complete)
    assert reason.startswith(f"{check}: ")
    assert "\n" not in reason
    assert len(reason) <= 160


@pytest.mark.parametrize(("language", "point", "text", "complete"), _ELSEWHERE)
def test_another_language_is_no_reason(
    language: str, point: str, text: str, complete: bool
) -> None:
    """German, Spanish, Chinese or French words alone stop nothing."""
    assert _reason(point, text, complete, language) == ""


def test_precision_and_recall() -> None:
    """Over the messages by hand no good one is stopped and no bad one passes."""
    stopped_good = sum(bool(_reason(*one)) for one in _GOOD)
    stopped_bad = sum(bool(_reason(*one)) for _, *one in _BAD)
    assert stopped_bad / (stopped_bad + stopped_good) == 1.0
    assert stopped_bad / len(_BAD) == 1.0


def test_values_may_be_wrong_where_a_slip_was_asked_for() -> None:
    """The rule that asks for a wrong detail is not undone by the gate."""
    state, task = at("store opens")
    text = 'Hi, what is the email of the customer "Ann Limo"?'
    assert _gate(text, state, task).startswith("invents_values: ")
    wrong = e.Behaviour(rule="wrong_detail", instruction="Get a name wrong.")
    drawn = e.BehaviourDrawn(rules=(wrong,))
    assert _gate(text, evolve(state, drawn), task) == ""


def test_an_answer_to_a_repeated_question_may_repeat() -> None:
    """Asked the same twice, a person says the same twice."""
    state, task = at("store confirm")
    again = [
        e.UserMessaged(text="I mean the customer Ana Lima from Rio de Janeiro."),
        e.AssistantReplied(text="Sorry, which Ana Lima do you mean?"),
    ]
    said = "I mean the customer Ana Lima from Rio de Janeiro."
    assert _gate(said, fold(again, state), task) == ""
    told = [again[0], e.AssistantReplied(text="Her phone is 555 0100.")]
    assert _gate(said, fold(told, state), task).startswith("repeats_itself: ")


def test_a_request_may_be_repeated_when_the_assistant_failed() -> None:
    """After an error the same words are what a person would try."""
    state, task = at("store invoice")
    asked = e.UserMessaged(text='Which tracks are on "Balls to the Wall"?')
    failed = e.AssistantReplied(text="Something went wrong, please try again.")
    assert _gate(asked.text, fold([asked, failed], state), task) == ""


def test_everything_may_be_said_where_the_assistant_asks_for_it() -> None:
    """A list of all wishes is no running ahead when it was asked for."""
    state, task = at("store email")
    asks = e.AssistantReplied(text="Could you tell me everything you need at once?")
    text = (
        'Set her phone to 555 0147, tell me the total of invoice 3021, and add "Evil '
        'Walks" to the playlist "Grunge".'
    )
    assert _gate(text, state, task).startswith("runs_ahead: ")
    assert _gate(text, evolve(state, asks), task) == ""


def test_a_refused_objective_is_dealt_with() -> None:
    """A task may end on a refusal, and not before what is left was asked for."""
    state, task = at("clinic refused")
    assert _gate("All right. That's all, thanks.", state, task, ends=True) == ""
    early, task = at("clinic vet")
    assert _gate("That's all, thanks.", early, task, ends=True).startswith(
        "ends_early: "
    )


def test_whoever_gets_nowhere_may_give_up() -> None:
    """After many messages a user may leave with objectives open."""
    state, task = at("clinic vet")
    for number in range(12):
        asked = e.UserMessaged(text=f"Please try once more, attempt {number}.")
        state = fold([asked, e.AssistantReplied(text="An error came up.")], state)
    assert _gate("Never mind, let's leave it.", state, task, ends=True) == ""


def test_every_reason_has_an_advice() -> None:
    """What a model is told names no check; what is out of form has its own words."""
    state, task = at("clinic vet")
    told = {advice(f"{name}: something", state, task) for name in CHECKS}
    assert len(told) == len(CHECKS)
    assert all(
        words.endswith(".") and "_" not in words.replace("is_task_complete", "")
        for words in told
    )
    form = advice("the answer is not a JSON object", state, task)
    assert "JSON object" in form


def test_who_has_lost_the_thread_is_told_what_is_next() -> None:
    """The first objective that nobody spoke of, and none when all were."""
    state, task = at("store email")
    told = advice("repeats_itself: the same", state, task)
    assert told.endswith(f"for yet: {task.objectives[1].text}.")
    assert task.objectives[2].text not in told
    assert "yet" not in advice("too_long: 5000 letters", state, task)
    done, task = at("clinic refused")
    told = advice("repeats_itself: the same", done, task)
    assert "yet" not in told
    assert "is_task_complete to true" in told
    opening, task = at("store opens")
    told = advice("speaks_as_assistant: how can I help", opening, task)
    assert "is_task_complete" not in told


def test_a_sentence_with_a_comma_is_an_echo_too() -> None:
    """What a refusal says is its speaker's, also before a question of one's own."""
    state, task = at("store opens")
    heard = [
        e.UserMessaged(text='What is the email of "Ana Lima"?'),
        e.AssistantReplied(text="I'm sorry, I can't provide that."),
    ]
    again = "I'm sorry, I can't provide that. Do you have the email of \"Ana Lima\"?"
    refused = _gate(again, fold(heard, state), task)
    assert refused.startswith("echoes_the_assistant: I'm sorry, I can't provide")
