"""The number of calls under way follows what an endpoint can take."""

from __future__ import annotations

import time

import anyio
import pytest

from eventsim.errors import ProviderFailure
from eventsim.providers.openai_compatible.client import OpenAICompatible
from eventsim.providers.openai_compatible.limiter import Limiter, Slots
from tests.providers.openai_compatible.serving import (
    completion,
    http,
    in_turn,
    serving,
)

pytestmark = pytest.mark.anyio


def grown(limiter: Limiter, successes: int) -> Limiter:
    """The limiter after so many answers."""
    for _ in range(successes):
        limiter.succeeded()
    return limiter


def test_it_begins_at_eight_or_fewer() -> None:
    """Carefully, and never above what the configuration allows."""
    assert [Limiter(most).limit for most in (1, 5, 8, 64)] == [1, 5, 8, 8]


def test_it_grows_by_one_for_25_answers_up_to_the_most() -> None:
    """Slowly, and not for ever."""
    assert grown(Limiter(10), 24).limit == 8
    assert grown(Limiter(10), 25).limit == 9
    assert grown(Limiter(10), 1_000).limit == 10


def test_too_many_cuts_it_to_three_quarters_once_a_burst() -> None:
    """The calls that left before the cut know nothing of it; those after it do."""
    limiter = grown(Limiter(64), 8 * 25)
    assert limiter.limit == 16
    for begun in (1.0, 1.5, 2.9):
        limiter.limited(3.0 + begun / 10, begun=begun)
    assert limiter.limit == 12
    limiter.limited(5.0, begun=4.0)
    assert limiter.limit == 9


def test_it_never_falls_below_one() -> None:
    """However often an endpoint says no, one call may try."""
    limiter = Limiter(8)
    for n in range(50):
        limiter.limited(float(n), begun=float(n))
    assert limiter.limit == 1
    assert limiter.admits(100.0)


def test_a_pause_that_is_asked_for_holds_all_calls() -> None:
    """Until then nothing leaves; a shorter one does not shorten it."""
    limiter = Limiter(8)
    limiter.limited(10.0, begun=9.0, pause_s=5.0)
    limiter.limited(11.0, begun=9.0, pause_s=1.0)
    assert not limiter.admits(14.9)
    assert limiter.pause_s(12.0) == 3.0
    assert limiter.admits(15.0)


def test_a_pause_of_hours_is_cut() -> None:
    """What cannot be waited for is left to the breaker."""
    limiter = Limiter(8)
    limiter.limited(0.0, begun=0.0, pause_s=86_400.0)
    assert limiter.pause_s(0.0) == 600.0


async def test_waiting_calls_go_in_order_of_coming() -> None:
    """A newcomer does not overtake those that wait."""
    slots = Slots(Limiter(1))
    went: list[int] = []

    async def go(n: int) -> None:
        await slots.enter()
        went.append(n)
        await anyio.lowlevel.checkpoint()
        slots.leave()

    async with anyio.create_task_group() as tasks:
        for n in range(20):
            tasks.start_soon(go, n)
            await anyio.lowlevel.checkpoint()
    assert went == list(range(20))
    assert slots.limiter.active == 0


async def test_waiting_calls_go_when_a_pause_is_over() -> None:
    """Nobody has to leave for it: the clock alone lets them go."""
    now = 0.0
    slots = Slots(Limiter(8), lambda: now)
    slots.limiter.limited(0.0, begun=0.0, pause_s=0.01)
    with anyio.move_on_after(0.05):
        await slots.enter()
    assert slots.limiter.active == 0
    now = 1.0
    await slots.enter()
    assert slots.limiter.active == 1


@pytest.mark.parametrize("cancelled", [False, True])
async def test_a_pause_that_begins_while_calls_wait_ends_for_them_too(
    cancelled: bool,
) -> None:
    """Also when the last call under way is gone before the pause is over, and when
    the first in the line gives up during it.
    """
    slots = Slots(Limiter(1))
    await slots.enter()

    async def wait(scope: anyio.CancelScope) -> None:
        with scope:
            await slots.enter()
            slots.leave()

    first, second = anyio.CancelScope(), anyio.CancelScope()
    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            for scope in (first, second):
                tasks.start_soon(wait, scope)
                await anyio.wait_all_tasks_blocked()
            now = time.monotonic()
            slots.limiter.limited(now, begun=now, pause_s=0.05)
            slots.leave()
            await anyio.wait_all_tasks_blocked()
            assert slots.limiter.active == 0
            if cancelled:
                first.cancel()
    assert slots.limiter.active == 0


async def test_cancelled_waiters_leave_no_hole() -> None:
    """Whoever gives up while waiting takes no place with it."""
    slots = Slots(Limiter(1))
    await slots.enter()
    for _ in range(5):
        with anyio.move_on_after(0.001):
            await slots.enter()
    slots.leave()
    assert slots.limiter.active == 0
    await slots.enter()
    assert slots.limiter.active == 1


async def test_each_model_of_an_endpoint_has_its_own_limit() -> None:
    """A small model's rate limit does not slow a large one down."""
    answer = in_turn(http(b"{}", 429), http(completion()))
    bodies = [b'{"model":"a","messages":[]}', b'{"messages":[],"model":"b"}']
    async with (
        serving(answer) as server,
        OpenAICompatible("there", server.endpoint(), "") as provider,
    ):
        with pytest.raises(ProviderFailure, match="rate_limited"):
            await provider.complete(bodies[0], idempotency_key="k")
        await provider.complete(bodies[1], idempotency_key="k")
        limits = {model: s.limiter.limit for model, s in provider._slots.items()}
    assert limits == {b"a": 6, b"b": 8}
