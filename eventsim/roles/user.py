"""The user simulator: what it sees, and how its answer is read. Pure.

It sees its profile, its goal and what both sides said to each other, with the roles
swapped. It never sees tools, tool results, the policy, or the assistant's reasoning.
"""

from __future__ import annotations

from typing import Any

import orjson

from eventsim.core.events import ModelRejected, UserMessaged
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue
from eventsim.core.values import encode
from eventsim.prompts.render import render
from eventsim.roles.chat import encode_request, read_choice, request_seed

__all__ = ["OPENING", "read", "request"]

OPENING = "(The conversation begins. Write your first message.)"

_ANSWER_SCHEMA = {
    "type": "json_schema",
    "json_schema": {
        "name": "user_turn",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {
                "user_message": {"type": "string"},
                "is_task_complete": {"type": "boolean"},
            },
            "required": ["user_message", "is_task_complete"],
            "additionalProperties": False,
        },
    },
}


def request(state: Dialogue, materials: Materials) -> bytes:
    """The body of the next request. Needs an open task and a persona."""
    assert state.task is not None
    assert state.persona is not None
    task = materials.tasks[state.task.assigned.number - 1]
    system = render(
        materials.prompts["user"],
        profile=task.profile,
        persona=state.persona,
        goal=task.goal,
        objectives=task.objectives,
        instructions=[drawn.instruction for drawn in state.behaviours],
    )
    choice = materials.config.roles.user
    return encode_request(
        choice.model,
        [{"role": "system", "content": system}, *_dialogue(state)],
        request_seed(state, "user"),
        choice.params,
        {"response_format": _ANSWER_SCHEMA},
    )


def _dialogue(state: Dialogue) -> list[dict[str, Any]]:
    swapped = {"user": "assistant", "assistant": "user"}
    said = [
        {"role": swapped[message.speaker], "content": message.text}
        for message in state.messages
        if message.speaker in swapped and message.text
    ]
    return said or [{"role": "user", "content": OPENING}]


def read(response: bytes) -> UserMessaged | ModelRejected:
    """The message in a response, or why it cannot enter the dialogue."""
    choice = read_choice(response)
    content = choice.message.get("content")
    text = content if isinstance(content, str) else ""
    if choice.problem:
        return _rejected(choice.problem, response.decode("utf-8", "replace"))
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        return _rejected("the answer is not a JSON object", text)
    if not isinstance(said, dict):
        return _rejected("the answer is not a JSON object", text)
    message, complete = said.get("user_message"), said.get("is_task_complete")
    if not isinstance(message, str) or not message.strip():
        return _rejected("the answer has no user_message", text)
    if not isinstance(complete, bool):
        return _rejected("the answer has no is_task_complete", text)
    rendered = encode({"user_message": message, "is_task_complete": complete}).decode()
    answer = choice.answer.model_copy(
        update={"raw": None if rendered == text else text}
    )
    return UserMessaged(text=message, is_task_complete=complete, answer=answer)


def _rejected(reason: str, raw: str) -> ModelRejected:
    return ModelRejected(role="user", reason=reason, raw=raw)
