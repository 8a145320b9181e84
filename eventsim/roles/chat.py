"""Chat completion requests and responses, as the roles share them. Pure.

Source: the OpenAI chat completion format. Responses are not trusted: whatever cannot
be read is a reason for rejection, never an exception.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from eventsim.core.draws import Draws
from eventsim.core.events import Answer, Usage
from eventsim.core.state import Dialogue
from eventsim.core.values import encode, freeze

__all__ = ["Choice", "encode_request", "read_choice", "request_seed"]


@dataclass(frozen=True, slots=True)
class Choice:
    """The first choice of a response; `problem` says why there is none."""

    message: Mapping[str, Any]
    answer: Answer
    problem: str = ""


def request_seed(state: Dialogue, role: str) -> int:
    """The `seed` of a role's next request: new after a rejection, kept by a retry."""
    ordinal = state.user_calls if role == "user" else state.assistant_calls
    draws = Draws(state.seed, state.lineage)
    return draws.integer(f"model.{role}.{state.rejections}", ordinal)


def encode_request(
    model: str,
    messages: list[dict[str, Any]],
    seed: int,
    params: Mapping[str, Any],
    fields: Mapping[str, Any],
) -> bytes:
    """The body to send. The same values give the same bytes."""
    body = {"model": model, "messages": messages, "seed": seed, **params, **fields}
    return encode(body)


def read_choice(response: bytes) -> Choice:
    """The first choice's message and what came with it."""
    try:
        body = orjson.loads(response)
    except orjson.JSONDecodeError:
        return Choice({}, Answer(), "the response is not JSON")
    if not isinstance(body, dict):
        return Choice({}, Answer(), "the response is not a JSON object")
    choices = body.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, dict) else None
    if not isinstance(first, dict) or not isinstance(message, dict):
        return Choice({}, _answer(body, {}), "the response has no choices")
    return Choice(message, _answer(body, first))


def _answer(body: Mapping[str, Any], choice: Mapping[str, Any]) -> Answer:
    usage = body.get("usage")
    counts = usage if isinstance(usage, dict) else {}
    message = choice.get("message")
    notes = message.get("notes") if isinstance(message, dict) else None
    return Answer(
        model=_text(body.get("model")),
        response_id=_text(body.get("id")),
        finish_reason=_text(choice.get("finish_reason")),
        usage=Usage(
            input_tokens=_count(counts.get("prompt_tokens")),
            output_tokens=_count(counts.get("completion_tokens")),
        ),
        notes=freeze(notes) if isinstance(notes, dict) else freeze({}),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _count(value: object) -> int:
    return value if isinstance(value, int) and value >= 0 else 0
