"""Stops calling an endpoint that keeps failing, and gives up after a while.

Every failed attempt costs a trajectory one of its few: when all fail, waiting is
better. One call tries from time to time while the others wait. `Breaker` decides and
knows no clock; `Passage` waits.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import anyio

from eventsim.errors import EndpointDown, ProviderFailure

__all__ = ["Breaker", "Passage"]

_FAILURES = 12
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0
_GIVE_UP_S = 120.0

_OURS = frozenset({"content_filter", "context_length", "invalid_request"})
"""Failures that a request brings on itself: the endpoint is alive."""

_REFUSALS = {
    "not_found": "has no such model, or is not at its base_url",
    "refused_budget": "refuses to work for want of credit",
    "unauthorized": "refuses the key",
}
"""Failures that no waiting mends, and that every other call will meet too."""

_REFUSALS_IN_A_ROW = 3


class Breaker:
    """The state: closed, open until a time, or trying with one call.

    Twelve failures without a success between them open it; at one failure in five that
    happens once in 240 million calls. Times are seconds of a clock that only goes
    forward.
    """

    def __init__(self, endpoint: str, *, give_up_s: float = _GIVE_UP_S) -> None:
        self._endpoint = endpoint
        self._give_up_s = give_up_s
        self._answered = False
        self._failures = 0
        self._refusals = 0
        self._opened_at: float | None = None
        self._try_at = 0.0
        self._pause_s = _FIRST_PAUSE_S
        self._trying = False
        self._down: str = ""

    def wait_s(self, now: float) -> float:
        """How long a call must wait before it asks again: 0 if it may leave, infinite
        while another one tries. Raises: EndpointDown.
        """
        if self._down:
            raise EndpointDown(self._down)
        if self._opened_at is None:
            return 0.0
        return math.inf if self._trying else max(0.0, self._try_at - now)

    def began(self) -> bool:
        """A call leaves; whether it is the one that tries."""
        self._trying = self._opened_at is not None
        return self._trying

    def dropped(self, *, trying: bool) -> None:
        """A call was cancelled and says nothing."""
        if trying:
            self._trying = False

    def succeeded(self) -> None:
        """A call brought an answer: all is well."""
        self._answered = True
        self._failures = self._refusals = 0
        self._opened_at = None
        self._trying = False
        self._pause_s = _FIRST_PAUSE_S

    def failed(self, now: float, failure: ProviderFailure, *, trying: bool) -> None:
        """A call failed. Raises: EndpointDown, instead of the failure, if that is the
        end: then the call has not used up one of its trajectory's attempts.
        """
        if failure.reason in _OURS:
            self.succeeded()
            return
        if failure.reason in _REFUSALS:
            self._refused(failure)
        self._failures += 1
        if self._opened_at is None and self._failures >= _FAILURES:
            self._opened_at = now
            self._open(now, failure)
        elif trying and self._opened_at is not None:
            if now - self._opened_at >= self._give_up_s:
                self._give_up(f"keeps failing ({failure})")
            self._pause_s = min(_LONGEST_PAUSE_S, 2 * self._pause_s)
            self._open(now, failure)

    def _open(self, now: float, failure: ProviderFailure) -> None:
        asked_s = min(self._give_up_s, (failure.retry_after_ms or 0) / 1_000)
        self._try_at = now + max(self._pause_s, asked_s)
        self._trying = False

    def _refused(self, failure: ProviderFailure) -> None:
        """At once while nothing was ever answered; later it may be one model's, or one
        request's own.
        """
        self._refusals += 1
        if not self._answered or self._refusals >= _REFUSALS_IN_A_ROW:
            self._give_up(f"{_REFUSALS[failure.reason]} ({failure.detail})")

    def _give_up(self, why: str) -> None:
        self._down = (
            f"the endpoint {self._endpoint!r} {why}; "
            "when that is mended, go on with: eventsim resume"
        )
        raise EndpointDown(self._down)


class Passage:
    """Waits until the breaker lets a call pass."""

    def __init__(
        self, breaker: Breaker, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._breaker = breaker
        self._clock = clock
        self._changed = anyio.Event()
        self._waiting = 0

    async def enter(self) -> bool:
        """Wait; whether this call is the one that tries. Raises: EndpointDown."""
        while wait_s := self._breaker.wait_s(self._clock()):
            self._waiting += 1
            try:
                with anyio.move_on_after(wait_s):
                    await self._changed.wait()
            finally:
                self._waiting -= 1
        return self._breaker.began()

    def succeeded(self) -> None:
        """A call brought an answer."""
        self._breaker.succeeded()
        self._wake()

    def failed(self, failure: ProviderFailure, *, trying: bool) -> None:
        """A call failed. Raises: EndpointDown."""
        try:
            self._breaker.failed(self._clock(), failure, trying=trying)
        finally:
            self._wake()

    def dropped(self, *, trying: bool) -> None:
        """A call was cancelled."""
        self._breaker.dropped(trying=trying)
        self._wake()

    def _wake(self) -> None:
        if self._waiting:
            self._changed.set()
            self._changed = anyio.Event()
