"""Every way in which an endpoint fails becomes one clear `ProviderFailure`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from eventsim.config import Timeouts
from eventsim.errors import EndpointDown, ProviderFailure
from eventsim.providers.openai_compatible.client import OpenAICompatible
from eventsim.providers.openai_compatible.failures import retry_after_ms
from tests.providers.openai_compatible.serving import (
    HURRIED,
    REQUEST,
    RESET,
    Answer,
    Request,
    Write,
    always,
    completion,
    http,
    in_turn,
    serving,
)

pytestmark = pytest.mark.anyio

KEY = "sk-planted-0123456789abcdef"


async def failure_of(
    answer: Answer, timeouts: Timeouts = HURRIED, *, warm: bool = False
) -> ProviderFailure:
    """What the client raises; `warm` lets an answered call go before it, so that a
    refusal is not taken for the endpoint's first word.
    """
    responses = 0

    async def told(request: Request, write: Write) -> None:
        nonlocal responses
        responses += 1
        if warm and responses == 1:
            await write(http(completion()))
        else:
            await answer(request, write)

    async with serving(told) as server:
        endpoint = server.endpoint(timeouts=timeouts)
        async with OpenAICompatible("there", endpoint, KEY) as provider:
            if warm:
                await provider.complete(REQUEST, idempotency_key="k0")
            with pytest.raises(ProviderFailure) as caught:
                await provider.complete(REQUEST, idempotency_key="k1")
            assert len(server.requests) == 1 + warm, "the client tried again by itself"
    return caught.value


def error(message: str, **fields: Any) -> dict[str, Any]:
    """A body in OpenAI's own shape."""
    return {"error": {"message": message, **fields}}


STATUSES: list[tuple[int, Any, str, bool]] = [
    (429, error("Slow down", type="requests"), "rate_limited", True),
    (429, error("Quota", code="insufficient_quota"), "refused_budget", False),
    (
        429,
        error("You exceeded your quota, check billing", status="RESOURCE_EXHAUSTED"),
        "rate_limited",
        True,
    ),
    (402, error("Insufficient credits"), "refused_budget", False),
    (500, b"oops", "server_error", True),
    (502, b"<html><title>502 Bad Gateway</title></html>", "server_error", True),
    (503, error("Loading model"), "server_error", True),
    (529, error("Overloaded", type="overloaded_error"), "server_error", True),
    (408, b"", "server_error", True),
    (401, error("Incorrect API key", code="invalid_api_key"), "unauthorized", False),
    (403, error("Forbidden"), "unauthorized", False),
    (403, error("No such model", code="model_not_found"), "not_found", False),
    (404, {"detail": "Not Found"}, "not_found", False),
    (301, b"", "not_found", False),
    (400, error("Bad tool", type="invalid_request_error"), "invalid_request", False),
    (400, error("Tool get_billing has no schema"), "invalid_request", False),
    (422, {"detail": [{"loc": ["body", "seed"]}]}, "invalid_request", False),
    (400, error("", code="context_length_exceeded"), "context_length", False),
    (
        400,
        {"object": "error", "message": "maximum context length is 8 tokens"},
        "context_length",
        False,
    ),
    (500, error("Requested tokens exceed context window of 16"), "context_length", 0),
    (400, error("Flagged", code="content_filter"), "content_filter", False),
]


@pytest.mark.parametrize(("status", "body", "reason", "retryable"), STATUSES)
async def test_a_status_has_a_reason(
    status: int, body: Any, reason: str, retryable: bool
) -> None:
    """Status and words together say what went wrong and whether to try again."""
    failure = await failure_of(always(http(body, status)), warm=True)
    assert failure.reason == reason
    assert failure.retryable == bool(retryable)
    assert failure.status == status
    assert "\n" not in str(failure)
    assert len(failure.detail) <= 300


ANSWERS: list[tuple[Any, str, bool]] = [
    (b"<!doctype html><title>Sign in</title>", "not_json", True),
    (b"", "not_json", True),
    (b'{"choices": [{"mess', "not_json", True),
    (b"[]", "not_json", True),
    (b"\xff\xfe", "not_json", True),
    (error("Try later", code=429), "rate_limited", True),
    (error("Upstream broke", code=502), "server_error", True),
    (error("Bad", type="invalid_request_error"), "invalid_request", False),
    (error("Who knows"), "error_in_body", True),
    ({"error": "out of memory"}, "error_in_body", True),
    ({"object": "error", "message": "rate limit reached"}, "rate_limited", True),
    ({"choices": None}, "empty_choices", True),
    ({"choices": []}, "empty_choices", True),
    ({"choices": [None]}, "empty_choices", True),
    ({"choices": [{"message": None}]}, "empty_choices", True),
    ({"choices": [{"error": {"code": 502, "message": "x"}}]}, "server_error", True),
    ({}, "empty_choices", True),
]


@pytest.mark.parametrize(("body", "reason", "retryable"), ANSWERS)
async def test_a_200_that_is_no_answer_has_a_reason(
    body: Any, reason: str, retryable: bool
) -> None:
    """Errors inside HTTP 200, pages, broken JSON and missing choices are failures."""
    failure = await failure_of(always(http(body)))
    assert (failure.reason, failure.retryable) == (reason, retryable)
    assert failure.status == 200


async def test_a_failure_tells_what_it_took() -> None:
    """An answer without choices may be billed: its usage comes with the failure."""
    usage = {"prompt_tokens": 12, "completion_tokens": 0}
    failure = await failure_of(always(http({"choices": [], "usage": usage})))
    assert failure.usage == usage


