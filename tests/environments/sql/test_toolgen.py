"""Tools are made as a careful person would, and each holds against the database."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import orjson
import pytest

from eventsim.core.tools import ToolDefinition
from eventsim.environments.sql.execution import SqlEnvironment
from eventsim.environments.sql.image import Image
from eventsim.environments.sql.toolgen import GeneratedTools, generate_tools

Mount = Callable[..., SqlEnvironment]


@pytest.fixture(scope="module")
def generated(shop: Image) -> GeneratedTools:
    """The tools of the shop."""
    return generate_tools(shop)


def _tool(generated: GeneratedTools, name: str) -> ToolDefinition:
    return next(tool for tool in generated.tools if tool.name == name)


def test_every_family_is_there(generated: GeneratedTools) -> None:
    """By key, search, lists, ranks, aggregates, writes."""
    assert {tool.name for tool in generated.tools} >= {
        "get_customer",
        "get_customer_by_email",
        "search_customers",
        "list_customers_by_level",
        "list_invoices_by_customer",
        "list_tags",
        "list_products_by_tag",
        "list_tags_by_product",
        "top_products_by_unit_price",
        "top_customers_by_invoices",
        "count_invoices_by_customer",
        "count_products_by_tag",
        "total_invoice_total_by_customer",
        "average_invoice_total_by_customer",
        "create_customer",
        "update_customer",
        "delete_customer",
        "create_invoice_line",
        "add_tag_to_product",
        "remove_tag_from_product",
    }
    families = {purpose.family for purpose in generated.purposes.values()}
    assert families == {
        *("get", "search", "list", "top", "count", "total", "average"),
        *("insert", "update", "delete"),
    }


def test_the_same_database_gives_the_same_tools(
    shop: Image, generated: GeneratedTools
) -> None:
    """Names, digests and order do not vary."""
    again = generate_tools(shop)
    assert [t.digest for t in again.tools] == [t.digest for t in generated.tools]
    assert again.rejected == generated.rejected


def test_schemas_are_closed_and_described(generated: GeneratedTools) -> None:
    """Each parameter has a type and a description; nothing else is accepted."""
    for tool in generated.tools:
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", tool.name)
        assert tool.description[0].isupper()
        assert tool.description.endswith(".")
        assert tool.parameters["additionalProperties"] is False
        for name, schema in tool.parameters["properties"].items():
            assert schema["type"], name
            assert schema["description"].endswith("."), name
        jsonschema_rs.validator_for(tool.parameters)
        jsonschema_rs.validator_for(tool.returns)


def test_descriptions_hold_no_data_and_no_sql(
    shop: Image, generated: GeneratedTools
) -> None:
    """Neither values of rows, nor snake_case, nor column names as they are stored."""
    con = shop.connect()
    names = {row[0] for row in con.execute("SELECT LastName FROM Customer")}
    names |= {row[0] for row in con.execute("SELECT Name FROM Product")}
    con.close()
    for tool in generated.tools:
        texts = [tool.description]
        texts += [s["description"] for s in tool.parameters["properties"].values()]
        for text in texts:
            assert not re.search(r"[a-z]_[a-z]|[a-z][A-Z]|SELECT|FOREIGN", text), text
            assert not any(name in text for name in names), text


def test_synonyms_stand_in_descriptions(generated: GeneratedTools) -> None:
    """The words that people use are there to be met."""
    text = _tool(generated, "search_customers").description
    assert text.startswith("Find customers (clients, buyers) whose name contains")


def test_parameters_carry_what_constraints_say(generated: GeneratedTools) -> None:
    """Types, enums, bounds, nullability, and only the essential is required."""
    create = _tool(generated, "create_customer").parameters
    assert create["required"] == ("first_name", "last_name", "email")
    assert create["properties"]["level"]["enum"] == ("bronze", "silver", "gold")
    assert create["properties"]["city"]["type"] == ("string", "null")
    assert "joined_at" not in create["properties"]
    assert "customer_id" not in create["properties"]
    stock = _tool(generated, "create_product").parameters["properties"]["stock"]
    assert (stock["minimum"], stock["maximum"]) == (0, 500)
    update = _tool(generated, "update_product").parameters
    assert update["required"] == ("product_id",)
    assert update["properties"]["name"]["type"] == "string"


def test_derived_and_binary_columns_are_not_written(generated: GeneratedTools) -> None:
    """A total is no argument, a photo neither, and the reason is recorded."""
    for name in ("create_invoice", "update_invoice"):
        assert "total" not in _tool(generated, name).parameters["properties"]
    assert "photo" not in _tool(generated, "create_product").parameters["properties"]
    reasons = dict(generated.rejected)
    assert "sum of unit price times quantity" in reasons["Invoice.Total"]
    assert generated.purposes["create_invoice"].given == {"Total": 0}


def test_deletes_exist_where_rows_can_go(generated: GeneratedTools) -> None:
    """Some customers have no invoice; every product is on a line."""
    names = {tool.name for tool in generated.tools}
    assert "delete_customer" in names
    assert "delete_product" not in names
    reason = dict(generated.rejected)["delete_product"]
    assert reason.startswith("none of 24 sampled products can be deleted: This product")


def test_only_what_can_be_summed_is_summed(generated: GeneratedTools) -> None:
    """No total of prices, keys or codes is offered."""
    totals = {
        (purpose.table, purpose.measure)
        for purpose in generated.purposes.values()
        if purpose.family == "total"
    }
    assert totals == {
        ("Invoice", "Total"),
        ("InvoiceLine", "Quantity"),
        ("Product", "Stock"),
    }


def test_purposes_map_parameters_and_results(generated: GeneratedTools) -> None:
    """Every parameter and every key of a result leads back to the schema."""
    schema = generated.schema
    for tool in generated.tools:
        purpose = generated.purposes[tool.name]
        assert set(purpose.parameters) == set(tool.parameters["properties"])
        for target in purpose.parameters.values():
            assert target.role == "limit" or (
                target.column in schema.by_name[target.table].by_name
            )
        for origin in purpose.results.values():
            columns = schema.by_name[origin.table].by_name
            assert set(origin.columns) <= set(columns)
    listed = generated.purposes["list_invoices_by_customer"]
    assert (listed.parent, listed.via) == ("Customer", ("CustomerId",))
    assert listed.results["customer_name"].columns == ("FirstName", "LastName")
    assert listed.results["customer_name"].via == "CustomerId"
    linked = generated.purposes["list_products_by_tag"]
    assert (linked.parent, linked.link) == ("Tag", "ProductTag")
    top = generated.purposes["top_customers_by_invoices"]
    assert (top.counted, top.table) == ("Invoice", "Customer")


def _arguments(tool: ToolDefinition, generated: GeneratedTools) -> dict[str, Any]:
    usual = {"limit": 3, "name": "lamp", "title": "a", "email": "ana1@mail.example"}
    usual |= {"city": "Oslo", "level": "bronze"}
    properties = tool.parameters["properties"]
    return {name: usual.get(name, 2) for name in properties}


def test_results_fit_what_is_promised(
    shop: Image, generated: GeneratedTools, mounted: Mount
) -> None:
    """Each reading tool gives what its schema of results says."""
    environment = mounted(shop)
    tried = 0
    for tool in generated.tools:
        if tool.writes:
            continue
        outcome = environment.execute(tool, _arguments(tool, generated), ordinal=0)
        assert not outcome.is_error, (tool.name, outcome.content)
        content = orjson.loads(outcome.content)
        jsonschema_rs.validate(tool.returns, content)
        rows = content["rows"] if "rows" in (content or {}) else [content]
        origin = generated.purposes[tool.name].results
        assert all(set(row) == set(origin) for row in rows if row is not None)
        tried += 1
    assert tried > 20


def test_proving_leaves_no_trace(shop: Image) -> None:
    """Tools are tried on a copy; the image is what it was."""
    before = shop.data
    generate_tools(shop)
    assert shop.data == before
