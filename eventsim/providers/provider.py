"""What answers model calls: the protocol of every provider.

A provider receives the bytes of an OpenAI chat completion request and gives back the
bytes of the response, so that a rule-based one sees exactly what a model would see.
"""

from __future__ import annotations

from typing import Protocol

__all__ = ["Provider"]


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

    async def complete(self, body: bytes, *, idempotency_key: str) -> bytes:
        """Answer one request. Raises: ProviderFailure."""
        ...
