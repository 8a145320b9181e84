"""Answers as endpoints really send them are read, or rejected with a reason."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eventsim.core.events import AssistantReplied, ModelRejected, UserMessaged
from eventsim.core.state import Dialogue
from eventsim.roles import assistant, user
from tests.builders import assistant_calls, chat_response, materials, user_says
from tests.strategies import json_values

MATERIALS = materials()
STATE = Dialogue(replies=4)
TEXT_CALL = '{"name": "get_customer", "arguments": {"customer_id": 1}}'


def _read(response: bytes) -> AssistantReplied | ModelRejected:
    return assistant.read(response, STATE, MATERIALS)


def _reply(message: dict[str, Any], **fields: Any) -> AssistantReplied:
    event = _read(chat_response(message, **fields))
    assert isinstance(event, AssistantReplied), event
    event.payload()
    return event


def _rejected(message: dict[str, Any], **choice: Any) -> ModelRejected:
    first = {"index": 0, "message": message, "finish_reason": "stop", **choice}
    event = _read(chat_response({}, choices=[first]))
    assert isinstance(event, ModelRejected), event
    event.payload()
    return event


def _says(content: Any, **fields: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content, **fields}


def _call(function: Any, **fields: Any) -> dict[str, Any]:
    call = {"id": "x", "type": "function", "function": function, **fields}
    return _says(None, tool_calls=[call])


def _get(arguments: Any) -> dict[str, Any]:
    return _call({"name": "get_customer", "arguments": arguments})


# --- the user -----------------------------------------------------------------------


def test_a_user_message_is_stored_once() -> None:
    """Text that rendering gives back byte for byte is not kept a second time."""
    event = user.read(user_says("Où est « Ana » ?"))
    assert isinstance(event, UserMessaged)
    assert event.answer.raw is None
    assert event.answer.usage.input_tokens == 10


def test_raw_text_is_kept_where_rendering_differs() -> None:
    """White space of a model's own is kept for exact replay."""
    content = '{ "user_message": "Hi", "is_task_complete": false }'
    event = user.read(chat_response(_says(content)))
    assert isinstance(event, UserMessaged)
    assert event.answer.raw == content


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        "hello",
        "[]",
        '{"user_message": "", "is_task_complete": false}',
        '{"user_message": 3, "is_task_complete": true}',
    ],
)
def test_a_user_answer_out_of_form_is_rejected_with_its_text(content: Any) -> None:
    """What came stays in the event."""
    event = user.read(chat_response(_says(content)))
    assert isinstance(event, ModelRejected)
    assert event.reason
    assert (content or "") in event.raw


# --- responses that hold no answer --------------------------------------------------


@pytest.mark.parametrize(
    "response",
    [
        b"",
        b"<html>bad gateway</html>",
        b"\xff\xfe",
        b"[]",
        b"[" * 100_000,
        b'{"choices":null}',
        b'{"choices":[]}',
        b'{"choices":{}}',
        b'{"choices":[{}]}',
        b'{"choices":[{"message":null}]}',
        b'{"error":{"code":1}}',
    ],
)
def test_a_response_without_a_choice_is_rejected_by_both_roles(response: bytes) -> None:
    """An error page inside HTTP 200 is data."""
    for event in (user.read(response), _read(response)):
        assert isinstance(event, ModelRejected)
        assert event.reason.startswith("the response ")
        assert orjson.loads(event.payload())["raw"] == event.raw


# --- calls in their own field -------------------------------------------------------


def test_calls_get_ids_of_ours_and_keep_theirs() -> None:
    """Ids are unique on the path whatever the endpoint sends."""
    event = _read(assistant_calls(("a", {"n": 1}), ("b", {})))
    assert isinstance(event, AssistantReplied)
    assert [call.id for call in event.calls] == ["call_4_0", "call_4_1"]
    assert [call.given_id for call in event.calls] == ["x0", "x1"]


@pytest.mark.parametrize("ids", [(None, None), ("", ""), ("same", "same"), (7, {})])
def test_missing_empty_and_duplicate_ids_do_no_harm(ids: tuple[Any, Any]) -> None:
    """Two calls stay two calls."""
    function = {"name": "get_customer", "arguments": '{"customer_id":1}'}
    calls = [{"id": given, "function": function} for given in ids]
    event = _reply(_says("", tool_calls=calls))
    assert [call.id for call in event.calls] == ["call_4_0", "call_4_1"]
    assert [call.given_id for call in event.calls] == [
        given if isinstance(given, str) else None for given in ids
    ]


