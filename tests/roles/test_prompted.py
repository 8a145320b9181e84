"""Tools in the prompt: the next action says what native calls say."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema_rs
import orjson
import pytest
from hypothesis import given

from eventsim.config import Endpoint, EndpointProfile, FlawRates, ModelChoice, Roles
from eventsim.core import events as e
from eventsim.core.fold import fold
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue
from eventsim.core.values import encode, freeze
from eventsim.providers.rule_based.provider import RuleBased
from eventsim.roles import assistant, prompted
from tests.builders import (
    SECRET,
    TOOL,
    assistant_calls,
    chat_response,
    materials,
    started,
)
from tests.providers.rule_based.assistant.world import (
    FLAWLESS,
    functions,
    system_text,
)
from tests.strategies import json_objects, texts

pytestmark = pytest.mark.anyio

CALLS = tuple(
    e.ToolCall(
        id=f"call_0_{n}", name="get_customer", arguments=freeze({"customer_id": n})
    )
    for n in range(2)
)
STORY = (
    e.UserMessaged(text="Where do they live?"),
    e.AssistantReplied(calls=CALLS, reasoning="thoughts"),
    e.ToolReturned(reply=0, index=0, content='{"city":"Oslo"}'),
    e.ToolReturned(reply=0, index=1, content='{"city":"Rome"}'),
    e.AssistantReplied(text="In Oslo and Rome."),
    e.UserMessaged(text="Thanks."),
)


def _materials(**profile: Any) -> Materials:
    made = materials(
        endpoints={"here": Endpoint(base_url="http://localhost:1/v1")},
        roles=Roles(assistant=ModelChoice(endpoint="here", model="m")),
    )
    found = EndpointProfile(tools="prompted", **profile)
    return replace(made, profiles={("here", "m"): found})


def _dialogue(*events: e.Event) -> Dialogue:
    return fold([started(), e.ClockSet(now="2026-03-02T09:00:00Z"), *events])


def _sent(state: Dialogue, made: Materials) -> dict[str, Any]:
    sent = json.loads(assistant.request(state, made))
    assert isinstance(sent, dict)
    return sent


def _read(content: Any, **fields: Any) -> e.AssistantReplied | e.ModelRejected:
    message = {"role": "assistant", "content": content, **fields}
    return assistant.read(chat_response(message), _dialogue(), _materials())


# --- what is sent -------------------------------------------------------------------


def test_tools_stand_in_the_instructions_alone() -> None:
    """With name, description and parameters, after all that a native prompt says."""
    sent = _sent(_dialogue(STORY[0]), _materials())
    assert "tools" not in sent
    system = sent["messages"][0]["content"]
    native = materials()
    assert system.startswith(assistant.system_prompt(_dialogue(STORY[0]), native))
    assert json.dumps(TOOL.as_function()["function"], separators=(",", ":")) in system
    assert SECRET not in json.dumps(sent)
    assert "SELECT" not in system


def test_the_transcript_holds_actions_and_their_results() -> None:
    """The roles take turns, and each result says which call it answers."""
    messages = _sent(_dialogue(*STORY), _materials())["messages"][1:]
    assert messages == [
        {"role": "user", "content": "Where do they live?"},
        {
            "role": "assistant",
            "content": '{"action":"call","calls":['
            '{"name":"get_customer","arguments":{"customer_id":0}},'
            '{"name":"get_customer","arguments":{"customer_id":1}}]}',
        },
        {
            "role": "user",
            "content": 'Result of call 1 (get_customer):\n{"city":"Oslo"}\n\n'
            'Result of call 2 (get_customer):\n{"city":"Rome"}',
        },
        {
            "role": "assistant",
            "content": '{"action":"reply","text":"In Oslo and Rome."}',
        },
        {"role": "user", "content": "Thanks."},
    ]


def test_requests_share_their_beginning() -> None:
    """Each request begins with the messages of the one before, byte for byte."""
    made = _materials()
    first = assistant.request(_dialogue(STORY[0]), made)
    later = assistant.request(_dialogue(*STORY), made)
    shared = first[: first.index(b'],"seed"')]
    assert later.startswith(shared)
    assert later == assistant.request(_dialogue(*STORY), made)


def test_a_rejected_action_is_given_back() -> None:
    """The roles still take turns."""
    rejected = e.ModelRejected(role="assistant", reason="it is empty", raw="")
    messages = _sent(_dialogue(*STORY, rejected), _materials())["messages"]
    assert [message["role"] for message in messages[-3:]] == [
        "user", "assistant", "user",
    ]  # fmt: skip
    assert "could not be used: it is empty" in messages[-1]["content"]


@pytest.mark.parametrize("structured", ["json_schema", "json_object", "prompt"])
def test_the_form_of_an_action_is_asked_for(structured: Any) -> None:
    """By schema where the endpoint can, and in words otherwise."""
    sent = _sent(_dialogue(STORY[0]), _materials(structured=structured))
    last = sent["messages"][-1]["content"]
    shape = sent.get("response_format", {}).get("type")
    assert shape == (None if structured == "prompt" else structured)
    assert ("JSON Schema" in last) == (structured != "json_schema")
    assert len(last) < 700


@pytest.mark.parametrize(
    ("action", "valid"),
    [
        ({"action": "reply", "text": "Hi"}, True),
        ({"action": "call", "calls": []}, False),
        ({"action": "call", "calls": [{"name": "fly", "arguments": {}}]}, False),
        ({"action": "call", "text": "Hi"}, False),
        (
            {
                "action": "call",
                "calls": [{"name": "get_customer", "arguments": {"customer_id": 1}}],
            },
            True,
        ),
        (
            {
                "action": "call",
                "calls": [{"name": "get_customer", "arguments": {"customer_id": "1"}}],
            },
            False,
        ),
    ],
)
def test_the_schema_knows_the_tools_and_their_arguments(
    action: dict[str, Any], valid: bool
) -> None:
    """Where a grammar is made of it, only calls of real tools can be written, and
    always after a thought.
    """
    made = _materials()
    _, schema = prompted.answer_schema(made.functions, EndpointProfile())
    thought = {"thought": "I know the id."}
    assert jsonschema_rs.is_valid(dict(schema), thought | action) == valid
    assert not jsonschema_rs.is_valid(dict(schema), action)


def test_a_tool_that_refers_to_its_own_schema_has_open_arguments() -> None:
    """A reference would point at the root of the action's schema."""
    parameters = {"type": "object", "properties": {"a": {"$ref": "#/$defs/b"}}}
    tool = {"type": "function", "function": {"name": "a", "parameters": parameters}}
    _, schema = prompted.answer_schema(encode([tool]), EndpointProfile())
    assert b"$ref" not in encode(schema)


