"""Calls of models: the intent, and every way in which it can go wrong.

An intent is recorded before the call leaves. A call that succeeds is recorded as what
was said, a kind of `dialogue`; the request itself is never stored.
"""

from __future__ import annotations

from typing import Literal

from eventsim.core.event import Event
from eventsim.core.values import JsonObject, Value, freeze

__all__ = [
    "Answer",
    "ModelAbandoned",
    "ModelCalled",
    "ModelFailed",
    "ModelRejected",
    "Usage",
]


class Usage(Value):
    """Tokens, as the endpoint counted them."""

    input_tokens: int = 0
    output_tokens: int = 0


class Answer(Value):
    """What came with an answer besides its text.

    `raw` is kept only where rendering the parsed answer does not give it back.
    `notes` are remarks of the provider that no other role may see.
    """

    model: str = ""
    response_id: str = ""
    finish_reason: str = ""
    usage: Usage = Usage()
    latency_ms: int = 0
    raw: str | None = None
    notes: JsonObject = freeze({})


class ModelCalled(Event):
    """The intent to call a model; the request is rebuilt from the path before it.

    `ordinal` counts the role's calls on the path, `attempt` the tries of this one.
    """

    kind: Literal["model.called"] = "model.called"
    role: Literal["user", "assistant"]
    provider: str
    model: str
    request_sha256: str
    ordinal: int
    attempt: int
    seed: int
    params: JsonObject = freeze({})
    idempotency_key: str


class ModelFailed(Event):
    """No answer came; the attempt may be repeated."""

    kind: Literal["model.failed"] = "model.failed"
    origin = "outcome"
    volatile = frozenset({"latency_ms"})
    role: Literal["user", "assistant"]
    reason: str
    detail: str
    retryable: bool
    latency_ms: int = 0


class ModelRejected(Event):
    """An answer came that cannot enter the dialogue."""

    kind: Literal["model.rejected"] = "model.rejected"
    origin = "outcome"
    volatile = frozenset({"answer"})
    role: Literal["user", "assistant"]
    reason: str
    raw: str
    answer: Answer = Answer()


class ModelAbandoned(Event):
    """A call whose outcome will never be known; it may have been billed."""

    kind: Literal["model.abandoned"] = "model.abandoned"
    role: Literal["user", "assistant"]
    possibly_billed: bool