@pytest.mark.parametrize(
    ("arguments", "repair"),
    [
        ({"customer_id": 1}, ""),
        ('{"customer_id":1}', ""),
        ('"{\\"customer_id\\": 1}"', "repaired"),
        ('{"customer_id": 1', "repaired"),
        ('{"customer_id": 1}{"customer_id": 1}', "trailing"),
        ('```json\n{"customer_id": 1}\n```', "fenced"),
    ],
)
def test_arguments_come_in_many_forms(arguments: Any, repair: str) -> None:
    """As text, as an object, encoded twice, unclosed, sent twice, in a fence."""
    event = _reply(_get(arguments))
    assert event.calls[0].arguments == {"customer_id": 1}
    assert event.answer.repair == repair
    assert event.answer.raw is None


@pytest.mark.parametrize("arguments", ["", " ", None, {}, "{}", "null"])
def test_no_arguments_are_an_empty_object(arguments: Any) -> None:
    """A tool without parameters is called in all these ways."""
    assert _reply(_get(arguments)).calls[0].arguments == {}


def test_numbers_keep_their_type() -> None:
    """25.0 does not become 25."""
    arguments = _reply(_get({"n": 25.0, "m": 25})).calls[0].arguments
    assert [type(value) for value in arguments.values()] == [float, int]


def test_argument_text_is_kept_where_rendering_differs() -> None:
    """What the model wrote is recorded byte for byte."""
    assert _reply(_get({"n": 1})).calls[0].raw_arguments is None
    event = _reply(_get('{ "n": 1e3 }'))
    assert event.calls[0].raw_arguments == '{ "n": 1e3 }'


@pytest.mark.parametrize(
    "message",
    [
        _says(None, tool_calls={"function": {"name": "get_customer"}}),
        _says(None, tool_calls=[{"function": {"name": " get_customer "}}]),
        _says(None, tool_calls=[{"name": "get_customer", "arguments": {}}]),
        _says(None, tool_calls=[{"function": "get_customer", "arguments": {}}]),
        _says(None, function_call={"name": "get_customer", "arguments": "{}"}),
        _says(None, tool_calls=[{"function": {"name": "functions.get_customer"}}]),
        _says(None, tool_calls=[{"type": None, "function": {"name": "get_customer"}}]),
    ],
)
def test_calls_come_in_many_shapes(message: dict[str, Any]) -> None:
    """One instead of a list, flat, in the older field, with a name space."""
    event = _reply(message)
    assert [(call.name, call.arguments) for call in event.calls] == [
        ("get_customer", {})
    ]


def test_a_tool_that_is_not_offered_may_be_called() -> None:
    """Its result will say so, as an endpoint's own parser would let it come through."""
    assert _reply(_call({"name": "fly", "arguments": "{}"})).calls[0].name == "fly"


# --- calls in the text --------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (TEXT_CALL, ""),
        (f"```json\n{TEXT_CALL}\n```", ""),
        (
            f"I will look.\n```json\n{TEXT_CALL}\n```\nShe lives in Rome.",
            "I will look.",
        ),
        (f"[{TEXT_CALL}]", ""),
        (f"[TOOL_CALLS][{TEXT_CALL}]", ""),
        (f"<tool_call>\n{TEXT_CALL}\n</tool_call>", ""),
        (f"Wait.\n<tool_call>{TEXT_CALL}", "Wait."),
        (
            '<|python_tag|>{"name": "get_customer", "parameters": {"customer_id": 1}}',
            "",
        ),
        ('{"type": "function", "function": ' + TEXT_CALL + "}", ""),
        ('{"tool_calls": [' + TEXT_CALL + "]}", ""),
        ('{"function": "get_customer", "arguments": {"customer_id": 1}}', ""),
        (TEXT_CALL[:-1], ""),
        (f"<think>a call, then</think>{TEXT_CALL}", ""),
    ],
)
def test_a_call_in_the_text_is_a_call(content: str, text: str) -> None:
    """What servers without a parser send becomes a call, and the text is recorded."""
    event = _reply(_says(content))
    assert [(call.id, call.name, call.arguments) for call in event.calls] == [
        ("call_4_0", "get_customer", {"customer_id": 1})
    ]
    assert event.text == text
    assert event.answer.repair == "call_in_text"
    assert event.answer.raw == content


