"""A tool: what a model sees of it, and its identity."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given

from eventsim.core.tools import SqlStatement, ToolDefinition
from tests.strategies import values_of

SELECT = SqlStatement(sql="SELECT 1", effect="read", table="t", returns="row")
TOOL = ToolDefinition(
    name="get_book",
    description="Get a book.",
    parameters={"type": "object", "properties": {"id": {"type": "integer"}}},
    returns={"type": "object"},
    statement=SELECT,
)


def test_a_model_sees_name_description_and_parameters_alone() -> None:
    """Neither the statement nor the shape of the result is in a request."""
    assert TOOL.as_function() == {
        "type": "function",
        "function": {
            "name": "get_book",
            "description": "Get a book.",
            "parameters": {
                "type": "object",
                "properties": {"id": {"type": "integer"}},
            },
        },
    }
    assert "SELECT" not in json.dumps(TOOL.as_function())


EXTERNAL = TOOL.model_copy(
    update={
        "statement": None,
        "environment": "library",
        "inner": "getBook",
        "reads": True,
        "repeatable": True,
        "requestor": "user",
    }
)


@pytest.mark.parametrize(
    ("tool", "left_out"),
    [
        (TOOL, {"environment", "inner", "reads", "repeatable", "requestor"}),
        (EXTERNAL, set()),
    ],
    ids=["as earlier releases wrote it", "external"],
)
def test_the_digest_is_that_of_the_canonical_json(
    tool: ToolDefinition, left_out: set[str]
) -> None:
    """Sorted keys, no spaces, UTF-8: any other program can compute it. What tools of
    earlier releases did not have counts only where it is used.
    """
    text = json.dumps(
        tool.model_dump(mode="json", exclude=left_out),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    assert tool.digest == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    "change",
    [
        {"name": "find_book"},
        {"description": "Get a Book."},
        {"parameters": {}},
        {"returns": {}},
        {"statement": None},
        {"statement": SELECT.model_copy(update={"sql": "SELECT 2"})},
        {"environment": "library"},
        {"inner": "getBook"},
        {"reads": True},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_field_is_part_of_the_identity(change: dict[str, object]) -> None:
    """A tool that differs in anything is another tool."""
    fields = {name: getattr(TOOL, name) for name in ToolDefinition.model_fields}
    assert ToolDefinition(**{**fields, **change}).digest != TOOL.digest


@given(values_of(ToolDefinition))
def test_a_tool_survives_its_json_with_the_same_digest(tool: ToolDefinition) -> None:
    """Identity does not depend on where the tool was read from."""
    again = ToolDefinition.model_validate_json(tool.model_dump_json())
    assert again == tool
    assert again.digest == tool.digest


@pytest.mark.parametrize("effect", ["read", "insert", "update", "delete"])
def test_a_tool_writes_unless_its_statement_reads(effect: str) -> None:
    """A tool without a statement changes no rows."""
    fields = {"sql": "x", "effect": effect, "table": "t", "returns": "written"}
    tool = TOOL.model_copy(update={"statement": SqlStatement(**fields)})
    assert tool.writes == (effect != "read")
    assert not TOOL.model_copy(update={"statement": None}).writes
