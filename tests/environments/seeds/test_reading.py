"""Seeds from files: what is taken, and one clear line for each kind of bad file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventsim.core.values import encode
from eventsim.environments.seeds.reading import (
    MOST_SEEDS,
    Seeds,
    described,
    parse_seeds,
    read_seeds,
)
from eventsim.errors import BadInput, UsageError

LAMP = {
    "name": "get_lamp",
    "description": "Look up one lamp.",
    "parameters": {
        "type": "object",
        "properties": {"lamp_id": {"type": "integer", "description": "Its id."}},
        "required": ["lamp_id"],
    },
}
TOOL = {"type": "function", "function": LAMP}


def _file(folder: Path, content: Any, name: str = "lamp_shop.json") -> Path:
    path = folder / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def _names(seeds: Seeds) -> list[str]:
    return [tool["function"]["name"] for tool in seeds.tools]


@pytest.mark.parametrize(
    "content",
    [[TOOL], [LAMP], {"tools": [TOOL]}, TOOL, LAMP, json.dumps(TOOL) + "\n\n",
     b"\xef\xbb\xbf" + json.dumps([TOOL]).encode()],
)  # fmt: skip
def test_every_known_shape_gives_the_same_tools(tmp_path: Path, content: Any) -> None:
    """An array, an object around one, bare functions, one function alone."""
    seeds = read_seeds(_file(tmp_path, content))
    assert encode(list(seeds.tools)) == encode([TOOL])
    assert (seeds.name, seeds.title, seeds.about) == ("lamp-shop", "lamp shop", "")


@pytest.mark.parametrize("name", ["seeds.jsonl", "seeds.ndjson", "seeds.json"])
def test_lines_are_read_whatever_the_file_is_called(tmp_path: Path, name: str) -> None:
    """JSONL has one function on each line; empty lines are let pass."""
    other = {**LAMP, "name": "list_lamps"}
    text = f"{json.dumps(TOOL)}\n\n{json.dumps(other)}\n"
    assert _names(read_seeds(_file(tmp_path, text, name))) == ["get_lamp", "list_lamps"]


def test_title_and_description_come_from_the_file(tmp_path: Path) -> None:
    """An object may say what the assistant is of."""
    content = {"title": "the lamp shop", "about": "It sells\n lamps.", "tools": [TOOL]}
    seeds = read_seeds(_file(tmp_path, content))
    assert (seeds.title, seeds.about) == ("the lamp shop", "It sells lamps.")


def test_what_a_seed_leaves_undescribed_is_named(tmp_path: Path) -> None:
    """Examples show the style of good tools: each parameter is described."""
    bare = {"name": "bookLamp", "input_schema": {"lampId": {"type": "int"}}}
    schema = {"type": "object", "properties": bare["input_schema"]}
    seeds = read_seeds(_file(tmp_path, [{**bare, "input_schema": schema}]))
    function = seeds.tools[0]["function"]
    assert function["description"] == "Book lamp."
    assert function["parameters"]["properties"]["lampId"] == {
        "type": "integer",
        "description": "The lamp id.",
    }


def _schema(schema: Any) -> list[Any]:
    return [{**LAMP, "parameters": schema}]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        (b"[1,\0]", "a NUL byte"),
        (b'["\xff"]', "not UTF-8 at byte 2"),
        ("[{]", "not JSON, at line 1 column"),
        ("3", "holds no tools"),
        ('{"a": 1}', "holds no tools"),
        ("[]", "holds no tools"),
        ({"tools": "x"}, "holds no tools"),
        ({"tools": [TOOL], "title": 3}, "title is no text"),
        ({"tools": [TOOL], "about": "x" * 5_000}, "about has 5,000 letters"),
        ([TOOL, 7], "tool 2 is no function tool"),
        ([TOOL, {"function": {}}], "tool 2 is no function tool"),
        ([{**LAMP, "name": "look up!"}], "tool 1: the name 'look up!' is refused"),
        ([{**LAMP, "description": 3}], "tool 1 (get_lamp): its description is no text"),
        ([TOOL, TOOL], "tool 2: the name get_lamp is that of tool 1 too"),
        (_schema({"type": "array"}), "the type is not object"),
        (_schema({"type": "object", "properties": {"a": {"type": "x"}}}), "valid"),
        (_schema({"$ref": "https://example.com/x"}), "refers to another document"),
        (_schema([1]), "it is no JSON object"),
        ([{**LAMP, "name": f"f{n}"} for n in range(MOST_SEEDS + 1)], "1,001 tools"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_bad_file_is_one_clear_line(tmp_path: Path, content: Any, says: str) -> None:
    """What is wrong, where, and what to do about it."""
    path = _file(tmp_path, content)
    with pytest.raises(BadInput) as caught:
        read_seeds(path)
    message = str(caught.value)
    assert says in message
    assert str(path) in message
    assert "\n" not in message
    assert len(message) < 500


def test_a_bad_line_is_named_by_its_number(tmp_path: Path) -> None:
    """Of a JSONL file, the line is what people look for."""
    path = _file(tmp_path, json.dumps(TOOL) + "\n\n{oops\n", "seeds.jsonl")
    with pytest.raises(BadInput, match="not JSON at line 3"):
        read_seeds(path)


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    """Missing files, and folders."""
    with pytest.raises(BadInput, match="cannot be read: No such file"):
        read_seeds(tmp_path / "none.json")
    with pytest.raises(BadInput, match="cannot be read: Is a directory"):
        read_seeds(tmp_path)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    """Size comes first: a sparse file of a terabyte costs nothing."""
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(BadInput, match="larger than 20 MB"):
        read_seeds(path)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
@settings(max_examples=300)
def test_any_bytes_are_seeds_or_bad_input(data: bytes) -> None:
    """Nothing else comes out of a file."""
    try:
        seeds = parse_seeds(data, "file", name="x")
    except BadInput:
        return
    assert seeds.tools


@pytest.mark.parametrize(
    ("text", "name", "title", "about"),
    [
        ("Bike rental: we lend bikes.", "bike-rental", "Bike rental", "we lend bikes."),
        ("hotel booking", "hotel-booking", "hotel booking", ""),
        ("A museum.", "a-museum", "A museum", ""),
        (
            "We lend tools to our neighbours in three streets of the old town.",
            "we-lend-tools-to",
            "this service",
            "We lend tools to our neighbours in three streets of the old town.",
        ),
    ],
)
def test_a_domain_can_be_described(
    text: str, name: str, title: str, about: str
) -> None:
    """By a name, by a name and a description, or by a description alone."""
    assert described(text) == Seeds(name, title, about)


@pytest.mark.parametrize("text", ["", " \n", "a\0b", "word " * 2_000])
def test_a_description_that_says_nothing_or_too_much_is_refused(text: str) -> None:
    """One line that says what to give instead."""
    with pytest.raises(UsageError) as caught:
        described(text)
    assert "\n" not in str(caught.value)
