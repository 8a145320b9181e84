"""The local endpoint as its clients see it: over HTTP, in a process of its own."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any

import pytest
from openai import OpenAI

from eventsim.core import events as e
from eventsim.core.fold import fold
from eventsim.roles import user
from eventsim.web.faults import ERRORS, MALFORMED
from tests.builders import REF, materials, started
from tests.cli.conftest import call
from tests.run.serving import counters, serving

TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
ASSISTANT: dict[str, Any] = {
    "model": "m",
    "messages": [{"role": "user", "content": "What is the weather in Oslo?"}],
    "tools": [TOOL],
}
PLAIN: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}


@pytest.fixture(scope="module")
def steady() -> Iterator[str]:
    """An endpoint without faults."""
    with serving() as url:
        yield url


def post(url: str, body: bytes, timeout_s: float = 20) -> tuple[int, Any, bytes]:
    """Status, headers and bytes of an answer, whatever the status."""
    request = urllib.request.Request(
        f"{url}/chat/completions", body, {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def test_the_openai_client_lists_its_model_and_gets_calls(steady: str) -> None:
    """The protocol as the client that everybody uses understands it."""
    with OpenAI(base_url=steady, api_key="none", max_retries=0) as client:
        assert [model.id for model in client.models.list()] == ["rule-based"]
        answer = client.chat.completions.create(**ASSISTANT)
    (choice,) = answer.choices
    assert choice.finish_reason == "tool_calls"
    assert choice.message.tool_calls is not None
    (called,) = choice.message.tool_calls
    assert called.type == "function"
    assert called.function.name == "get_weather"
    assert json.loads(called.function.arguments) == {"city": "Oslo"}
    assert answer.usage is not None
    assert answer.usage.prompt_tokens > 0


def test_the_same_request_has_the_same_answer_and_a_cached_prefix(steady: str) -> None:
    """Nothing in the answer but what a cache saves depends on the server's past."""
    body = json.dumps(ASSISTANT | {"model": "twice"}).encode()
    first, second = (json.loads(post(steady, body)[2]) for _ in range(2))
    assert second["usage"].pop("prompt_tokens_details")["cached_tokens"] > 0
    first["usage"].pop("prompt_tokens_details")
    assert first == second


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"{", "JSON"),
        (b"[]", "messages"),
        (b'{"messages":[]}', "message"),
        (json.dumps(PLAIN | {"stream": True}).encode(), "stream"),
    ],
)
def test_what_it_cannot_take_is_a_400_with_the_reason(
    steady: str, body: bytes, word: str
) -> None:
    """In the form that clients read errors from."""
    status, _, answer = post(steady, body)
    assert status == 400
    assert word in json.loads(answer)["error"]["message"]


