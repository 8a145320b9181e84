"""How every model call is decided: its intent, how long to wait first, when to give up.

Dialogues and preparations share this. Retries are ours: each attempt is an intent of
its own, and everything about it is a function of the path and the draws. Pure.
"""

from __future__ import annotations

from eventsim.config import Limits, ModelChoice, Role
from eventsim.core.draws import Draws
from eventsim.core.effects import CallModel, Step
from eventsim.core.events import Event, ModelCalled, ModelFailed
from eventsim.core.values import sha256_hex

__all__ = ["back_off_ms", "call_model", "exhausted"]

_FIRST_MS = 500
_LONGEST_MS = 60_000
_LONGEST_ASKED_MS = 600_000


def call_model(
    role: Role,
    body: bytes,
    choice: ModelChoice,
    draws: Draws,
    *,
    ordinal: int,
    rejections: int,
    failures: int,
    last_failure: ModelFailed | None,
    seed: int,
    stage: str = "",
    before: tuple[Event, ...] = (),
) -> Step:
    """The step that calls a model, after the events `before`.

    All attempts at one sample carry one idempotency key, so that an endpoint that
    knows such keys answers, and bills, once.
    """
    key = f"{draws.seed} {draws.lineage} {role} {ordinal} {rejections}"
    intent = ModelCalled(
        role=role,
        stage=stage,
        provider=choice.endpoint,
        model=choice.model,
        request_sha256=sha256_hex(body),
        ordinal=ordinal,
        attempt=rejections + failures,
        seed=seed,
        params=choice.params,
        idempotency_key=sha256_hex(key.encode())[:16],
    )
    wait = back_off_ms(draws, role, ordinal, failures, last_failure)
    return Step((*before, intent), CallModel(intent, body), wait)


def back_off_ms(
    draws: Draws, role: Role, ordinal: int, failures: int, last: ModelFailed | None
) -> int:
    """How long to wait before the next attempt: twice as long after each failure,
    between half and one and a half of that, and no less than the endpoint asked for.
    """
    if last is None:
        return 0
    usual = min(_LONGEST_MS, _FIRST_MS * 2 ** (failures - 1))
    jitter = 0.5 + draws.fraction(f"back-off.{role}.{failures}", ordinal)
    asked = min(_LONGEST_ASKED_MS, last.retry_after_ms or 0)
    return max(asked, int(usual * jitter))


def exhausted(
    limits: Limits, failures: int, rejections: int, last: ModelFailed | None
) -> bool:
    """Whether a call is given up: too many tries, or one that no repetition mends."""
    hopeless = last is not None and not last.retryable
    return hopeless or failures >= limits.attempts or rejections >= limits.samples
