"""The assistant: what it sees, and how its answer is read. Pure.

It sees the policy, the tools, and the transcript with tool results. It never sees the
task, the user's profile, or the checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from eventsim.core.events import AssistantReplied, ModelRejected, ToolCall
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue, Message
from eventsim.core.values import encode, freeze
from eventsim.prompts.render import render
from eventsim.roles.chat import encode_request, read_choice, request_seed

__all__ = ["chat_messages", "read", "request", "system_prompt"]


def request(state: Dialogue, materials: Materials) -> bytes:
    """The body of the next request."""
    choice = materials.config.roles.assistant
    system = {"role": "system", "content": system_prompt(state, materials)}
    fields = {"tools": orjson.Fragment(materials.functions)}
    return encode_request(
        choice.model,
        [system, *chat_messages(state.messages)],
        request_seed(state, "assistant"),
        choice.params,
        fields if materials.toolset else {},
    )


def system_prompt(state: Dialogue, materials: Materials) -> str:
    """The assistant's instructions: who it works for, the policy, the time."""
    return render(
        materials.prompts["assistant"],
        title=materials.source.title,
        about=materials.source.about,
        policy=materials.policy,
        now=state.clock,
    )


def chat_messages(messages: tuple[Message, ...]) -> list[dict[str, Any]]:
    """The transcript as chat messages, with arguments as JSON strings."""
    return [_chat_message(message) for message in messages]


def _chat_message(message: Message) -> dict[str, Any]:
    if message.call is not None:
        return {
            "role": "tool",
            "tool_call_id": message.call.id,
            "content": message.text,
        }
    chat: dict[str, Any] = {"role": message.speaker, "content": message.text}
    if message.calls:
        chat["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {
                    "name": call.name,
                    "arguments": call.raw_arguments or encode(call.arguments).decode(),
                },
            }
            for call in message.calls
        ]
    return chat


def read(response: bytes, state: Dialogue) -> AssistantReplied | ModelRejected:
    """The reply in a response, or why it cannot enter the dialogue.

    Each call gets an id of ours, unique on the path; the endpoint's is kept beside it.
    """
    choice = read_choice(response)
    if choice.problem:
        return _rejected(choice.problem, response.decode("utf-8", "replace"))
    content = choice.message.get("content")
    text = content if isinstance(content, str) else ""
    wanted = choice.message.get("tool_calls") or []
    if not isinstance(wanted, list):
        return _rejected("tool_calls is not a list", encode(wanted).decode())
    calls = []
    for index, item in enumerate(wanted):
        call = _call(item, f"call_{state.assistant_calls}_{index}")
        if isinstance(call, str):
            return _rejected(call, encode(item).decode())
        calls.append(call)
    if not calls and not text.strip():
        return _rejected("the answer is empty", response.decode("utf-8", "replace"))
    return AssistantReplied(
        text=text,
        reasoning=_reasoning(choice.message),
        calls=tuple(calls),
        answer=choice.answer,
    )


def _call(item: object, call_id: str) -> ToolCall | str:
    function = item.get("function") if isinstance(item, dict) else None
    if not isinstance(item, dict) or not isinstance(function, dict):
        return "a tool call has no function"
    name, arguments = function.get("name"), function.get("arguments")
    if not isinstance(name, str) or not name:
        return "a tool call has no name"
    raw = arguments if isinstance(arguments, str) else None
    if raw is not None:
        try:
            arguments = orjson.loads(raw or "{}")
        except orjson.JSONDecodeError:
            return f"the arguments of {name} are not JSON"
    if not isinstance(arguments, dict):
        return f"the arguments of {name} are not a JSON object"
    given = item.get("id")
    return ToolCall(
        id=call_id,
        name=name,
        arguments=freeze(arguments),
        given_id=given if isinstance(given, str) and given != call_id else None,
        raw_arguments=None if raw in (None, encode(arguments).decode()) else raw,
    )


def _reasoning(message: Mapping[str, Any]) -> str | None:
    for field in ("reasoning_content", "reasoning"):
        text = message.get(field)
        if isinstance(text, str) and text:
            return text
    return None


def _rejected(reason: str, raw: str) -> ModelRejected:
    return ModelRejected(role="assistant", reason=reason, raw=raw)
