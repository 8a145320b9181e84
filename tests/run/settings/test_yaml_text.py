"""YAML without surprises: nothing is taken for something else."""

from __future__ import annotations

import pytest

from eventsim.errors import UsageError
from eventsim.run.settings.yaml_text import parse_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("1:30", "1:30"),
        ("2026-01-05", "2026-01-05"),
        ("1e-3", 0.001),
        ("'7'", "7"),
        ("true", True),
        ("~", None),
        ("{a: [1, 2]}", {"a": [1, 2]}),
    ],
)
def test_scalars_are_what_they_look_like(text: str, value: object) -> None:
    """YAML 1.1 makes false of `no`, ninety of 1:30 and a date of a model's name."""
    assert parse_yaml(text, "file").value == value


def test_each_key_has_its_line() -> None:
    """By its path."""
    parsed = parse_yaml("a: 1\nb:\n  c: 2\n", "file")
    assert parsed.lines == {("a",): 1, ("b",): 2, ("b", "c"): 3}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: !!python/name:os.system x", "tags"),
        ("a: 1\n---\nb: 2", "a second document begins"),
        ("a: *b", "has no anchor"),
        ("a: b: c", "a colon stands where none can"),
        ("a: &x [*x]", "an anchor holds itself"),
        ("[" * 60 + "]" * 60, "nested too deeply"),
        ("a: 99999999999999999999999", "too large"),
        ("a: 1e999", "too large"),
    ],
)
def test_what_would_surprise_is_refused_with_its_line(text: str, said: str) -> None:
    """In one line."""
    with pytest.raises(UsageError, match=said) as caught:
        parse_yaml(text, "file")
    assert str(caught.value).startswith("file")
    assert "\n" not in str(caught.value)


def test_aliases_that_multiply_are_refused() -> None:
    """A few lines must not become a billion values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for n in range(1, 9):
        row = ", ".join([f"*a{n - 1}"] * 9)
        lines.append(f"a{n}: &a{n} [{row}]")
    with pytest.raises(UsageError, match="too much for a configuration"):
        parse_yaml("\n".join(lines), "file")