def test_an_unknown_path_is_a_404(steady: str) -> None:
    """Also with a wrong method."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{steady}/chat/completions")
    with caught.value as error:
        assert error.code == 404
        assert "GET" in json.loads(error.read())["error"]["message"]


def test_abilities_shape_what_is_understood() -> None:
    """Calls as text, and no JSON Schema, as endpoints without a tool parser have it."""
    with serving("--tools", "text", "--structured", "object") as url:
        _, _, answer = post(url, json.dumps(ASSISTANT).encode())
        message = json.loads(answer)["choices"][0]["message"]
        assert "tool_calls" not in message
        assert '"get_weather"' in message["content"]
        schema = {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}
        wanted = json.dumps(PLAIN | {"response_format": schema}).encode()
        assert post(url, wanted)[0] == 400
        wanted = json.dumps(PLAIN | {"response_format": {"type": "json_object"}})
        assert post(url, wanted.encode())[0] == 200


SEEN: dict[str, tuple[int, bytes]] = {
    "rate_limit_retry_after": (429, b"Rate limit"),
    "rate_limit": (429, b"Rate limit"),
    "server_error": (500, b"server_error"),
    "unavailable": (503, b"overloaded"),
    "html_page": (200, b"<html>"),
    "error_in_200": (200, b'"error"'),
    "empty_choices": (200, b'"choices":[]'),
    "broken_json": (200, b'"choices":[{'),
}


@pytest.mark.parametrize("fault", ERRORS)
def test_each_failure_looks_as_on_the_wire(fault: str) -> None:
    """Status and body of each; a reset and a stalled body never end well."""
    with serving("--error-rate", "1", "--fault", fault) as url:
        body = json.dumps(ASSISTANT).encode()
        if fault in SEEN:
            status, headers, answer = post(url, body)
            assert (status, SEEN[fault][1] in answer) == (SEEN[fault][0], True)
            has_wait = "Retry-After" in headers
            assert has_wait == (fault == "rate_limit_retry_after")
        else:
            with pytest.raises((OSError, HTTPException)):
                post(url, body, timeout_s=1)
        assert counters(url)["faults"] == {fault: 1}
    assert set(SEEN) | {"connection_reset", "stalled_body"} == set(ERRORS)


@pytest.mark.parametrize("fault", sorted(set(MALFORMED) - {"fenced", "wrong_type"}))
def test_each_malformed_answer_differs_from_the_sound_one(
    fault: str, steady: str
) -> None:
    """It is still a completion; which of its parts is wrong depends on the kind."""
    body = json.dumps(ASSISTANT).encode()
    sound = json.loads(post(steady, body)[2])["choices"]
    with serving("--malformed-rate", "1", "--fault", fault) as url:
        status, _, answer = post(url, body)
        assert status == 200
        assert json.loads(answer)["choices"] != sound
        assert counters(url)["faults"] == {fault: 1}


def test_faults_are_drawn_from_the_seed_and_the_request() -> None:
    """The same requests meet the same faults in a second server; another seed's not."""

    def met(seed: int) -> list[int]:
        with serving("--error-rate", "0.5", "--seed", seed, *STATUSES) as url:
            bodies = [json.dumps(PLAIN | {"seed": n}).encode() for n in range(30)]
            return [post(url, body)[0] for body in bodies]

    first = met(1)
    assert met(1) == first
    assert 5 < sum(status != 200 for status in first) < 25
    assert met(2) != first


STATUSES = ("--fault", "server_error", "--fault", "rate_limit")


def user_request() -> bytes:
    """What a pipeline asks the user simulator at the beginning of a task."""
    begun = [
        started(),
        e.PersonaAssigned(name="plain", description="Plain.", language="English"),
        e.TaskAssigned(number=1, title="t", digest="d" * 64, preparation=REF),
    ]
    return user.request(fold(begun), materials())


def test_rates_and_latency_can_be_of_one_role() -> None:
    """The other roles are left alone."""
    options = ("--role-error-rate", "user=1", "--fault", "server_error")
    waits = ("--role-latency-ms", "assistant=300")
    with serving(*options, *waits) as url:
        before = time.monotonic()
        assert post(url, json.dumps(ASSISTANT).encode())[0] == 200
        assert time.monotonic() - before >= 0.3
        assert post(url, user_request())[0] == 500
        assert set(counters(url)["requests"]) == {"assistant", "user"}


def test_what_cannot_be_served_is_said_in_one_line(steady: str) -> None:
    """A port in use, a host that is not here, a role or a fault that nobody knows."""
    port = steady.removesuffix("/v1").rpartition(":")[2]
    for options, word in (
        (("--port", port), "something else listens there"),
        (("--host", "203.0.113.7", "--port", "0"), "no such address"),
        (("--role-error-rate", "assistat=0.3"), "nobody plays 'assistat'"),
        (("--role-error-rate", "user=2"), "0 to 1"),
        (("--fault", "flood"), "there is no fault 'flood'"),
    ):
        refused = call("serve", *options)
        assert refused.returncode == 2
        assert word in refused.stderr
        assert len(refused.stderr.splitlines()) == 1