@pytest.mark.parametrize(
    "content",
    [
        f"{TEXT_CALL}\n{TEXT_CALL}",
        f"```json\n{TEXT_CALL}\n```\n```json\n{TEXT_CALL}\n```",
        f"<tool_call>{TEXT_CALL}</tool_call>\n<tool_call>{TEXT_CALL}</tool_call>",
        f"<tool_call>[{TEXT_CALL}, {TEXT_CALL}]</tool_call>",
    ],
)
def test_several_calls_in_the_text_are_several_calls(content: str) -> None:
    """In the order in which they stand."""
    event = _reply(_says(content))
    assert [call.id for call in event.calls] == ["call_4_0", "call_4_1"]


@pytest.mark.parametrize(
    "content",
    [
        "Just words.",
        'She is {"name": "Ana", "arguments": "none"}.',
        '{"name": "get_customer"}',
        "The tool get_customer takes {customer_id}.",
        "Use `[1]` and <b>tags</b>.",
        "  Indented.\n",
    ],
)
def test_text_that_is_no_call_stays_text(content: str) -> None:
    """Word for word, without a repair."""
    event = _reply(_says(content))
    assert (event.text, event.calls) == (content, ())
    assert (event.answer.repair, event.answer.raw) == ("", None)


# --- rejections ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (_says(""), "empty"),
        (_says(None), "empty"),
        (_says(" \n"), "empty"),
        (_says([]), "empty"),
        (_says({"text": "x"}), "empty"),
        ({"role": "assistant"}, "empty"),
        (_says("<think>only thoughts</think>"), "empty"),
        (_says(None, tool_calls="get"), "not a list"),
        (_says(None, tool_calls=["get"]), "not an object"),
        (_call(None), "no function"),
        (_call({"arguments": "{}"}), "no name"),
        (_call({"name": "", "arguments": "{}"}), "no name"),
        (_call({"name": "a\ud800", "arguments": "{}"}), "no name"),
        (_call({"name": "a" * 10_000, "arguments": "{}"}), "no name"),
        (_get("{broken"), "arguments of get_customer"),
        (_get("[1]"), "not a JSON object"),
        (_get([1]), "not a JSON object"),
        (_get('{"n": 18446744073709551616}'), "64 bits"),
        (_get({"n": 2**64}), "64 bits"),
        (_get('{"n": NaN}'), "NaN"),
        (_get({"n": float("inf")}), "Infinity"),
        (_get('{"n": "\\ud800"}'), "surrogate"),
        (_get({"\ud800": 1}), "surrogate"),
        (_get('{"n":' * 1_000), "nested"),
        (_says("half a \ud83d pair"), "surrogate"),
        (_says('<tool_call>{"name": "fly", "arguments": {}}</tool_call>'), "'fly'"),
        (_says("<tool_call>get_customer(1)</tool_call>"), "<tool_call>"),
        (_says("<think>a</think>Well.<think>b</think>No."), "reasoning in its midst"),
    ],
)
def test_a_malformed_reply_is_rejected(message: dict[str, Any], reason: str) -> None:
    """With a reason in one line, what came, and what it cost."""
    event = _rejected(message)
    assert reason in event.reason
    assert "\n" not in event.reason
    assert event.raw
    assert event.answer.usage.input_tokens == 10
    assert event.answer.model == "scripted"


def test_a_deep_object_as_arguments_is_rejected() -> None:
    """Deeper than a log can hold, whoever parsed it."""
    deep: Any = {}
    for _ in range(200):
        deep = {"a": deep}
    assert "nested" in _rejected(_get(deep)).reason


@pytest.mark.parametrize("message", [_says("I have found"), _get('{"customer_id": 1')])
def test_an_answer_that_was_cut_is_rejected(message: dict[str, Any]) -> None:
    """A text as well as calls, though they might be repaired."""
    event = _rejected(message, finish_reason="length")
    assert event.reason == "the answer was cut at max_tokens"
    assert event.answer.finish_reason == "length"


