"""Who sees what: rule 10 of the design, over a whole scripted dialogue."""

from __future__ import annotations

import json

import pytest

from eventsim.roles.user import OPENING
from tests.builders import (
    SECRET,
    assistant_calls,
    chat_response,
    materials,
    started,
    user_says,
)
from tests.run.scripted import Scripted, play

pytestmark = pytest.mark.anyio

RESULT = '{"city":"Oslo","note":"only tools know this"}'
REASONING = "thoughts of the assistant"


async def _bodies() -> list[tuple[str, bytes]]:
    reply = {"role": "assistant", "content": "In Oslo.", "reasoning": REASONING}
    world = Scripted(
        [
            user_says("Where does customer 1 live?"),
            assistant_calls(("get_customer", {"customer_id": 1})),
            chat_response(reply),
            user_says("Thanks.", complete=True),
            chat_response({"role": "assistant", "content": "You are welcome."}),
            user_says("Thanks again.", complete=True),
        ],
        result=RESULT,
    )
    state = await play(world, materials(tasks=2), [started()])
    assert state.ended is not None
    assert state.ended.reason == "completed"
    return world.bodies


def _text(bodies: list[tuple[str, bytes]], role: str) -> str:
    return "\n".join(body.decode() for who, body in bodies if who == role)


async def test_the_assistant_never_sees_the_goal_or_the_profile() -> None:
    """The task reaches the assistant only through the user's words."""
    seen = _text(await _bodies(), "assistant")
    assert SECRET not in seen
    assert "front desk" not in seen
    assert "wants to know where" not in seen


async def test_the_user_never_sees_tools_results_policy_or_reasoning() -> None:
    """The user sees what the assistant said, and nothing of how it came to it."""
    seen = _text(await _bodies(), "user")
    assert "get_customer" not in seen
    assert "only tools know this" not in seen
    assert "careful with lamps" not in seen
    assert REASONING not in seen


async def test_reasoning_reaches_nobody() -> None:
    """Reasoning is recorded and never sent to either side again."""
    bodies = await _bodies()
    assert REASONING not in _text(bodies, "assistant")


async def test_the_user_sees_the_whole_dialogue_with_roles_swapped() -> None:
    """Its own opening is included, as its own."""
    last = [json.loads(body) for who, body in await _bodies() if who == "user"][-1]
    *said, (role, final) = [(m["role"], m["content"]) for m in last["messages"][1:]]
    assert said == [
        ("user", OPENING),
        ("assistant", "Where does customer 1 live?"),
        ("user", "In Oslo."),
        ("assistant", "Thanks."),
    ]
    assert (role, final.partition("\n")[0]) == ("user", "You are welcome.")


async def test_the_assistant_sees_its_calls_and_their_results() -> None:
    """Calls carry arguments as strings, and every message a content."""
    last = [json.loads(body) for who, body in await _bodies() if who == "assistant"][-1]
    call, result = last["messages"][2:4]
    assert call["content"] == ""
    assert json.loads(call["tool_calls"][0]["function"]["arguments"]) == {
        "customer_id": 1
    }
    assert result["tool_call_id"] == call["tool_calls"][0]["id"]
    assert result["content"] == RESULT
    assert [tool["function"]["name"] for tool in last["tools"]] == ["get_customer"]
