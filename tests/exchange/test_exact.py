"""What stands in texts inside rows is read exactly, or the row is refused."""

from __future__ import annotations

import random
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import orjson
import pytest

from eventsim.core.values import encode, freeze
from eventsim.exchange.conversation import RowUnusable
from eventsim.exchange.formats.registry import FORMATS
from eventsim.exchange.json_text import parsed
from eventsim.exchange.rest import put_back, rest_of
from eventsim.roles.parsing import fault_of
from tests.exchange.rows import AROUND, QUESTION, ROWS, SIMULATION, TASK
from tests.exchange.test_formats import read, written

UNKEPT = [
    ('{"a": NaN}', "NaN or Infinity"),
    ('{"a": -Infinity}', "NaN or Infinity"),
    ('{"a": 1e999}', "NaN or Infinity"),
    ('{"a": 123456789012345678901234567890}', "more than 64 bits"),
    ('{"a": ' + "9" * 5000 + "}", "more than 64 bits"),
    ('{"a": "\\ud800"}', "surrogate"),
    ('{"\\ud800": 1}', "surrogate"),
    ('{"a": ' + "[" * 600 + "]" * 600 + "}", "nested"),
    ('{"a": ' + "[" * 5000 + "]" * 5000 + "}", "nested"),
    ('{"a": 1, "a": 2}', "'a' twice"),
    ('{"x": [{"a": 1, "a": 1}]}', "'a' twice"),
]
LITERALS = [
    ("{'a': {1, 2}}", "JSON has not"),
    ("{'a': b'x'}", "JSON has not"),
    ("{'a': 1j}", "JSON has not"),
    ("{'a': ...}", "JSON has not"),
    ("{1: 'a'}", "no text"),
    ("{'a': 1, 'a': 2}", "'a' twice"),
    ("{'a': 123456789012345678901234567890}", "more than 64 bits"),
    ("{'a': " + "-" * 5000 + "1}", "is "),
    ("{'a': f(1)}", "no JSON"),
    ("{'a': 'b' 'c', **{}}", "no text"),
    ("{'a'", "no JSON"),
]


def _openai(arguments: str) -> dict[str, Any]:
    row = deepcopy(ROWS["openai"])
    row["messages"][2]["tool_calls"][0]["function"]["arguments"] = arguments
    return row


def _with(name: str, text: str) -> dict[str, Any]:
    """A row of a format with a text where it has JSON."""
    row: dict[str, Any] = deepcopy(ROWS[name])
    match name:
        case "sharegpt":
            value = f'{{"name": "get_weather", "arguments": {text}}}'
            row["conversations"][1]["value"] = value
        case "hermes":
            value = f'<tool_call>{{"name": "f", "arguments": {text}}}</tool_call>'
            row["conversations"][2]["value"] = value
        case "messages":
            row["tools"] = f'[{{"name": "f", "parameters": {text}}}]'
        case _:
            return _openai(text)
    return row


@pytest.mark.parametrize("name", ["openai", "sharegpt", "hermes", "messages"])
@pytest.mark.parametrize(("text", "why"), UNKEPT)
def test_a_value_that_cannot_be_kept_exactly_is_refused(
    name: str, text: str, why: str
) -> None:
    """Nothing is rounded, nulled or left out, and the reason is one line."""
    with pytest.raises(RowUnusable, match=why) as told:
        read(name, _with(name, text))
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(("text", "why"), LITERALS)
def test_a_python_literal_is_a_json_value_or_refused(text: str, why: str) -> None:
    """Sets, bytes and keys that are no texts have no JSON."""
    with pytest.raises(RowUnusable, match=why):
        parsed(text, "it is")


def test_older_sets_write_python_literals() -> None:
    """Tuples are lists; the largest integers and the signs stay."""
    text = "{'a': (1, -2.5), 'b': None, 'c': True, 'd': 18446744073709551615}"
    value = parsed(text, "it is")
    assert value == {"a": [1, -2.5], "b": None, "c": True, "d": 2**64 - 1}


MALFORMED = ['{"city": ', "Oslo", "[1]", "null", '"{}"', "{'city': 'Oslo'}"]


@pytest.mark.parametrize("text", MALFORMED)
@pytest.mark.parametrize("name", ["openai", "responses"])
def test_malformed_arguments_stay_as_they_were_written(name: str, text: str) -> None:
    """The call has no arguments, the text is kept, and the row comes back."""
    row = _openai(text) if name == "openai" else deepcopy(ROWS[name])
    if name == "responses":
        row["response"]["output"][1]["arguments"] = text
    said = read(name, row)
    (call,) = said.events[1].calls  # type: ignore[attr-defined]
    assert (call.arguments, call.raw_arguments) == ({}, text)
    assert "malformed arguments were kept as they are" in said.notes
    assert rest_of(row, written(name, said)) == ()


