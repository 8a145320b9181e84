"""Stage 3: the policy, and what its prompt shows."""

from __future__ import annotations

from typing import Any

import pytest

from eventsim.pipelines.stages.policy import PolicyStage
from tests.pipelines.stages.benching import given
from tests.pipelines.stages.staging import Story, everything

RULES = [
    "Answer in the order of the requests.",
    "Say so when nothing is found.",
    "Ask for a yes before any change, and change nothing without it.",
]


def _story(**config: Any) -> Story:
    return Story(PolicyStage(), given(**config))


def test_rules_become_one_numbered_text() -> None:
    """Numbers and bullets of the writer go, repetitions too."""
    story = _story()
    assert (
        story.answer({"rules": [f"1. {RULES[0]}", f"- {RULES[1]}", *RULES[1:]]}) == ""
    )
    assert story.state.policy == "\n".join(
        f"{number}. {rule}" for number, rule in enumerate(RULES, 1)
    )
    assert story.ask() is None


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "it holds no array of rules"),
        ({"rules": RULES[:2]}, "it has 2 rules; five to nine are wanted"),
        (
            {"rules": [*RULES, "Call [manager name]."]},
            "to be filled in: [manager name]",
        ),
        ({"rules": [*RULES, "Say it. " * 80]}, "is longer than"),
    ],
)
def test_unusable_rules_are_given_back(value: Any, reason: str) -> None:
    """With the reason in one line."""
    assert reason in _story().answer(value)


def test_no_rule_waits_for_an_answer_where_nobody_gives_one() -> None:
    """In the task-oriented pipeline the question is all that the user says."""
    story = _story(pipeline="task-oriented")
    assert story.answer({"rules": RULES}) == (
        "rule 3 waits for an answer that nobody gives"
    )
    asked = story.ask()
    assert asked is not None
    assert "answers no questions" in asked.system
    assert "confirmed" not in asked.turns[-1][1]


def test_the_prompt_shows_tools_and_never_tasks_or_statements() -> None:
    """The assistant's side knows nothing of what it will be asked."""
    story = _story()
    asked = story.ask()
    assert asked is not None
    assert asked.system.startswith("# Your part: policy\n")
    text = everything(asked)
    assert "update_player(player_id: integer; phone: string)" in text
    for secret in ("SELECT", "UPDATE player", "CREATE TABLE", "Player ", "555 01"):
        assert secret not in text


def test_a_stream_that_begins_with_a_policy_asks_for_none() -> None:
    """It was prepared before."""
    story = _story()
    story.state = story.state._replace(policy="1. Be kind.")
    assert story.ask() is None


def test_policies_of_one_domain_differ() -> None:
    """What the rules shall be about is drawn for each stream."""
    wishes = set()
    for lineage in "abcdefgh":
        asked = Story(PolicyStage(), given(lineage=lineage)).ask()
        assert asked is not None
        wishes.add(asked.turns[-1][1])
    assert len(wishes) > 4