async def silent(_: Request, write: Write) -> None:
    """Takes the request, and says nothing."""
    await asyncio.sleep(60)


async def stalled(_: Request, write: Write) -> None:
    """Begins an answer, and stops."""
    await write(http(completion())[:-20])
    await asyncio.sleep(60)


async def dripping(_: Request, write: Write) -> None:
    """Answers a byte at a time."""
    for byte in http(completion()):
        await write(bytes([byte]))
        await asyncio.sleep(0.05)


async def broken_off(_: Request, write: Write) -> None:
    """Hangs up inside the answer."""
    await write(http(completion())[:-20])
    await write(RESET)


async def bad_chunk(_: Request, write: Write) -> None:
    """Breaks the framing of its answer."""
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    await write(head + b"5\r\nabcde\r\nZZ\r\n")


BROKEN: dict[str, tuple[Answer, str]] = {
    "reset": (always(RESET), "connection"),
    "reset inside the body": (broken_off, "connection"),
    "broken chunks": (bad_chunk, "connection"),
    "no HTTP": (always(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"), "connection"),
    "bad length": (
        always(b"HTTP/1.1 200 OK\r\ncontent-length: ten\r\n\r\n"),
        "connection",
    ),
    "false gzip": (
        always(http(b"{}", headers={"content-encoding": "gzip"})),
        "connection",
    ),
    "silence": (silent, "timeout_first_byte"),
    "stalled body": (stalled, "timeout_total"),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_exchange_has_a_reason(name: str) -> None:
    """Whatever breaks between two machines is a failure that may be tried again."""
    answer, reason = BROKEN[name]
    failure = await failure_of(answer)
    assert (failure.reason, failure.retryable, failure.status) == (reason, True, None)


async def test_an_answer_may_not_take_for_ever() -> None:
    """Bytes that keep coming do not hold a call beyond its total time."""
    failure = await failure_of(
        dripping, Timeouts(connect_s=5, first_byte_s=5, total_s=0.3)
    )
    assert failure.reason == "timeout_total"


async def test_nobody_listens() -> None:
    """A refused connection is a failure, not an exception of some library."""
    async with serving(silent) as server:
        endpoint = server.endpoint()
    async with OpenAICompatible("gone", endpoint, "") as provider:
        with pytest.raises(ProviderFailure) as caught:
            await provider.complete(REQUEST, idempotency_key="k")
    assert (caught.value.reason, caught.value.retryable) == ("connection", True)


NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3_000),
        ({"retry-after": "0.25"}, 250),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1_500),
        ({"retry-after": "Mon, 23 Nov 2026 12:00:20 GMT"}, 20_000),
        ({"retry-after": "Mon, 23 Nov 2026 11:00:00 GMT"}, 0),
        (
            {
                "retry-after": "Mon, 23 Nov 2026 18:00:20 GMT",
                "date": "Mon, 23 Nov 2026 18:00:00 GMT",
            },
            20_000,
        ),
        ({"retry-after": "9999999999"}, 86_400_000),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
    ],
)
def test_retry_after_is_understood(
    headers: Mapping[str, str], expected: int | None
) -> None:
    """Seconds, milliseconds and dates; the server's clock counts for its own dates."""
    assert retry_after_ms(headers, NOW) == expected


async def test_retry_after_comes_with_the_failure() -> None:
    """The pipeline learns how long the endpoint asks it to wait."""
    response = http(error("Slow"), 429, {"Retry-After": "2"})
    assert (await failure_of(always(response))).retry_after_ms == 2_000


LEAKS = [
    http(error(f"Incorrect API key provided: {KEY}."), 400),
    http(error("no such key Bearer abcdefghijkl"), 400),
    http(f"<title>{KEY}</title>".encode(), 500),
    http(error("x", type=KEY)),
    http(b"not json but " + KEY.encode()),
    http({"detail": {"headers": {"authorization": f"Bearer {KEY}"}}}, 422),
    http(b"x" * 280 + KEY.encode(), 503),
    KEY.encode() + b"\r\n\r\n",
    http(b"", headers={"content-length": KEY}),
]


@pytest.mark.parametrize("response", LEAKS)
async def test_no_failure_tells_a_secret(response: bytes) -> None:
    """An endpoint that quotes our key does not get it into an error."""
    failure = await failure_of(always(response), warm=True)
    told = f"{failure} {failure.detail} {failure.reason} {failure.__dict__}"
    for secret in (KEY, "abcdefghijkl", "sk-planted"):
        assert secret not in told
    assert failure.__cause__ is None


async def test_the_last_word_of_a_refusing_endpoint_tells_no_secret() -> None:
    """Nor does the error that stops a run."""
    response = http(error(f"Incorrect API key: {KEY}"), 401)
    async with (
        serving(always(response)) as server,
        OpenAICompatible("there", server.endpoint(), KEY) as provider,
    ):
        with pytest.raises(EndpointDown) as caught:
            await provider.complete(REQUEST, idempotency_key="k")
    assert "sk-planted" not in str(caught.value)
    assert "eventsim resume" in str(caught.value)
    assert "'there' refuses the key" in str(caught.value)


async def test_a_call_after_a_failure_is_well() -> None:
    """A failure leaves nothing behind in the connections."""
    answer = in_turn(http(b"oops", 500), RESET, http(completion("Well.")))
    async with (
        serving(answer) as server,
        OpenAICompatible("there", server.endpoint(), KEY) as provider,
    ):
        for reason in ("server_error", "connection"):
            with pytest.raises(ProviderFailure, match=reason):
                await provider.complete(REQUEST, idempotency_key="k")
        assert b"Well." in await provider.complete(REQUEST, idempotency_key="k")