WRONG_SHAPES = [
    ("atif", ("steps", 2, "observation"), {"results": 5}, "results of"),
    ("atif", ("steps", 2, "observation", "results", 0), 5, "result is not an object"),
    ("tau2-tasks", ("evaluation_criteria", "actions"), 5, "actions of"),
    ("tau2-tasks", ("evaluation_criteria", "actions", 0), "x", "is not an object"),
    ("tau2-tasks", ("evaluation_criteria", "actions", 0, "arguments"), [1],
     "arguments of the action get_weather is not an object"),
    ("tau2-tasks", ("evaluation_criteria", "nl_assertions"), 5, "nl_assertions"),
    ("bfcl", ("involved_classes",), [["MathAPI"]], "involved_classes"),
    ("bfcl", ("excluded_function",), [1], "excluded_function"),
    ("bfcl", ("initial_config", "GorillaFileSystem"), [1], "initial_config"),
    ("messages", ("messages", 2, "tool_calls", 0, "function", "arguments"), [1],
     "are not a JSON object"),
]  # fmt: skip
BASES: dict[str, Any] = {**ROWS, "tau2-tasks": TASK, "bfcl": QUESTION}


@pytest.mark.parametrize(("name", "path", "value", "why"), WRONG_SHAPES)
def test_a_wrong_shape_is_refused(
    name: str, path: tuple[Any, ...], value: Any, why: str
) -> None:
    """It says which field it is."""
    with pytest.raises(RowUnusable, match=why):
        read(name, _set(BASES[name], path, value))


# --- rows of any shape --------------------------------------------------------------

VALUES: list[Any] = [
    None, 0, 1.0, -0.0, True, "", "x", [], {}, ["a"], {"a": 1}, [[]], [{}], [None],
    2**63, "{}", "[]", "{'a': {1}}", "{1:2}", "b''", "1e999", "NaN", "user",
    "assistant", "tool", "system", {"name": "f", "arguments": "{}"}, {"role": "user"},
    '{"name":"f","arguments":{"a":NaN}}', '{"name":"f","arguments":{"a":"\\ud800"}}',
    '{"name":"f","arguments":{"a":' + "9" * 30 + "}}", "{'name':'f','arguments':{1:2}}",
    "{'name':'f','arguments':{'a':b'x'}}", '<tool_call>{"name":"f"}</tool_call>',
    '<tool_call>{"arguments":{}}</tool_call>', "<tools>[1]</tools>",
    "<tools>{}</tools>", "<tools>[]</tools>", {"type": "web_search_call"},
    {"type": "web_search_preview"}, {"role": "system", "content": "S"},
]  # fmt: skip


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    keys = range(len(value)) if isinstance(value, list) else value
    for key in keys if isinstance(value, dict | list) else ():
        yield from _paths(value[key], (*path, key))


def _set(row: Any, path: tuple[Any, ...], value: Any) -> Any:
    copy = deepcopy(row)
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return copy


def _changed(row: Any, draws: random.Random) -> Any:
    """The row with one to three places set, removed or doubled."""
    for _ in range(draws.randint(1, 3)):
        path = draws.choice(list(_paths(row)) or [()])
        if not path:
            return row
        row = _set(row, path, deepcopy(draws.choice(VALUES)))
        inner = row
        for key in path[:-1]:
            inner = inner[key]
        if draws.random() < 0.3:
            del inner[path[-1]]
        elif isinstance(inner, list) and draws.random() < 0.3:
            inner.insert(path[-1], deepcopy(draws.choice(inner)))
    return row


@pytest.mark.parametrize("name", list(BASES))
def test_a_row_that_is_damaged_is_refused_or_comes_back(name: str) -> None:
    """Whatever was done to it: what it says can be stored, and gives it back."""
    draws, used = random.Random(7), 0
    bases = [BASES[name]]
    if name == "tau2-tasks":
        history = {"message_history": SIMULATION["messages"]}
        bases.append({**TASK, "initial_state": history})
    for _ in range(250):
        row = _changed(draws.choice(bases), draws)
        if fault_of(row):
            continue
        try:
            said = FORMATS[name].read(row, AROUND.get(name, {}))
        except RowUnusable:
            continue
        used += 1
        assert not fault_of(dict(said.style))
        encode(freeze(dict(said.style)))
        for event in said.events:
            again = type(event).model_validate_json(event.model_dump_json())
            assert again == event
        made = written(name, said)
        back = orjson.loads(orjson.dumps(put_back(made, rest_of(row, made))))
        assert _typed(back) == _typed(row)
    assert used > 10


def _typed(value: Any) -> Any:
    """With the order of keys left out, and 1, 1.0 and true told apart."""
    if isinstance(value, dict):
        return {key: _typed(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_typed(item) for item in value]
    return repr(value)
