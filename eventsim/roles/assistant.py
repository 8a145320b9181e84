"""The assistant: what it sees, and how its answer is read. Pure.

It sees the policy, the tools, and the transcript with tool results. It never sees the
task, the user's profile, or the checks. Its own reasoning goes back to it inside a
tool loop where the endpoint's profile says so, and to nobody else.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache, partial
from typing import Any

from eventsim.core.along import Along
from eventsim.core.events import AssistantReplied, ModelRejected, ToolCall
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue, Message
from eventsim.core.values import encode
from eventsim.prompts.render import render
from eventsim.roles import prompted
from eventsim.roles.chat import (
    encode_request,
    escaped,
    given_back,
    merge_lines,
    request_seed,
)
from eventsim.roles.parsing import read_json
from eventsim.roles.responses import Choice, read_choice
from eventsim.roles.tool_calls import CallsRead, native_calls, text_calls

__all__ = ["read", "request", "system_prompt"]

_THOUGHT_INSIDE = re.compile(r"<(think|thinking)>.*?</\1>", re.DOTALL)


# --- what it sees -------------------------------------------------------------------


def request(state: Dialogue, materials: Materials) -> bytes:
    """The body of the next request."""
    profile = materials.profile("assistant")
    choice = materials.config.roles.assistant
    seed = request_seed(state, "assistant")
    system = system_prompt(state, materials)
    if profile.tools == "prompted" and materials.functions:
        template = materials.prompts["assistant_prompted"]
        system = f"{system}\n{prompted.tools_prompt(template, materials.functions)}"
        lines = [
            *([("system", _escaped(system))] if system else []),
            *prompted.lines(state.messages),
            *given_back(state.rejected),
        ]
        answer = prompted.answer_schema(materials.functions, profile)
        messages = merge_lines(lines)
        return encode_request(choice, profile, messages, seed=seed, answer=answer)
    messages = [
        *(merge_lines([("system", _escaped(system))]) if system else []),
        *_transcript(state.messages, profile.reasoning_back),
        *merge_lines(given_back(state.rejected)),
    ]
    tools = materials.functions or None
    return encode_request(choice, profile, messages, seed=seed, tools=tools)


def system_prompt(state: Dialogue, materials: Materials) -> str:
    """The assistant's instructions: who it works for, the policy, the time. What was
    imported with a conversation stands as it is: it says all of that itself.
    """
    if not materials.source.title:
        return materials.policy
    return _system(
        materials.prompts["assistant"],
        materials.source.title,
        materials.source.about,
        materials.policy,
        state.clock,
    )


@lru_cache(maxsize=64)
def _system(template: str, title: str, about: str, policy: str, now: str | None) -> str:
    return render(template, title=title, about=about, policy=policy, now=now)


@lru_cache(maxsize=64)
def _escaped(text: str) -> bytes:
    return escaped(text)


def _transcript(messages: tuple[Message, ...], reasoning_back: str) -> list[bytes]:
    """The encoded messages, those of finished rounds joined; those since the user last
    spoke with their reasoning, in the field that `reasoning_back` names.
    """
    if not reasoning_back:
        joined = _CHAT.over(messages)
        return [bytes(joined)] if joined else []
    loop = len(messages)
    while loop and messages[loop - 1].speaker != "user":
        loop -= 1
    joined = _CHAT.over(messages[:loop])
    view, thinking = f"chat {reasoning_back}", partial(_thinking, reasoning_back)
    return [
        *([bytes(joined)] if joined else ()),
        *(m.encoded(view, thinking) for m in messages[loop:] if not m.is_private),
    ]


def _join(joined: bytearray, message: Message) -> None:
    if message.is_private:
        return
    if joined:
        joined += b","
    joined += message.encoded("chat", _chat_message)


_CHAT = Along("assistant's chat", bytearray, _join)


def _chat_message(message: Message) -> bytes:
    return encode(_chat_fields(message))


def _thinking(field: str, message: Message) -> bytes:
    fields = _chat_fields(message)
    if message.reasoning:
        fields[field] = message.reasoning
    return encode(fields)


def _chat_fields(message: Message) -> dict[str, Any]:
    """A message in the chat format: `content` always there, arguments as text."""
    if message.call is not None:
        return {
            "role": "tool",
            "tool_call_id": message.call.id,
            "content": message.text,
        }
    chat: dict[str, Any] = {"role": message.speaker, "content": message.text}
    if message.calls and message.speaker == "assistant":
        chat["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": _arguments(call)},
            }
            for call in message.calls
        ]
    return chat


def _arguments(call: ToolCall) -> str:
    """The model's own text where it is plain JSON, for some servers parse it again."""
    if call.raw_arguments:
        read = read_json(call.raw_arguments)
        if not read.repair and read.value == call.arguments:
            return call.raw_arguments
    return encode(call.arguments).decode()


