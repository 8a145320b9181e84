"""What a call cost in US dollars: by the configuration's price, or the price list's.

The list comes with `genai-prices` and is read offline. A price is never guessed: an
endpoint that the list does not know, or one on this machine, has none.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from eventsim.config import Endpoint
from eventsim.core.events import Usage
from eventsim.providers.openai_compatible.loopback import is_loopback

if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation

__all__ = ["cost_usd"]

_MILLION = 1_000_000
_DIGITS = 10


class _Rates(NamedTuple):
    """US dollars a token."""

    input_usd: float
    cached_usd: float
    output_usd: float


def cost_usd(model: str, endpoint: Endpoint, usage: Usage) -> float | None:
    """The cost of one call; None where no price is known."""
    price = endpoint.prices.get(model)
    if price is not None:
        cached = price.cached_input_usd
        rates = _Rates(
            price.input_usd / _MILLION,
            (price.input_usd if cached is None else cached) / _MILLION,
            price.output_usd / _MILLION,
        )
        return _sum(rates, usage)
    if is_loopback(endpoint.base_url):
        return None
    flat = _flat_rates(model, endpoint.base_url)
    if flat is not None:
        return _sum(flat, usage)
    listed = _listed(model, endpoint.base_url, usage)
    return None if listed is None else round(float(listed.total_price), _DIGITS)


def _sum(rates: _Rates, usage: Usage) -> float:
    """Reasoning tokens are among the output."""
    usd = (
        (usage.input_tokens - usage.cached_tokens) * rates.input_usd
        + usage.cached_tokens * rates.cached_usd
        + usage.output_tokens * rates.output_usd
    )
    return round(usd, _DIGITS)


@lru_cache(maxsize=256)
def _flat_rates(model: str, base_url: str) -> _Rates | None:
    """The list's rates of a model, if they are the same for every token at every hour;
    None if they are not, or if the list has none.
    """
    from genai_prices.types import ModelPrice, TieredPrices

    uses = (
        Usage(input_tokens=_MILLION),
        Usage(input_tokens=_MILLION, cached_tokens=_MILLION),
        Usage(output_tokens=_MILLION),
    )
    found = [_listed(model, base_url, usage) for usage in uses]
    usd = [float(each.total_price) / _MILLION for each in found if each is not None]
    first = found[0]
    if first is None or len(usd) < len(uses):
        return None
    flat = isinstance(first.model.prices, ModelPrice) and not any(
        isinstance(price, TieredPrices) for price in vars(first.model_price).values()
    )
    return _Rates(*usd) if flat else None


def _listed(model: str, base_url: str, usage: Usage) -> PriceCalculation | None:
    import genai_prices

    try:
        return genai_prices.calc_price(
            genai_prices.Usage(
                input_tokens=usage.input_tokens,
                cache_read_tokens=usage.cached_tokens,
                output_tokens=usage.output_tokens,
            ),
            model,
            provider_api_url=base_url,
        )
    except LookupError:
        return None
