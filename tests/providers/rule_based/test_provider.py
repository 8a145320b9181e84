"""The embedded provider answers both roles in the format of an endpoint."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest

from eventsim.errors import ProviderFailure
from eventsim.prompts.render import installed, render
from eventsim.providers.rule_based.provider import RuleBased
from tests.providers.rule_based.assistant.world import (
    FLAWLESS,
    functions,
    system_text,
)

pytestmark = pytest.mark.anyio

ASSISTANT = {
    "model": "rule-based",
    "messages": [
        {"role": "system", "content": system_text()},
        {"role": "user", "content": 'find the email of the customer "Ana Lima"'},
    ],
    "seed": 1,
    "tools": functions(),
}


def _user_request() -> dict[str, Any]:
    text = render(
        installed()["user"],
        profile={
            "name": "Mia",
            "role": "You work here.",
            "known_info": [],
            "unknown_info": [],
        },
        persona={
            "name": "plain",
            "description": "You write plainly.",
            "language": "English",
        },
        goal="You know the email.",
        tools=[],
        objectives=[{"number": 1, "text": 'find the email of the customer "Ana"'}],
    )
    opening = "(The conversation begins. Write your first message.)"
    return {
        "model": "rule-based",
        "messages": [
            {"role": "system", "content": text},
            {"role": "user", "content": opening},
        ],
        "seed": 3,
    }


async def _answer(request: Any) -> dict[str, Any]:
    body = request if isinstance(request, bytes) else orjson.dumps(request)
    data = await RuleBased(FLAWLESS).complete(body, idempotency_key="k")
    answer = orjson.loads(data)
    assert isinstance(answer, dict)
    return answer


async def test_an_assistant_request_gets_a_completion() -> None:
    """The answer has everything that a client of an endpoint reads."""
    answer = await _answer(ASSISTANT)
    assert answer["object"] == "chat.completion"
    assert answer["model"] == "rule-based"
    choice = answer["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    call = choice["message"]["tool_calls"][0]["function"]
    assert json.loads(call["arguments"]) == {"text": "Ana Lima"}
    usage = answer["usage"]
    assert usage["prompt_tokens"] == -(-len(orjson.dumps(ASSISTANT)) // 4)
    assert usage["completion_tokens"] > 0
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


async def test_the_goal_in_the_prompt_makes_it_the_user() -> None:
    """A system message with a goal and an answer format is the user's."""
    answer = await _answer(_user_request())
    choice = answer["choices"][0]
    assert choice["finish_reason"] == "stop"
    content = json.loads(choice["message"]["content"])
    assert set(content) == {"user_message", "is_task_complete"}


async def test_the_same_bytes_get_the_same_bytes() -> None:
    """Two providers answer one request alike; another request has another id."""
    body = orjson.dumps(ASSISTANT)
    one = await RuleBased(FLAWLESS).complete(body, idempotency_key="a")
    two = await RuleBased(FLAWLESS).complete(body, idempotency_key="b")
    assert one == two
    other = await _answer({**ASSISTANT, "seed": 2})
    assert other["id"] != orjson.loads(one)["id"]


@pytest.mark.parametrize(
    "body",
    [b"", b"not json", b"[]", b"{}", b'{"messages": []}', b'{"messages": 3}'],
)
async def test_what_is_no_request_is_a_clear_failure(body: bytes) -> None:
    """A request that cannot be answered fails in one line, without a retry."""
    with pytest.raises(ProviderFailure) as caught:
        await RuleBased(FLAWLESS).complete(body, idempotency_key="k")
    assert "\n" not in str(caught.value)
    assert caught.value.retryable is False


async def test_it_runs_in_process() -> None:
    """Its calls never leave the process, and say so."""
    provider = RuleBased(FLAWLESS)
    assert (provider.name, provider.in_process) == ("rule-based", True)
