"""Calls of models: the intent, and every way in which it can go wrong.

An intent is recorded before the call leaves. A call that succeeds is recorded as what
was said, a kind of `dialogue`; the request itself is never stored.
"""

from __future__ import annotations

from typing import Literal

from eventsim.config import EndpointProfile, Role
from eventsim.core.event import Event
from eventsim.core.values import JsonObject, Value, freeze

__all__ = [
    "Answer",
    "EndpointProfiled",
    "ModelAbandoned",
    "ModelAnswered",
    "ModelCalled",
    "ModelFailed",
    "ModelRejected",
    "Usage",
]


class Usage(Value):
    """Tokens, as the endpoint counted them: cached ones are among the input,
    reasoning ones among the output. `cost_usd` is None where no price is known.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    cost_usd: float | None = None


class Answer(Value):
    """What came with an answer besides its text.

    `model` is what the endpoint calls it, if that is not what it was asked for.
    `raw` is kept only where rendering the parsed answer does not give it back.
    `repair` says how it was read where it was not plain: `fenced`, `trailing`,
    `repaired`, `call_in_text`. `notes` are remarks of the provider that no other role
    may see. `extras` is the blob of token ids, log-probabilities and fingerprints.
    """

    model: str = ""
    response_id: str = ""
    finish_reason: str = ""
    usage: Usage = Usage()
    latency_ms: int = 0
    raw: str | None = None
    repair: str = ""
    notes: JsonObject = freeze({})
    extras: str = ""


class ModelCalled(Event):
    """The intent to call a model; the request is rebuilt from the path before it.

    `ordinal` counts the role's calls on the path, `attempt` the tries of this one.
    `provider` is the endpoint's name; `stage` is set in a preparation.
    """

    kind: Literal["model.called"] = "model.called"
    kind_version = 2
    role: Role
    stage: str = ""
    provider: str
    model: str
    request_sha256: str
    ordinal: int
    attempt: int
    seed: int
    params: JsonObject = freeze({})
    idempotency_key: str


class ModelAnswered(Event):
    """A stage's model answered: `text` as it came. What it means follows in events
    of its own.
    """

    kind: Literal["model.answered"] = "model.answered"
    origin = "outcome"
    volatile = frozenset({"answer"})
    role: Role
    stage: str
    text: str
    reasoning: str | None = None
    answer: Answer = Answer()


class ModelFailed(Event):
    """No answer came; the attempt may be repeated, not before `retry_after_ms`."""

    kind: Literal["model.failed"] = "model.failed"
    kind_version = 2
    origin = "outcome"
    volatile = frozenset({"latency_ms"})
    role: Role
    reason: str
    detail: str
    retryable: bool
    status: int | None = None
    retry_after_ms: int | None = None
    usage: Usage = Usage()
    latency_ms: int = 0


class ModelRejected(Event):
    """An answer came that cannot be used: `reason` in one line, as it is said back to
    the assistant; `raw` is the text that came.
    """

    kind: Literal["model.rejected"] = "model.rejected"
    kind_version = 2
    origin = "outcome"
    volatile = frozenset({"answer"})
    role: Role
    stage: str = ""
    reason: str
    raw: str
    answer: Answer = Answer()


class ModelAbandoned(Event):
    """A call whose outcome will never be known; it may have been billed."""

    kind: Literal["model.abandoned"] = "model.abandoned"
    kind_version = 2
    role: Role
    possibly_billed: bool


class EndpointProfiled(Event):
    """What an endpoint can do with a model, found out once a run: requests are shaped
    by it. `fixed` names the fields that the configuration decided.
    """

    kind: Literal["endpoint.profiled"] = "endpoint.profiled"
    origin = "outcome"
    volatile = frozenset({"usage"})
    endpoint: str
    model: str
    profile: EndpointProfile
    fixed: tuple[str, ...] = ()
    calls: int = 0
    usage: Usage = Usage()
