"""Rows as they usually come, in all the ways that a format is written in practice."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from typing import Any

import orjson
import pytest

from eventsim.core.events import AssistantReplied, ToolReturned
from eventsim.exchange.conversation import Conversation, RowUnusable
from eventsim.exchange.formats.registry import FORMATS, format_of
from eventsim.exchange.rest import rest_of
from tests.exchange.rows import RESULT, ROWS, TOOL
from tests.exchange.test_formats import read, written

CALL = '{"name": "get_weather", "arguments": {"city": "Oslo"}}'
OTHER = '{"name": "get_weather", "arguments": {"city": "Bergen"}}'


def _comes_back(name: str, row: Any) -> Conversation:
    """What it says, and that nothing needs to be kept beside it."""
    said = read(name, row)
    assert rest_of(row, written(name, said)) == ()
    return said


def _results(said: Conversation) -> list[str]:
    return [e.content for e in said.events if isinstance(e, ToolReturned)]


# --- instructions in several parts --------------------------------------------------

HF, ATIF, RESPONSES = ROWS["messages"], ROWS["atif"], ROWS["responses"]
GIVEN = RESPONSES["responses_create_params"]
DEVELOPER = {"role": "developer", "content": "Be brief.", "name": "d"}
SYSTEMS: dict[str, Any] = {
    "messages": {**HF, "messages": [HF["messages"][0], DEVELOPER, *HF["messages"][1:]]},
    "responses": {
        **RESPONSES,
        "responses_create_params": {
            **GIVEN,
            "instructions": "You help.",
            "input": [{"type": "message", **DEVELOPER}, *GIVEN["input"][1:]],
        },
    },
    "atif": {
        **ATIF,
        "steps": [
            {"step_id": 1, "source": "system", "message": "You help."},
            {
                "step_id": 2,
                "source": "system",
                "message": "Be brief.",
                "timestamp": "2026-01-01T00:00:00Z",
            },
            *({**step, "step_id": step["step_id"] + 1} for step in ATIF["steps"][1:]),
        ],
    },
    "sharegpt": {
        **ROWS["sharegpt"],
        "conversations": [
            {"from": "system", "value": "Be brief."},
            *ROWS["sharegpt"]["conversations"],
        ],
    },
}


@pytest.mark.parametrize("name", list(SYSTEMS))
def test_instructions_in_several_parts_are_one_text_and_apart_again(name: str) -> None:
    """Each with the role and the fields it had."""
    said = _comes_back(name, SYSTEMS[name])
    assert said.system == "You help.\n\nBe brief."
    assert said.notes == ("several system prompts were joined into one",)


@pytest.mark.parametrize("name", ["messages", "atif", "sharegpt", "hermes"])
def test_an_empty_system_prompt_stays_where_it_is(name: str) -> None:
    """Also when the dialogue is written again without one."""
    row = deepcopy(ROWS[name])
    if name == "sharegpt":
        row["system"] = ""
    else:
        listed = next(
            row[k] for k in ("messages", "conversations", "steps") if k in row
        )
        listed[0]["value" if name == "hermes" else "content"] = ""
        if name == "atif":
            listed[0] = {"step_id": 1, "source": "system", "message": ""}
    said = read(name, row)
    assert not said.system
    nothing = Conversation(
        tools=said.tools, events=said.events, style=said.style, row_id=said.row_id
    )
    assert rest_of(row, written(name, nothing)) == ()


INSIDE: dict[str, Any] = {
    "messages": {"role": "developer", "content": "x"},
    "responses": {"role": "system", "content": "x"},
    "atif": {"step_id": 5, "source": "system", "message": "x"},
    "hermes": {"from": "system", "value": "x"},
    "sharegpt": {"from": "system", "value": "x"},
}


@pytest.mark.parametrize("name", list(INSIDE))
def test_who_speaks_as_the_system_inside_a_dialogue_is_told_what_to_do(
    name: str,
) -> None:
    """No event holds it, so the row is refused, with a way out."""
    row = deepcopy(ROWS[name])
    lists = (row[k] for k in ("messages", "conversations", "steps") if k in row)
    listed = row["response"]["output"] if name == "responses" else next(lists)
    listed.append(INSIDE[name])
    with pytest.raises(RowUnusable, match=r"inside the dialogue.* move its text to"):
        read(name, row)


# --- tools --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["messages", "responses"])
def test_a_tool_that_is_no_function_keeps_its_place_and_is_not_offered(
    name: str,
) -> None:
    """The endpoint performs it, and nobody here could."""
    row, hosted = deepcopy(ROWS[name]), {"type": "web_search_preview", "size": 3}
    holder = row["responses_create_params"] if name == "responses" else row
    holder["tools"].insert(0, hosted)
    said = _comes_back(name, row)
    assert [tool.name for tool in said.tools] == ["get_weather"]
    assert "a tool of type 'web_search_preview' is kept and not offered" in said.notes


def test_a_schema_that_points_elsewhere_is_kept_and_remarked() -> None:
    """It is not fetched; any arguments fit."""
    row = deepcopy(HF)
    schema = {"$ref": "http://127.0.0.1:9/schema"}
    row["tools"][0]["function"]["parameters"] = schema
    said = _comes_back("messages", row)
    assert said.tools[0].parameters == schema
    assert any("not fetched" in note for note in said.notes)


def test_hermes_lists_tools_one_a_line() -> None:
    """One object each, and they go back into their lines."""
    row = deepcopy(ROWS["hermes"])
    first = orjson.dumps(TOOL).decode()
    second = first.replace("get_weather", "g")
    row["conversations"][0]["value"] = (
        "Functions within <tools></tools> tags:\n"
        f"<tools>\n{first}\n{second}\n</tools>\nGo."
    )
    said = _comes_back("hermes", row)
    assert [tool.name for tool in said.tools] == ["get_weather", "g"]


@pytest.mark.parametrize("tag", ["tool_call", "tool_response", "tools"])
@pytest.mark.parametrize("filling", ["", "\n" * 1000, "[", "x"])
def test_tags_that_never_close_are_read_in_one_pass(tag: str, filling: str) -> None:
    """However many there are: they are text."""
    text = f"<{tag}>{filling}" * 20_000
    for speaker in ("system", "human", "gpt"):
        row = {"conversations": [{"from": speaker, "value": text}]}
        said = read("hermes", row)
        assert said.tools == ()
        assert rest_of(row, written("hermes", said)) == ()
    closed = f"{text}</{tag}>"
    turns = [{"from": "system", "value": closed}, {"from": "gpt", "value": closed}]
    with suppress(RowUnusable):
        read("hermes", {"conversations": turns})


# --- calls and results --------------------------------------------------------------


@pytest.mark.parametrize("content", [{"degrees": 21}, [1, {"a": None}], [], 7, False])
@pytest.mark.parametrize("name", ["messages", "tau2"])
def test_a_result_that_is_no_text_is_its_json(name: str, content: Any) -> None:
    """And the row gets the value back."""
    row = deepcopy(ROWS[name])
    place = 3 if name == "messages" else 2
    row["messages"][place]["content"] = content
    said = read(name, row)
    assert _results(said) == [orjson.dumps(content).decode()]
    (kept,) = rest_of(row, written(name, said))
    assert kept.at == f"/messages/{place}/content"


def test_atif_observes_without_calls() -> None:
    """A result that answers no call is kept beside; others find theirs."""
    row = deepcopy(ATIF)
    free = {"results": [{"source_call_id": None, "content": "booted"}]}
    row["steps"].append({**row["steps"][3], "step_id": 5, "observation": free})
    row["steps"][2]["observation"]["results"].insert(0, {"content": "log line"})
    said = read("atif", row)
    assert _results(said) == [RESULT]
    assert said.notes == ("a result that answers no call is kept beside the dialogue",)
    del row["steps"][2]["observation"]["results"][0]
    row["steps"][2]["observation"]["results"][0]["source_call_id"] = None
    assert _results(read("atif", row)) == [RESULT]


def test_a_bare_list_of_items_and_bare_parameters_are_rows() -> None:
    """They come back in that shape."""
    items = [*GIVEN["input"], *RESPONSES["response"]["output"]]
    assert format_of(items).name == "responses"
    for row in (items, {"input": items, "tools": GIVEN["tools"]}):
        assert _results(_comes_back("responses", row)) == [RESULT]
    assert FORMATS["responses"].rows(items) == ({}, [items])
    assert FORMATS["responses"].rows([RESPONSES]) == ({}, [RESPONSES])


def test_a_message_between_a_call_and_its_output_belongs_to_the_call() -> None:
    """It is written after the call again."""
    row = deepcopy(RESPONSES)
    said = {"type": "message", "role": "assistant", "content": "One moment."}
    row["response"]["output"].insert(2, said)
    reply = _comes_back("responses", row).events[1]
    assert isinstance(reply, AssistantReplied)
    assert (reply.text, len(reply.calls)) == ("One moment.", 1)


def test_items_that_say_nothing_to_the_dialogue_keep_their_places() -> None:
    """What is known of none is named; what takes part in the dialogue is refused."""
    row = deepcopy(RESPONSES)
    search = {"type": "web_search_call", "id": "ws_1", "status": "completed"}
    row["response"]["output"].insert(1, search)
    row["response"]["output"].append({"type": "mcp_list_tools", "tools": []})
    said = _comes_back("responses", row)
    assert said.notes == (
        "an item of type 'web_search_call' is kept beside the dialogue",
        "an item of type 'mcp_list_tools' is kept beside the dialogue",
    )
    row["response"]["output"].append({"type": "computer_call", "call_id": "c"})
    with pytest.raises(RowUnusable, match=r"item 9: .*'computer_call'"):
        read("responses", row)


def test_tau2_nests_the_results_of_one_reply() -> None:
    """They come back in one message."""
    row = deepcopy(ROWS["tau2"])
    call, result = row["messages"][1]["tool_calls"][0], row["messages"][2]
    row["messages"][1]["tool_calls"].append({**call, "id": "b"})
    both = [result, {**result, "id": "b", "content": "B"}]
    row["messages"][2] = {"role": "tool", "tool_messages": both}
    assert _results(_comes_back("tau2", row)) == [RESULT, "B"]


@pytest.mark.parametrize(
    ("value", "results"),
    [
        (f'[{RESULT}, "B"]', [RESULT, "B"]),
        ("21 and 17", ["21 and 17", ""]),
        ("[1, 2, 3]", ["[1, 2, 3]", ""]),
    ],
)
def test_one_observation_of_two_calls(value: str, results: list[str]) -> None:
    """A list has an item for each; what cannot be told apart stands at the first."""
    row = deepcopy(ROWS["sharegpt"])
    row["conversations"][1]["value"] = f"[{CALL}, {OTHER}]"
    row["conversations"][2]["value"] = value
    assert _results(_comes_back("sharegpt", row)) == results


def test_an_observation_for_each_call_stays_apart() -> None:
    """Though the converter of LLaMA-Factory would drop the row."""
    row = deepcopy(ROWS["sharegpt"])
    row["conversations"][1]["value"] = f"[{CALL}, {OTHER}]"
    row["conversations"].insert(3, {"from": "observation", "value": "B"})
    assert _results(_comes_back("sharegpt", row)) == [RESULT, "B"]


@pytest.mark.parametrize("name", ["sharegpt", "atif"])
def test_arguments_are_objects_unless_the_row_has_texts(name: str) -> None:
    """A consumer would encode texts twice."""
    said = read("openai", ROWS["openai"])
    plain = Conversation(system=said.system, tools=said.tools, events=said.events)
    row = orjson.loads(orjson.dumps(written(name, plain)))
    if name == "sharegpt":
        call = orjson.loads(row["conversations"][1]["value"])
    else:
        call = row["steps"][2]["tool_calls"][0]
    assert call["arguments"] == {"city": "Oslo"}
    assert FORMATS[name].read(row, {}).tools == said.tools
