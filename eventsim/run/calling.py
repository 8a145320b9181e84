"""Performs model calls: the part that the worlds of dialogues and preparations share.

A call that brings no answer is data: an event says why. Only two things stop a run
here, before anything is lost: an endpoint that is down, and a budget that is spent.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import anyio

from eventsim.core.effects import CallModel, Effect
from eventsim.core.events import Answer, ModelFailed
from eventsim.core.values import encode
from eventsim.errors import ProviderFailure
from eventsim.providers.provider import Provider
from eventsim.roles.extras import extras_of
from eventsim.roles.usage import read_usage
from eventsim.run.till import Till

__all__ = ["Caller", "Response"]

PutBlob = Callable[[bytes], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Response:
    """The bytes of an answer, and how long it took."""

    body: bytes
    latency_ms: int


class Caller:
    """Sends requests to the providers of a run. `keep` names what is kept beside an
    answer, in blobs that `put_blob` stores.
    """

    def __init__(
        self,
        providers: Mapping[str, Provider],
        till: Till,
        *,
        keep: tuple[str, ...] = (),
        put_blob: PutBlob | None = None,
    ) -> None:
        self._providers = providers
        self._till = till
        self._keep = keep
        self._put_blob = put_blob

    def batches(self, effect: Effect) -> bool:
        """True where nothing leaves the process."""
        if not isinstance(effect, CallModel):
            return effect.tool is None or not effect.tool.environment
        return self._providers[effect.intent.provider].in_process

    async def admit(self, effect: Effect, wait_ms: int) -> None:
        """Wait, then make sure that the call may leave. Raises: BudgetSpent."""
        if not isinstance(effect, CallModel):
            return
        self._till.admit(effect.intent)
        if wait_ms and not self.batches(effect):
            await anyio.sleep(wait_ms / 1_000)
            self._till.admit(effect.intent)

    async def send(self, effect: CallModel) -> Response | ModelFailed:
        """The answer, or why there is none. Raises: EndpointDown."""
        intent = effect.intent
        provider = self._providers[intent.provider]
        watch = _Watch()
        try:
            body = await provider.complete(
                effect.body,
                idempotency_key=intent.idempotency_key,
                leaving=watch.start,
            )
        except ProviderFailure as failure:
            usage = self._till.priced(intent, read_usage(failure.usage))
            self._till.pay(intent, usage)
            return ModelFailed(
                role=intent.role,
                reason=failure.reason,
                detail=failure.detail,
                retryable=failure.retryable,
                status=failure.status,
                retry_after_ms=failure.retry_after_ms,
                usage=usage,
                latency_ms=watch.ms,
            )
        return Response(body, watch.ms)

    async def complete(
        self, effect: CallModel, answer: Answer, response: Response
    ) -> Answer:
        """The answer with what only the caller knows: price, latency, extras."""
        usage = self._till.priced(effect.intent, answer.usage)
        self._till.pay(effect.intent, usage)
        changed: dict[str, object] = {"latency_ms": response.latency_ms}
        if usage is not answer.usage:
            changed["usage"] = usage
        if answer.model == effect.intent.model:
            changed["model"] = ""
        if self._keep and self._put_blob is not None:
            extras = extras_of(response.body, self._keep)
            if extras:
                changed["extras"] = await self._put_blob(encode(extras))
        return answer.model_copy(update=changed)


class _Watch:
    """Measures a call from when it left: waiting for room is no latency of a model."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Begin anew."""
        self._begun_ns = time.monotonic_ns()

    @property
    def ms(self) -> int:
        """Milliseconds since then."""
        return (time.monotonic_ns() - self._begun_ns) // 1_000_000
