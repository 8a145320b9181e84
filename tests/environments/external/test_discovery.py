"""What external environments say of themselves before a run."""

from __future__ import annotations

import sys

import orjson
import pytest

from eventsim.core.events import EnvironmentSpec
from eventsim.errors import BadInput
from eventsim.run.external import discover
from tests.environments.external.conftest import LEDGER, shelf

pytestmark = pytest.mark.anyio


async def test_public_methods_are_the_tools_with_types_and_words() -> None:
    """From annotations and the docstring; what changes nothing may say so."""
    (spec,), tools = await discover([LEDGER])
    assert [tool.name for tool in tools] == ["book", "die", "hang", "shout", "total_of"]
    book = tools[0]
    assert book.description == "Book an amount."
    assert orjson.loads(orjson.dumps(book.parameters)) == {
        "type": "object",
        "properties": {
            "amount": {
                "type": "integer",
                "description": "How much; negative amounts may not go below zero.",
            },
            "note": {"type": "string", "description": "What for."},
        },
        "required": ["amount"],
    }
    assert (book.writes, tools[4].writes) == (True, False)
    assert spec.name == "ledger"


async def test_an_mcp_server_says_who_it_is_and_what_it_offers() -> None:
    """Name, version, schemas, and what only reads."""
    (spec,), tools = await discover([shelf()])
    assert spec.version == "shelf 1.2.3"
    assert {tool.name: tool.writes for tool in tools} == {
        "put": True,
        "take": True,
        "look": False,
    }
    twice = await discover([shelf(), shelf().model_copy(update={"name": "other"})])
    assert {tool.name for tool in twice[1]} >= {"shelf_put", "other_put"}
    assert {tool.inner for tool in twice[1]} == {"put", "take", "look"}


async def test_every_page_of_the_tools_is_read() -> None:
    """Servers may list their tools in parts."""
    _, tools = await discover([shelf("--pages")])
    assert {tool.name for tool in tools} == {"put", "take", "look"}


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        (LEDGER.model_copy(update={"target": "no.such:Thing"}), "No module named"),
        (LEDGER.model_copy(update={"settings": {"x": 1}}), "unexpected keyword"),
        (
            EnvironmentSpec(name="s", kind="mcp", target="/no/such/command"),
            "environment s could not be",
        ),
        (
            EnvironmentSpec(name="s", kind="mcp", target="http://127.0.0.1:9/mcp"),
            "environment s could not be",
        ),
        (
            EnvironmentSpec(
                name="s", kind="mcp", target=f"{sys.executable} -m no_such_server"
            ),
            "No module named no_such_server",
        ),
    ],
)
async def test_one_that_cannot_be_started_says_why(
    spec: EnvironmentSpec, why: str
) -> None:
    """In one line."""
    with pytest.raises(BadInput, match=why) as raised:
        await discover([spec])
    assert "\n" not in str(raised.value)
