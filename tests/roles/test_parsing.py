"""JSON is read as models write it; what no log could hold is refused in words."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventsim.roles.parsing import (
    DEEPEST,
    fault_of,
    find_json,
    read_json,
    split_reasoning,
    storable,
)
from tests.strategies import json_values

OBJECT = {"a": 1}


@pytest.mark.parametrize(
    ("text", "value", "repair"),
    [
        ('{"a": 1}', OBJECT, ""),
        ("  \n[1, 2]\n", [1, 2], ""),
        ("null", None, ""),
        ("25.0", 25.0, ""),
        ('\ufeff{"a": 1}', OBJECT, ""),
        ('{"a": 2, "a": 1}', OBJECT, ""),
        ("[18446744073709551615]", [2**64 - 1], ""),
        ("[-9223372036854775808]", [-(2**63)], ""),
        ('```json\n{"a": 1}\n```', OBJECT, "fenced"),
        ('```\n{"a": 1}\n```', OBJECT, "fenced"),
        ('Here it is:\n```JSON\n{"a": 1}\n```\nAnything else?', OBJECT, "fenced"),
        ('```py\nx = 1\n```\n```json\n{"a": 1}```', OBJECT, "fenced"),
        ('Sure! {"a": 1}', OBJECT, "trailing"),
        ('{"a": 1}\nI hope this helps {you}.', OBJECT, "trailing"),
        ('{"a": 1}}', OBJECT, "trailing"),
        ('{"a": 1}{"a": 2}', OBJECT, "trailing"),
        ('As [1] says: {"a": 1}', OBJECT, "trailing"),
        ('The list [as asked]: ["x", "y"]', ["x", "y"], "trailing"),
        ('```json\n{"a": "```"}', {"a": "```"}, "trailing"),
        ('{"a": "x\ny"}', {"a": "x\ny"}, "repaired"),
        ('{"a": "\x00"}', {"a": "\x00"}, "repaired"),
        ('"{\\"a\\": 1}"', OBJECT, "repaired"),
        ('{"a": 1,}', OBJECT, "repaired"),
        ('{"a": 1', OBJECT, "repaired"),
        ("{'a': True, 'b': None}", {"a": True, "b": None}, "repaired"),
        ("{a: 1}", OBJECT, "repaired"),
        ('Well: {"a": {"b": [1, 2}', {"a": {"b": [1, 2]}}, "repaired"),
        ('<think>{"a": 2}?</think>{"a": 1}', OBJECT, ""),
        ('so {"a": 2}</think>\n\n{"a": 1}', OBJECT, ""),
    ],
)
def test_json_is_read_and_the_way_is_said(text: str, value: Any, repair: str) -> None:
    """Plain, fenced, with text around it, repaired as a last resort."""
    read = read_json(text)
    assert (read.value, read.repair, read.problem) == (value, repair, "")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("<think>still thinking", "empty"),
        ("Hello there.", "not JSON"),
        ("a [note] in (brackets) {and more}", "not JSON"),
        ('{"a": NaN}', "NaN"),
        ('{"a": [-Infinity]}', "Infinity"),
        ('{"a": 1e400}', "Infinity"),
        ('Sure: {"a": NaN}', "NaN"),
        ("[18446744073709551616]", "64 bits"),
        ("[-9223372036854775809]", "64 bits"),
        ('Sure: {"a": 99999999999999999999999}', "64 bits"),
        ("9" * 5_000, "64 bits"),
        ('{"a": "\\ud800"}', "surrogate"),
        ('{"\\udfff": 1}', "surrogate"),
        ('{"a": "\ud800"}', "surrogate"),
        ("[" * 100_000, "nested"),
        ('{"a":' * 100_000, "nested"),
        ("[" * 100_000 + "]" * 100_000, "nested"),
        ("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "nested"),
        ('{"a": "' + "x" * 10_000_000, "longer than"),
        ('{"' * 5_000, "not JSON"),
        ("```json\n" * 10_000, "not JSON"),
    ],
)
def test_what_cannot_be_used_has_a_problem_in_words(text: str, problem: str) -> None:
    """Hostile text is refused with a reason, and nothing raises."""
    read = read_json(text)
    assert read.value is None
    assert problem in read.problem
    assert "\n" not in read.problem


def test_nesting_is_taken_up_to_the_limit() -> None:
    """As deep as that can be stored and read again."""
    text = "[" * DEEPEST + "]" * DEEPEST
    assert read_json(text).problem == ""
    assert fault_of(json.loads(text)) == ""


@given(json_values)
def test_plain_json_is_read_as_it_is(value: Any) -> None:
    """Every value that a log can hold comes through unchanged, whoever wrote it."""
    for text in (orjson.dumps(value).decode(), json.dumps(value)):
        read = read_json(text)
        if isinstance(value, str):
            assert not read.problem
        else:
            assert (read.value, read.repair, read.problem) == (value, "", "")


@given(
    st.lists(
        st.sampled_from(
            "{ } [ ] \" ' , : \\ ``` ```json <think> </think> <tool_call> NaN 1 1e999 "
            "99999999999999999999 null a \n \x00 \ud800 \\ud800 “".split(" ")
        ),
        max_size=40,
    ).map("".join)
    | st.text()
)
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text raises, and what is read can be stored."""
    read = read_json(text)
    if read.problem:
        assert read.value is None
    else:
        orjson.dumps(read.value)
    for found in find_json(text):
        assert 0 <= found.start < found.end <= len(text)
    orjson.dumps(storable(text))
    assert text.endswith(split_reasoning(text)[1])


@pytest.mark.parametrize(
    ("text", "thought", "rest"),
    [
        ("Hello", None, "Hello"),
        ("I think so", None, "I think so"),
        ("<think>\nhm\n</think>\n\nHello", "hm", "Hello"),
        ("<thinking>hm</thinking>Hello", "hm", "Hello"),
        ("<think>a</think><think>b</think>Hello", "a\nb", "Hello"),
        ("<think></think>Hello", None, "Hello"),
        ("hm, yes\n</think>\nHello", "hm, yes", "Hello"),
        ("<think>never ends", "never ends", ""),
        ("Use a <think> tag", None, "Use a <think> tag"),
    ],
)
def test_reasoning_before_an_answer_is_split_off(
    text: str, thought: str | None, rest: str
) -> None:
    """With both tags, with the closing one alone, or without an end."""
    assert split_reasoning(text) == (thought, rest)


def test_objects_inside_broken_json_are_not_taken_for_the_whole() -> None:
    """A cut list of tools is not its first tool."""
    assert find_json('{"tools": [{"name": "a"}, {"na') == []


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ({"a": [1, None, True, "x", 2.5]}, ""),
        ({"a": 2**64}, "64 bits"),
        ([float("nan")], "NaN"),
        ({"\ud800": 1}, "surrogate"),
    ],
)
def test_faults_of_values_that_came_parsed(value: Any, fault: str) -> None:
    """Values that never were text of their own are held to the same."""
    assert fault in fault_of(value)
    assert bool(fault_of(value)) == bool(fault)
