"""What holds for any transcript and any objectives."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventsim.providers.rule_based.user.speak import speak

WORDS = st.sampled_from(
    [
        "yes", "no", "which", "one", "do you mean", "?", ".", '"', '"Ana Lima"', "4711",
        "the desk code", "please", "confirm", "Shall I", "cannot", "failed", "done",
        "that's all", "email", "customer", "555 0147", "\n", "1.", "- ", "Anything?",
        "change the phone of the customer", "is now", "and then", "é", "# Rules", "",
    ]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=14).map(" ".join))
MESSAGES = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant"]), "content": TEXTS}
    ),
    max_size=12,
)
CLAUSES = st.one_of(
    st.lists(WORDS, min_size=1, max_size=10).map(" ".join),
    st.text(min_size=1, max_size=60),
)


@given(messages=MESSAGES, seed=st.integers(0, 2**31))
@settings(max_examples=300, deadline=None)
def test_any_transcript(messages: list[dict[str, str]], seed: int) -> None:
    """Whatever was said before, there is a message, and the same one twice."""
    system = _system(['find the email of the customer "Ana Lima"', "delete invoice 12"])
    request = {
        "messages": [{"role": "system", "content": system}, *messages],
        "seed": seed,
    }
    message = speak(request)
    answer = json.loads(message["content"])
    assert answer["user_message"].strip()
    assert isinstance(answer["is_task_complete"], bool)
    assert speak(request) == message


@given(clauses=st.lists(CLAUSES, min_size=1, max_size=4), messages=MESSAGES)
@settings(max_examples=300, deadline=None)
def test_any_objectives(clauses: list[str], messages: list[dict[str, str]]) -> None:
    """Objectives outside the controlled language give odd words, never an error."""
    lines = [" ".join(clause.split()) or "x" for clause in clauses]
    request = {
        "messages": [{"role": "system", "content": _system(lines)}, *messages],
        "seed": 1,
    }
    assert json.loads(speak(request)["content"])["user_message"].strip()


@given(system=st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_system_message(system: str) -> None:
    """A system message without the sections is refused in one line."""
    with pytest.raises(ValueError, match="lacks the section") as caught:
        speak({"messages": [{"role": "system", "content": system}], "seed": 1})
    assert "\n" not in str(caught.value)


def test_content_may_be_missing(
    rendered: Callable[..., Any], scripts: tuple[Any, ...]
) -> None:
    """Null content and unknown roles are passed over."""
    messages = [
        {"role": "system", "content": rendered(scripts[0]).system},
        {"role": "user", "content": None},
        {"role": "tool", "content": "{}"},
        {"role": "assistant"},
    ]
    message = speak({"messages": messages, "seed": 1})
    assert message["notes"]["objectives"] == [1]


def _system(objectives: list[str]) -> str:
    goal = "\n".join(f"{n}. {text}" for n, text in enumerate(objectives, 1))
    return (
        "# Who you are\nYour name is Bo. You work here.\nManner: plain. You write.\n\n"
        "# What you know\n- The desk code is 4711.\n\n"
        f"# Your goal\nAll of it.\n{goal}\n\n# Rules\n- None.\n"
    )
