"""The embedded provider: answers every role's requests by rule, without a network.

It sees the bytes of a request and nothing else, as a model behind an endpoint would.
The parts share this shell alone: no lexicon, no state.
"""

from __future__ import annotations

from eventsim.config import FlawRates
from eventsim.errors import ProviderFailure
from eventsim.providers.provider import Leaving
from eventsim.providers.rule_based.assistant.reply import reply
from eventsim.providers.rule_based.chat import completion, parse_request, part_of
from eventsim.providers.rule_based.parts import PARTS
from eventsim.providers.rule_based.prompted import action, usual_form

__all__ = ["RuleBased"]


class RuleBased:
    """Answers chat completion requests by rule; deterministic from each request."""

    name = "rule-based"
    in_process = True

    def __init__(self, flaws: FlawRates) -> None:
        self._flaws = flaws

    async def complete(
        self,
        body: bytes,
        *,
        idempotency_key: str,  # noqa: ARG002
        leaving: Leaving | None = None,  # noqa: ARG002  # nothing is waited for
    ) -> bytes:
        """Answer one request. Raises: ProviderFailure."""
        request = parse_request(body)
        part = part_of(request)
        if part == "assistant":
            usual, is_prompted = usual_form(request)
            message = reply(usual, self._flaws)
            message = action(message) if is_prompted else message
        elif part in PARTS:
            try:
                message = PARTS[part](request)
            except ValueError as error:
                raise _invalid(str(error)) from error
        else:
            raise _invalid(f"no rule plays the part {part!r}")
        return completion(request, body, message)


def _invalid(detail: str) -> ProviderFailure:
    return ProviderFailure("invalid_request", detail, retryable=False)
