"""What some endpoints return beside an answer, where the configuration asks for it.

Pure. Source: the chat completion format (`logprobs`, `system_fingerprint`), and vLLM's
`prompt_token_ids` and `token_ids`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import orjson

__all__ = ["extras_of"]


def extras_of(response: bytes, keep: Collection[str]) -> dict[str, Any]:
    """The wanted fields that a response has, by the names of the endpoint. `keep`
    holds `logprobs`, `token_ids`, `fingerprint`.
    """
    try:
        body = orjson.loads(response)
    except orjson.JSONDecodeError:
        return {}
    if not isinstance(body, dict):
        return {}
    choices = body.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else {}
    choice = first if isinstance(first, dict) else {}
    places = {
        "logprobs": ((choice, "logprobs"),),
        "token_ids": ((body, "prompt_token_ids"), (choice, "token_ids")),
        "fingerprint": ((body, "system_fingerprint"),),
    }
    return {
        field: holder[field]
        for name in keep
        for holder, field in places[name]
        if holder.get(field) is not None
    }
