"""Answers of stages as endpoints send them, and what a model is told of a bad one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eventsim.core import events as e
from eventsim.core.preparation import Preparation, fold_preparation
from eventsim.pipelines.preparing import (
    StageMaterials,
    decide_preparation,
    read_answer,
)
from eventsim.pipelines.stages.policy import PolicyStage
from tests.builders import REF, chat_response
from tests.pipelines.stages.benching import given

STAGE = PolicyStage()
MATERIALS = StageMaterials(given(), {STAGE.name: STAGE})
RULES = json.dumps({"rules": [f"Keep rule {name}." for name in "abcde"]})


def begun(*events: e.Event) -> Preparation:
    """A stream of tasks that begins with its policy."""
    started = e.PreparationStarted(
        label="tasks-1",
        seed=1,
        lineage="a",
        purpose="tasks",
        stages=(STAGE.name,),
        run=REF,
        source=MATERIALS.given.source,
    )
    return fold_preparation([started, *events])


def read(message: dict[str, Any], finish: str = "stop") -> Any:
    """What comes of a response with that message."""
    choices = [{"index": 0, "message": message, "finish_reason": finish}]
    return read_answer(chat_response({}, choices=choices), STAGE, begun(), MATERIALS)


def asked(*events: e.Event) -> list[tuple[str, str]]:
    """The (role, content) of each message of the next request."""
    step = decide_preparation(begun(*events), MATERIALS)
    assert step.effect is not None
    body = json.loads(step.effect.body)  # type: ignore[union-attr]
    return [(m["role"], m["content"]) for m in body["messages"]]


def rejected(raw: str, reason: str = "it holds no array of rules") -> e.ModelRejected:
    """An answer that could not be used."""
    return e.ModelRejected(role="task_writer", stage=STAGE.name, reason=reason, raw=raw)


@pytest.mark.parametrize(
    ("message", "reasoning", "raw"),
    [
        ({"content": RULES}, None, None),
        ({"content": RULES, "reasoning_content": "Hm."}, "Hm.", None),
        (
            {"content": f"<think>Hm.</think>{RULES}"},
            "Hm.",
            f"<think>Hm.</think>{RULES}",
        ),
        ({"content": [{"type": "text", "text": RULES}]}, None, None),
    ],
)
def test_an_answer_is_its_text_without_the_reasoning(
    message: dict[str, Any], reasoning: str | None, raw: str | None
) -> None:
    """Wherever the endpoint puts either: later requests of the stage hold the text."""
    answered = read(message)
    assert isinstance(answered, e.ModelAnswered), answered.reason
    assert (answered.text, answered.reasoning) == (RULES, reasoning)
    assert answered.answer.raw == raw


@pytest.mark.parametrize(
    ("message", "finish", "reason"),
    [
        ({"content": RULES}, "length", "the answer was cut at max_tokens"),
        ({"content": None}, "stop", "it is empty"),
        ({"refusal": "I will not."}, "stop", "it is not JSON"),
        ({"content": "{}"}, "stop", "it holds no array of rules"),
    ],
)
def test_an_answer_that_cannot_be_used_has_a_reason(
    message: dict[str, Any], finish: str, reason: str
) -> None:
    """And costs what it cost."""
    found = read(message, finish)
    assert isinstance(found, e.ModelRejected)
    assert found.reason == reason
    assert found.answer.usage.input_tokens == 10


def test_a_rejected_answer_is_given_back_with_the_reason() -> None:
    """As the model's own words, then what was wrong with them."""
    before, after = asked(), asked(rejected('{"rules":[]}'))
    assert after[: len(before)] == before
    assert after[len(before)] == ("assistant", '{"rules":[]}')
    assert after[-1] == (
        "user",
        "Your last answer could not be used: it holds no array of rules. Answer again.",
    )


def test_nothing_is_cut_from_what_is_given_back_without_a_word() -> None:
    """A long answer says how much of it is left out; thoughts are left out whole."""
    *_, (_, said), _ = asked(rejected(f"<think>Hm.</think>{'x' * 2_500}"))
    assert said == f"{'x' * 2_000}\n[500 more characters are left out]"


def test_what_the_model_never_said_is_not_given_back() -> None:
    """An empty or broken response is no answer of its own."""
    problem = "the response has no choices"
    assert asked(rejected('{"choices":[]}', problem)) == asked()
