"""Every format: what a row says becomes events, and the row comes back as it was."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventsim.core.events import (
    AssistantReplied,
    Kept,
    ToolCalled,
    ToolReturned,
    UserMessaged,
)
from eventsim.core.fold import fold
from eventsim.exchange.conversation import Conversation, RowUnusable, Transcript
from eventsim.exchange.formats.registry import FORMATS
from eventsim.exchange.rest import put_back, put_back_grown, rest_of
from tests.exchange.rows import AROUND, FUNCTION, QUESTION, RESULT, ROWS, TASK

every_chat = pytest.mark.parametrize("name", list(ROWS))


def read(name: str, row: Any) -> Conversation:
    """A row in our terms."""
    return FORMATS[name].read(row, AROUND.get(name, {}))


def plain(value: Any) -> Any:
    """As a reader of the file sees it: lists, not tuples."""
    return orjson.loads(orjson.dumps(value))


def written(name: str, said: Conversation) -> Any:
    """The row that its events make."""
    transcript = Transcript(
        label="x",
        system=said.system,
        tools=said.tools,
        messages=fold(said.events).messages,
        tasks=said.tasks,
        row_id=said.row_id,
        style=said.style,
        environments=said.environments,
    )
    return FORMATS[name].write(transcript)


@every_chat
def test_a_row_becomes_these_events(name: str) -> None:
    """Message, call, result and answer, each given, with tools and instructions."""
    said = read(name, ROWS[name])
    user, reply, called, returned, answer = said.events
    assert isinstance(user, UserMessaged)
    assert (user.text, user.given, user.by) == ("Weather in Oslo?", True, "import")
    assert isinstance(reply, AssistantReplied)
    (call,) = reply.calls
    assert (call.name, dict(call.arguments)) == ("get_weather", {"city": "Oslo"})
    assert isinstance(called, ToolCalled)
    assert isinstance(returned, ToolReturned)
    assert returned.content == RESULT
    assert isinstance(answer, AssistantReplied)
    assert answer.text == "21 degrees."
    assert {event.by for event in (reply, called, returned, answer)} == {"import"}
    (tool,) = said.tools
    assert tool.name == "get_weather"
    assert plain(tool.parameters) == FUNCTION["parameters"]
    assert said.system is not None
    assert said.system.startswith("You ")
    assert "get_weather" not in said.system


@every_chat
def test_a_row_in_the_formats_own_shape_comes_back_from_its_events_alone(
    name: str,
) -> None:
    """Nothing needs to be kept beside the events."""
    before = deepcopy(ROWS[name])
    assert rest_of(before, written(name, read(name, before))) == ()
    assert before == ROWS[name]


@every_chat
def test_what_no_event_says_is_kept_and_put_back(name: str) -> None:
    """Unknown fields of the row, of a message, of a tool."""
    row = deepcopy(ROWS[name])
    row["uuid"] = "u-7"
    listed = (
        next(row[k] for k in ("messages", "conversations", "steps") if k in row)
        if (name != "responses")
        else row["response"]["output"]
    )
    listed[-1]["weight"] = 0.5
    listed[0]["a/b~c"] = {"deep": [1, 2.0, None]}
    made = written(name, read(name, row))
    kept = rest_of(row, made)
    assert kept
    assert all("content" not in item.at for item in kept)
    assert plain(put_back(made, kept)) == row


def test_what_was_said_of_the_whole_row_is_not_put_back_on_a_longer_one() -> None:
    """What belongs to a message stays with it."""
    row = {**ROWS["messages"], "uuid": "u-7"}
    row["messages"] = [dict(m) for m in row["messages"]]
    row["messages"][1]["weight"] = 1
    made = written("messages", read("messages", row))
    kept = rest_of(row, made)
    longer = [*made["messages"], {"role": "user", "content": "More."}]
    grown = put_back_grown({**made, "messages": longer}, kept, made)
    assert "uuid" not in grown
    assert grown["messages"][1]["weight"] == 1
    assert grown["messages"][-1] == {"role": "user", "content": "More."}


def test_a_task_of_tau2_becomes_a_goal_with_a_rubric() -> None:
    """The user's instructions are the profile, the criteria what a judge compares."""
    said = read("tau2-tasks", TASK)
    (task,) = said.tasks
    assert task.goal == "You want the weather.\nBe patient."
    assert task.profile.known_info == ("You live in Oslo.", "It is May.")
    assert task.profile.unknown_info == ("The code.",)
    assert task.rubric is not None
    assert task.rubric.criteria == ("The agent said 21.",)
    assert task.rubric.expected_calls[0].tool == "get_weather"
    made = written("tau2-tasks", said)
    assert plain(put_back(made, rest_of(TASK, made))) == TASK


