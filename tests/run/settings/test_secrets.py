"""What looks like a key, and what only looks a little like one."""

from __future__ import annotations

import pytest

from eventsim.run.settings.secrets import looks_secret, secret_in


@pytest.mark.parametrize(
    "text",
    [
        "sk-proj-4f9a81c3d2e7b6a5",
        "hf_abcdefghijklmnop",
        "AIzaSyA1234567890abcdefghijk",
        "AKIAIOSFODNN7EXAMPLE",
        "Bearer abcdef123",
        "a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4",
        "https://models.example/v1/sk-4f9a81c3d2e7b6a5",
    ],
)
def test_keys_are_recognised(text: str) -> None:
    """Those of well-known makers, and any long mixture of letters and digits."""
    assert looks_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "gpt-5-mini-2025-08-07",
        "Qwen/Qwen3-30B-A3B-Instruct-2507-FP8",
        "meta-llama/Llama-4-Maverick-17B-128E-Instruct",
        "OPENAI_API_KEY",
        "http://localhost:8000/v1",
        "my_package.stages.descriptive:MuchLongerNameOfAStageThatIsMine",
        "task-force",
    ],
)
def test_names_of_models_places_and_variables_are_not_keys(text: str) -> None:
    """They stand in configurations every day."""
    assert not looks_secret(text)


def test_where_a_key_stands_is_said_without_it() -> None:
    """A name that is a key itself is left out of its own path."""
    found = secret_in({"a": {"sk-proj-4f9a81c3d2e7b6a5": 1}})
    assert found == (("a",), "a name here looks like a key")
    assert secret_in({"headers": {"Authorization": "x"}}) == (
        ("headers", "Authorization"),
        "holds a key",
    )
