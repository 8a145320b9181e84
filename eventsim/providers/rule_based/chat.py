"""The shell around rule-based answers: which role a request is for, and its envelope.

A request tells its role by the headed sections of its system message. The answer is a
whole chat completion; its token counts are estimates, one for each four bytes of JSON,
so that they grow with what is sent and said.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Literal

import orjson

from eventsim.errors import ProviderFailure

__all__ = ["completion", "parse_request", "role_of"]

Role = Literal["user", "assistant"]

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


def role_of(request: Mapping[str, Any]) -> Role:
    """Whom the request asks to speak: the user if it states a goal and its format."""
    first = request["messages"][0]
    content = first.get("content") if isinstance(first, Mapping) else None
    if not isinstance(content, str) or first.get("role") not in {"system", "developer"}:
        return "assistant"
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
