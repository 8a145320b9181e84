"""JSON Schemas are compiled as they stand: whatever they name, nothing is fetched."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from eventsim.core.arguments import argument_error
from eventsim.core.schemas import check_of
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import freeze


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """A server that would see any request."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        yield server


def test_a_schema_elsewhere_is_not_fetched(
    listening: socket.socket, tmp_path: Path
) -> None:
    """Neither by HTTP nor from a file; what refers to it takes any value."""
    file = tmp_path / "other.json"
    file.write_text('{"type": "string"}')
    port = listening.getsockname()[1]
    for uri in (f"http://127.0.0.1:{port}/x", file.as_uri()):
        check = check_of({"type": "object", "properties": {"a": {"$ref": uri}}})
        assert check.outside == (uri,)
        assert check.validator.is_valid({"a": 1})
    assert check_of({"$schema": f"http://127.0.0.1:{port}/meta"}).outside
    with pytest.raises(BlockingIOError):
        listening.accept()


def test_what_stands_in_the_schema_is_followed() -> None:
    """Definitions of its own are no outside."""
    schema = {"$ref": "#/$defs/x", "$defs": {"x": {"type": "object"}}}
    check = check_of(schema)
    assert check.outside == ()
    assert not check.validator.is_valid(1)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "objekt"},
        {"$ref": "#/nothing"},
        {"$ref": "http://127.0.0.1:9/x", "properties": 5},
        "text",
    ],
)
def test_what_is_no_schema_is_refused(schema: object) -> None:
    """Also beside a reference to something outside."""
    with pytest.raises(ValueError, match=r"\w"):
        check_of(schema)


def test_arguments_are_not_checked_against_what_is_not_there() -> None:
    """A tool with such a schema takes any arguments."""
    tool = ToolDefinition(
        name="f",
        description="",
        parameters=freeze({"$ref": "http://127.0.0.1:9/x"}),
        returns=freeze({}),
    )
    assert argument_error(tool, {"a": 1}) is None
