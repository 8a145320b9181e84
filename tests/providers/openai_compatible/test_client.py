"""The client sends what it is given, once, and gives back what came."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import Any

import anyio
import pytest
from openai import AsyncOpenAI, DefaultAioHttpClient

from eventsim.config import Endpoint
from eventsim.core.values import encode
from eventsim.errors import UsageError
from eventsim.providers.openai_compatible.client import OpenAICompatible, connect
from tests.providers.openai_compatible.serving import (
    REQUEST,
    Request,
    Server,
    Write,
    always,
    completion,
    http,
    serving,
)

pytestmark = pytest.mark.anyio

KEY = "sk-planted-0123456789abcdef"
TOOL = {
    "type": "function",
    "function": {"name": "find", "parameters": {"type": "object", "properties": {}}},
}
CALL = {"name": "find", "arguments": '{"a": 1.50}'}
PARAMETERS: dict[str, Any] = {
    "model": "some/model",
    "messages": [
        {"role": "system", "content": "Grüße, 世界 \u2028 \U0001f600"},
        {"role": "user", "content": 'Hi\n"there" \\ </script>'},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [{"id": "c1", "type": "function", "function": CALL}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "{}"},
    ],
    "tools": [TOOL],
    "temperature": 0.7,
    "top_p": 1e-7,
    "seed": 2**53 - 1,
    "max_tokens": 50,
    "stop": None,
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "x", "schema": {"type": "object"}},
    },
}
UNKNOWN: dict[str, Any] = {"top_k": 5, "chat_template_kwargs": {"thinking": False}}


def provider_of(server: Server, key: str = KEY, **fields: Any) -> OpenAICompatible:
    """The client for a server."""
    return OpenAICompatible("there", server.endpoint(**fields), key)


async def sent_by_create(server: Server) -> Request:
    """What the library itself sends for the same parameters."""
    async with AsyncOpenAI(
        api_key=KEY,
        base_url=server.base_url,
        max_retries=0,
        http_client=DefaultAioHttpClient(),
    ) as client:
        await client.chat.completions.create(**PARAMETERS, extra_body=UNKNOWN)
    return server.requests[-1]


def meaning(request: Request) -> tuple[Any, ...]:
    """What an endpoint goes by: where, who, what kind, and the parsed body."""
    named = ("host", "authorization", "content-type", "accept", "user-agent")
    return request.path, [request.headers[name] for name in named], request.json


@pytest.mark.parametrize("takes_bytes", [True, False])
async def test_the_body_on_the_wire_means_what_create_sends(takes_bytes: bool) -> None:
    """Ready bytes, and `create` for older clients, say the same as `create` does."""
    async with serving(always(http(completion()))) as server:
        expected = await sent_by_create(server)
        async with provider_of(server) as provider:
            await provider.complete(REQUEST, idempotency_key="k0")
            assert provider._transport is not None
            provider._transport._takes_bytes = takes_bytes
            body = encode({**PARAMETERS, **UNKNOWN})
            await provider.complete(body, idempotency_key="k1")
    got = server.requests[-1]
    assert meaning(got) == meaning(expected)
    assert got.headers["idempotency-key"] == "k1"
    if takes_bytes:
        assert got.body == body


async def test_an_answer_comes_back_byte_for_byte() -> None:
    """Odd spacing, order, escapes and unknown fields stay: raw text is recorded."""
    odd = json.dumps({**completion("é"), "x": 1e22}, indent=3).encode() + b"\n"
    async with serving(always(http(odd))) as server, provider_of(server) as provider:
        assert await provider.complete(REQUEST, idempotency_key="k") == odd
        provider._transport._takes_bytes = False  # type: ignore[union-attr]
        assert await provider.complete(REQUEST, idempotency_key="k") == odd


async def test_a_compressed_answer_is_unpacked() -> None:
    """What is recorded is text, however it travelled."""
    packed = gzip.compress(json.dumps(completion()).encode())
    response = http(packed, headers={"content-encoding": "gzip"})
    async with serving(always(response)) as server, provider_of(server) as provider:
        answer = await provider.complete(REQUEST, idempotency_key="k")
    assert json.loads(answer) == completion()


async def test_an_answer_that_quotes_our_key_loses_it() -> None:
    """Even an endpoint that sends the key back does not get it recorded."""
    response = http(completion(f"Your key is {KEY}."))
    async with serving(always(response)) as server, provider_of(server) as provider:
        answer = await provider.complete(REQUEST, idempotency_key="k")
    assert KEY.encode() not in answer
    assert json.loads(answer)["choices"][0]["message"]["content"].startswith("Your key")


async def test_without_a_key_none_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even the one that lies in the environment for someone else, nor whose
    account of OpenAI this is.
    """
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", KEY)
    monkeypatch.setenv("OPENAI_ORG_ID", "org-planted")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-planted")
    async with (
        serving(always(http(completion()))) as server,
        connect("there", server.endpoint()) as provider,
    ):
        await provider.complete(REQUEST, idempotency_key="k")
    headers = server.requests[0].headers
    assert "authorization" not in headers
    assert not any("planted" in value for value in headers.values())