# --- how its answer is read ---------------------------------------------------------


def read(
    response: bytes, state: Dialogue, materials: Materials | None = None
) -> AssistantReplied | ModelRejected:
    """The reply in a response, or why it cannot enter the dialogue.

    Each call gets an id of ours, unique on the path; the endpoint's is kept beside it.
    """
    choice = read_choice(response)
    if choice.problem:
        return _rejected(choice, choice.problem)
    offered = _offered(materials)
    is_prompted = (
        materials is not None and materials.profile("assistant").tools == "prompted"
    )
    if is_prompted and offered:
        found = _prompted(choice, state, offered)
    else:
        found = _native(choice, state, offered)
    if found.problem:
        return _rejected(choice, found.problem)
    if not found.calls and not found.text.strip():
        return _rejected(choice, "the answer is empty")
    if _THOUGHT_INSIDE.search(found.text):
        # It would reach the user, the tools and the judge.
        return _rejected(choice, "the answer has reasoning in its midst")
    rendered = _rendered(choice, found, in_action=is_prompted)
    kept = choice.content if choice.content != rendered else None
    update = {"raw": kept, "repair": found.repair}
    return AssistantReplied(
        text=found.text,
        reasoning=_reasoning(choice, found),
        calls=found.calls,
        answer=choice.answer.model_copy(update=update),
    )


def _offered(materials: Materials | None) -> Collection[str]:
    if materials is None:
        return frozenset()
    return {tool.name for tool in materials.tools_of("assistant")}


def _native(choice: Choice, state: Dialogue, offered: Collection[str]) -> CallsRead:
    found = native_calls(choice.message, state.replies, offered)
    if found.problem:
        return found
    if found.calls:
        return found._replace(text=choice.text if choice.text.strip() else "")
    found = text_calls(choice.text, state.replies, offered)
    if found.problem or found.calls:
        return found
    return CallsRead(text=choice.text)


def _prompted(choice: Choice, state: Dialogue, offered: Collection[str]) -> CallsRead:
    """The next action; calls in their own field count too, where they come."""
    found = native_calls(choice.message, state.replies, offered)
    if found.problem or found.calls:
        return found
    return prompted.read_action(choice.text, state.replies, offered)


def _reasoning(choice: Choice, found: CallsRead) -> str | None:
    """What the model thought, in its own field and in its action."""
    if not found.thought:
        return choice.reasoning
    return "\n\n".join(filter(None, (choice.reasoning, found.thought)))


def _rendered(choice: Choice, found: CallsRead, *, in_action: bool) -> str:
    """The content that a reply comes from, in its usual form."""
    text = found.text
    if in_action:
        text = prompted.action_text(found.text, found.calls, found.thought)
    if choice.content == choice.text or choice.reasoning is None:
        return text
    return f"<think>\n{choice.reasoning}\n</think>\n\n{text}"


def _rejected(choice: Choice, reason: str) -> ModelRejected:
    return ModelRejected(
        role="assistant", reason=reason, raw=choice.raw, answer=choice.answer
    )
