"""Schemas as models write them: what is put right, and what is refused."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from eventsim.pipelines.stages.json_schemas import fault_of, kinds_of, plain

FIELD = {"type": "string"}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"type": "int"}, {"type": "integer"}),
        ({"type": "String"}, FIELD),
        ({"type": ["str", "None"]}, {"type": ["string", "null"]}),
        ({"type": "datetime"}, {"type": "string", "format": "date-time"}),
        ({"type": "any"}, {}),
        ({"enum": ["a", "b"]}, {"enum": ["a", "b"], "type": "string"}),
        ({"enum": [1, None]}, {"enum": [1, None], "type": ["integer", "null"]}),
        ({"properties": {"a": FIELD}}, {"properties": {"a": FIELD}, "type": "object"}),
        ({"items": FIELD}, {"items": FIELD, "type": "array"}),
        ({"$schema": "http://x/y", "$id": "z", **FIELD}, FIELD),
        (
            {"properties": {"a": {**FIELD, "required": True}, "b": FIELD}},
            {
                "properties": {"a": FIELD, "b": FIELD},
                "type": "object",
                "required": ["a"],
            },
        ),
        (
            {"properties": {"a": [FIELD], "b": [{"c": FIELD}]}},
            {
                "properties": {
                    "a": FIELD,
                    "b": {
                        "type": "array",
                        "items": {"type": "object", "properties": {"c": FIELD}},
                    },
                },
                "type": "object",
            },
        ),
    ],
)
def test_common_slips_are_put_right(
    written: dict[str, Any], meant: dict[str, Any]
) -> None:
    """What is meant is plain, so that nothing is lost by writing it as it should be."""
    assert plain(written) == meant
    assert plain(plain(written)) == meant
    assert jsonschema_rs.meta.is_valid(meant)


def test_a_sound_schema_stays_as_it_is() -> None:
    """Constraints, options and definitions are kept."""
    schema = {
        "type": "object",
        "properties": {
            "a": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]},
            "b": {"type": "array", "items": {"$ref": "#/$defs/c"}, "maxItems": 3},
        },
        "required": ["a"],
        "additionalProperties": False,
        "$defs": {"c": {"type": "string", "pattern": "^[a-z]+$"}},
    }
    assert plain(schema) == schema
    assert fault_of(schema) == ""


@pytest.mark.parametrize(
    ("schema", "kinds"),
    [
        (FIELD, {"string"}),
        ({"type": ["integer", "null"]}, {"integer"}),
        ({"anyOf": [FIELD, {"type": "null"}]}, {"string"}),
        ({"const": 3}, {"integer"}),
        ({}, set()),
        (True, set()),
    ],
)
def test_types_are_told_without_null(schema: Any, kinds: set[str]) -> None:
    """A field that may be empty is of the type that it has when it is not."""
    assert kinds_of(schema) == kinds


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "https://example.com/schema"},
        {"properties": {"a": {"items": {"$ref": "other.json#/a"}}}},
        {"anyOf": [{"$dynamicRef": "http://localhost:1/x"}]},
    ],
)
def test_nothing_is_fetched(schema: dict[str, Any]) -> None:
    """A reference to another document is refused before anything is resolved."""
    assert fault_of(schema) == "it refers to another document"
