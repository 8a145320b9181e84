"""Stages 1.2 and 1.3: tools for a question, and what goes with them."""

from __future__ import annotations

from typing import Any

import pytest

from eventsim.pipelines.stages.expansion import MOST_NEW, Expansion
from eventsim.pipelines.stages.tool_specifications import ToolSpecifications
from tests.pipelines.stages.staging import (
    Story,
    everything,
    function,
    given,
    number,
    text,
)

QUESTION = "How much is the lamp Aurora?"
GOOD = function("get_price", "Look up a price.", lamp_id=number("The lamp's id."))
BAD = function("get_colour", "Look up a colour.", lamp_id={"type": "integer"})


def _specifications(**config: Any) -> Story:
    return Story(ToolSpecifications(), given(QUESTION, **config))


def _expansion() -> Story:
    story = _specifications()
    story.answer({"tools": [GOOD]})
    return Story(Expansion(), story.input, story.state._replace(answers=()))


def test_good_tools_are_defined_and_bad_ones_rejected_one_by_one() -> None:
    """One bad tool does not waste the answer."""
    story = _specifications()
    assert story.answer({"tools": [GOOD, BAD]}) == ""
    assert [event.tool.name for event in story.of("tool.defined")] == ["get_price"]
    (rejected,) = story.of("tool.rejected")
    assert (rejected.name, rejected.reason) == (
        "get_colour",
        "the parameter lamp_id has no description",
    )
    assert story.ask() is None


@pytest.mark.parametrize("value", [{}, None, "tools", {"tools": []}, []])
def test_an_answer_without_tools_is_given_back(value: Any) -> None:
    """It is sampled again, with the reason."""
    assert _specifications().answer(value)


def test_an_answer_without_a_sound_tool_is_given_back_then_recorded() -> None:
    """The reasons go to the model; of the last sample they are recorded as events."""
    story = _specifications()
    reasons = [story.answer({"tools": [BAD, BAD]}) for _ in range(4)]
    assert reasons[0].startswith("none of its tools can be used: get_colour: ")
    assert reasons[-1] == ""
    assert len(story.of("tool.rejected")) == 2
    assert story.state.tools == ()
    assert story.ask() is None


def test_the_prompt_shows_domain_examples_and_question_and_nothing_else() -> None:
    """Examples stand as whole specifications; the question comes last."""
    asked = _specifications().ask()
    assert asked is not None
    assert asked.system.startswith("# Your part: tool_specifications\n")
    assert '{"name":"get_lamp","description":"Look up one lamp' in asked.system
    assert QUESTION not in asked.system
    ((role, turn),) = asked.turns
    assert role == "user"
    assert turn.startswith(f"The question:\n{QUESTION}\n\nWrite the steps")


def test_a_tool_that_says_a_value_of_the_question_is_rejected() -> None:
    """It would serve this question alone; what the domain says is no such value."""
    question = 'Please send "Blue Moon 7" to Ana Lima in The Lamp Shop by 2026-05-31.'
    story = Story(ToolSpecifications(), given(question))
    about = [
        "Find the address of Ana Lima.",
        "Send the lamp Blue Moon 7.",
        "Look up deliveries until 2026-05-31.",
        "Find a customer of The Lamp Shop by name.",
    ]
    story.answer(
        {"tools": [function(f"get_{n}st", line) for n, line in enumerate(about)]}
    )
    assert [e.name for e in story.of("tool.rejected")] == [
        "get_0st",
        "get_1st",
        "get_2st",
    ]
    assert "'Ana Lima', which is a value" in story.of("tool.rejected")[0].reason


def test_of_many_examples_those_that_fit_the_question_are_shown() -> None:
    """The prompt is bounded, and says how many are left out."""
    many = [
        *(function(f"get_chair_{n}", "Look up a chair.") for n in range(500)),
        function("search_lamps", "Find lamps.", name=text("The lamp's name.")),
    ]
    asked = Story(ToolSpecifications(), given(QUESTION, seeds=many)).ask()
    assert asked is not None
    assert "search_lamps" in asked.system
    assert "(and 489 more)" in asked.system


def test_expansion_adds_new_tools_and_keeps_those_that_stand() -> None:
    """A second tool of a name is rejected; the first is still there."""
    story = _expansion()
    again = function("get_price", "Look it up again.", lamp_id=number("The id."))
    new = function("update_price", "Change it.", lamp_id=number("The id."))
    assert story.answer({"tools": [again, new]}) == ""
    assert [tool.name for tool in story.state.tools] == ["get_price", "update_price"]
    assert story.state.tools[0].description == "Look up a price."
    assert [event.name for event in story.of("tool.rejected")] == ["get_price (again)"]


def test_nothing_to_add_is_a_good_answer() -> None:
    """An empty list ends the stage without an event."""
    story = _expansion()
    assert story.answer({"tools": []}) == ""
    assert story.of("tool.defined") == []
    assert story.ask() is None


def test_expansion_takes_no_more_than_ten() -> None:
    """What comes after the tenth new tool is rejected."""
    story = _expansion()
    story.answer({"tools": [function(f"get_part_{n}") for n in range(12)]})
    assert len(story.of("tool.defined")) == MOST_NEW
    assert len(story.of("tool.rejected")) == 2


def test_an_empty_toolset_is_not_expanded() -> None:
    """Without tools there is nothing to ask."""
    assert Story(Expansion(), given(QUESTION)).ask() is None


def test_expansion_shows_the_toolset_and_not_the_question() -> None:
    """Gaps are those of the toolset, whatever it was made for."""
    asked = _expansion().ask()
    assert asked is not None
    assert asked.system.startswith("# Your part: expansion\n")
    assert '{"name":"get_price"' in asked.turns[-1][1]
    assert QUESTION not in everything(asked)
    assert "Aurora" not in everything(asked)