# --- what comes back ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "repair"),
    [
        ('{"action":"reply","text":"Hi"}', ""),
        ('{"action": "reply", "text": "Hi"}', ""),
        ('{"text": "Hi"}', ""),
        ('{"action": "reply", "text": "Hi", "calls": []}', ""),
        ('{"reply": "Hi", "calls": []}', ""),
        ('{"action": "reply", "text": "Hi", "calls": [{"name": "x"}]}', ""),
        ('```json\n{"action": "reply", "text": "Hi"}\n```', "fenced"),
        ('<think>hm</think>{"action":"reply","text":"Hi"}', ""),
        ('{"action": "reply", "text": "Hi"', "repaired"),
    ],
)
def test_replies_are_read(content: str, repair: str) -> None:
    """In the asked form, and in forms that models fall into."""
    event = _read(content)
    assert isinstance(event, e.AssistantReplied)
    assert (event.text, event.calls, event.answer.repair) == ("Hi", (), repair)
    exact = content == '{"action":"reply","text":"Hi"}'
    assert event.answer.raw == (None if exact else content)


@pytest.mark.parametrize("thinking", ["", "<think>\nhm\n</think>\n\n"])
def test_a_thought_is_reasoning(thinking: str) -> None:
    """It is kept once, and stands in no later request."""
    said = '{"thought":"All is said.","action":"reply","text":"Hi"}'
    event = _read(thinking + said)
    assert isinstance(event, e.AssistantReplied)
    assert event.text == "Hi"
    assert event.reasoning == ("hm\n\n" if thinking else "") + "All is said."
    if not thinking:
        assert event.answer.raw is None
    later = _sent(_dialogue(STORY[0], event, STORY[-1]), _materials())
    assert "All is said" not in json.dumps(later)


CALL = '{"name": "get_customer", "arguments": {"customer_id": 1}}'


@pytest.mark.parametrize(
    "content",
    [
        '{"action": "call", "calls": [' + CALL + "]}",
        '{"action": "call", "calls": ' + CALL + "}",
        '{"calls": [' + CALL + "]}",
        '{"tool_calls": [' + CALL + "]}",
        f"[{CALL}]",
        CALL,
        '{"action": "call", "calls": [{"name": "get_customer", '
        '"arguments": "{\\"customer_id\\": 1}"}]}',
    ],
)
def test_calls_are_read(content: str) -> None:
    """The event is the one that native calls give."""
    event = _read(content)
    native = assistant.read(
        assistant_calls(("get_customer", {"customer_id": 1})), _dialogue(), materials()
    )
    assert isinstance(event, e.AssistantReplied)
    assert isinstance(native, e.AssistantReplied)
    assert [(c.id, c.name, c.arguments) for c in event.calls] == [
        (c.id, c.name, c.arguments) for c in native.calls
    ]


def test_native_calls_are_taken_where_they_come_after_all() -> None:
    """An endpoint may have a parser that nobody knew of."""
    function = {"name": "get_customer", "arguments": "{}"}
    event = _read(None, tool_calls=[{"id": "a", "function": function}])
    assert isinstance(event, e.AssistantReplied)
    assert event.calls[0].given_id == "a"


