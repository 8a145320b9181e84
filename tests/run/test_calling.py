"""Calls of models as a run makes them: price, extras, and what failed ones cost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eventsim.config import ModelChoice, Price
from eventsim.core import events as e
from eventsim.core.draws import Draws
from eventsim.core.effects import CallModel
from eventsim.core.values import sha256_hex
from eventsim.errors import BudgetSpent
from eventsim.log.store import Store
from eventsim.pipelines.calls import call_model
from eventsim.providers.openai_compatible.client import OpenAICompatible
from eventsim.roles.responses import read_choice
from eventsim.run.calling import Caller, Response
from eventsim.run.spending import Spending
from eventsim.run.till import Budget, Till
from tests.providers.openai_compatible.serving import (
    REQUEST,
    always,
    completion,
    http,
    serving,
)

pytestmark = pytest.mark.anyio

ASKED = call_model(
    "user",
    REQUEST,
    ModelChoice(endpoint="default", model="m"),
    Draws(1, "a"),
    ordinal=0,
    rejections=0,
    failures=0,
    last_failure=None,
    seed=1,
).effect
PRICES = {"m": Price(input_usd=1_000_000, output_usd=10)}


async def called(
    answer: bytes, place: Path, *, keep: tuple[str, ...] = (), times: int = 1
) -> tuple[Any, Spending, bytes]:
    """What the last of some calls came to, what was spent, and the blob of extras."""
    assert isinstance(ASKED, CallModel)
    spent, blob = Spending(), b""
    async with (
        serving(always(answer)) as server,
        Store.open(place / "store", mode="write") as store,
    ):
        endpoint = server.endpoint(prices=PRICES)
        till = Till({"default": endpoint}, Budget(usd=10), spent)
        async with OpenAICompatible("default", endpoint, "") as provider:
            caller = Caller(
                {"default": provider}, till, keep=keep, put_blob=store.put_blob
            )
            came: Any = None
            for _ in range(times):
                await caller.admit(ASKED, 0)
                came = await caller.send(ASKED)
                if isinstance(came, Response):
                    told = read_choice(came.body).answer
                    came = await caller.complete(ASKED, told, came)
                    if came.extras:
                        blob = await store.get_blob(came.extras)
    return came, spent, blob


async def test_extras_are_kept_as_a_blob_where_the_run_asks_for_them(
    tmp_path: Path,
) -> None:
    """The event names the blob; the answer's text is not in it."""
    body = completion("A long answer.") | {"system_fingerprint": "fp_1"}
    body["choices"][0]["logprobs"] = {"content": [{"token": "A", "logprob": -1.5}]}
    keep = ("logprobs", "fingerprint")
    answer, _, blob = await called(http(body), tmp_path, keep=keep)
    assert answer.extras == sha256_hex(blob)
    assert json.loads(blob) == {
        "logprobs": body["choices"][0]["logprobs"],
        "system_fingerprint": "fp_1",
    }


async def test_nothing_is_kept_where_nobody_asks(tmp_path: Path) -> None:
    """Nor where the endpoint sends nothing."""
    body = completion() | {"system_fingerprint": "fp_1"}
    answer, _, _ = await called(http(body), tmp_path)
    assert answer.extras == ""


async def test_a_failed_call_is_priced_and_counts_against_the_budget(
    tmp_path: Path,
) -> None:
    """Some endpoints bill what they then refuse to give: two calls spend it all, and
    the next one never leaves.
    """
    body = completion() | {"choices": []}
    failed, spent, _ = await called(http(body), tmp_path)
    assert isinstance(failed, e.ModelFailed)
    assert failed.usage.cost_usd == pytest.approx(7, abs=0.01)
    assert spent.cost_usd == failed.usage.cost_usd
    with pytest.raises(BudgetSpent):
        await called(http(body), tmp_path / "more", times=3)
