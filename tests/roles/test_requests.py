"""Requests are joined from encoded messages, and shaped by what an endpoint can do."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventsim.config import Endpoint, EndpointProfile, ModelChoice, Roles
from eventsim.core import events as e
from eventsim.core.fold import fold
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue, Message
from eventsim.core.values import encode, freeze
from eventsim.roles import assistant
from eventsim.roles.chat import (
    encode_request,
    escaped,
    given_back,
    merge_lines,
    request_seed,
)
from tests.builders import materials, started
from tests.strategies import json_objects, texts

ASK = encode({"role": "user", "content": "Where?"})
ANSWER = ("place", {"type": "object", "properties": {"city": {"type": "string"}}})
STRICT = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "near": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["city", "near"],
    "additionalProperties": False,
}
CALL = e.ToolCall(
    id="call_0_0", name="get_customer", arguments=freeze({"customer_id": 1})
)


def _sent(
    choice: ModelChoice | None = None, messages: Any = (ASK,), **options: Any
) -> dict[str, Any]:
    profile = EndpointProfile(**options.pop("profile", {}))
    body = encode_request(choice or ModelChoice(), profile, messages, seed=7, **options)
    sent = json.loads(body)
    assert isinstance(sent, dict)
    return sent


# --- fields -------------------------------------------------------------------------


def test_a_request_holds_model_messages_and_seed() -> None:
    """Nothing else is sent that nobody asked for."""
    assert _sent() == {
        "model": "rule-based",
        "messages": [{"role": "user", "content": "Where?"}],
        "seed": 7,
    }


@pytest.mark.parametrize(
    ("seed", "knows", "sent"),
    [("drawn", True, 7), (5, True, 5), (None, True, None), ("drawn", False, None)],
)
def test_the_seed_is_drawn_fixed_or_left_out(seed: Any, knows: bool, sent: Any) -> None:
    """As the configuration says, and never to an endpoint that refuses it."""
    body = _sent(ModelChoice(seed=seed), profile={"seed": knows})
    assert body.get("seed") == sent


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
@pytest.mark.parametrize("field", ["max_tokens", "max_completion_tokens"])
def test_parameters_go_as_they_are_but_for_the_limit(name: str, field: str) -> None:
    """The limit of output has two names; the endpoint's is used."""
    params = freeze({"temperature": 0.5, name: 9, "reasoning_effort": "low"})
    body = _sent(ModelChoice(params=params), profile={"max_tokens_field": field})
    assert body[field] == 9
    assert body["temperature"] == 0.5
    assert body["reasoning_effort"] == "low"
    assert len(body) == 6


def test_parameters_never_replace_the_conversation() -> None:
    """A parameter of that name would send something else than what is recorded."""
    params = freeze({"messages": [], "tools": [], "response_format": {}})
    body = _sent(ModelChoice(params=params), tools=b'[{"a":1}]', answer=ANSWER)
    assert body["messages"][0]["content"] == "Where?"
    assert body["tools"] == [{"a": 1}]
    assert body["response_format"]["type"] == "json_schema"


# --- structured answers -------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        (STRICT, True),
        (ANSWER[1], False),
        ({"type": "object"}, False),
        ({**STRICT, "additionalProperties": True}, False),
        ({**STRICT, "required": ["city"]}, False),
        ({"type": "array", "items": STRICT}, False),
        ({**STRICT, "properties": {"city": {}, "near": {"type": "null"}}}, False),
    ],
)
def test_a_schema_is_strict_only_where_it_may_be(schema: Any, strict: bool) -> None:
    """Some endpoints refuse a strict schema that leaves anything open."""
    shape = _sent(answer=("place", schema))["response_format"]
    assert shape["type"] == "json_schema"
    assert shape["json_schema"] == {"name": "place", "strict": strict, "schema": schema}


def test_a_schema_is_never_taken_for_another() -> None:
    """Schemas are remembered by identity while they live, however many there are."""
    for number in range(1_000):
        schema = {"type": "object", "title": str(number)}
        shape = _sent(answer=("x", schema))["response_format"]
        assert shape["json_schema"]["schema"]["title"] == str(number)


