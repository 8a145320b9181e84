"""A cost is the configuration's price, or the list's, or unknown."""

from __future__ import annotations

import pytest

from eventsim.config import Endpoint, Price
from eventsim.core.events import Usage
from eventsim.providers.openai_compatible.prices import cost_usd

USAGE = Usage(
    input_tokens=1_000_000,
    cached_tokens=400_000,
    output_tokens=100_000,
    reasoning_tokens=60_000,
)


def endpoint(base_url: str, **prices: Price) -> Endpoint:
    """One that answers there."""
    return Endpoint(base_url=base_url, prices=prices)


def test_the_configured_price_comes_first() -> None:
    """Cached input has its own price, reasoning is output, wherever the model runs."""
    price = Price(input_usd=2, cached_input_usd=0.5, output_usd=10)
    for url in ("http://127.0.0.1:1/v1", "https://api.openai.com/v1"):
        cost = cost_usd("m", endpoint(url, m=price), USAGE)
        assert cost == pytest.approx(0.6 * 2 + 0.4 * 0.5 + 0.1 * 10)


def test_cached_input_costs_what_input_costs_unless_it_is_said() -> None:
    """Nothing is cheaper than we were told."""
    price = Price(input_usd=2, output_usd=10)
    cost = cost_usd("m", endpoint("http://127.0.0.1:1/v1", m=price), USAGE)
    assert cost == pytest.approx(2 + 1)


def test_a_price_is_that_model_s_alone() -> None:
    """A name that merely begins alike has none."""
    price = Price(input_usd=2, output_usd=10)
    assert cost_usd("m2", endpoint("https://gpu.example/v1", m=price), USAGE) is None


@pytest.mark.parametrize(
    ("base_url", "model"),
    [
        ("https://api.openai.com/v1", "gpt-4o-mini"),
        ("https://api.openai.com/v1", "gpt-5.1"),
        ("https://api.deepseek.com/v1", "deepseek-chat"),
        ("https://generativelanguage.googleapis.com/v1beta/openai", "gemini-2.5-pro"),
        ("https://api.groq.com/openai/v1", "llama-3.3-70b-versatile"),
    ],
)
def test_the_list_knows_the_usual_endpoints(base_url: str, model: str) -> None:
    """What we compute from remembered rates is what the list itself says, with tiers
    and without, for small and large calls.
    """
    import genai_prices

    for size in (1, 1_000, 300_000):
        usage = Usage(
            input_tokens=10 * size, cached_tokens=4 * size, output_tokens=size
        )
        listed = genai_prices.calc_price(
            genai_prices.Usage(
                input_tokens=10 * size, cache_read_tokens=4 * size, output_tokens=size
            ),
            model,
            provider_api_url=base_url,
        )
        cost = cost_usd(model, endpoint(base_url), usage)
        assert cost == pytest.approx(float(listed.total_price), abs=1e-10)
        assert cost


@pytest.mark.parametrize(
    "base_url",
    ["http://127.0.0.1:8000/v1", "http://localhost/v1", "https://gpu.example/v1"],
)
def test_nothing_is_guessed(base_url: str) -> None:
    """A well-known name served elsewhere has no known price."""
    assert cost_usd("gpt-4o-mini", endpoint(base_url), USAGE) is None
    known = "https://api.openai.com/v1"
    assert cost_usd("no-such-model", endpoint(known), USAGE) is None
