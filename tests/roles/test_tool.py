"""The tool that a model plays: what it is shown, and how its answer is read."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from eventsim.config import EndpointProfile
from eventsim.core import events as e
from eventsim.core.faults import replacement
from eventsim.core.values import encode
from eventsim.roles import tool
from tests.roles.playing import Talk, answer, materials, texts

PAID = {
    "order_id": 7,
    "customer_id": 3,
    "customer_name": "Ada Berg",
    "status": "paid",
    "total": 118.5,
    "ordered_on": "2026-02-11",
}


def waiting(fault: str = "", **config: Any) -> Talk:
    """A look-up that has returned, and one that waits."""
    talk = Talk(materials(**config))
    talk.user("How much is order 7?")
    talk.call("get_order", order_id=7)
    talk.returns(PAID)
    talk.says("Order 7 is 118.50.")
    talk.user("And who bought it?")
    talk.call("get_customer", fault=fault, customer_id=3)
    return talk


def seen(talk: Talk) -> list[tuple[str, str]]:
    """The (role, content) of each message of the request."""
    return texts(tool.request(talk.state, talk.materials))


def whole(talk: Talk) -> str:
    """All that the tool reads."""
    return "\n".join(content for _, content in seen(talk))


def read(value: Any, called: str = "get_order", **arguments: Any) -> Any:
    """What comes of an answer to a call."""
    talk = Talk()
    talk.user("Please.")
    talk.call(called, **(arguments or {"order_id": 7}))
    return tool.read(answer(value), talk.state, talk.materials)


# --- what it shows ------------------------------------------------------------------


def test_it_sees_the_conversation_with_results_as_its_own_answers() -> None:
    """So that it remembers what it said before."""
    system, *lines = seen(waiting())
    assert system[0] == "system"
    assert system[1].startswith("# Your part: tool\n")
    assert "2026-03-02T09:00:00Z" in system[1]
    assert lines[0] == (
        "user",
        '(The person writes: How much is order 7?)\n\nget_order with {"order_id":7}',
    )
    assert lines[1][0] == "assistant"
    assert json.loads(lines[1][1]) == {"result": PAID, "error": None}
    assert lines[2][1].startswith(
        "(The assistant writes: Order 7 is 118.50.)\n\n"
        "(The person writes: And who bought it?)\n\n# The call to answer\n"
    )


def test_it_sees_the_call_and_the_tool_at_the_end() -> None:
    """Arguments, description, parameters, and the schema of the result."""
    talk = waiting()
    last = seen(talk)[-1][1].partition("# The call to answer\n")[2].splitlines()
    definition = talk.materials.tool_by_name["get_customer"]
    assert last[0] == 'get_customer with {"customer_id":3}'
    assert "get_customer: Tool get_customer." in last
    shown = {line.partition(": ")[0]: line.partition(": ")[2] for line in last}
    assert shown["Parameters"] == encode(definition.parameters).decode()
    assert shown["JSON Schema of the result"] == encode(definition.returns).decode()


def test_it_is_told_of_older_data_only_where_the_fault_says_so() -> None:
    """A stale result comes from the tool itself."""
    assert "a copy of the data that was made before" in whole(waiting("stale"))
    assert "a copy of the data" not in whole(waiting())
    assert "a copy of the data" not in whole(waiting("schema_drift"))


@pytest.mark.parametrize(
    ("structured", "inside"), [("json_schema", True), ("json_object", False)]
)
def test_the_schema_of_the_result_is_asked_for_where_the_endpoint_keeps_to_it(
    structured: Any, inside: bool
) -> None:
    """Elsewhere the form alone is asked for: the call shows the schema already."""
    talk = waiting()
    profile = EndpointProfile(structured=structured)
    mounted = replace(talk.materials, profiles={("rule-based", "rule-based"): profile})
    body = json.loads(tool.request(talk.state, mounted))
    assert ("email" in json.dumps(body["response_format"])) is inside


# --- what it never shows ------------------------------------------------------------


def test_it_never_sees_the_task_the_policy_or_thoughts() -> None:
    """Rule 10: a tool that knows the goal gives it away in its results."""
    talk = waiting()
    config = talk.materials.config.model_copy(update={"seed": 987654321})
    talk.materials = replace(talk.materials, config=config)
    text = whole(talk)
    for secret in (
        *("Goldfinch", "Profilium", "Mara", "Objectivum"),
        *("Criterium", "Checkpointum", "Policyword", "Thoughtful", "987654321"),
    ):
        assert secret not in text


def test_it_never_sees_what_did_not_come_from_it() -> None:
    """A call that a fault replaced, or whose arguments broke the schema, never was."""
    talk = Talk()
    talk.user("Is order 7 open?")
    talk.call("get_order", fault="timeout", order_id=7)
    talk.returns(replacement("timeout", "get_order", 0), is_error=True)
    talk.call("get_order", order_id="seven")
    talk.returns({"error": {"code": "invalid_arguments", "message": "No."}})
    talk.call("get_order", order_id=7)
    assert [role for role, _ in seen(talk)] == ["system", "user"]
    assert "timeout" not in whole(talk)
    assert "seven" not in whole(talk)


def test_it_never_sees_drafts_that_were_turned_down() -> None:
    """What a gate stopped never entered the dialogue."""
    talk = Talk()
    talk.rejects("user", "Drafty", "speaks_as_assistant: x")
    talk.user("Is order 7 open?")
    talk.rejects("assistant", "Drafty", "the answer is empty")
    made = e.ToolCall(id="call_0_0", name="get_order", arguments={"order_id": 7})
    talk.then(
        e.AssistantReplied(calls=(made,)),
        e.ToolCalled(reply=0, index=0, name="get_order"),
    )
    assert "Drafty" not in whole(talk)


# --- how its answer is read ---------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "repair"),
    [
        ({"result": PAID, "error": None}, ""),
        (PAID, "bare"),
        ({"result": json.dumps(PAID), "error": None}, "repaired"),
        (f"```json\n{json.dumps({'result': PAID, 'error': None})}\n```", "fenced"),
        ({"result": PAID, "error": {"code": "", "message": ""}}, ""),
    ],
)
def test_a_result_is_read_as_models_write_it(value: Any, repair: str) -> None:
    """The content is the result alone; how it was read is recorded."""
    returned = read(value)
    assert isinstance(returned, e.ToolReturned), returned.reason
    assert json.loads(returned.content) == PAID
    assert not returned.is_error
    assert returned.answer is not None
    assert returned.answer.repair == repair


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        ({"code": "not_found", "message": "No order 7."}, "not_found", "No order 7."),
        ({"code": "Not Found", "detail": "No."}, "not_found", "No."),
        ("There is no order 7.", "failed", "There is no order 7."),
    ],
)
def test_an_error_is_an_object_of_its_own(error: Any, code: str, message: str) -> None:
    """With a code and one sentence."""
    returned = read({"result": None, "error": error})
    assert returned.is_error
    assert json.loads(returned.content) == {"error": {"code": code, "message": message}}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("I found it.", "the answer is not a JSON object"),
        ({"order": 7}, 'the answer must have the fields "result" and "error"'),
        (
            {"result": PAID, "error": {"code": "conflict", "message": "No."}},
            "the answer has both a result and an error",
        ),
        ({"result": PAID | {"status": "lost"}, "error": None}, "result.status breaks"),
        ({"result": {"order_id": 7}, "error": None}, "breaks the schema of the result"),
        ({"result": PAID | {"note": ""}, "error": None}, "result breaks the schema"),
        ({"result": None, "error": None}, "result breaks the schema"),
    ],
)
def test_what_is_no_result_is_rejected_and_the_model_is_told(
    value: Any, reason: str
) -> None:
    """In one line, at the end of the next request."""
    talk = Talk()
    talk.user("Is order 7 open?")
    talk.call("get_order", order_id=7)
    rejected = tool.read(answer(value), talk.state, talk.materials)
    assert isinstance(rejected, e.ModelRejected)
    assert rejected.role == "tool"
    assert reason in rejected.reason
    talk.then(rejected)
    assert rejected.reason in seen(talk)[-1][1]
