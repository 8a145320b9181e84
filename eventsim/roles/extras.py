"""What some endpoints return beside an answer, where the configuration asks for it.

Pure. Source: the chat completion format (`logprobs`, `system_fingerprint`), and vLLM's
`prompt_token_ids` and `token_ids`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any

import orjson

__all__ = ["extras_of"]

_SURROGATE = re.compile("[\ud800-\udfff]")
_LONGEST_INTEGER = 18


def extras_of(response: bytes, keep: Collection[str]) -> dict[str, Any]:
    """The wanted fields that a response has, by the names of the endpoint. `keep`
    holds `logprobs`, `token_ids`, `fingerprint`.

    What no JSON text may hold stands there as text: NaN and infinities among
    log-probabilities, halves of surrogate pairs in tokens, integers over 64 bits.
    """
    body = _loaded(response)
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


def _loaded(response: bytes) -> Any:
    """The body in a form that can be written again, None if it is not JSON."""
    try:
        return orjson.loads(response)
    except orjson.JSONDecodeError:
        pass
    try:
        text = response.decode("utf-8", "surrogateescape")
        body = json.loads(text, parse_constant=str, parse_int=_integer)
        written = json.dumps(body, ensure_ascii=False)
        return orjson.loads(_SURROGATE.sub(_in_letters, written))
    except (ValueError, RecursionError):
        return None


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else digits


def _in_letters(found: re.Match[str]) -> str:
    return f"\\\\u{ord(found[0]):04x}"
