"""A lexicon comes from names, descriptions and schemas, whatever they look like."""

from __future__ import annotations

from typing import Any

import pytest

from eventsim.providers.rule_based.assistant.toolset import read_toolset
from tests.providers.rule_based.assistant.world import functions


def _tool(name: str, about: str = "", /, **properties: Any) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {
            "name": name,
            "description": about,
            "parameters": {"type": "object", "properties": properties},
        },
    }


def test_entities_have_their_keys_and_numbers() -> None:
    """Each kind of thing is known in singular and plural, with its key columns."""
    lexicon = read_toolset(functions())
    things = {e.one: (e.many, e.keys) for e in lexicon.entities.values()}
    assert things["customer"] == ("customers", ("customer_id",))
    assert things["playlist track"] == (
        "playlist tracks",
        ("playlist_id", "track_id"),
    )


@pytest.mark.parametrize(
    ("about", "noun"),
    [
        ("Find pets (animals, house animals) whose name contains a text.", "animal"),
        ("List the pets, also called companions.", "companion"),
        ("List pets (also known as beasts).", "beast"),
    ],
)
def test_synonyms_come_from_descriptions(about: str, noun: str) -> None:
    """What a description says in brackets names the same thing."""
    lexicon = read_toolset([_tool("search_pets", about)])
    assert lexicon.nouns[(noun,)] == lexicon.nouns[("pet",)]


def test_a_role_is_no_kind_of_its_own() -> None:
    """A manager (an employee) is an employee, and the parameter plays that part."""
    tools = [
        _tool("search_employees", "Find employees.", name={"type": "string"}),
        _tool(
            "list_employees_by_manager",
            "List the employees of a manager (an employee).",
            manager_id={"type": "integer"},
        ),
    ]
    lexicon = read_toolset(tools)
    param = lexicon.by_name["list_employees_by_manager"].params[0]
    assert lexicon.nouns[("manager",)] == lexicon.nouns[("employe",)]
    assert (param.role, param.relation) == ("key", ("manager",))


@pytest.mark.parametrize(
    ("name", "verb", "entity"),
    [
        ("getInvoiceLine", "get", "invoice line"),
        ("top_invoice_lines_by_quantity", "top", "invoice line"),
        ("count_invoice_lines", "count", "invoice line"),
        ("total_invoice_line_quantity", "sum", "invoice line"),
        ("average_invoice_line_price", "average", "invoice line"),
        ("add_invoice_line", "create", "invoice line"),
        ("change_invoice_line", "update", "invoice line"),
        ("remove_invoice_line", "delete", "invoice line"),
    ],
)
def test_the_first_word_says_what_a_tool_does(
    name: str, verb: str, entity: str
) -> None:
    """A tool's name is taken apart into what it does and to what."""
    lexicon = read_toolset([_tool(name), _tool("get_invoice_line")])
    tool = lexicon.by_name[name]
    assert tool.verb == verb
    assert lexicon.entities[tool.entity or ""].one == entity


def test_an_explained_noun_is_known_without_a_tool_of_its_own() -> None:
    """Fines are known from a sum over fines."""
    lexicon = read_toolset(
        [_tool("total_fine_amount_by_member", "Add up the amount of all fines (fees).")]
    )
    assert lexicon.nouns[("fee",)] == lexicon.nouns[("fin",)]


@pytest.mark.parametrize(
    "tool",
    [
        {},
        {"type": "function"},
        {"type": "function", "function": None},
        {"function": {"name": 7}},
        {"function": {"name": ""}},
        {"function": {"name": "___"}},
        {"function": {"name": "get_x", "parameters": "none"}},
        {"function": {"name": "get_x", "parameters": {"properties": ["a"]}}},
        {"function": {"name": "get_x", "parameters": {"properties": {"a": 1}}}},
        {"function": {"name": "x", "description": 3, "parameters": {"required": 4}}},
        {"function": {"name": "отчёт", "description": "Список (книг)."}},
    ],
)
def test_odd_tools_are_read_or_left_out(tool: dict[str, Any]) -> None:
    """No tool is so odd that the others cannot be used."""
    lexicon = read_toolset([tool, *functions("get_customer")])
    assert "get_customer" in lexicon.by_name