def test_a_schema_may_go_inside_json_object() -> None:
    """Then nothing is said in words."""
    body = _sent(answer=ANSWER, profile={"structured": "json_object_schema"})
    assert body["messages"] == [json.loads(ASK)]
    assert body["response_format"] == {"type": "json_object", "schema": ANSWER[1]}


@pytest.mark.parametrize("structured", ["json_object", "prompt"])
def test_without_schemas_the_form_is_said_in_words(structured: str) -> None:
    """At the end of the last message from the user; the others stay as they were."""
    lines = [
        encode({"role": "system", "content": "Be."}),
        ASK,
        encode({"role": "assistant", "content": "Hm"}),
        encode({"role": "user", "content": "Well?"}),
    ]
    body = _sent(messages=lines, answer=ANSWER, profile={"structured": structured})
    *before, last = body["messages"]
    assert before == [json.loads(line) for line in lines[:-1]]
    assert last["content"].startswith("Well?\n\n")
    assert json.dumps(ANSWER[1], separators=(",", ":")) in last["content"]
    wanted = {"type": "json_object"} if structured == "json_object" else None
    assert body.get("response_format") == wanted


def test_words_find_a_message_of_the_user() -> None:
    """Where there is none, they are one."""
    system = encode({"role": "system", "content": "Be."})
    options = {"answer": ANSWER, "profile": {"structured": "prompt"}}
    assert _sent(messages=[system], **options)["messages"][1]["role"] == "user"


# --- messages -----------------------------------------------------------------------


@given(st.lists(st.tuples(st.sampled_from(["user", "assistant"]), texts)))
def test_merged_lines_say_the_same_as_whole_messages(lines: list[Any]) -> None:
    """Joining escaped pieces is the same as encoding the joined text."""
    expected: list[dict[str, str]] = []
    for role, text in lines:
        if expected and expected[-1]["role"] == role:
            expected[-1]["content"] += f"\n\n{text}"
        else:
            expected.append({"role": role, "content": text})
    merged = merge_lines((role, escaped(text)) for role, text in lines)
    assert merged == [encode(message) for message in expected]


@given(texts, st.none() | texts, json_objects)
def test_an_encoded_message_is_kept_and_shared(
    text: str, reasoning: str | None, arguments: dict[str, Any]
) -> None:
    """It equals what a fresh message gives; two messages are equal without it."""
    call = e.ToolCall(id="call_0_0", name="a", arguments=freeze(arguments))
    used, fresh = (
        Message(3, "assistant", text, (call,), reasoning=reasoning) for _ in range(2)
    )
    for back in ("", "reasoning"):
        first = assistant._transcript((used,), back)
        again = assistant._transcript((used,), back)
        assert first == again
        assert first == assistant._transcript((fresh,), back)
    assert json.loads(first[0]).get("reasoning") == (reasoning or None)
    assert used == fresh
    assert hash(used) == hash(fresh)
    assert repr(used) == repr(fresh)


def _dialogue(*events: e.Event) -> Dialogue:
    return fold([started(), e.ClockSet(now="2026-03-02T09:00:00Z"), *events])


def _materials(**profile: Any) -> Materials:
    choice = ModelChoice(endpoint="here", model="m")
    made = materials(
        endpoints={"here": Endpoint(base_url="http://localhost:1/v1")},
        roles=Roles(assistant=choice),
    )
    return replace(made, profiles={("here", "m"): EndpointProfile(**profile)})


LOOP = (
    e.UserMessaged(text="Where does customer 1 live?"),
    e.AssistantReplied(text="Hello?", reasoning="first thoughts"),
    e.UserMessaged(text="Well?"),
    e.AssistantReplied(calls=(CALL,), reasoning="second thoughts"),
    e.ToolReturned(reply=1, index=0, content='{"city":"Oslo"}'),
)


