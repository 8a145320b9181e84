"""How many calls of one model may be under way: found out by trying.

An endpoint rarely says what it can take. The limit grows with success and shrinks when
the endpoint says "too many", once a burst; a time that it asks for is waited out by
all. `Limiter` decides and knows no clock; `Slots` waits.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import anyio

__all__ = ["Limiter", "Slots"]

_FIRST = 8
_SUCCESSES_FOR_ONE_MORE = 25
_CUT = 0.75
_LONGEST_PAUSE_S = 600.0


class Limiter:
    """The state: how many are under way, how many may be, and since when.

    Times are seconds of any clock that only goes forward.
    """

    def __init__(self, most: int) -> None:
        self.active = 0
        self._most = most
        self._limit = float(min(_FIRST, most))
        self._successes = 0
        self._cut_at = -math.inf
        self._paused_until = -math.inf

    @property
    def limit(self) -> int:
        """How many calls may be under way now; at least one."""
        return max(1, int(self._limit))

    def pause_s(self, now: float) -> float:
        """How long nothing may leave."""
        return max(0.0, self._paused_until - now)

    def admits(self, now: float) -> bool:
        """Whether one more may leave."""
        return self.active < self.limit and now >= self._paused_until

    def began(self) -> None:
        """One more is under way."""
        self.active += 1

    def ended(self) -> None:
        """One is done, well or not."""
        self.active -= 1

    def succeeded(self) -> None:
        """One brought an answer: one more may leave for each 25."""
        self._successes += 1
        if self._successes >= _SUCCESSES_FOR_ONE_MORE:
            self._successes = 0
            self._limit = min(float(self._most), self._limit + 1)

    def limited(self, now: float, *, begun: float, pause_s: float = 0.0) -> None:
        """One that left at `begun` came back as too many; the endpoint asks for a
        pause. Those that left before the last cut say nothing new: they belong to the
        burst that it answered.
        """
        self._paused_until = max(
            self._paused_until, now + min(pause_s, _LONGEST_PAUSE_S)
        )
        if begun < self._cut_at:
            return
        self._cut_at = now
        self._successes = 0
        self._limit = max(1.0, self._limit * _CUT)


@dataclass(eq=False)
class _Waiting:
    """One in the line: admitted, or woken to look at the clock again."""

    woken: anyio.Event = field(default_factory=anyio.Event)
    admitted: bool = False


class Slots:
    """Waits, first come first served, until the limiter admits a call."""

    def __init__(
        self, limiter: Limiter, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.limiter = limiter
        self._clock = clock
        self._line: deque[_Waiting] = deque()

    async def enter(self) -> None:
        """Take a slot; whoever takes one calls `leave`."""
        if not self._line and self.limiter.admits(self._clock()):
            self.limiter.began()
            return
        own = _Waiting()
        self._line.append(own)
        try:
            while not own.admitted:
                own.woken = anyio.Event()
                pause_s = self.limiter.pause_s(self._clock())
                with anyio.move_on_after(pause_s or math.inf):
                    await own.woken.wait()
                self._admit()
        except BaseException:
            if own.admitted:
                self.leave()
            else:
                self._line.remove(own)
                self._admit()
            raise

    def leave(self) -> None:
        """Give a slot back: the next in line takes it."""
        self.limiter.ended()
        self._admit()

    def _admit(self) -> None:
        now = self._clock()
        while self._line and self.limiter.admits(now):
            self.limiter.began()
            admitted = self._line.popleft()
            admitted.admitted = True
            admitted.woken.set()
        if self._line and self.limiter.pause_s(now):
            # a pause may have begun after everybody lay down, and the last call under
            # way may be gone: somebody has to wait for its end
            self._line[0].woken.set()
