"""The user simulator: its request, message by message, and how its answer is read."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from eventsim.config import EndpointProfile
from eventsim.core import events as e
from eventsim.core.fold import fold
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue
from eventsim.roles import user
from tests.builders import REF, SECRET, chat_response, materials, started, user_says

RESULT = '{"city":"Oslo","note":"only tools know this"}'
CALL = e.ToolCall(id="call_0_0", name="get_customer", arguments={"customer_id": 1})


def _begun(language: str = "English") -> list[e.Event]:
    return [
        started(),
        e.PersonaAssigned(name="plain", description="Plain.", language=language),
        e.TaskAssigned(number=1, title="t", digest="d" * 64, preparation=REF),
    ]


def _dialogue() -> list[e.Event]:
    """One request, answered after a tool call with reasoning."""
    return [
        *_begun(),
        e.UserMessaged(text="Where does customer 1 live?"),
        e.AssistantReplied(text="Let me see.", reasoning="secret", calls=(CALL,)),
        e.ToolCalled(reply=0, index=0, name="get_customer"),
        e.ToolReturned(reply=0, index=0, content=RESULT),
        e.AssistantReplied(text="In Oslo.", reasoning="another secret"),
    ]


def _body(events: list[e.Event], mounted: Materials | None = None) -> dict[str, Any]:
    body = json.loads(user.request(fold(events), mounted or materials()))
    assert isinstance(body, dict)
    return body


def _messages(events: list[e.Event], mounted: Materials | None = None) -> list[Any]:
    messages = _body(events, mounted)["messages"]
    assert isinstance(messages, list)
    return messages


def _drawn(rule: str, instruction: str) -> e.BehaviourDrawn:
    drawn = e.Behaviour(rule=rule, instruction=instruction)
    return e.BehaviourDrawn(rules=(drawn,))


# --- the request --------------------------------------------------------------------


def test_the_first_message_of_a_task_has_to_ask() -> None:
    """A model that is told nothing yet is told so, at the end; later it is not."""
    first = _messages(_begun())[-1]["content"]
    assert "you ask for something of it" in first
    later = _messages(_dialogue())[-1]["content"]
    assert "you ask for something of it" not in later


def test_all_but_the_end_of_the_last_message_stays_the_same() -> None:
    """Requests of a task share every byte up to what is new, for prefix caching."""
    first = user.request(fold([*_begun(), _drawn("terse", "Be terse.")]), materials())
    later = user.request(
        fold([*_dialogue(), _drawn("thanks", "Say thanks.")]), materials()
    )
    opening = first.index(b"# For this message")
    begin, end = first.index(b'"messages"'), opening - len(b"\\n\\n")
    assert first[begin:end] == later[later.index(b'"messages"') :][: end - begin]


def test_what_concerns_one_message_stands_at_the_end() -> None:
    """Rules that were drawn are nowhere but in the last section."""
    rule = _drawn("terse", "Be as terse as a telegram.")
    *before, last = _messages([*_dialogue(), rule])
    assert all("telegram" not in message["content"] for message in before)
    heard, section, now = last["content"].partition("\n\n# For this message\n")
    assert heard.endswith("In Oslo.")
    assert section
    assert "- Be as terse as a telegram." in now.splitlines()


def test_both_sides_take_turns_from_the_beginning() -> None:
    """Strict chat templates take it: user first, alternating, user last."""
    for events in (_begun(), _dialogue(), _dialogue()[:4]):
        roles = [message["role"] for message in _messages(events)[1:]]
        assert roles[0] == roles[-1] == "user"
        assert all(one != two for one, two in pairwise(roles))


def test_the_goal_is_in_the_first_message_alone() -> None:
    """Profile and objectives are the system message's, and the format of the answer
    its last section.
    """
    system, *rest = _messages(_dialogue())
    assert system["role"] == "system"
    assert system["content"].startswith("# Your part: the user\n")
    assert system["content"].rindex("\n# ") == system["content"].index(
        "\n# Answer format\n"
    )
    assert SECRET in system["content"]
    assert "1. find the city of customer 1" in system["content"]
    assert all(SECRET not in message["content"] for message in rest)


def test_tool_results_are_hidden_by_default() -> None:
    """The user sees what the assistant said, and nothing of how it came to it."""
    text = json.dumps(_messages(_dialogue()))
    for hidden in ("only tools know this", "get_customer", "secret"):
        assert hidden not in text


def test_tool_results_are_shown_where_the_run_asks_for_it() -> None:
    """The paper's variant: results, and never the assistant's reasoning."""
    messages = _messages(_dialogue(), materials(user_sees_tool_results=True))
    heard = messages[-1]["content"].partition("\n\n# For this message")[0]
    assert heard == f"Let me see.\n\n(Result of get_customer: {RESULT})\n\nIn Oslo."
    assert "secret" not in json.dumps(messages)


@pytest.mark.parametrize("language", ["English", "German"])
def test_the_language_reaches_both_parts_of_the_prompt(language: str) -> None:
    """English needs no words; any other is named at the beginning and at the end."""
    system, last = _messages(_begun(language))
    named = language != "English"
    assert ("Write in German," in system["content"]) is named
    assert ("in German" in last["content"]) is named


def test_an_assistant_without_words_is_named() -> None:
    """After an own message without an answer the user is told that there is none."""
    messages = _messages(_dialogue()[:4])
    assert messages[-1]["content"].startswith("(The assistant says nothing.")


def test_a_rejected_draft_leaves_an_advice_and_a_new_seed() -> None:
    """The model is told what to avoid, never the message that was turned down."""
    reason = 'speaks_as_assistant: "how can i help you"'
    rejected = e.ModelRejected(role="user", reason=reason, raw="How can I help you?")
    before, after = _body(_dialogue()), _body([*_dialogue(), rejected])
    assert before["seed"] != after["seed"]
    last = after["messages"][-1]["content"]
    assert "A draft of this message was turned down" in last
    assert "offer no help" in last
    assert "How can I help you" not in last
    assert "speaks_as_assistant" not in last
    assert before["messages"][:-1] == after["messages"][:-1]


@pytest.mark.parametrize("structured", ["json_schema", "json_object", "prompt"])
def test_the_answer_is_asked_for_as_the_endpoint_can(structured: Any) -> None:
    """By schema, by form, or by words."""
    profile = EndpointProfile(structured=structured)
    mounted = replace(materials(), profiles={("rule-based", "rule-based"): profile})
    body = _body(_dialogue(), mounted)
    asked = body.get("response_format", {}).get("type", "prompt")
    assert asked == structured
    in_words = "JSON Schema" in body["messages"][-1]["content"]
    assert in_words is (structured != "json_schema")


# --- the answer ---------------------------------------------------------------------


def _read(content: str, events: list[e.Event] | None = None) -> Any:
    response = chat_response({"role": "assistant", "content": content})
    return user.read(response, fold(events or _dialogue()), materials())


ANSWER = '{"user_message":"And customer 2?","is_task_complete":false}'


@pytest.mark.parametrize(
    ("content", "repair"),
    [
        (ANSWER, ""),
        (f"```json\n{ANSWER}\n```", "fenced"),
        (f"Here you are: {ANSWER} I hope that is right.", "trailing"),
        ('{"user_message": "And customer 2?", "is_task_complete": false', "repaired"),
        ('{"user_message":"And customer 2?","is_task_complete":"False"}', "repaired"),
        (f"<think>I ask for the next one.</think>{ANSWER}", ""),
    ],
)
def test_answers_are_read_tolerantly(content: str, repair: str) -> None:
    """How it was read is recorded, and the text as it came where it differs."""
    event = _read(content)
    assert isinstance(event, e.UserMessaged)
    assert (event.text, event.is_task_complete) == ("And customer 2?", False)
    assert event.answer.repair == repair
    assert event.answer.raw == (None if content == ANSWER else content)


@pytest.mark.parametrize(
    ("message", "complete", "reason"),
    [
        ("How can I help you today?", False, "speaks_as_assistant: how can i help"),
        ("Where does customer 1 live?", False, "repeats_itself: Where does"),
        ("*nods* And customer 2?", False, "stage_directions: *nods*"),
        ("Could you tell me more?", True, "ends_early: it still asks"),
        ("And customer 88231?", False, "invents_values: 88231"),
    ],
)
def test_the_gate_rejects_with_reason_text_and_usage(
    message: str, complete: bool, reason: str
) -> None:
    """What it cost counts like any other call."""
    event = user.read(
        user_says(message, complete=complete), fold(_dialogue()), materials()
    )
    assert isinstance(event, e.ModelRejected)
    assert event.role == "user"
    assert event.reason.startswith(reason)
    assert json.loads(event.raw)["user_message"] == message
    assert event.answer.usage.input_tokens == 10


def test_a_good_message_passes_the_gate() -> None:
    """The thanks that end a task, for one."""
    event = user.read(
        user_says("Oslo, great. Thanks, that's all!", complete=True),
        fold(_dialogue()),
        materials(),
    )
    assert isinstance(event, e.UserMessaged)
    assert event.is_task_complete


def test_a_rejection_is_folded_into_the_call_at_hand() -> None:
    """The next request knows of it; an accepted message ends that."""
    state: Dialogue = fold(_dialogue())
    bad = user.read(user_says("How can I help you?"), state, materials())
    state = fold([bad], state)
    assert state.rejections == 1
    good = user.read(user_says("And customer 2?"), state, materials())
    assert fold([good], state).rejections == 0
