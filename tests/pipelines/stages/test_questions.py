"""Stage 1.1: which questions are kept, and when it asks again."""

from __future__ import annotations

from typing import Any

import pytest

from eventsim.pipelines.stages.questions import Questions, usable
from tests.pipelines.stages.staging import Story, everything, function, given


def _story(wanted: int = 4) -> Story:
    return Story(Questions(), given(questions=wanted))


def _questions(*numbers: int) -> dict[str, Any]:
    return {"questions": [f"What does lamp {number} cost?" for number in numbers]}


def test_half_of_the_wanted_number_is_enough() -> None:
    """One answer with half of what was wanted ends the stage."""
    told = _story()
    assert told.answer(_questions(1, 2)) == ""
    assert told.state.questions == ("What does lamp 1 cost?", "What does lamp 2 cost?")
    assert told.ask() is None


def test_it_asks_again_for_what_is_missing_and_says_what_is_there() -> None:
    """The next request names the questions there are and wants only the others."""
    told = _story()
    told.answer(_questions(1))
    asked = told.ask()
    assert asked is not None
    assert asked.turns[-1][1] == (
        "These are there already:\n- What does lamp 1 cost?\n\n"
        "Write 3 questions. Repeat none."
    )


def test_it_asks_no_more_than_three_times() -> None:
    """A model that brings one question at a time ends the stage as well."""
    told = _story(20)
    told.play(lambda _: _questions(len(told.asked)))
    assert len(told.asked) == 3
    assert len(told.state.questions) == 3


@pytest.mark.parametrize(
    "value",
    [{}, [], None, "What?", 3, {"questions": []}, {"questions": "What is it?"},
     {"questions": [None, 3, "", "too short", "x" * 2_000, "What\0 does it cost?"]}],
)  # fmt: skip
def test_an_answer_without_a_usable_question_is_rejected(value: Any) -> None:
    """What holds no usable question is given back with a reason, not recorded."""
    told = _story()
    assert told.answer(value)
    assert told.state.questions == ()


def test_only_new_questions_are_kept() -> None:
    """Spelling, numbering and shape make no new question."""
    found = usable(
        [
            "1. What does lamp 7 cost?",
            "- what does  LAMP 7 cost",
            {"question": "What does lamp 8 cost?"},
            "What does lamp 9 cost?",
        ],
        ("What does lamp 9 cost?",),
        20,
    )
    assert found == ("What does lamp 7 cost?", "What does lamp 8 cost?")


def test_no_more_than_the_wanted_number_is_kept() -> None:
    """A model that writes on and on fills the stream no further."""
    told = _story(3)
    told.answer(_questions(*range(50)))
    assert len(told.state.questions) == 3


def test_a_bare_array_is_read_as_well() -> None:
    """Some models leave out the object around the array."""
    told = _story()
    assert told.answer(_questions(1, 2)["questions"]) == ""


def test_the_prompt_shows_the_domain_and_its_tools_in_brief() -> None:
    """The title, the description and a signature of each tool are there."""
    asked = _story().ask()
    assert asked is not None
    assert asked.system.startswith("# Your part: questions\n")
    assert "the assistant of the lamp shop. It sells lamps." in asked.system
    assert "- get_lamp(lamp_id: integer, e.g. 12): Look up one lamp" in asked.system
    assert asked.turns == (
        (
            "user",
            "Write 4 questions: 1 with one step, 2 with two or three, 1 with four or "
            "five; at least 2 of them ask to change, book, add or cancel something.",
        ),
    )


def test_a_domain_without_tools_is_shown_without_a_list() -> None:
    """Nothing is said about examples where there are none."""
    asked = Story(Questions(), given(seeds=())).ask()
    assert asked is not None
    assert "for example\n" not in asked.system


def test_of_many_tools_some_are_shown_and_the_others_counted() -> None:
    """A thousand seeds give a prompt of bounded length that says so."""
    many = [function(f"get_thing_{n}", "Look up it." * 9) for n in range(1_000)]
    asked = Story(Questions(), given(seeds=many)).ask()
    assert asked is not None
    assert "- (and 960 more)" in asked.system
    assert len(everything(asked)) < 30_000
