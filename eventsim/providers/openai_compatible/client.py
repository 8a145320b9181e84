"""The provider for every endpoint that speaks OpenAI's chat completions.

One instance an endpoint: its connections, how many calls it takes at a time, and
whether it is worth calling at all. A call is made once; whether and when to try again
is decided by the pipeline, so that each attempt is an event.
"""

from __future__ import annotations

import os
import re
import time
from datetime import UTC, datetime
from typing import Self

import orjson

from eventsim.config import Endpoint
from eventsim.errors import ProviderFailure, UsageError
from eventsim.providers.openai_compatible.breaker import Breaker, Passage
from eventsim.providers.openai_compatible.failures import failure_of_answer
from eventsim.providers.openai_compatible.limiter import Limiter, Slots
from eventsim.providers.openai_compatible.loopback import is_loopback
from eventsim.providers.openai_compatible.scrubbing import Scrubber
from eventsim.providers.openai_compatible.transport import Transport
from eventsim.providers.provider import Leaving

__all__ = ["OpenAICompatible", "connect"]

_MODEL_FIRST = re.compile(rb'\s*\{\s*"model"\s*:\s*"([^"\\]*)"')


def connect(name: str, endpoint: Endpoint) -> OpenAICompatible:
    """The provider of an endpoint, its key taken from the environment; nothing is
    opened yet. Raises: UsageError where there is no key, or none that can be sent.
    """
    variable = endpoint.key_env
    key = os.environ.get(variable, "").strip() if variable else ""
    if variable and not key and not is_loopback(endpoint.base_url):
        raise UsageError(
            f"the endpoint {name!r} needs a key: put it into the environment variable "
            f"{variable}, or set key_env to '' if it takes none"
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError(
            f"the value of the environment variable {variable} cannot be a key: it "
            "holds characters that no header may hold"
        )
    return OpenAICompatible(name, endpoint, key)


class OpenAICompatible:
    """Sends ready bytes to one endpoint, and says in one way what went wrong."""

    in_process = False

    def __init__(self, name: str, endpoint: Endpoint, key: str) -> None:
        self.name = name
        self._endpoint = endpoint
        self._key = key
        self._scrub = Scrubber(key)
        self._transport: Transport | None = None
        self._passage = Passage(Breaker(name))
        self._slots: dict[bytes, Slots] = {}

    def __repr__(self) -> str:
        return f"OpenAICompatible({self.name!r}, {self._endpoint.base_url!r})"

    async def complete(
        self, body: bytes, *, idempotency_key: str, leaving: Leaving | None = None
    ) -> bytes:
        """The bytes of the response to one request. Waits while the endpoint has
        enough to do, asked for a pause, or keeps failing.

        Raises: ProviderFailure; EndpointDown if no other call would fare better.
        """
        slots = self._slots_of(body)
        await slots.enter()
        try:
            trying = await self._passage.enter()
            begun = time.monotonic()
            if leaving is not None:
                leaving()
            try:
                answer = await self._exchange(body, idempotency_key)
            except ProviderFailure as failure:
                if failure.reason == "rate_limited":
                    pause_s = (failure.retry_after_ms or 0) / 1_000
                    now = time.monotonic()
                    slots.limiter.limited(now, begun=begun, pause_s=pause_s)
                self._passage.failed(failure, trying=trying)
                raise
            except BaseException:
                self._passage.dropped(trying=trying)
                raise
            slots.limiter.succeeded()
            self._passage.succeeded()
            return answer
        finally:
            slots.leave()

    async def aclose(self) -> None:
        """Close all connections; the next call opens new ones."""
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _exchange(self, body: bytes, idempotency_key: str) -> bytes:
        if self._transport is None:
            self._transport = Transport(self._endpoint, self._key, self._scrub)
        received = await self._transport.exchange(body, idempotency_key)
        failure = failure_of_answer(
            received.content, received.headers, self._scrub, datetime.now(UTC)
        )
        if failure is not None:
            raise failure
        return self._scrub.answer(received.content)

    def _slots_of(self, body: bytes) -> Slots:
        first = _MODEL_FIRST.match(body)
        model = first[1] if first else str(orjson.loads(body).get("model")).encode()
        slots = self._slots.get(model)
        if slots is None:
            slots = self._slots[model] = Slots(Limiter(self._endpoint.concurrency))
        return slots
