"""Patterns as grammars can hold them: same meaning, or left out."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest

from eventsim.config import EndpointProfile, ModelChoice
from eventsim.roles.chat import encode_request
from eventsim.roles.grammars import plain_patterns

SAMPLES = ("2026-03-02", "12", "a.b@c", "x_1", "", "é", "7.5", "]", "ab", "-")


@pytest.mark.parametrize(
    "pattern",
    [r"^\d{4}-\d{2}-\d{2}$", r"^[\d.]+$", r"^\w+$", r"^[^\]]*$", r"^(?:a|b){2}$"],
)
def test_a_plain_pattern_takes_the_same_texts(pattern: str) -> None:
    """And holds no class by a letter any more."""
    plain = plain_patterns({"pattern": pattern})["pattern"]
    assert not re.search(r"\\[a-zA-Z]", plain)
    for text in SAMPLES:
        same = re.search(pattern, text, re.ASCII)
        assert bool(re.search(plain, text)) == bool(same), text


@pytest.mark.parametrize("pattern", [r"\bword", r"(?=a)b", r"a+?", r"\s", r"\p{L}"])
def test_what_no_grammar_holds_is_left_out(pattern: str) -> None:
    """The rest of the schema stays."""
    schema = {"type": "string", "pattern": pattern, "maxLength": 5}
    assert plain_patterns(schema) == {"type": "string", "maxLength": 5}


def test_a_schema_that_is_plain_already_is_the_same_object() -> None:
    """So that it need not be encoded again; a property may be called `pattern`."""
    schema = {"properties": {"pattern": {"type": "string"}}, "required": ["pattern"]}
    assert plain_patterns(schema) is schema


@pytest.mark.parametrize("way", ["json_schema", "json_object_schema"])
def test_requests_carry_plain_patterns(way: Any) -> None:
    """In both dialects of structured answers."""
    day = {"type": "string", "pattern": r"^\d{4}$"}
    schema = {"type": "object", "properties": {"day": day}}
    profile = EndpointProfile(structured=way)
    choice = ModelChoice(endpoint="e", model="m")
    body = encode_request(choice, profile, [], seed=1, answer=("a", schema))
    assert b"^[0-9]{4}$" in body
    assert "response_format" in orjson.loads(body)
