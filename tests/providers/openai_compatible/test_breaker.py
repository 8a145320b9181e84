"""An endpoint that keeps failing is left alone for a while, then given up."""

from __future__ import annotations

import math
import random

import anyio
import pytest

from eventsim.errors import EndpointDown, ProviderFailure
from eventsim.providers.openai_compatible.breaker import Breaker, Passage
from eventsim.providers.openai_compatible.client import OpenAICompatible
from tests.providers.openai_compatible.serving import (
    REQUEST,
    always,
    completion,
    http,
    in_turn,
    serving,
)

pytestmark = pytest.mark.anyio


def failure(reason: str = "server_error", **fields: int) -> ProviderFailure:
    """One that a server might cause."""
    return ProviderFailure(reason, "it said so", retryable=True, **fields)


def opened(breaker: Breaker, now: float = 0.0, **fields: int) -> Breaker:
    """The breaker after twelve failures."""
    for _ in range(12):
        breaker.failed(now, failure(**fields), trying=breaker.began())
    return breaker


def test_twelve_failures_in_a_row_open_it() -> None:
    """Eleven do not; and one answer among them starts the count again."""
    breaker = Breaker("there")
    for _ in range(5):
        for _ in range(11):
            breaker.failed(0.0, failure(), trying=breaker.began())
        assert breaker.wait_s(0.0) == 0.0
        breaker.succeeded()
    assert opened(breaker).wait_s(0.0) == 1.0


def test_it_does_not_open_while_one_call_in_five_fails() -> None:
    """A hundred thousand calls, fifty at a time."""
    draws = random.Random(1)
    breaker = Breaker("there")
    for _ in range(100_000):
        assert breaker.wait_s(0.0) == 0.0
        trying = breaker.began()
        if draws.random() < 0.2:
            breaker.failed(0.0, failure(), trying=trying)
        else:
            breaker.succeeded()


def test_one_call_tries_while_the_others_wait() -> None:
    """After the pause the first to ask goes; the others wait for its word."""
    breaker = opened(Breaker("there"))
    assert breaker.wait_s(0.4) == 0.6
    assert breaker.wait_s(1.0) == 0.0
    assert breaker.began()
    assert breaker.wait_s(1.0) == math.inf
    breaker.succeeded()
    assert breaker.wait_s(1.0) == 0.0
    assert not breaker.began()


def test_the_pause_doubles_up_to_half_a_minute_and_then_it_gives_up() -> None:
    """Eight tries in all; then one line says who, why, and how to go on."""
    breaker = opened(Breaker("there"))
    now, pauses = 0.0, []

    def try_again() -> None:
        nonlocal now
        pauses.append(breaker.wait_s(now))
        now += pauses[-1]
        breaker.failed(now, failure("connection"), trying=breaker.began())

    for _ in range(7):
        try_again()
    with pytest.raises(EndpointDown) as caught:
        try_again()
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    assert str(caught.value) == (
        "the endpoint 'there' keeps failing (connection: it said so); "
        "when that is mended, go on with: eventsim resume"
    )
    with pytest.raises(EndpointDown):
        breaker.wait_s(now)


def test_it_waits_as_long_as_the_endpoint_asks() -> None:
    """But no longer than it would take to give up."""
    breaker = opened(Breaker("there"), retry_after_ms=20_000)
    assert breaker.wait_s(0.0) == 20.0
    breaker = opened(Breaker("there"), retry_after_ms=3_600_000)
    assert breaker.wait_s(0.0) == 120.0


def test_late_failures_of_earlier_calls_do_not_prolong_it() -> None:
    """Only the call that tries counts while the breaker is open."""
    breaker = opened(Breaker("there"))
    for _ in range(20):
        breaker.failed(0.5, failure(), trying=False)
    assert breaker.wait_s(0.5) == 0.5


def test_a_late_answer_closes_it() -> None:
    """An endpoint that answers is alive, whenever the call left."""
    breaker = opened(Breaker("there"))
    breaker.succeeded()
    assert breaker.wait_s(0.0) == 0.0


