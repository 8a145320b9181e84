"""Expected calls with their prices: the lines of an estimate. Pure.

What is expected is computed in `estimate.py`; what a token costs is asked of `Pricing`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eventsim.config import EMBEDDED, Endpoint, EndpointProfile, Role, RunConfig
from eventsim.core.events import Usage
from eventsim.pipelines.registry import roles_of

__all__ = ["Calls", "Estimate", "Line", "Pricing", "priced"]

Pricing = Callable[[str, Endpoint, Usage], float | None]
"""What one call costs in US dollars by model and endpoint; None if nobody knows."""

_PROBE = (3, 50, 10)  # calls, input and output tokens of each


@dataclass(frozen=True, slots=True)
class Line:
    """The calls of one role in one stage. `repeated_tokens` are the part of the input
    that begins as an earlier request did: what a cache could hold. The costs are
    without any cache, and with all of that cached; None where no price is known.
    """

    role: str
    stage: str
    endpoint: str
    model: str
    calls: int
    input_tokens: int
    repeated_tokens: int
    output_tokens: int
    cost_usd: float | None
    cached_cost_usd: float | None

    @property
    def is_paid(self) -> bool:
        """Whether the calls leave the process."""
        return self.endpoint != EMBEDDED


@dataclass(frozen=True, slots=True)
class Estimate:
    """All lines in the order of the work, and in words what they rest on."""

    lines: tuple[Line, ...]
    assumed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Calls:
    """All calls of a role in a stage together; tokens, and the part of the input that
    begins as an earlier request did.
    """

    role: Role
    stage: str
    calls: float
    input: float
    repeated: float
    output: float


def priced(
    calls: Sequence[Calls], config: RunConfig, price: Pricing
) -> tuple[Line, ...]:
    """A line for each, after those of the probes of endpoints."""
    asked = [each for each in calls if each.calls]
    lines = [_line(each, config, price) for each in asked]
    return (*_probes(config, price), *lines)


def _probes(config: RunConfig, price: Pricing) -> list[Line]:
    """One probe for each model of an endpoint whose profile is not given whole."""
    known = set(EndpointProfile.model_fields)
    found: dict[tuple[str, str], Line] = {}
    number, read, written = _PROBE
    for role in roles_of(config):
        choice = config.roles.of(role)
        if choice.endpoint == EMBEDDED or (choice.endpoint, choice.model) in found:
            continue
        if known <= set(config.endpoints[choice.endpoint].profile):
            continue
        calls = Calls(role, "", number, number * read, 0, number * written)
        line = _line(calls, config, price, "probe")
        found[choice.endpoint, choice.model] = line
    return list(found.values())


def _line(each: Calls, config: RunConfig, price: Pricing, name: str = "") -> Line:
    choice = config.roles.of(each.role)
    costs: list[float | None] = [0.0, 0.0]
    if choice.endpoint != EMBEDDED and each.calls:
        endpoint: Endpoint = config.endpoints[choice.endpoint]
        costs = [
            _cost(each, cached, lambda usage: price(choice.model, endpoint, usage))
            for cached in (0.0, each.repeated)
        ]
    return Line(
        role=name or each.role,
        stage=each.stage,
        endpoint=choice.endpoint,
        model=choice.model,
        calls=round(each.calls),
        input_tokens=round(each.input),
        repeated_tokens=round(each.repeated),
        output_tokens=round(each.output),
        cost_usd=costs[0],
        cached_cost_usd=costs[1],
    )


def _cost(
    each: Calls, cached: float, price: Callable[[Usage], float | None]
) -> float | None:
    """By the mean call: some prices depend on how long a request is."""
    usage = Usage(
        input_tokens=round(each.input / each.calls),
        cached_tokens=round(cached / each.calls),
        output_tokens=round(each.output / each.calls),
    )
    one = price(usage)
    return None if one is None else one * each.calls
