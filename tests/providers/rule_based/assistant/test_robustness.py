"""The assistant answers whatever it gets, the same way every time."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventsim.config import FlawRates
from eventsim.providers.rule_based.assistant.reply import reply
from tests.providers.rule_based.assistant.world import (
    CODE,
    CONFIRM,
    FLAWLESS,
    Chat,
    functions,
    system_text,
)

ALWAYS = FlawRates(
    needless_question=0.5, half_done=0.5, wrong_row=0.5, misreported_value=0.5
)
_WORDS = (
    "find list change delete add check the a of to customer customers invoice 12 3 "
    '"Ana Lima" "Wei Chen" phone email "555" that it their second one first most '
    "highest total average how many what which is and then please yes no . ? , with "
    "named whose contains album artist code 4711 playlist Ana ’ “x” 's number"
).split()
_TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(_WORDS), max_size=14).map(" ".join),
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
_RESULTS = st.one_of(
    st.text(max_size=30),
    _JSON.map(json.dumps),
    st.sampled_from(
        [
            "null",
            "[]",
            "{}",
            '{"rows": []}',
            '{"error": {"code": "failed", "message": "It broke."}}',
            '{"error": "gone"}',
            '[{"customer_id": 1, "first_name": "Ana", "last_name": "Lima"}]',
            '{"rows": [{"customer_id": 1, "name": "A"}, {"customer_id": 2}]}',
            '{"invoice_count": 3}',
            "3",
        ]
    ),
)
_CALLS = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.sampled_from(["a", "b", "", "call_1"]),
            "type": st.just("function"),
            "function": st.fixed_dictionaries(
                {
                    "name": st.sampled_from(
                        ["search_customers", "get_customer", "nothing", ""]
                    ),
                    "arguments": st.sampled_from(
                        ['{"text": "Ana Lima"}', '{"customer_id": 1}', "{", "[]", ""]
                    ),
                }
            ),
        }
    ),
    max_size=2,
)
_MESSAGES = st.lists(
    st.one_of(
        _TEXTS.map(lambda text: {"role": "user", "content": text}),
        _TEXTS.map(lambda text: {"role": "assistant", "content": text}),
        _CALLS.map(lambda c: {"role": "assistant", "content": "", "tool_calls": c}),
        st.builds(
            lambda i, c: {"role": "tool", "tool_call_id": i, "content": c},
            st.sampled_from(["a", "b", "", "call_1"]),
            _RESULTS,
        ),
    ),
    max_size=8,
)


def _check(message: dict[str, Any]) -> None:
    assert message["role"] == "assistant"
    calls = message.get("tool_calls", [])
    assert calls or message["content"].strip()
    assert len({call["id"] for call in calls}) == len(calls)
    for call in calls:
        json.loads(call["function"]["arguments"])


@settings(max_examples=300)
@given(messages=_MESSAGES, last=_TEXTS, seed=st.integers(0, 99))
def test_any_transcript_is_answered(
    messages: list[dict[str, Any]], last: str, seed: int
) -> None:
    """No transcript raises; each answer is a text or well-formed calls."""
    system = {"role": "system", "content": system_text(CODE, CONFIRM)}
    request = {
        "messages": [system, *messages, {"role": "user", "content": last}],
        "seed": seed,
        "tools": functions(),
    }
    _check(reply(request, ALWAYS))


@settings(max_examples=150)
@given(
    said=st.lists(_TEXTS, min_size=1, max_size=3),
    results=st.lists(_RESULTS, min_size=1, max_size=4),
)
def test_any_results_are_told_or_left(said: list[str], results: list[str]) -> None:
    """Whatever tools return, each message gets its answer within a few rounds."""
    messages: list[dict[str, Any]] = [{"role": "system", "content": system_text()}]
    for text in said:
        messages.append({"role": "user", "content": text})
        for number in range(40):
            request = {"messages": messages, "seed": number, "tools": functions()}
            message = reply(request, FLAWLESS)
            _check(message)
            messages.append(message)
            if not message.get("tool_calls"):
                break
            messages += [
                {
                    "role": "tool",
                    "tool_call_id": call["id"],
                    "content": results[number % len(results)],
                }
                for call in message["tool_calls"]
            ]
        else:
            raise AssertionError("the assistant never answers")


@settings(max_examples=60)
@given(tools=st.lists(_JSON, max_size=4), text=_TEXTS)
def test_any_tools_are_coped_with(tools: list[Any], text: str) -> None:
    """Tools that are no tools leave an assistant that says so."""
    request = {"messages": [{"role": "user", "content": text}], "tools": tools}
    _check(reply(request, FLAWLESS))


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"messages": []},
        {"messages": [{"role": "system", "content": "x"}]},
        {"messages": [{"role": "user", "content": None}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]},
        {"messages": [7, {"role": "user"}], "tools": None, "seed": "x"},
    ],
)
def test_odd_requests_are_answered(request_: dict[str, Any]) -> None:
    """A request without what it should have still gets an answer."""
    _check(reply(request_, FLAWLESS))


def test_the_same_request_has_the_same_answer() -> None:
    """Nothing but the request decides, whatever was answered before."""
    chat = Chat(rules=(CONFIRM,))
    for text in (
        'find the email of the customer "Wei Chen"',
        "the one in Leeds",
        'change the phone of that customer to "1"',
    ):
        chat.say(text)
    request = copy.deepcopy(chat.request())
    request["messages"].append({"role": "user", "content": "Yes, please."})
    first = reply(copy.deepcopy(request), FLAWLESS)
    Chat().say('list the albums of the artist "AC/DC"')
    assert reply(copy.deepcopy(request), FLAWLESS) == first


def test_a_request_is_never_changed() -> None:
    """Answering leaves the request as it was."""
    chat = Chat()
    chat.say('find the email of the customer "Ana Lima"')
    request = chat.request()
    request["messages"].append({"role": "user", "content": "and the phone of it?"})
    before = copy.deepcopy(request)
    reply(request, ALWAYS)
    assert request == before


def test_a_conversation_may_be_taken_up_anywhere() -> None:
    """A transcript that this assistant did not write is gone on with."""
    messages = [
        {"role": "system", "content": system_text(CONFIRM)},
        {"role": "user", "content": 'change the phone of the buyer "Ana Lima" to "1"'},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "xyz",
                    "type": "function",
                    "function": {
                        "name": "search_customers",
                        "arguments": '{ "text":"Ana Lima" }',
                    },
                }
            ],
        },
        {
            "role": "tool",
            "tool_call_id": "xyz",
            "content": '{"rows": [{"customer_id": 1, "first_name": "Ana", '
            '"last_name": "Lima", "phone": "2"}], "more": false}',
        },
        {"role": "assistant", "content": "Ana's phone becomes 1, right?"},
        {"role": "user", "content": "Exactly."},
    ]
    message = reply({"messages": messages, "tools": functions()}, FLAWLESS)
    call = message["tool_calls"][0]["function"]
    assert call["name"] == "update_customer"
    assert json.loads(call["arguments"]) == {"customer_id": 1, "phone": "1"}


def test_a_result_in_another_alphabet_is_told() -> None:
    """Names are told as they are stored."""
    assert "Móveis Coloniais" in Chat().say('which artist does the album "Idem" have?')