def test_a_cancelled_try_lets_another_one_try() -> None:
    """Otherwise all would wait for ever."""
    breaker = opened(Breaker("there"))
    breaker.dropped(trying=breaker.began())
    assert breaker.wait_s(1.0) == 0.0


@pytest.mark.parametrize(
    "reason", ["invalid_request", "context_length", "content_filter"]
)
def test_a_request_that_is_refused_shows_an_endpoint_that_lives(reason: str) -> None:
    """A hundred bad requests open nothing."""
    breaker = Breaker("there")
    for _ in range(100):
        breaker.failed(0.0, failure(reason), trying=breaker.began())
    assert breaker.wait_s(0.0) == 0.0


REFUSALS = ["unauthorized", "not_found", "refused_budget"]


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_refusal_as_the_first_word_is_the_end(reason: str) -> None:
    """No other call would fare better: it is not even held against the call."""
    with pytest.raises(EndpointDown):
        Breaker("there").failed(0.0, failure(reason), trying=False)


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_refusal_among_answers_ends_nothing_three_in_a_row_do(reason: str) -> None:
    """One may be a single model's or request's; a key that was withdrawn is not."""
    breaker = Breaker("there")
    for _ in range(5):
        breaker.succeeded()
        breaker.failed(0.0, failure(reason), trying=False)
        breaker.failed(0.0, failure(reason), trying=False)
    with pytest.raises(EndpointDown):
        breaker.failed(0.0, failure(reason), trying=False)


async def test_those_who_wait_go_when_the_try_succeeds() -> None:
    """Nobody waits for a clock once the endpoint answers."""
    breaker = opened(Breaker("there"), -1.0)
    passage = Passage(breaker, lambda: 0.0)
    passed: list[bool] = []

    async def go() -> None:
        passed.append(await passage.enter())

    assert await passage.enter()
    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(go)
        await anyio.wait_all_tasks_blocked()
        assert passed == []
        passage.succeeded()
    assert passed == [False] * 5


async def test_all_who_wait_learn_that_it_is_given_up() -> None:
    """The run stops cleanly: each of its calls says so."""
    now = 0.0
    breaker = opened(Breaker("there", give_up_s=5))
    passage = Passage(breaker, lambda: now)
    told: list[str] = []

    async def go() -> None:
        with pytest.raises(EndpointDown) as caught:
            await passage.enter()
        told.append(str(caught.value))

    now = 6.0
    trying = await passage.enter()
    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(go)
        await anyio.wait_all_tasks_blocked()
        with pytest.raises(EndpointDown) as caught:
            passage.failed(failure(), trying=trying)
    assert told == [str(caught.value)] * 5


async def test_a_server_that_recovers_is_called_again() -> None:
    """Twelve calls fail, the next ones wait, and all are answered."""
    answer = in_turn(*[http(b"{}", 503)] * 12, http(completion()))
    answered = 0

    async with (
        serving(answer) as server,
        OpenAICompatible("there", server.endpoint(), "") as provider,
    ):

        async def go() -> None:
            nonlocal answered
            while True:
                try:
                    await provider.complete(REQUEST, idempotency_key="k")
                except ProviderFailure:
                    continue
                answered += 1
                return

        async with anyio.create_task_group() as tasks:
            for _ in range(6):
                tasks.start_soon(go)
    assert answered == 6
    assert 12 + 6 <= len(server.requests) <= 12 + 6 + 6


async def test_a_server_without_the_model_stops_the_run_at_once() -> None:
    """A wrong name or base URL does not cost every trajectory its attempts."""
    body = {"error": {"message": "The model `m` does not exist", "code": 404}}
    async with (
        serving(always(http(body, 404))) as server,
        OpenAICompatible("there", server.endpoint(), "") as provider,
    ):
        for _ in range(2):
            with pytest.raises(EndpointDown, match="no such model"):
                await provider.complete(REQUEST, idempotency_key="k")
    assert len(server.requests) == 1
