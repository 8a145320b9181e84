"""How a call is decided: intents, waiting between attempts, giving up."""

from __future__ import annotations

from itertools import pairwise

import pytest

from eventsim.config import Limits, ModelChoice
from eventsim.core.draws import Draws
from eventsim.core.effects import CallModel, Step
from eventsim.core.events import ModelCalled, ModelFailed
from eventsim.core.values import sha256_hex
from eventsim.pipelines.calls import back_off_ms, call_model, exhausted

DRAWS = Draws(7, "lineage")
CHOICE = ModelChoice(endpoint="default", model="m")


def failed(**fields: object) -> ModelFailed:
    """A failure that a repetition may mend."""
    return ModelFailed(
        role="user",
        **{"reason": "server_error", "detail": "503", "retryable": True, **fields},
    )


def call(rejections: int = 0, failures: int = 0, body: bytes = b"{}") -> Step:
    """A decided call."""
    return call_model(
        "user",
        body,
        CHOICE,
        DRAWS,
        ordinal=3,
        rejections=rejections,
        failures=failures,
        last_failure=failed() if failures else None,
        seed=11,
    )


def intent(step: Step) -> ModelCalled:
    """The intent of a decided call."""
    assert isinstance(step.effect, CallModel)
    assert step.events[-1] == step.effect.intent
    return step.effect.intent


def test_an_intent_commits_to_the_request() -> None:
    """The hash of the very bytes that will leave is recorded before they do."""
    assert intent(call(body=b'{"a":1}')).request_sha256 == sha256_hex(b'{"a":1}')


def test_retries_of_one_sample_share_a_key_and_a_new_sample_has_its_own() -> None:
    """An endpoint that knows idempotency keys bills a repeated attempt once."""
    first, again, other = intent(call()), intent(call(0, 1)), intent(call(1, 0))
    assert first.idempotency_key == again.idempotency_key
    assert first.idempotency_key != other.idempotency_key
    assert [first.attempt, again.attempt, other.attempt] == [0, 1, 1]


def test_the_first_attempt_leaves_at_once() -> None:
    """Nothing is waited for without a failure."""
    assert call().wait_ms == 0


def test_waits_grow_and_are_bounded() -> None:
    """Twice as long each time, within half and one and a half, up to a minute."""
    waits = [back_off_ms(DRAWS, "user", 0, n, failed()) for n in range(1, 12)]
    for number, wait in enumerate(waits):
        usual = min(60_000, 500 * 2**number)
        assert 0.5 * usual <= wait <= 1.5 * usual
    assert all(later > earlier for earlier, later in pairwise(waits[:4]))


def test_waits_are_the_same_on_a_resumed_path_and_differ_between_calls() -> None:
    """Jitter comes from the draws: a function of the path, spread over the calls."""
    assert call(0, 1).wait_ms == call(0, 1).wait_ms
    spread = {back_off_ms(DRAWS, "user", n, 1, failed()) for n in range(20)}
    assert len(spread) > 15


@pytest.mark.parametrize("asked", [30_000, 90_000])
def test_an_endpoint_that_asks_for_more_time_gets_it(asked: int) -> None:
    """`Retry-After` is honoured as the least to wait."""
    assert back_off_ms(DRAWS, "user", 0, 1, failed(retry_after_ms=asked)) == asked


def test_a_wait_that_an_endpoint_asks_for_is_bounded() -> None:
    """Ten minutes at most: a broken header stops nobody for a day."""
    day = failed(retry_after_ms=86_400_000)
    assert back_off_ms(DRAWS, "user", 0, 1, day) == 600_000


def test_a_call_is_given_up_after_its_tries() -> None:
    """Failures and rejections have bounds of their own; a hopeless one ends at once."""
    limits = Limits(attempts=3, samples=2)
    assert not exhausted(limits, 2, 1, failed())
    assert exhausted(limits, 3, 0, failed())
    assert exhausted(limits, 0, 2, None)
    assert exhausted(limits, 1, 0, failed(retryable=False))