async def test_the_key_comes_from_the_named_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The configuration names the variable; its value goes to that endpoint alone."""
    monkeypatch.setenv("SOME_KEY", f"{KEY}\n")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer other")
    async with serving(always(http(completion()))) as server:
        endpoint = Endpoint(base_url=server.base_url, key_env="SOME_KEY")
        async with connect("there", endpoint) as provider:
            await provider.complete(REQUEST, idempotency_key="k")
            assert KEY not in f"{provider!r} {provider}"
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_missing_key_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the variable, before anything is sent."""
    monkeypatch.delenv("SOME_KEY", raising=False)
    endpoint = Endpoint(base_url="https://models.example/v1", key_env="SOME_KEY")
    with pytest.raises(UsageError) as caught:
        connect("there", endpoint)
    assert "SOME_KEY" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1:1", "[::1]:1"])
def test_this_machine_needs_no_key(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A local server answers without one."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert connect("here", Endpoint(base_url=f"http://{host}/v1")).name == "here"


@pytest.mark.parametrize("value", ["sk-a b", "sk-a\nsk-b", "sk-schlüssel", "sk-\x00a"])
def test_a_key_that_cannot_be_sent_is_refused_without_telling_it(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library's complaint about a header would quote it."""
    monkeypatch.setattr("os.environ", {"SOME_KEY": value})
    endpoint = Endpoint(base_url="https://models.example/v1", key_env="SOME_KEY")
    with pytest.raises(UsageError) as caught:
        connect("there", endpoint)
    assert "sk-" not in str(caught.value)


async def test_no_more_calls_are_under_way_than_the_limit() -> None:
    """Eight to begin with, fewer if the configuration says so; none is lost."""
    at_once = most = 0

    async def slow(_: Request, write: Write) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.005)
        at_once -= 1
        await write(http(completion()))

    for concurrency, expected in ((64, 8), (3, 3)):
        most = 0
        async with (
            serving(slow) as server,
            provider_of(server, concurrency=concurrency) as provider,
        ):
            async with anyio.create_task_group() as tasks:
                for n in range(24):
                    tasks.start_soon(call, provider, str(n))
            assert len(server.requests) == 24
        assert most == expected


async def call(provider: OpenAICompatible, key: str) -> None:
    """One call that is answered."""
    await provider.complete(REQUEST, idempotency_key=key)


async def test_a_cancelled_call_gives_its_place_back() -> None:
    """A run that stops half-way leaves a provider that still works."""
    hold = asyncio.Event()

    async def held(_: Request, write: Write) -> None:
        await hold.wait()
        await write(http(completion()))

    async with (
        serving(held) as server,
        provider_of(server, concurrency=1) as provider,
    ):
        for _ in range(3):
            with anyio.move_on_after(0.05):
                await call(provider, "k")
        hold.set()
        await call(provider, "k")


async def test_closed_connections_open_again() -> None:
    """Closing is no end: the next call opens what it needs."""
    async with serving(always(http(completion()))) as server:
        provider = provider_of(server)
        await call(provider, "1")
        await provider.aclose()
        await call(provider, "2")
        await provider.aclose()
    assert len(server.requests) == 2
