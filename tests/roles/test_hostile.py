"""No answer raises, whatever a model or an endpoint puts where: every role, and every
stage of a preparation.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eventsim.config import EndpointProfile
from eventsim.core.events import Event, ModelRejected
from eventsim.pipelines.stages.registry import STAGES
from eventsim.roles import assistant, judge, tool
from tests.pipelines.stages import benching
from tests.roles.playing import Talk, answer, materials

NAMES = (
    *("result", "error", "code", "message", "points", "point", "class", "met", "why"),
    *("judgment", "reasoning", "thought", "action", "calls", "text", "name"),
    *("arguments", "function", "tool_calls", "type", "items", "properties", "enum"),
    *("questions", "tools", "steps", "returns", "rules", "sql", "parameters"),
    *("description", "required", "title", "question", "criteria", "expected_calls"),
    *("checkpoints", "tool", "goal", "profile", "known_info", "unknown_info", "role"),
    *("objectives", "kind", "solution", "objective", "facts", "about", "value"),
    *("changes", "table", "op", "key", "new", "$ref", "anyOf", "default", "format"),
)
WORDS = (
    *("get_order", "get_player", "call", "reply", "valid", "critical", "object"),
    *("array", "string", "read", "write", "update", "player", "$1.x", "#/x", ""),
)
scalars = st.none() | st.booleans() | st.integers(-5, 9) | st.floats(allow_nan=False)
values = st.recursive(
    scalars | st.sampled_from(WORDS) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=12,
)
objects = st.dictionaries(st.sampled_from(NAMES), values, max_size=6)
READERS: dict[str, Any] = {
    "assistant": assistant.read,
    "tool": tool.read,
    "judge": judge.read,
}


def _talk() -> Talk:
    talk = Talk(materials())
    talk.user("Is order 7 open?")
    talk.call("get_order", order_id=7)
    return talk


TALK = _talk()
MOUNTED = {
    "native": TALK.materials,
    "prompted": replace(
        TALK.materials,
        profiles={("rule-based", "rule-based"): EndpointProfile(tools="prompted")},
    ),
}


def _storable(*events: Event) -> None:
    for event in events:
        assert orjson.loads(event.payload())
        if isinstance(event, ModelRejected):
            assert event.reason
            assert "\n" not in event.reason


@pytest.mark.parametrize("role", READERS)
@pytest.mark.parametrize("tools", MOUNTED)
@example({"name": []})
@example({"calls": [{"name": {}, "arguments": []}]})
@given(objects | values)
def test_no_answer_of_a_role_raises(role: str, tools: str, value: Any) -> None:
    """It becomes an event that the log can hold."""
    _storable(READERS[role](answer(value), TALK.state, MOUNTED[tools]))


@pytest.mark.parametrize("name", STAGES)
@settings(max_examples=60)
@given(objects | values)
def test_no_answer_to_a_stage_raises(name: str, value: Any) -> None:
    """It is rejected with a reason in one line, or means events."""
    with benching.opened(STAGES[name], with_tools=name != "sql_tools") as story:
        if name in ("output_schemas", "expansion"):
            # As specifications leave them: what they return is still to be said.
            bare = [t.model_copy(update={"returns": {}}) for t in benching.tools()]
            story.state = story.state._replace(tools=tuple(bare))
        reason = story.answer(value)
        assert "\n" not in reason
        _storable(*story.events)
