"""The user's own tools: used when the assistant asks, and told of in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson
import pytest

from eventsim.providers.rule_based.user.speak import speak

MODE = {
    "name": "set_network_mode",
    "description": "Choose the mode.",
    "parameters": {
        "type": "object",
        "properties": {"mode": {"type": "string", "enum": ["4G only", "2G only"]}},
        "required": ["mode"],
    },
}
DATA = {
    "name": "toggle_data",
    "description": "Switch mobile data.",
    "parameters": {"type": "object", "properties": {"on": {"type": "boolean"}}},
}
LIMIT = {
    "name": "set_limit",
    "description": "Set the limit.",
    "parameters": {
        "type": "object",
        "properties": {"gb": {"type": "integer"}, "name": {"type": "string"}},
        "required": ["gb"],
    },
}
Answer = Callable[..., dict[str, Any]]


@pytest.fixture
def answer(rendered: Callable[..., Any], scripts: Sequence[Any]) -> Answer:
    """What the user answers to a last message, after some talk."""
    tools = [orjson.dumps(tool).decode() for tool in (MODE, DATA, LIMIT)]
    prompt = rendered(scripts[0], tools=tools)

    def ask(*talk: str) -> dict[str, Any]:
        roles = ("user", "assistant")
        messages = [{"role": "system", "content": prompt.system}]
        messages += [
            {"role": roles[number % 2], "content": text}
            for number, text in enumerate(talk)
        ]
        messages[-1]["content"] += f"\n\n{prompt.now}"
        said: dict[str, Any] = orjson.loads(speak({"messages": messages})["content"])
        return said

    return ask


OPENING = "(The conversation begins. Write your first message.)"
HELLO = '{"user_message": "My data is slow.", "is_task_complete": false}'


@pytest.mark.parametrize(
    ("asked", "calls"),
    [
        ('Please set the network mode to "4G only".', {"mode": "4G only"}),
        ("Set your limit to 15 GB, please.", {"gb": 15}),
        ('Set the limit to 20 GB, named "Home".', {"gb": 20, "name": "Home"}),
        ("Could you toggle your data off?", {"on": False}),
        ("Could you toggle data?", {}),
    ],
)
def test_what_it_is_asked_to_do(
    answer: Answer, asked: str, calls: dict[str, Any]
) -> None:
    """The words name the tool and its arguments."""
    said = answer(OPENING, "My data is slow.", asked)
    assert [call["arguments"] for call in said["tool_calls"]] == [calls]
    assert said["user_message"] == ""
    assert said["is_task_complete"] is False


@pytest.mark.parametrize(
    "asked",
    [
        "Please set the network mode.",  # it cannot know which
        "Your limit was changed.",
        "What may I look up for you?",
    ],
)
def test_what_is_no_such_request(answer: Answer, asked: str) -> None:
    """It speaks as it always does."""
    said = answer(OPENING, "My data is slow.", asked)
    assert said["tool_calls"] == []
    assert said["user_message"]


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ('{"network": "4G", "roaming": true}', "network is 4G, roaming is on"),
        ('{"error": {"code": "x", "message": "no SIM"}}', "did not work: no SIM"),
        ('["a", 2]', "a, 2"),
        ("plain words", "plain words"),
        ("null", "empty"),
    ],
)
def test_what_came_of_it_is_told(answer: Answer, result: str, told: str) -> None:
    """In words, with nothing of the JSON."""
    act = '{"user_message":"","is_task_complete":false,"tool_calls":[{"name":"x"}]}'
    said = answer(
        OPENING, HELLO, "Toggle data.", act, f"(Result of toggle_data: {result})"
    )
    assert told in said["user_message"]
    assert said["tool_calls"] == []
    assert "{" not in said["user_message"]


def test_results_of_other_tools_are_not_its_own(answer: Answer) -> None:
    """Those of the assistant, where users are shown them."""
    said = answer(OPENING, "My data is slow.", '(Result of get_plan: {"gb": 3})')
    assert "gb is 3" not in said["user_message"]
