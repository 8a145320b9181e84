"""The till of a run: prices calls, adds them up, says when a budget is spent.

It says stop before a call leaves, never after, so that nothing is paid and lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from eventsim.config import EMBEDDED, Endpoint
from eventsim.core.events import EndpointProfiled, ModelCalled, Usage
from eventsim.errors import BudgetSpent
from eventsim.run.spending import Spending

__all__ = ["Budget", "Till"]


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that a run may spend in all; None is no limit."""

    usd: float | None = None
    tokens: int | None = None


class Till:
    """One run's till; `spent` is what the log already holds of it."""

    def __init__(
        self, endpoints: Mapping[str, Endpoint], budget: Budget, spent: Spending
    ) -> None:
        self._endpoints = endpoints
        self._budget = budget
        self._spent = spent

    def priced(self, call: ModelCalled, usage: Usage) -> Usage:
        """The usage with its cost, where a price is known."""
        cost = self._cost(call.provider, call.model, usage)
        return usage if cost is None else usage.model_copy(update={"cost_usd": cost})

    def pay(self, call: ModelCalled, usage: Usage) -> None:
        """Count a call that ended."""
        if call.provider != EMBEDDED:
            self._spent.add(usage)

    def settle(self, event: EndpointProfiled) -> EndpointProfiled:
        """Price and count what probing an endpoint took."""
        cost = self._cost(event.endpoint, event.model, event.usage)
        usage = event.usage.model_copy(update={"cost_usd": cost})
        self._spent.add(usage, calls=event.calls)
        return event.model_copy(update={"usage": usage})

    def admit(self, call: ModelCalled) -> None:
        """Whether a call may leave. Raises: BudgetSpent."""
        if call.provider == EMBEDDED:
            return
        spent, budget = self._spent, self._budget
        if budget.usd is not None and spent.cost_usd >= budget.usd:
            raise BudgetSpent(
                f"the budget of ${budget.usd:g} is spent (${spent.cost_usd:.4f}); "
                "go on with a larger one: eventsim resume --budget-usd N"
            )
        if budget.tokens is not None and spent.tokens >= budget.tokens:
            raise BudgetSpent(
                f"the budget of {budget.tokens} tokens is spent ({spent.tokens}); "
                "go on with a larger one: eventsim resume --budget-tokens N"
            )

    def _cost(self, endpoint: str, model: str, usage: Usage) -> float | None:
        from eventsim.providers.openai_compatible.prices import cost_usd

        place = self._endpoints.get(endpoint)
        if place is None or not (usage.input_tokens or usage.output_tokens):
            return None
        return cost_usd(model, place, usage)
