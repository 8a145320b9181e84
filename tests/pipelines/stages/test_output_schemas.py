"""Stage 2: one conversation, one type a field, and a way out for each tool."""

from __future__ import annotations

from typing import Any

import pytest

from eventsim.core.events import ToolDefined
from eventsim.pipelines.stages.output_schemas import OutputSchemas
from eventsim.pipelines.stages.specification import read_proposals
from tests.pipelines.stages.staging import (
    Story,
    everything,
    function,
    given,
    number,
    text,
)

QUESTION = "I am Zanzibar, a nurse in a hurry: how much is the lamp Aurora?"
TOOLS = (
    function("get_lamp", "Look up one lamp.", lamp_id=number("The lamp's id.")),
    function("search_lamps", "Find lamps.", name=text("The name.")),
    function("list_shops", "List all shops."),
)


def _story(**config: Any) -> Story:
    told = Story(OutputSchemas(), given(QUESTION, **config))
    return told.put(*read_proposals(TOOLS, ()))


def _record(**fields: Any) -> dict[str, Any]:
    made = {
        name: {"type": kind} if isinstance(kind, str) else kind
        for name, kind in fields.items()
    }
    return {"returns": {"type": "object", "properties": made}}


def test_each_tool_is_asked_for_in_one_conversation() -> None:
    """Earlier requests and answers stay in view, and the prefix never changes."""
    told = _story().play(lambda _: _record(lamp_id="integer", colour="string"))
    first, second, third = told.asked
    assert first.system == second.system == third.system
    assert second.turns[:1] == first.turns
    assert third.turns[:3] == second.turns
    assert [role for role, _ in third.turns] == ["user", "assistant"] * 2 + ["user"]
    assert third.turns[-1][1].startswith("Tool 3: list_shops.")
    assert [event.name for event in told.of("tool.output_predicted")] == [
        "get_lamp",
        "search_lamps",
        "list_shops",
    ]
    assert told.state.predicted == {"get_lamp", "search_lamps", "list_shops"}


def test_the_first_type_of_a_field_is_kept() -> None:
    """A parameter's type comes first, then that of an earlier output."""
    told = _story()
    told.answer(_record(lamp_id="string", price="number", height="integer"))
    told.answer(
        {
            "returns": {
                "type": "array",
                "items": _record(
                    price={"type": ["string", "null"], "pattern": "^[0-9]"},
                    height="integer",
                )["returns"],
            }
        }
    )
    one, other = told.of("tool.output_predicted")
    assert one.repaired == ("lamp_id",)
    assert one.returns["properties"]["lamp_id"] == {"type": "integer"}
    assert other.repaired == ("price",)
    fields = other.returns["items"]["properties"]
    assert fields["price"] == {"type": ("number", "null")}


def test_a_type_is_put_right_among_odd_alternatives() -> None:
    """`true` is a JSON Schema too, and models write it."""
    told = _story()
    odd = {"type": "string", "anyOf": [True, {"type": "null"}]}
    assert told.answer(_record(lamp_id=odd, price="number")) == ""
    (predicted,) = told.of("tool.output_predicted")
    fields = predicted.returns["properties"]
    assert fields["lamp_id"]["type"] == ("integer", "null")


def test_what_cannot_be_repaired_is_given_back_then_rejects_the_tool() -> None:
    """An object where the toolset has a number: the tool goes, the stage goes on."""
    told = _story()
    bad = _record(lamp_id={"type": "object", "properties": {"id": {"type": "integer"}}})
    reasons = [told.answer(bad) for _ in range(3)]
    assert reasons[0] == (
        "the field lamp_id is an object here and an integer in another tool"
    )
    assert reasons[1:] == [reasons[0], ""]
    (rejected,) = told.of("tool.rejected")
    assert rejected.name == "get_lamp"
    assert rejected.reason.endswith(reasons[0])
    told.play(lambda _: _record(size="string"))
    assert [tool.name for tool in told.state.tools] == ["search_lamps", "list_shops"]
    assert len({asked.system for asked in told.asked}) == 1


USELESS: list[Any] = [
    None, [], {}, "object", 7,
    {"returns": None},
    {"returns": {"type": "string"}},
    {"returns": {"type": "object"}},
    {"returns": {"type": "object", "properties": {}}},
    {"returns": {"type": "object", "properties": {"a": {}}}},
    {"returns": {"type": "array"}},
    {"returns": {"type": "array", "items": {"type": "object"}}},
    {"returns": {"type": "object", "properties": {"a": {"type": "strin"}}}},
    {"returns": {"type": "object", "properties": {"a": {"$ref": "file:///etc/a"}}}},
]  # fmt: skip


@pytest.mark.parametrize("value", USELESS)
def test_the_stage_ends_also_when_every_answer_is_useless(value: Any) -> None:
    """Each tool is rejected after a few tries, with a reason in one line."""
    told = _story().play(lambda _: value)
    assert len(told.asked) == 3 * len(TOOLS)
    assert told.state.tools == ()
    reasons = [event.reason for event in told.of("tool.rejected")]
    assert len(reasons) == len(TOOLS)
    assert all(reason and "\n" not in reason for reason in reasons)


def test_the_tries_stay_within_the_limit_of_samples() -> None:
    """A run that samples once rejects a tool at its first useless answer."""
    told = _story(limits={"samples": 1}).play(lambda _: None)
    assert len(told.asked) == len(TOOLS)


@pytest.mark.parametrize(
    "value",
    [
        {"type": "object", "properties": {"a": {"type": "string"}}},
        {"returns": '{"type":"object","properties":{"a":{"type":"string"}}}'},
        {"schema": {"properties": {"a": {"type": "str"}}}},
        {"output_schema": {"type": "dict", "properties": {"a": {"type": "string"}}}},
    ],
)
def test_known_shapes_of_the_answer_are_read(value: Any) -> None:
    """The schema alone, as text, under other names, with types by other names."""
    told = _story()
    assert told.answer(value) == ""
    (predicted,) = told.of("tool.output_predicted")
    assert predicted.returns == {
        "type": "object",
        "properties": {"a": {"type": "string"}},
    }


def test_the_prompt_shows_the_tools_and_never_the_question() -> None:
    """Who asks, and what for, is no business of what a tool returns."""
    told = _story().play(lambda _: _record(size="string"))
    for asked in told.asked:
        assert asked.system.startswith("# Your part: output_schemas\n")
        for word in ("Zanzibar", "nurse", "hurry", "Aurora"):
            assert word not in everything(asked)
    assert '{"name":"list_shops"' in told.asked[0].system
    assert "\n- lamp_id: integer\n- name: string\n" in told.asked[0].system


def test_a_defined_tool_waits_for_its_output() -> None:
    """What is defined later in the stream is asked for as well."""
    told = _story().play(lambda _: _record(size="string"))
    assert told.ask() is None
    (late,) = read_proposals([function("get_shop", "Look up one.")], told.state.tools)
    assert isinstance(late, ToolDefined)
    told.put(late)
    asked = told.ask()
    assert asked is not None
    assert asked.turns[-1][1].startswith("Tool 4: get_shop.")