@pytest.mark.parametrize(
    "content",
    [
        "",
        None,
        "I will look it up.",
        "3",
        "{}",
        '{"action": "reply"}',
        '{"action": "reply", "text": ""}',
        '{"action": "call", "calls": []}',
        '{"action": "call", "calls": [{}]}',
        '{"action": "call", "calls": [{"name": "get_customer", "arguments": 3}]}',
        '{"action": "call", "calls": ["get_customer"]}',
        '{"action": "wait"}',
    ],
)
def test_what_is_no_action_is_rejected(content: str | None) -> None:
    """With a reason and what came."""
    event = _read(content)
    assert isinstance(event, e.ModelRejected)
    assert event.reason
    assert event.answer.usage.output_tokens == 2


@given(texts.filter(str.strip))
def test_a_reply_is_read_as_it_was_written(text: str) -> None:
    """Whatever the words are, they are stored once."""
    event = _read(prompted.action_text(text, ()))
    assert isinstance(event, e.AssistantReplied)
    assert (event.text, event.answer.raw) == (text, None)


@given(texts, json_objects)
def test_a_call_is_read_as_it_was_written(text: str, arguments: Any) -> None:
    """With or without words beside it, and with any arguments."""
    call = CALLS[0].model_copy(update={"arguments": freeze(arguments)})
    event = _read(prompted.action_text(text, (call,)))
    assert isinstance(event, e.AssistantReplied)
    assert event.calls == (call,)
    assert (event.text, event.answer.raw) == (text, None)


# --- the provider by rule -----------------------------------------------------------

QUESTION = {"role": "user", "content": 'find the email of the customer "Ana Lima"'}


async def _answered(request: dict[str, Any]) -> dict[str, Any]:
    provider = RuleBased(FLAWLESS)
    body = await provider.complete(orjson.dumps(request), idempotency_key="k")
    choice: dict[str, Any] = orjson.loads(body)["choices"][0]
    return choice


def _in_the_prompt(*messages: dict[str, Any]) -> dict[str, Any]:
    template = materials().prompts["assistant_prompted"]
    tools = prompted.tools_prompt(template, encode(functions()))
    system = {"role": "system", "content": f"{system_text()}\n{tools}"}
    return {"model": "rule-based", "seed": 1, "messages": [system, *messages]}


def _native(*messages: dict[str, Any]) -> dict[str, Any]:
    system = {"role": "system", "content": system_text()}
    return {
        "model": "rule-based",
        "seed": 1,
        "messages": [system, *messages],
        "tools": functions(),
    }


async def test_the_rules_call_from_the_prompt_what_they_call_natively() -> None:
    """The same call, as an action, and then the same reply to its result."""
    native = await _answered(_native(QUESTION))
    function = native["message"]["tool_calls"][0]["function"]
    choice = await _answered(_in_the_prompt(QUESTION))
    assert choice["finish_reason"] == "stop"
    action = json.loads(choice["message"]["content"])
    assert action == {
        "action": "call",
        "calls": [
            {
                "name": function["name"],
                "arguments": json.loads(function["arguments"]),
            }
        ],
    }
    rows = '{"rows":[{"customer_id":1,"email":"ana@inbox.example"}],"more":false}'
    result = f"Result of call 1 ({function['name']}):\n{rows}"
    said = await _answered(
        _in_the_prompt(
            QUESTION,
            {"role": "assistant", "content": choice["message"]["content"]},
            {"role": "user", "content": result},
        )
    )
    usual = await _answered(
        _native(
            QUESTION,
            native["message"],
            {
                "role": "tool",
                "tool_call_id": native["message"]["tool_calls"][0]["id"],
                "content": rows,
            },
        )
    )
    reply = json.loads(said["message"]["content"])
    assert reply == {"action": "reply", "text": usual["message"]["content"]}
    assert "ana@inbox.example" in reply["text"]


@pytest.mark.parametrize("request_of", [_native, _in_the_prompt])
async def test_the_rules_answer_again_after_a_rejection(request_of: Any) -> None:
    """The note about the last answer is no new request of the person."""
    again = (
        {"role": "assistant", "content": "{broken"},
        {
            "role": "user",
            "content": "Your last answer could not be used: it is not JSON. "
            "Answer again.",
        },
    )
    first = await _answered(request_of(QUESTION))
    second = await _answered(request_of(QUESTION, *again))
    assert first["message"] == second["message"]


async def test_a_whole_prompted_task_is_done_by_rule() -> None:
    """The requests that are really sent are understood, and the answers read."""
    made = _materials(structured="prompt")
    state = _dialogue(e.UserMessaged(text="find the city of customer 1"))
    provider = RuleBased(FlawRates(**dict.fromkeys(FlawRates.model_fields, 0.0)))

    async def answer() -> e.AssistantReplied:
        body = assistant.request(state, made)
        response = await provider.complete(body, idempotency_key="k")
        event = assistant.read(response, state, made)
        assert isinstance(event, e.AssistantReplied)
        return event

    asked = await answer()
    assert [(c.name, c.arguments) for c in asked.calls] == [
        ("get_customer", {"customer_id": 1})
    ]
    result = e.ToolReturned(reply=0, index=0, content='{"customer_id":1,"city":"Oslo"}')
    state = fold([asked, result], state)
    told = await answer()
    assert "Oslo" in told.text
    assert not told.calls
