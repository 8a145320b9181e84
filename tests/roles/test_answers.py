"""Answers as endpoints really send them are read, or rejected with a reason."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eventsim.core.events import AssistantReplied, ModelRejected, UserMessaged
from eventsim.core.state import Dialogue
from eventsim.roles import assistant, user
from tests.builders import assistant_calls, chat_response, user_says


def _reply(message: dict[str, Any]) -> AssistantReplied | ModelRejected:
    return assistant.read(chat_response(message), Dialogue(assistant_calls=4))


def _call(function: Any, **fields: Any) -> dict[str, Any]:
    call = {"id": "x", "type": "function", "function": function, **fields}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def test_a_user_message_is_stored_once() -> None:
    """Text that rendering gives back byte for byte is not kept a second time."""
    event = user.read(user_says("Où est « Ana » ?"))
    assert isinstance(event, UserMessaged)
    assert event.answer.raw is None
    assert event.answer.usage.input_tokens == 10


def test_raw_text_is_kept_where_rendering_differs() -> None:
    """White space of a model's own is kept for exact replay."""
    content = '{ "user_message": "Hi", "is_task_complete": false }'
    event = user.read(chat_response({"role": "assistant", "content": content}))
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
        '{"user_message": "x"}',
        '{"user_message": 3, "is_task_complete": true}',
        '{"user_message": "x", "is_task_complete": "yes"}',
    ],
)
def test_a_user_answer_out_of_form_is_rejected_with_its_text(content: Any) -> None:
    """The raw text stays in the event."""
    event = user.read(chat_response({"role": "assistant", "content": content}))
    assert isinstance(event, ModelRejected)
    assert event.reason
    assert event.raw == (content or "")


@pytest.mark.parametrize(
    "response",
    [
        b"",
        b"<html>bad gateway</html>",
        b"[]",
        b'{"choices":null}',
        b'{"choices":[]}',
        b'{"choices":[{}]}',
        b'{"choices":[{"message":null}]}',
        b'{"error":{"code":1}}',
    ],
)
def test_a_response_without_a_choice_is_rejected_by_both_roles(response: bytes) -> None:
    """An error page inside HTTP 200 is data."""
    assert isinstance(user.read(response), ModelRejected)
    assert isinstance(assistant.read(response, Dialogue()), ModelRejected)


def test_calls_get_ids_of_ours_and_keep_theirs() -> None:
    """Ids are unique on the path whatever the endpoint sends."""
    two = assistant_calls(("a", {"n": 1}), ("b", {}))
    event = assistant.read(two, Dialogue(assistant_calls=4))
    assert isinstance(event, AssistantReplied)
    assert [call.id for call in event.calls] == ["call_4_0", "call_4_1"]
    assert [call.given_id for call in event.calls] == ["x0", "x1"]


def test_arguments_may_come_as_an_object() -> None:
    """Some endpoints send a dict where the format says string."""
    event = _reply(_call({"name": "a", "arguments": {"n": 25.0}}))
    assert isinstance(event, AssistantReplied)
    assert event.calls[0].arguments == {"n": 25.0}
    assert event.calls[0].raw_arguments is None


def test_argument_text_is_kept_where_rendering_differs() -> None:
    """What the model wrote goes back to it byte for byte."""
    event = _reply(_call({"name": "a", "arguments": '{ "n": 1e3 }'}))
    assert isinstance(event, AssistantReplied)
    assert event.calls[0].raw_arguments == '{ "n": 1e3 }'


@pytest.mark.parametrize(
    "message",
    [
        {"role": "assistant", "content": ""},
        {"role": "assistant", "content": None},
        {"role": "assistant", "content": None, "tool_calls": "get"},
        _call(None),
        _call({"arguments": "{}"}),
        _call({"name": "", "arguments": "{}"}),
        _call({"name": "a", "arguments": "{broken"}),
        _call({"name": "a", "arguments": "[1]"}),
    ],
)
def test_a_malformed_reply_is_rejected_with_a_reason(message: dict[str, Any]) -> None:
    """Nothing malformed enters the dialogue, and nothing raises."""
    event = _reply(message)
    assert isinstance(event, ModelRejected)
    assert event.reason
    assert json.dumps(event.raw)


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content"])
def test_reasoning_is_captured_under_one_name(field: str) -> None:
    """Endpoints disagree on the field."""
    event = _reply({"role": "assistant", "content": "Hi", field: "because"})
    assert isinstance(event, AssistantReplied)
    assert event.reasoning == "because"
