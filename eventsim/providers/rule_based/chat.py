"""The shell around rule-based answers: which part a request asks for, and its envelope.

A request tells the part by the headings of its system message. The answer is a whole
chat completion; its token counts are estimates, one for each four bytes of JSON, so
that they grow with what is sent and said.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import orjson

from eventsim.errors import ProviderFailure

__all__ = ["completion", "parse_request", "part_of"]

_PART = re.compile(r"\s*# Your part: (?:the )?(\w+)[ \t]*(?:\n|$)")
_BYTES_A_TOKEN = 4
_CREATED = 1_700_000_000  # a fixed time: the same request has the same answer


def parse_request(body: bytes) -> dict[str, Any]:
    """The request that the bytes hold. Raises: ProviderFailure."""
    try:
        request = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ProviderFailure(
            "invalid_request", f"the request is not JSON: {error}", retryable=False
        ) from error
    if not isinstance(request, dict):
        raise _invalid("the request is no JSON object")
    messages = request.get("messages")
    if not isinstance(messages, list) or not messages:
        raise _invalid("the request has no messages")
    return request


def _invalid(detail: str) -> ProviderFailure:
    return ProviderFailure("invalid_request", detail, retryable=False)


def part_of(request: Mapping[str, Any]) -> str:
    """The part that the request asks to play: the name in the first heading of its
    instructions. Without one it is the user who is given a goal and a format; whoever
    else speaks is the assistant.
    """
    first = request["messages"][0]
    content = first.get("content") if isinstance(first, Mapping) else None
    if not isinstance(content, str) or first.get("role") not in {"system", "developer"}:
        return "assistant"
    named = _PART.match(content)
    if named:
        return named[1]
    lines = {line.strip() for line in content.splitlines() if line.startswith("# ")}
    return "user" if {"# Your goal", "# Answer format"} <= lines else "assistant"


def completion(
    request: Mapping[str, Any], body: bytes, message: dict[str, Any]
) -> bytes:
    """The chat completion that carries a message, as bytes."""
    prompt = -(-len(body) // _BYTES_A_TOKEN)
    spoken = {k: message[k] for k in ("content", "tool_calls") if message.get(k)}
    answer = -(-len(orjson.dumps(spoken)) // _BYTES_A_TOKEN)
    digest = hashlib.sha256(body).hexdigest()
    return orjson.dumps(
        {
            "id": f"chatcmpl-{digest[:24]}",
            "object": "chat.completion",
            "created": _CREATED,
            "model": request.get("model", "rule-based"),
            "choices": [
                {
                    "index": 0,
                    "message": message,
                    "finish_reason": (
                        "tool_calls" if message.get("tool_calls") else "stop"
                    ),
                }
            ],
            "usage": {
                "prompt_tokens": prompt,
                "completion_tokens": answer,
                "total_tokens": prompt + answer,
            },
        }
    )