def _messages(state: Dialogue, made: Materials) -> list[dict[str, Any]]:
    body = assistant.request(state, made)
    assert body == assistant.request(fold([], state), made)
    messages: list[dict[str, Any]] = json.loads(body)["messages"]
    return messages


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content"])
def test_reasoning_goes_back_inside_a_tool_loop(field: str) -> None:
    """In the field of the profile, for what followed the last message of the user."""
    messages = _messages(_dialogue(*LOOP), _materials(reasoning_back=field))
    assert [message.get(field) for message in messages] == [
        None, None, None, None, "second thoughts", None,
    ]  # fmt: skip
    after = (e.AssistantReplied(text="In Oslo."), e.UserMessaged(text="Thanks."))
    messages = _messages(_dialogue(*LOOP, *after), _materials(reasoning_back=field))
    assert not [message for message in messages if field in message]


def test_reasoning_stays_away_where_no_field_is_named() -> None:
    """The usual endpoint never sees it again."""
    assert b"thoughts" not in assistant.request(_dialogue(*LOOP), _materials())


@pytest.mark.parametrize(
    ("raw", "sent"),
    [
        (None, '{"customer_id":1}'),
        ('{ "customer_id": 1 }', '{ "customer_id": 1 }'),
        ('{"customer_id": 1}}', '{"customer_id":1}'),
        ('"{\\"customer_id\\": 1}"', '{"customer_id":1}'),
        ("", '{"customer_id":1}'),
    ],
)
def test_arguments_go_back_as_they_came_if_they_are_json(
    raw: str | None, sent: str
) -> None:
    """Servers parse them again, and fail a request whose arguments are not JSON."""
    call = CALL.model_copy(update={"raw_arguments": raw})
    message = Message(0, "assistant", "", (call,))
    line = json.loads(assistant._transcript((message,), "")[0])
    assert line["tool_calls"][0]["function"]["arguments"] == sent
    assert line["content"] == ""


# --- rejected answers ---------------------------------------------------------------


def _reject(raw: str, reason: str) -> e.ModelRejected:
    return e.ModelRejected(role="assistant", reason=reason, raw=raw)


def test_a_rejected_answer_is_given_back_with_the_reason() -> None:
    """At the end, after an unchanged beginning, and only while it is at hand."""
    asked = _dialogue(LOOP[0])
    state = _dialogue(LOOP[0], _reject('{"x"', "it is not JSON"))
    made = _materials()
    before, after = _messages(asked, made), _messages(state, made)
    assert after[: len(before)] == before
    assert after[len(before) :] == [
        {"role": "assistant", "content": '{"x"'},
        {
            "role": "user",
            "content": "Your last answer could not be used: it is not JSON. "
            "Answer again.",
        },
    ]
    assert request_seed(asked, "assistant") != request_seed(state, "assistant")
    answered = fold([e.AssistantReplied(text="Hello.")], state)
    assert b"could not be used" not in assistant.request(answered, made)


def test_a_long_rejected_answer_is_cut_and_says_so() -> None:
    """What goes back is bounded, whatever came."""
    lines = given_back([("first", "a"), ("x" * 10_000, "it was too long")])
    assert len(lines[0][1]) < 2_100
    assert lines[0][1].endswith(b"[8000 more characters are left out]")
    assert len(lines) == 2


def test_reasoning_of_a_rejected_answer_is_not_given_back() -> None:
    """Only what was said is shown again."""
    lines = given_back([("<think>x</think>{broken", "it is not JSON")])
    assert lines[0] == ("assistant", b"{broken")
    assert given_back([("<think>x", "it is empty")])[0][1] == b"(nothing)"


@pytest.mark.parametrize(
    ("rejected", "roles"),
    [
        ((), []),
        ((("<html>", "the response is not JSON"),), []),
        ((("", "the answer is empty"),), ["assistant", "user"]),
    ],
)
def test_what_the_model_never_said_is_not_given_back(
    rejected: Any, roles: list[str]
) -> None:
    """A page of a proxy is no answer of the model."""
    lines = given_back(rejected)
    assert [role for role, _ in lines] == roles
    assert all(text for _, text in lines)