def test_each_turn_of_bfcl_is_a_task_that_is_its_question() -> None:
    """An empty turn asks nothing; the classes and their settings are named."""
    said = read("bfcl", QUESTION)
    assert [task.question for task in said.tasks] == [
        "List the files.",
        "Now sort them.",
    ]
    (spec,) = said.environments
    assert spec.name == "GorillaFileSystem"
    assert spec.target.endswith(
        "func_source_code.gorilla_file_system:GorillaFileSystem"
    )
    made = written("bfcl", said)
    assert made["question"] == QUESTION["question"]
    assert plain(put_back(made, rest_of(QUESTION, made))) == QUESTION


def _without(row: Any, *path: Any) -> Any:
    copy = deepcopy(row)
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return copy


HF = ROWS["messages"]
BAD = [
    ("messages", {}, "no messages"),
    ("messages", [], "not an object"),
    ("messages", {"messages": "hi"}, "not a list"),
    ("messages", {"messages": [{"role": "robot", "content": ""}]}, "message 1: nobody"),
    ("messages", {"messages": [{"role": "user", "content": 7}]}, "is no text"),
    ("messages", _without(HF, "messages", 2), "message 3: a tool result stands there"),
    ("messages", _without(HF, "messages", 3), "message 4: the assistant speaks before"),
    ("messages", {"messages": [*HF["messages"], HF["messages"][3]]}, "no call waits"),
    (
        "messages",
        {"messages": [*HF["messages"], {"role": "system", "content": "x"}]},
        "speaks as the system inside",
    ),
    ("messages", {**HF, "tools": [{"type": "function"}]}, "tool 1 has no name"),
    ("messages", {**HF, "tools": "nonsense"}, "the tools are no JSON"),
    ("openai", {"messages": [{"role": "assistant", "tool_calls": [{"function": {
        "name": "f", "arguments": '{"a": NaN}'}}]}]}, "arguments of f are JSON that"),
    ("sharegpt", {"conversations": [{"from": "x", "value": ""}]}, "turn 1: nobody"),
    ("hermes", {"conversations": [{"from": "gpt", "value": "<tool_call>{</tool_call>"}
    ]}, "turn 1: a <tool_call> is no JSON"),
    ("atif", {"steps": []}, "schema_version"),
    ("responses", {"input": [{"type": "web_search_call"}]}, "item 1: nothing is known"),
    ("tau2", {"messages": [{"role": "user", "content": "", "tool_calls": [{}]}]},
     "a tool call has no name"),
    ("tau2-tasks", {"user_scenario": {}}, "tells the user nothing"),
    ("bfcl", {"question": [[{"role": "assistant", "content": ""}]]}, "only the user"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "row", "why"), BAD)
def test_a_bad_row_says_what_and_where(name: str, row: Any, why: str) -> None:
    """One line, and never another error."""
    with pytest.raises(RowUnusable, match=why):
        read(name, row)


def test_results_are_put_into_the_order_of_their_calls() -> None:
    """By id where there is one; a result without one belongs to the first call that
    waits.
    """
    row = deepcopy(HF)
    first = row["messages"][2]["tool_calls"][0]
    second = {**first, "id": "call_b2"}
    row["messages"][2]["tool_calls"] = [first, second]
    result = row["messages"][3]
    row["messages"][3:4] = [
        {**result, "tool_call_id": "call_b2", "content": "B"},
        {**result, "tool_call_id": "call_a1", "content": "A"},
    ]
    said = read("messages", row)
    assert [e.content for e in said.events if isinstance(e, ToolReturned)] == ["A", "B"]
    assert said.notes == ("results were put into the order of their calls",)
    made = written("messages", said)
    assert plain(put_back(made, rest_of(row, made))) == row


json = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.text("a/~0"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("ab/~01", max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(json, json)
def test_whatever_differs_is_put_back(row: Any, other: Any) -> None:
    """For any two JSON values, and with equal types: 1, 1.0 and true differ."""
    kept = rest_of(row, other)
    again = put_back(
        other, tuple(Kept.model_validate_json(k.model_dump_json()) for k in kept)
    )
    assert repr(_plain(again)) == repr(_plain(row))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(value[key]) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


@pytest.mark.parametrize("name", list(FORMATS))
@given(row=json)
def test_no_value_breaks_a_reader(name: str, row: Any) -> None:
    """It is read, or refused as a row."""
    for value in (row, {"messages": row}, {"conversations": row}, {"question": row}):
        try:
            said = read(name, value)
        except RowUnusable:
            continue
        made = written(name, said)
        assert _plain(put_back(made, rest_of(value, made))) == _plain(value)
