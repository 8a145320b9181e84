"""A few calls find out what a server can do with a model."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from eventsim.config import EndpointProfile
from eventsim.errors import EndpointDown
from eventsim.providers.openai_compatible import probe as probing
from eventsim.providers.openai_compatible.client import OpenAICompatible
from eventsim.providers.openai_compatible.probe import Found, probe
from tests.providers.openai_compatible.serving import (
    RESET,
    Answer,
    Request,
    Server,
    Write,
    always,
    completion,
    http,
    serving,
)

pytestmark = pytest.mark.anyio

FACTS = '{"capital_city": "Paris", "on_coast": false}'
CALL = {"name": "get_weather", "arguments": '{"city": "Oslo"}'}
Model = Callable[[dict[str, Any]], bytes]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "_FIRST_PAUSE_S", 0.0)


def refusal(message: str, status: int = 400) -> bytes:
    """A request that is refused."""
    return http({"error": {"message": message, "type": "bad"}}, status)


def called(**message: Any) -> bytes:
    """A native tool call."""
    calls = [{"id": "", "type": "function", "function": CALL}]
    return http(completion(None, tool_calls=calls, **message))


def capable(body: dict[str, Any]) -> bytes:
    """A model that can do everything."""
    if body["messages"][-1]["role"] == "tool":
        return http(completion("It snows."))
    if "tools" in body:
        return called()
    wanted = body.get("response_format", {}).get("type")
    return http(completion(FACTS if wanted else "Paris, which has no coast."))


def serves(model: Model) -> Answer:
    """A server that answers by the parsed request."""

    async def answer(request: Request, write: Write) -> None:
        await write(model(request.json))

    return answer


async def found_by(
    model: Model, fixed: dict[str, Any] | None = None
) -> tuple[Found, Server]:
    """What a probe of that model finds, and what it took."""
    async with (
        serving(serves(model)) as server,
        OpenAICompatible("there", server.endpoint(), "") as provider,
    ):
        found = await probe(provider, "m", fixed or {})
    assert found.calls == len(server.requests)
    return found, server


async def test_a_capable_model_needs_three_calls() -> None:
    """A tool call, its result, and a schema; their tokens are counted."""
    found, server = await found_by(capable)
    assert found.profile == EndpointProfile()
    assert found.calls == 3
    assert found.notes == ()
    assert (found.usage.input_tokens, found.usage.output_tokens) == (21, 6)
    loop = server.requests[1].json["messages"]
    assert [m["role"] for m in loop] == ["user", "assistant", "tool"]
    assert loop[2]["tool_call_id"] == loop[1]["tool_calls"][0]["id"] != ""


def writes_calls_as_text(body: dict[str, Any]) -> bytes:
    """A template without a tool parser; schemas only inside json_object."""
    wanted = body.get("response_format", {}).get("type")
    if wanted == "json_schema":
        message = "'loc': ('body', 'response_format', 'type'), input: 'json_schema'"
        return refusal(message, 500)
    if "tools" in body:
        return http(completion(f"```json\n{json.dumps(CALL)}\n```"))
    return http(completion(FACTS if wanted else "Paris."))


async def test_calls_that_come_as_text_mean_prompted_tools() -> None:
    """And a server that says 500 for what it does not know is understood at once."""
    found, _ = await found_by(writes_calls_as_text)
    assert found.profile == EndpointProfile(
        tools="prompted", structured="json_object_schema"
    )
    assert found.calls == 3
    assert "as text" in found.notes[0]


async def test_a_schema_inside_json_object_is_not_believed_unseen() -> None:
    """A server that ignores it is asked for JSON, and told the schema in words."""

    def ignores_schemas(body: dict[str, Any]) -> bytes:
        wanted = body.get("response_format", {})
        if wanted.get("type") == "json_schema":
            return refusal("use json_object")
        return http(completion('{"city": "Paris"}')) if wanted else capable(body)

    found, _ = await found_by(ignores_schemas)
    assert found.profile == EndpointProfile(structured="json_object")


def ignores_everything(body: dict[str, Any]) -> bytes:
    """Takes every field, and does as it pleases."""
    return http(completion(f"Sure!\n```json\n{FACTS}\n```" if len(body) < 5 else "Hm."))


async def test_a_server_that_ignores_what_is_asked_is_told_by_words_alone() -> None:
    """Nothing is believed because it was not refused; five answers are enough."""
    found, server = await found_by(ignores_everything)
    assert found.profile == EndpointProfile(tools="prompted", structured="prompt")
    assert len(server.requests) == 5


def loses_results(body: dict[str, Any]) -> bytes:
    """A template that leaves tool results out."""
    if body["messages"][-1]["role"] == "tool":
        return http(completion(""))
    return capable(body)


async def test_a_model_that_does_not_see_results_gets_prompted_tools() -> None:
    """Its calls are native, and of no use."""
    found, _ = await found_by(loses_results)
    assert found.profile.tools == "prompted"


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content"])
async def test_reasoning_goes_back_in_the_field_it_came_in(field: str) -> None:
    """Where the endpoint takes it: it is tried."""

    def reasons(body: dict[str, Any]) -> bytes:
        last = body["messages"][-1]["role"]
        if "tools" in body and last == "user":
            return called(**{field: "They want the weather."})
        return capable(body)

    found, server = await found_by(reasons)
    assert found.profile.reasoning_back == field
    sent = server.requests[1].json["messages"][1]
    assert sent[field] == "They want the weather."


async def test_reasoning_that_is_refused_stays_here() -> None:
    """Tools remain native."""

    def reasons(body: dict[str, Any]) -> bytes:
        if any("reasoning_content" in m for m in body["messages"]):
            return refusal("reasoning_content is not allowed in messages")
        return called(reasoning_content="Hm.") if "tools" in body else capable(body)

    found, _ = await found_by(reasons)
    assert (found.profile.tools, found.profile.reasoning_back) == ("native", "")


async def test_fields_that_are_refused_are_left_out_or_renamed() -> None:
    """And the other questions are asked without them."""

    def modern(body: dict[str, Any]) -> bytes:
        if "max_tokens" in body:
            return refusal("Unsupported parameter: use 'max_completion_tokens'")
        if "seed" in body:
            return refusal(
                '[{"type": "extra_forbidden", "loc": ["body", "seed"]}]', 422
            )
        return capable(body)

    found, _ = await found_by(modern)
    expected = EndpointProfile(seed=False, max_tokens_field="max_completion_tokens")
    assert found.profile == expected
    assert found.calls == 5


async def test_tools_that_are_refused_are_prompted() -> None:
    """By a 400, or by a 500 that names them."""
    for status in (400, 500):

        def without(body: dict[str, Any], status: int = status) -> bytes:
            if "tools" in body:
                return refusal("tools param requires --jinja flag", status)
            return capable(body)

        found, _ = await found_by(without)
        assert found.profile == EndpointProfile(tools="prompted")
        assert found.calls == 2


async def test_a_seed_that_is_refused_without_a_word_is_found_out() -> None:
    """A plain question tells why nothing was answered, and the others are repeated."""

    def mute(body: dict[str, Any]) -> bytes:
        return refusal("bad request") if "seed" in body else capable(body)

    found, _ = await found_by(mute)
    assert found.profile == EndpointProfile(seed=False)
    assert found.notes == ()


async def test_what_is_fixed_is_not_probed() -> None:
    """The configuration's word counts, and saves calls."""
    fixed = {"tools": "prompted", "seed": False}
    found, server = await found_by(capable, fixed)
    assert found.profile == EndpointProfile(tools="prompted", seed=False)
    assert found.calls == 1
    assert "seed" not in server.requests[0].json
    found, _ = await found_by(capable, {"tools": "native", "structured": "prompt"})
    assert found.profile == EndpointProfile(structured="prompt")


async def test_a_probe_gets_through_random_failures() -> None:
    """What fails by chance is asked again, and no ability is lost by it."""
    failures = [RESET, http({"choices": []}), http(b"<html>"), http(b"{}", 503), RESET]

    def shaky(body: dict[str, Any]) -> bytes:
        nonlocal turn
        turn += 1
        if turn % 2:
            return failures[turn // 2 % len(failures)]
        return capable(body)

    turn = 0
    found, _ = await found_by(shaky)
    assert found.profile == EndpointProfile()
    assert found.calls == 6


@pytest.mark.parametrize(
    ("response", "said"),
    [
        (http({"error": "no key"}, 401), "refuses the key"),
        (http({"error": "no model"}, 404), "no such model"),
        (http({"error": "overheated"}, 503), "overheated"),
        (RESET, "connection"),
        (refusal("nothing pleases me"), "nothing pleases me"),
    ],
)
async def test_an_endpoint_that_answers_nothing_is_down(
    response: bytes, said: str
) -> None:
    """One line says so before anything else is asked."""
    async with (
        serving(always(response)) as server,
        OpenAICompatible("there", server.endpoint(), "") as provider,
    ):
        with pytest.raises(EndpointDown, match=said):
            await probe(provider, "m", {})
