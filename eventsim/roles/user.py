"""The user simulator: what it sees, and how its answer is read. Pure.

It sees its profile, its goal and what both sides said to each other, with the roles
swapped. It never sees tools, the policy, or the assistant's reasoning, and results of
tools only where the configuration shows them to users, as the paper does.

The system message is the same over a whole task; what concerns one message stands at
the end of the last message, so that requests share all that comes before it.
"""

from __future__ import annotations

from typing import Any

import orjson

from eventsim.core.events import Answer, ModelRejected, UserMessaged
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue, Message
from eventsim.core.tasks import Task
from eventsim.core.values import encode
from eventsim.prompts.render import render
from eventsim.quality.gate import advice, gate
from eventsim.roles.chat import encode_request, read_choice, request_seed

__all__ = ["OPENING", "read", "request"]

OPENING = "(The conversation begins. Write your first message.)"
_SILENCE = "(The assistant says nothing. Write your next message.)"

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
    task = _task(state, materials)
    shown = {"profile": task.profile, "persona": state.persona}
    system = render(
        materials.prompts["user"], goal=task.goal, objectives=task.objectives, **shown
    )
    now = render(
        materials.prompts["user_message"],
        instructions=[drawn.instruction for drawn in state.behaviours],
        rejected=[advice(reason) for _, reason in state.rejected[-1:]],
        **shown,
    )
    choice = materials.config.roles.user
    return encode_request(
        choice.model,
        [
            {"role": "system", "content": system},
            *_dialogue(state, now, results=materials.config.user_sees_tool_results),
        ],
        request_seed(state, "user"),
        choice.params,
        {"response_format": _ANSWER_SCHEMA},
    )


def _task(state: Dialogue, materials: Materials) -> Task:
    assert state.task is not None
    assert state.persona is not None
    return materials.tasks[state.task.assigned.number - 1]


def _dialogue(state: Dialogue, now: str, *, results: bool) -> list[dict[str, Any]]:
    """The transcript, roles swapped and taking turns, with `now` at its end.

    It begins and ends with what comes to the user, for many chat templates refuse
    two messages of one role in a row, or a dialogue that the other side opens.
    """
    turns: list[tuple[str, list[str]]] = [("user", [OPENING])]
    for message in state.messages:
        role = "assistant" if message.speaker == "user" else "user"
        text = _seen(message, results=results)
        if not text:
            continue
        if turns[-1][0] == role:
            turns[-1][1].append(text)
        else:
            turns.append((role, [text]))
    if turns[-1][0] == "assistant":
        turns.append(("user", [_SILENCE]))
    turns[-1][1].append(now.rstrip())
    return [{"role": role, "content": "\n\n".join(texts)} for role, texts in turns]


def _seen(message: Message, *, results: bool) -> str:
    if message.speaker != "tool":
        return message.text
    if not results or message.call is None:
        return ""
    return f"(Result of {message.call.name}: {message.text})"


def read(
    response: bytes, state: Dialogue | None = None, materials: Materials | None = None
) -> UserMessaged | ModelRejected:
    """The message in a response, or why it cannot enter the dialogue."""
    choice = read_choice(response)
    content = choice.message.get("content")
    text = content if isinstance(content, str) else ""
    if choice.problem:
        raw = response.decode("utf-8", "replace")
        return _rejected(choice.problem, raw, choice.answer)
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        return _rejected("the answer is not a JSON object", text, choice.answer)
    if not isinstance(said, dict):
        return _rejected("the answer is not a JSON object", text, choice.answer)
    message, complete = said.get("user_message"), said.get("is_task_complete")
    if not isinstance(message, str) or not message.strip():
        return _rejected("the answer has no user_message", text, choice.answer)
    if not isinstance(complete, bool):
        return _rejected("the answer has no is_task_complete", text, choice.answer)
    if state is not None and materials is not None:
        reason = gate(message, complete, state, _task(state, materials))
        if reason:
            return _rejected(reason, text, choice.answer)
    rendered = encode({"user_message": message, "is_task_complete": complete}).decode()
    answer = choice.answer.model_copy(
        update={"raw": None if rendered == text else text}
    )
    return UserMessaged(text=message, is_task_complete=complete, answer=answer)


def _rejected(reason: str, raw: str, answer: Answer) -> ModelRejected:
    return ModelRejected(role="user", reason=reason, raw=raw, answer=answer)
