"""Tokens are counted in every dialect of `usage`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventsim.core.events import Usage
from eventsim.roles.usage import read_usage

DIALECTS: list[tuple[Any, tuple[int, int, int, int]]] = [
    (None, (0, 0, 0, 0)),
    ("many", (0, 0, 0, 0)),
    ({}, (0, 0, 0, 0)),
    ({"prompt_tokens": 9, "completion_tokens": 4}, (9, 4, 0, 0)),
    ({"prompt_tokens": None, "completion_tokens": "4"}, (0, 0, 0, 0)),
    ({"prompt_tokens": 9.0, "completion_tokens": -4}, (9, 0, 0, 0)),
    ({"prompt_tokens": True, "completion_tokens": float("nan")}, (0, 0, 0, 0)),
    ({"prompt_tokens": 10**30, "completion_tokens": 1e308}, (0, 0, 0, 0)),
    ({"input_tokens": 9, "output_tokens": 4}, (9, 4, 0, 0)),
    (
        {
            "prompt_tokens": 9,
            "completion_tokens": 40,
            "prompt_tokens_details": {"cached_tokens": 5, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 30},
        },
        (9, 40, 5, 30),
    ),
    (
        {
            "input_tokens": 9,
            "output_tokens": 40,
            "input_tokens_details": {"cached_tokens": 5},
            "output_tokens_details": {"reasoning_tokens": 30},
        },
        (9, 40, 5, 30),
    ),
    (
        {
            "prompt_tokens": 9,
            "completion_tokens": 4,
            "prompt_cache_hit_tokens": 6,
            "prompt_cache_miss_tokens": 3,
        },
        (9, 4, 6, 0),
    ),
    ({"prompt_tokens": 9, "prompt_tokens_details": None}, (9, 0, 0, 0)),
    ({"prompt_tokens": 0, "input_tokens": 9, "output_tokens": 4}, (9, 4, 0, 0)),
    (
        {"completion_tokens": 4, "completion_tokens_details": {"reasoning_tokens": 9}},
        (0, 9, 0, 9),
    ),
]


@pytest.mark.parametrize(("sent", "expected"), DIALECTS)
def test_each_dialect_is_read(sent: Any, expected: tuple[int, int, int, int]) -> None:
    """Input, output, cached and reasoning tokens; what is missing counts as none."""
    usage = read_usage(sent)
    assert expected == (
        usage.input_tokens,
        usage.output_tokens,
        usage.cached_tokens,
        usage.reasoning_tokens,
    )


NAMES = st.sampled_from(
    "prompt_tokens completion_tokens input_tokens output_tokens cached_tokens "
    "reasoning_tokens prompt_tokens_details completion_tokens_details".split()
)
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)


@given(st.dictionaries(NAMES, VALUES | st.dictionaries(NAMES, VALUES)))
def test_whatever_comes_is_read(sent: dict[str, Any]) -> None:
    """No answer is lost for its usage, and no part is larger than its whole."""
    usage = read_usage(sent)
    assert isinstance(usage, Usage)
    assert 0 <= usage.cached_tokens <= usage.input_tokens
    assert 0 <= usage.reasoning_tokens <= usage.output_tokens
