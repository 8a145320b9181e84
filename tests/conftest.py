"""Fixtures that every test may use."""

from __future__ import annotations

import pytest
from hypothesis import settings

# How long an example takes says more about the machine than about the product.
settings.register_profile("patient", settings(), deadline=None)
settings.load_profile("patient")


@pytest.fixture
def anyio_backend() -> str:
    """The product runs on asyncio: openai and aiohttp need it."""
    return "asyncio"
