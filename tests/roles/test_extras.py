"""What is kept beside an answer, where the endpoint sends it."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest

from eventsim.roles.extras import extras_of

ALL = ("logprobs", "token_ids", "fingerprint")
LOGPROBS = {"content": [{"token": "Hi", "logprob": -0.25, "top_logprobs": []}]}
BODY: dict[str, Any] = {
    "choices": [{"message": {"content": "Hi"}, "logprobs": LOGPROBS, "token_ids": [9]}],
    "prompt_token_ids": [1, 2],
    "system_fingerprint": "fp_1",
}


def test_each_part_is_kept_under_the_name_that_it_came_by() -> None:
    """Token ids are those of the prompt and of the answer."""
    assert extras_of(json.dumps(BODY).encode(), ALL) == {
        "logprobs": LOGPROBS,
        "prompt_token_ids": [1, 2],
        "token_ids": [9],
        "system_fingerprint": "fp_1",
    }


@pytest.mark.parametrize(
    ("keep", "names"),
    [
        ((), set()),
        (("logprobs",), {"logprobs"}),
        (("token_ids",), {"prompt_token_ids", "token_ids"}),
        (("fingerprint",), {"system_fingerprint"}),
    ],
)
def test_only_what_is_asked_for_is_kept(keep: tuple[str, ...], names: set[str]) -> None:
    """Each is large, or says where something ran."""
    assert extras_of(json.dumps(BODY).encode(), keep).keys() == names


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"choices":null}',
        b'{"choices":[7]}',
        b'{"choices":[{"logprobs":null}],"system_fingerprint":null}',
        b"[" * 100_000,
        b'{"logprobs":%b%b}' % (b"[" * 1_100, b"]" * 1_100),
    ],
)
def test_nothing_is_kept_where_nothing_came(body: bytes) -> None:
    """Whatever came instead."""
    assert extras_of(body, ALL) == {}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
        (r'"\ud800"', "\\ud800"),
        ("9" * 30, "9" * 30),
        ("-0.25", -0.25),
    ],
)
def test_odd_values_cost_nothing_else(written: str, kept: object) -> None:
    """Servers send log-probabilities of minus infinity, and halves of letters."""
    odd = f'"logprobs":{{"content":[{written},NaN]}},"token_ids":[9]'
    body = f'{{"choices":[{{{odd}}}],"system_fingerprint":"fp_1"}}'.encode()
    found = extras_of(body, ALL)
    assert found["logprobs"] == {"content": [kept, "NaN"]}
    assert found["token_ids"] == [9]
    assert found["system_fingerprint"] == "fp_1"
    assert orjson.loads(orjson.dumps(found)) == found
