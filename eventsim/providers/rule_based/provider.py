"""The embedded provider: answers every role's requests by rule, without a network.

It sees the bytes of a request and nothing else, as a model behind an endpoint would.
The two roles share this shell alone: no lexicon, no state.
"""

from __future__ import annotations

from eventsim.config import FlawRates
from eventsim.errors import ProviderFailure
from eventsim.providers.rule_based.assistant.reply import reply
from eventsim.providers.rule_based.chat import completion, parse_request, role_of
from eventsim.providers.rule_based.user.speak import speak

__all__ = ["RuleBased"]


class RuleBased:
    """Answers chat completion requests by rule; deterministic from each request."""

    name = "rule-based"
    in_process = True

    def __init__(self, flaws: FlawRates) -> None:
        self._flaws = flaws

    async def complete(self, body: bytes, *, idempotency_key: str) -> bytes:  # noqa: ARG002
        """Answer one request. Raises: ProviderFailure."""
        request = parse_request(body)
        if role_of(request) == "user":
            try:
                message = speak(request)
            except ValueError as error:
                raise ProviderFailure(
                    "invalid_request", str(error), retryable=False
                ) from error
        else:
            message = reply(request, self._flaws)
        return completion(request, body, message)