def test_malformed_calls_are_recorded_with_the_words_beside_them() -> None:
    """Both are what the model is shown of its answer."""
    event = _rejected(_says("Let me see.", tool_calls=[{"function": None}]))
    assert json.loads(event.raw) == {
        "content": "Let me see.",
        "tool_calls": [{"function": None}],
    }


# --- text, refusals, reasoning ------------------------------------------------------


def test_a_refusal_is_a_reply() -> None:
    """Its words are what the user reads."""
    choice = {
        "message": _says(None, refusal="I cannot help with that."),
        "finish_reason": "content_filter",
    }
    event = _reply({}, choices=[choice])
    assert event.text == "I cannot help with that."
    assert event.answer.finish_reason == "content_filter"


def test_content_may_come_in_parts() -> None:
    """Text parts are joined, thoughts among them are reasoning."""
    parts = [
        {"type": "thinking", "thinking": "because"},
        {"type": "text", "text": "In "},
        {"type": "text", "text": "Oslo."},
        {"type": "image_url", "image_url": {}},
    ]
    event = _reply(_says(parts))
    assert (event.text, event.reasoning) == ("In Oslo.", "because")


def test_nul_is_text() -> None:
    """JSON can hold it, so the log can."""
    assert _reply(_says("a\x00b")).text == "a\x00b"


@pytest.mark.parametrize(
    "message",
    [
        _says("Hi", reasoning="because"),
        _says("Hi", reasoning_content="because"),
        _says("Hi", reasoning="", reasoning_content="because"),
        _says("Hi", reasoning_details=[{"type": "reasoning.text", "text": "because"}]),
        _says("Hi", reasoning_details=[{"summary": "be"}, 1, {"text": "cause"}]),
        _says("<think>\nbecause\n</think>\n\nHi"),
        _says("because</think>Hi"),
    ],
)
def test_reasoning_is_captured_under_one_name(message: dict[str, Any]) -> None:
    """Endpoints disagree on the field, and some leave it in the text."""
    event = _reply(message)
    assert (event.text, event.reasoning) == ("Hi", "because")


def test_reasoning_in_the_text_is_stored_once() -> None:
    """Only a form of its own is kept beside what was read."""
    assert _reply(_says("<think>\nso\n</think>\n\nHi")).answer.raw is None
    odd = "<think>so</think> Hi"
    assert _reply(_says(odd)).answer.raw == odd


def test_half_a_pair_in_reasoning_is_written_out() -> None:
    """Reasoning is no reason to lose an answer."""
    assert _reply(_says("Hi", reasoning="a\ud800")).reasoning == "a\\ud800"


def test_what_is_not_used_may_be_odd() -> None:
    """NaN among log-probabilities and long numbers elsewhere cost nothing."""
    choice = {
        "message": _says("Hi"),
        "logprobs": {"content": [{"logprob": float("nan")}]},
        "finish_reason": None,
    }
    usage = {"prompt_tokens": 10**30, "completion_tokens": 10**400}
    event = _reply({}, choices=[choice], usage=usage, created=2**70, id=3, model=None)
    assert event.text == "Hi"
    assert event.answer.usage.input_tokens == 0


# --- anything at all ----------------------------------------------------------------

FIELDS = (
    "content refusal tool_calls function_call reasoning reasoning_details notes"
).split()
hostile = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None), max_size=8)
    | st.sampled_from(["get_customer", "{}", '{"a":1}', TEXT_CALL, "<tool_call>", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "arguments", "function", "text", "type", "id"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


def _any_answer(response: bytes) -> None:
    for event in (_read(response), user.read(response)):
        assert orjson.loads(event.payload())
        if isinstance(event, ModelRejected):
            assert event.reason


@example({"content": [{"type": []}]}, None, None)
@given(st.dictionaries(st.sampled_from(FIELDS), hostile), hostile, hostile)
def test_no_message_raises(message: dict[str, Any], usage: Any, name: Any) -> None:
    """Whatever an endpoint puts where, it becomes an event that the log can hold."""
    choice = {"message": message, "finish_reason": name}
    body = {"choices": [choice], "usage": usage, "model": name}
    _any_answer(json.dumps(body).encode())


@given(st.binary() | json_values.map(orjson.dumps))
def test_no_bytes_raise(response: bytes) -> None:
    """The same for bytes that are no completion, or no JSON."""
    _any_answer(response)
