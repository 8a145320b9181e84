"""Function specifications as models write them: made plain, or rejected with reason."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventsim.core.events import ToolDefined, ToolRejected
from eventsim.core.tools import ToolDefinition
from eventsim.pipelines.stages.specification import (
    proposed_tools,
    read_proposals,
    read_specification,
)
from tests.pipelines.stages.staging import function, number, text

ORDER = number("The id of the order.")


def _read(proposal: Any) -> ToolDefinition:
    tool = read_specification(proposal)
    assert isinstance(tool, ToolDefinition), tool
    return tool


def _reason(proposal: Any) -> str:
    rejected = read_specification(proposal)
    assert isinstance(rejected, ToolRejected), rejected
    return rejected.reason


def test_a_specification_becomes_a_tool_that_a_model_plays() -> None:
    """Name, description and parameters are kept; there is no statement."""
    tool = _read(function("get_order", "Look up one order.", order_id=ORDER))
    assert (tool.name, tool.description) == ("get_order", "Look up one order.")
    assert tool.parameters["properties"] == {"order_id": ORDER}
    assert tool.parameters["required"] == ("order_id",)
    assert (tool.returns, tool.statement) == ({}, None)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("getOrder", "get_order"),
        ("GetOrderByID", "get_order_by_id"),
        ("get-order", "get_order"),
        ("Get Order", "get_order"),
        ("orders.get", "orders_get"),
        ("get_order", "get_order"),
    ],
)
def test_names_become_snake_case(name: str, plain: str) -> None:
    """Camel case, hyphens, dots and spaces are repaired."""
    assert _read(function(name)).name == plain


@pytest.mark.parametrize("name", ["", "go", "7th_order", "注文", "x" * 65, "!!!"])
def test_other_names_are_rejected(name: str) -> None:
    """What endpoints refuse, or nobody could read, is no name."""
    assert "name" in _reason(function(name)) or not name


@pytest.mark.parametrize(
    "shape",
    [
        {"name": "get_order", "description": "Look.", "parameters": {}},
        {"name": "get_order", "description": "Look."},
        {"name": "get_order", "description": "Look.", "parameters": None},
        {"function": {"name": "get_order", "description": "Look."}},
        {"type": "function", "name": "get_order", "description": "Look."},
        {"name": "get_order", "description": "Look.", "input_schema": {}},
    ],
)
def test_known_shapes_are_the_same_tool(shape: dict[str, Any]) -> None:
    """Bare functions, other names for the parameters, or none of them."""
    parameters = _read(shape).parameters
    assert parameters == {
        "type": "object",
        "properties": {},
        "required": (),
        "additionalProperties": False,
    }


def test_common_slips_in_schemas_are_put_right() -> None:
    """Types by other names, `required` on a property, an enum without a type."""
    tool = _read(
        {
            "name": "add_order",
            "description": "Add an order.",
            "input_schema": {
                "count": {"type": "int", "description": "How many.", "required": True},
                "tags": {"type": "list", "items": {"type": "str"}, "description": "T."},
                "size": {"enum": ["s", "m"], "description": "The size."},
                "day": [{"type": "date", "description": "The day."}],
            },
        }
    )
    properties = tool.parameters["properties"]
    assert properties["count"] == {"type": "integer", "description": "How many."}
    assert properties["tags"]["items"] == {"type": "string"}
    assert properties["size"]["type"] == "string"
    assert (properties["day"]["type"], properties["day"]["format"]) == (
        "string",
        "date",
    )
    assert tool.parameters["required"] == ("count",)


DESCRIBED = {"description": "What it is."}


@pytest.mark.parametrize(
    ("properties", "why"),
    [
        ({"a_b": {"type": "string"}}, "has no description"),
        ({"a_b": {"type": "string", "description": " "}}, "has no description"),
        ({"a_b": DESCRIBED}, "has no type"),
        ({"a_b": "string"}, "no valid JSON Schema"),
        ({"a_b": {"type": "strin", **DESCRIBED}}, "no valid JSON Schema"),
        ({"a b": text()}, "a name that endpoints refuse"),
        ({"a_b": text(enum=[])}, "enum is empty"),
        ({"a_b": number(enum=["x", "y"])}, "no value of its enum"),
        ({"a_b": number(minimum=3, maximum=2)}, "minimum is above its maximum"),
        ({"a_b": text(pattern="(")}, "no valid JSON Schema"),
        ({"a_b": {"$ref": "https://example.com/a", **DESCRIBED}}, "another document"),
        ({"a_b": {"$ref": "#/$defs/b", **DESCRIBED}}, "no valid JSON Schema"),
        ({"a_b": {"type": "array", **DESCRIBED}}, "has no type"),
        ({"a_b": text("x" * 30_000)}, "longer than"),
    ],
)
def test_parameters_that_cannot_be_used_reject_the_tool(
    properties: dict[str, Any], why: str
) -> None:
    """Each fault is named in one line."""
    found = _reason(function("get_order", **properties))
    assert why in found
    assert "\n" not in found


def test_a_required_parameter_that_is_not_there_rejects_the_tool() -> None:
    """`required` may only name properties."""
    tool = function("get_order", order_id=ORDER)
    tool["function"]["parameters"]["required"] = ["id"]
    assert _reason(tool) == "it requires 'id', which is none of its parameters"


def test_a_schema_without_end_is_rejected() -> None:
    """Deep nesting is a fault, not a crash."""
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(400):
        schema = {"type": "object", "properties": {"a": schema}}
    assert "nested" in _reason(function("get_order", a_b={**schema, **DESCRIBED}))


@pytest.mark.parametrize(
    "tool",
    [
        function("add_numbers", a=number(), b=number()),
        function("calculate_total", prices=number(type="array", items={"type": "int"})),
        function("format_date", date=text()),
        function("round_price", price=number()),
    ],
)  # fmt: skip
def test_tools_that_only_work_on_their_arguments_are_rejected(
    tool: dict[str, Any],
) -> None:
    """Arithmetic and formatting need no tool."""
    assert "needs no tool" in _reason(tool)


@pytest.mark.parametrize(
    "tool",
    [
        function("add_item", order_id=ORDER),
        function("calculate_fare", origin=text(), distance=number()),
        function("format_report", report_id=number()),
        function("convert_currency", amount=number(), currency=text()),
    ],
)
def test_tools_that_know_something_are_kept(tool: dict[str, Any]) -> None:
    """A verb alone does not make a tool trivial."""
    _read(tool)


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ({"tools": [1, 2]}, 2),
        ([1], 1),
        ({"functions": [1]}, 1),
        ({"tools": {"get_order": {"description": "x"}}}, 1),
        ({"name": "get_order"}, 1),
        ({"tools": []}, 0),
    ],
)
def test_proposals_are_found_in_known_shapes(value: Any, count: int) -> None:
    """A list, an object around one, a map by name, or one function alone."""
    found = proposed_tools(value)
    assert found is not None
    assert len(found) == count


@pytest.mark.parametrize("value", [None, 3, "x", {}, {"answer": "x"}])
def test_where_there_are_no_proposals_none_are_found(value: Any) -> None:
    """Anything else is no answer at all."""
    assert proposed_tools(value) is None


def test_the_first_of_a_name_stands() -> None:
    """A second tool of a name is rejected under a label that removes no tool."""
    first, second = function("get_order", "One."), function("getOrder", "Two.")
    defined, rejected = read_proposals([first, second], ())
    assert isinstance(defined, ToolDefined)
    assert isinstance(rejected, ToolRejected)
    assert rejected.name == "get_order (again)"
    assert read_proposals([first], (defined.tool,)) == (rejected,)


def test_no_toolset_grows_beyond_what_endpoints_take() -> None:
    """The 129th tool is rejected."""
    events = read_proposals([function(f"get_{n}x") for n in range(130)], ())
    assert [event.kind for event in events].count("tool.defined") == 128
    assert isinstance(events[-1], ToolRejected)


def test_a_key_keeps_the_type_that_it_has_first() -> None:
    """Calls can be chained: what is a number for one tool is one for all."""
    events = read_proposals(
        [
            function("get_order", order_id=ORDER),
            function("cancel_order", order_id=text("The order.", pattern="^O-")),
        ],
        (),
    )
    last = events[-1]
    assert isinstance(last, ToolDefined)
    assert last.tool.parameters["properties"]["order_id"] == {
        "type": "integer",
        "description": "The order.",
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "type properties required items enum description name function tools "
                "parameters anyOf $ref minimum a_b order_id".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
@settings(max_examples=400)
def test_whatever_comes_is_read_or_rejected(value: Any) -> None:
    """No JSON makes the reading fail, and what is kept can validate arguments."""
    for event in read_proposals(proposed_tools(value) or (value,), ()):
        if isinstance(event, ToolDefined):
            schema = event.tool.model_dump(mode="json")["parameters"]
            jsonschema_rs.validator_for(schema)
        else:
            assert isinstance(event, ToolRejected)
            assert event.reason
            assert "\n" not in event.reason
