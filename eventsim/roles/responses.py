"""The response to a chat completion: its message, and what came with it. Pure.

Endpoints differ in where they put the text, the reasoning and the usage, and some send
what is no completion at all. Here all of that becomes one `Choice`; whatever cannot be
used has a problem in words. Source: the OpenAI chat completion format, and the fields
that vLLM, SGLang, llama.cpp, DeepSeek and OpenRouter add to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from eventsim.core.events import Answer, Usage
from eventsim.core.values import freeze
from eventsim.roles.parsing import fault_of, split_reasoning, storable
from eventsim.roles.usage import read_usage

__all__ = ["Choice", "read_choice", "reasoning_of"]

_LONGEST_NAME = 200
_MOST_TOKENS = 2**53
_LONG_NUMBER = re.compile(rb"\d{19}")
_CUT = frozenset({"length", "max_tokens"})


@dataclass(frozen=True, slots=True)
class Choice:
    """The first choice of a response; `problem` says why it cannot be used.

    `content` is the text as it came; of that, `text` is what was said, `reasoning`
    what was thought before it, there or in a field of its own. `raw` is what to record
    of a choice that is rejected: content and calls, or the response without any.
    """

    message: Mapping[str, Any]
    answer: Answer
    problem: str = ""
    content: str = ""
    text: str = ""
    reasoning: str | None = None
    unread: str | None = None

    @property
    def raw(self) -> str:
        """What to record of a choice that is rejected: content and calls, or the
        response without any.
        """
        if self.unread is not None:
            return self.unread
        return _shown(self.message, self.content)


def read_choice(response: bytes) -> Choice:
    """The first choice's message and what came with it. A problem that begins with
    "the response" means that there was no answer in it.
    """
    body = _loaded(response)
    if not isinstance(body, dict):
        problem = "the response is not a JSON object"
        if body is None:
            problem = "the response is not JSON"
        return Choice({}, Answer(), problem, unread=_decoded(response))
    choices = body.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, dict) else None
    if not isinstance(first, dict) or not isinstance(message, dict):
        problem = "the response has no choices"
        return Choice({}, _answer(body, {}), problem, unread=_decoded(response))
    content = _content(message)
    _, text = split_reasoning(content)
    answer = _answer(body, first)
    problem = ""
    if answer.finish_reason in _CUT:
        problem = "the answer was cut at max_tokens"
    elif storable(content) != content:
        problem = "the answer holds half of a surrogate pair, which is no text"
    return Choice(
        message=message,
        answer=answer,
        problem=problem,
        content=content,
        text=text,
        reasoning=reasoning_of(message),
    )


def _loaded(response: bytes) -> Any:
    """The body, None if it is not JSON.

    What orjson refuses or rounds (NaN among log-probabilities, half a surrogate pair,
    integers over 64 bits) costs only those who use that part.
    """
    try:
        if not _LONG_NUMBER.search(response):
            return orjson.loads(response)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(response.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError):
        return None


def _decoded(response: bytes) -> str:
    return response.decode("utf-8", "backslashreplace")


def _shown(message: Mapping[str, Any], content: str) -> str:
    """The content of a message; as JSON together with its calls, if it has some; the
    whole message if it has neither.
    """
    parts = ("content", "tool_calls", "function_call")
    said = {name: message[name] for name in parts if message.get(name)}
    if content.strip() and set(said) <= {"content"}:
        return storable(content)
    try:
        return json.dumps(said or message, separators=(",", ":"), ensure_ascii=True)
    except (ValueError, RecursionError):
        return "(nested too deeply to be shown)"


# --- text and reasoning -------------------------------------------------------------


def _content(message: Mapping[str, Any]) -> str:
    """The text of a message, whatever it comes in; of a refusal, its words."""
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(_part(part) for part in content)
    if isinstance(content, str) and content:
        return content
    refusal = message.get("refusal")
    return refusal if isinstance(refusal, str) else ""


def _part(part: object) -> str:
    if isinstance(part, str):
        return part
    if not isinstance(part, dict) or part.get("type") in ("thinking", "reasoning"):
        return ""
    for name in ("text", "refusal"):
        text = part.get(name)
        if isinstance(text, str):
            return text
    return ""


def reasoning_of(message: Mapping[str, Any]) -> str | None:
    """What a model thought before it answered, wherever the endpoint puts it."""
    for name in ("reasoning_content", "reasoning"):
        text = message.get(name)
        if isinstance(text, str) and text.strip():
            return storable(text)
    details = message.get("reasoning_details")
    content = message.get("content")
    parts = details if isinstance(details, list) else content
    if isinstance(parts, list):
        told = "".join(_thought(part) for part in parts)
        if told.strip():
            return storable(told)
    thought, _ = split_reasoning(_content(message))
    return None if thought is None else storable(thought)


def _thought(part: object) -> str:
    if not isinstance(part, dict) or part.get("type") in ("text", "output_text"):
        return ""
    for name in ("text", "thinking", "summary"):
        text = part.get(name)
        if isinstance(text, str):
            return text
    return ""


# --- what came with it --------------------------------------------------------------


def _answer(body: Mapping[str, Any], choice: Mapping[str, Any]) -> Answer:
    message = choice.get("message")
    notes = message.get("notes") if isinstance(message, dict) else None
    usable = isinstance(notes, dict) and not fault_of(notes)
    return Answer(
        model=_name(body.get("model")),
        response_id=_name(body.get("id")),
        finish_reason=_name(choice.get("finish_reason")),
        usage=_usage(body.get("usage")),
        notes=freeze(notes) if usable else freeze({}),
    )


def _usage(sent: object) -> Usage:
    """The usage; one that no log could hold counts as none."""
    try:
        usage = read_usage(sent)
    except OverflowError:
        return Usage()
    counts = (usage.input_tokens, usage.output_tokens)
    return usage if max(counts) < _MOST_TOKENS else Usage()


def _name(value: object) -> str:
    return storable(value[:_LONGEST_NAME]) if isinstance(value, str) else ""
