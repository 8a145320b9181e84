"""The task of a conversation by rule: what the person asked for last, if it is open."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from eventsim.core.events import AssistantReplied, Event, ToolCall, UserMessaged
from eventsim.core.fold import fold
from eventsim.core.values import freeze
from eventsim.pipelines.stages.conversation import told
from eventsim.providers.rule_based.writing_tasks.inferred import infer_task

ORDER = ToolCall(id="call_0_0", name="get_order", arguments=freeze({"id": 17}))


def inferred(*lines: str, calls: tuple[ToolCall, ...] = ()) -> dict[str, Any]:
    """The task of a conversation; lines in turn are the person's and the answers, a
    reply with `calls` is the last.
    """
    events: list[Event] = []
    for number, text in enumerate(lines):
        if number % 2:
            events.append(AssistantReplied(text=text, by="import"))
        else:
            events.append(UserMessaged(text=text, given=True, by="import"))
    if calls:
        events.append(AssistantReplied(calls=calls, by="import"))
    request = f"{told(fold(events))}\n\nWrite down what the person wants."
    system = "You write down what people want of the assistant of a small hotel."
    messages = [
        {"role": "system", "content": system},
        {"role": "user", "content": request},
    ]
    answer = infer_task({"model": "rule-based", "messages": messages})
    found: dict[str, Any] = orjson.loads(answer["content"])
    return found


def objective(*lines: str, calls: tuple[ToolCall, ...] = ()) -> tuple[str, str]:
    """What the person wants, and of what kind it is."""
    (only,) = inferred(*lines, calls=calls)["objectives"]
    return only["text"], only["kind"]


BOOK = "Please book a table for two."


@pytest.mark.parametrize(
    ("text", "wish", "kind"),
    [
        ("Weather in Oslo?", "weather in Oslo", "read"),
        ("How many rooms are free?", "find out this: how many rooms are free", "read"),
        (BOOK, "book a table for two", "write"),
        ("Hi, could you please cancel order 17?", "cancel order 17", "write"),
        ("I'd like you to rename the file.", "rename the file", "write"),
    ],
)
def test_what_is_asked_for_is_a_clause(text: str, wish: str, kind: str) -> None:
    """Without courtesies; a question stays one."""
    assert objective(text) == (wish, kind)


@pytest.mark.parametrize(
    "answer",
    [
        "For which day?",
        "Here is the menu. Which table do you prefer?",
        "I can help you. Which day suits you?",
    ],
)
def test_a_question_of_the_assistant_leaves_it_open(answer: str) -> None:
    """What the person wants is still to be done."""
    assert objective(BOOK, answer) == ("book a table for two", "write")


def test_a_call_without_a_result_leaves_it_open() -> None:
    """The assistant is on its way."""
    wish = "find out this: where is order 17"
    assert objective("Where is order 17?", calls=(ORDER,)) == (wish, "read")


@pytest.mark.parametrize(
    "answer",
    [
        "It is booked.",
        "It is booked. Anything else?",
        "It is booked. Is there anything else I can help you with?",
        "It is booked. Can I do something else for you?",
        "It is booked. Do you have any more questions?",
    ],
)
def test_an_offer_after_an_answer_leaves_nothing_open(answer: str) -> None:
    """The next wish is about the same thing, and changes nothing again."""
    wish, kind = objective(BOOK, answer)
    assert wish.startswith("find out what else there is to know about this: book a ta")
    assert kind == "read" or "book" in wish


@pytest.mark.parametrize(
    "closing",
    [
        "Thanks!",
        "Thanks, that's all.",
        "No, thank you.",
        "Great, that will be everything.",
        "ok, bye",
        "Perfect. Many thanks!",
    ],
)
def test_a_closing_is_no_wish(closing: str) -> None:
    """What was asked for before it is the matter of the conversation."""
    wish, _ = objective(BOOK, "It is booked.", closing)
    assert wish.startswith("find out what else there is to know about this: book")


def test_thanks_with_another_question_are_a_wish() -> None:
    """The question is what the person wants."""
    thanks = "Great, thanks. Could you also send me the bill?"
    assert objective(BOOK, "It is booked.", thanks) == ("send me the bill", "write")
    thanks = "Thank you for the quick answer. How many rooms are free?"
    wish = "find out this: how many rooms are free"
    assert objective(BOOK, "It is booked.", thanks) == (wish, "read")


@pytest.mark.parametrize("lines", [(), ("Thanks.",)])
def test_who_asked_for_nothing_wants_to_know_what_there_is(
    lines: tuple[str, ...],
) -> None:
    """A conversation of courtesies alone has a task all the same."""
    assert objective(*lines) == ("find out what a small hotel can do", "read")


def test_the_profile_is_what_the_person_said() -> None:
    """Their name if they gave one, and the last of what they wrote."""
    task = inferred("Hi, my name is Ada. I need to cancel order 17.", "Which one?")
    assert task["profile"]["name"] == "Ada"
    (known,) = task["profile"]["known_info"]
    assert known == "You wrote: Hi, my name is Ada. I need to cancel order 17."
    assert task["criteria"]
    assert task["title"] == "cancel order 17"
