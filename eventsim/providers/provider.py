"""What answers model calls: the protocol of every provider.

A provider receives the bytes of an OpenAI chat completion request and gives back the
bytes of the response, so that a rule-based one sees exactly what a model would see.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

__all__ = ["Leaving", "Provider"]

Leaving = Callable[[], None]


class Provider(Protocol):
    """Answers chat completion requests."""

    @property
    def name(self) -> str:
        """Recorded with each call."""
        ...

    @property
    def in_process(self) -> bool:
        """Whether a call never leaves the process: then intent and outcome are
        appended in one batch, since nothing can be paid for twice.
        """
        ...

    async def complete(
        self, body: bytes, *, idempotency_key: str, leaving: Leaving | None = None
    ) -> bytes:
        """Answer one request. `leaving` is called when it leaves, after any wait for
        room: latency counts from then. Raises: ProviderFailure.
        """
        ...
