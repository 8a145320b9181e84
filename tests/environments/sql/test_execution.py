"""Calls do what they say, as recorded, and can be repeated and undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jsonschema_rs
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventsim.core.changes import RowChange, net
from eventsim.core.tools import ToolDefinition
from eventsim.environments.environment import CallOutcome
from eventsim.environments.sql.execution import SqlEnvironment
from eventsim.environments.sql.image import Image
from eventsim.environments.sql.toolgen import GeneratedTools, generate_tools

Mount = Callable[..., SqlEnvironment]

_PHONE = {"customer_id": 2, "phone": "555 0147"}


@pytest.fixture(scope="module")
def generated(shop: Image) -> GeneratedTools:
    """The tools of the shop."""
    return generate_tools(shop)


@pytest.fixture(scope="module")
def tools(generated: GeneratedTools) -> dict[str, ToolDefinition]:
    """The tools of the shop by name."""
    return {tool.name: tool for tool in generated.tools}


def _content(outcome: CallOutcome) -> Any:
    assert not outcome.is_error, outcome.content
    return orjson.loads(outcome.content)


def _problem(outcome: CallOutcome, code: str) -> str:
    error = orjson.loads(outcome.content)["error"]
    assert (outcome.is_error, error["code"]) == (True, code), outcome.content
    assert outcome.changes == ()
    message = str(error["message"])
    assert message.endswith(".")
    for jargon in ("SQLITE", "constraint", "FOREIGN", "NULL", "sqlite"):
        assert jargon not in message
    return message


@pytest.mark.anyio
async def test_the_protocol(
    shop: Image, tools: dict[str, ToolDefinition], mounted: Mount
) -> None:
    """Calls, digest, size and closing, as every environment has them."""
    environment = mounted(shop)
    assert await environment.digest() == shop.rows_digest
    outcome = await environment.call(tools["update_customer"], _PHONE, ordinal=0)
    assert orjson.loads(outcome.content)["phone"] == "555 0147"
    assert await environment.digest() != shop.rows_digest
    assert environment.size_bytes >= 4096
    await environment.close()


def test_an_update_changes_only_what_is_given(
    shop: Image, tools: dict[str, ToolDefinition], mounted: Mount
) -> None:
    """Left out is not null; null empties; the change names what was and is."""
    environment = mounted(shop)
    update = tools["update_customer"]
    first = environment.execute(update, _PHONE, ordinal=0)
    assert first.changes == (
        RowChange(
            table="Customer",
            op="update",
            key={"CustomerId": 2},
            old={"Phone": None},
            new={"Phone": "555 0147"},
        ),
    )
    row = _content(first)
    assert (row["city"], row["level"]) == ("Rome", "bronze")
    emptied = environment.execute(
        update, {"customer_id": 2, "city": None, "level": "gold"}, ordinal=1
    )
    assert emptied.changes[0].new == {"City": None, "Level": "gold"}
    same = environment.execute(update, {"customer_id": 2, "level": "gold"}, ordinal=2)
    assert same.changes == ()
    assert _content(same)["level"] == "gold"


def test_an_insert_gives_the_row_as_it_is_after(
    shop: Image, tools: dict[str, ToolDefinition], mounted: Mount
) -> None:
    """Keys, defaults and the time of the dialogue are filled in."""
    environment = mounted(shop)
    names = {"first_name": "Eva", "last_name": "Berg", "email": "eva@mail.example"}
    row = _content(environment.execute(tools["create_customer"], names, ordinal=0))
    assert row["customer_id"] == 31
    assert row["level"] == "bronze"
    assert row["joined_at"] == "2026-03-01 09:30:00"


def test_totals_are_kept_right(
    shop: Image, tools: dict[str, ToolDefinition], mounted: Mount
) -> None:
    """What writes lines writes the total, so that it still equals their sum."""
    environment = mounted(shop)
    invoice = _content(
        environment.execute(
            tools["create_invoice"],
            {"customer_id": 1, "invoice_date": "2026-02-01"},
            ordinal=0,
        )
    )
    assert (invoice["total"], invoice["invoice_date"]) == (0, "2026-02-01 00:00:00")
    line = {"invoice_id": 61, "product_id": 1, "unit_price": 0.1, "quantity": 3}
    added = environment.execute(tools["create_invoice_line"], line, ordinal=1)
    assert [(c.table, dict(c.new)) for c in added.changes][1] == (
        "Invoice",
        {"Total": 0.3},
    )
    moved = environment.execute(
        tools["update_invoice_line"],
        {"invoice_line_id": 151, "invoice_id": 5, "quantity": 1},
        ordinal=2,
    )
    assert {c.table for c in moved.changes} == {"Invoice", "InvoiceLine"}
    environment.execute(tools["delete_invoice_line"], {"invoice_line_id": 7}, ordinal=3)
    wrong = environment.query(
        "SELECT InvoiceId FROM Invoice AS i WHERE abs(Total - coalesce((SELECT"
        " sum(UnitPrice * Quantity) FROM InvoiceLine AS l WHERE l.InvoiceId ="
        " i.InvoiceId), 0)) > 0.001"
    )
    assert wrong == []


def test_lists_say_whether_there_is_more(
    shop: Image, tools: dict[str, ToolDefinition], mounted: Mount
) -> None:
    """The limit of rows holds, and the result says that it was met."""
    few = mounted(shop, row_limit=4)
    listed = _content(
        few.execute(tools["search_products"], {"name": "lamp"}, ordinal=0)
    )
    assert (len(listed["rows"]), listed["more"]) == (4, True)
    all_of_them = mounted(shop)
    listed = _content(
        all_of_them.execute(tools["search_products"], {"name": "lamp"}, ordinal=0)
    )
    assert (len(listed["rows"]), listed["more"]) == (40, False)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("lima3", 2),
        ("ANA3 lima3", 1),
        ("lima3 ana3", 1),
        ("  ana3 lima3 ", 1),
        ("%", 0),
        ("_", 0),
        ("a3 l", 4),
    ],
)
def test_people_are_found_by_either_order(
    shop: Image,
    tools: dict[str, ToolDefinition],
    mounted: Mount,
    name: str,
    found: int,
) -> None:
    """First and last name are one text; letters of a pattern stand for themselves."""
    environment = mounted(shop)
    outcome = environment.execute(tools["search_customers"], {"name": name}, ordinal=0)
    assert len(_content(outcome)["rows"]) == found


def test_marks_of_patterns_are_plain_text(
    shop: Image, tools: dict[str, ToolDefinition], mounted: Mount
) -> None:
    """A percent sign in a name is found by a percent sign."""
    environment = mounted(shop)
    for text in ("100%_", "%", "_W"):
        outcome = environment.execute(tools["search_tags"], {"name": text}, ordinal=0)
        assert [row["name"] for row in _content(outcome)["rows"]] == ["100%_wool"]


def test_exact_matches_come_first(
    shop: Image, tools: dict[str, ToolDefinition], mounted: Mount
) -> None:
    """The product that is called just so is not lost among others."""
    environment = mounted(shop)
    outcome = environment.execute(
        tools["search_products"], {"name": "LAMP 3"}, ordinal=0
    )
    names = [row["name"] for row in _content(outcome)["rows"]]
    assert names[0] == "Lamp 3"
    assert len(names) == 11


def test_aggregates_name_what_they_are_of(
    shop: Image, tools: dict[str, ToolDefinition], mounted: Mount
) -> None:
    """Counts and sums agree with the rows, and carry the label."""
    environment = mounted(shop)
    one = {"customer_id": 1}
    count = _content(
        environment.execute(tools["count_invoices_by_customer"], one, ordinal=0)
    )
    assert count == {
        "customer_id": 1,
        "customer_name": "Ana1 Lima1",
        "invoice_count": 3,
    }
    total = _content(
        environment.execute(tools["total_invoice_total_by_customer"], one, ordinal=1)
    )
    rows = environment.query("SELECT Total FROM Invoice WHERE CustomerId = 1")
    assert total["total"] == pytest.approx(sum(row[0] for row in rows))
    none = _content(
        environment.execute(
            tools["average_invoice_total_by_customer"], {"customer_id": 30}, ordinal=2
        )
    )
    assert none["average_total"] is None


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("get_customer", {}, "customer_id is missing. The id of the customer"),
        ("get_customer", {"customer_id": "2"}, "customer_id must be a whole number"),
        ("get_customer", {"customer_id": 2.5}, "must be a whole number"),
        ("get_customer", {"customer_id": True}, "must be a whole number"),
        ("get_customer", {"customer_id": None}, "must be a whole number"),
        ("get_customer", {"customer_id": 2, "x": 1}, "There is no argument x. The arg"),
        ("get_customer", {"customer_id": 1 << 70}, "too large"),
        ("search_customers", {"name": ""}, "must not be empty"),
        ("search_customers", {"name": "\ud800"}, "valid Unicode"),
        ("top_products_by_stock", {"limit": 0}, "at least 1"),
        ("top_products_by_stock", {"limit": 51}, "at most 50"),
        ("update_customer", {"customer_id": 2}, "Nothing to change"),
        (
            "update_customer",
            {"customer_id": 2, "level": "tin"},
            "must be one of bronze, silver or gold",
        ),
        (
            "create_invoice",
            {"customer_id": 1, "invoice_date": "tomorrow"},
            "has not the right form. The date of the invoice, a date such as",
        ),
    ],
)
def test_bad_arguments_are_explained(  # one claim, many ways to be wrong
    shop: Image,
    tools: dict[str, ToolDefinition],
    mounted: Mount,
    tool: str,
    arguments: dict[str, Any],
    words: str,
) -> None:
    """The message says which argument, what it should be, and changes nothing."""
    environment = mounted(shop)
    outcome = environment.execute(tools[tool], arguments, ordinal=0)
    assert words in _problem(outcome, "invalid_arguments")
    assert environment.rows_digest() == shop.rows_digest


def test_whole_numbers_may_have_a_point(
    shop: Image, tools: dict[str, ToolDefinition], mounted: Mount
) -> None:
    """25.0 is 25: the change holds an integer."""
    environment = mounted(shop)
    arguments = {"product_id": 2.0, "stock": 25.0}
    outcome = environment.execute(tools["update_product"], arguments, ordinal=0)
    assert repr(outcome.changes[0].new["Stock"]) == "25"


@pytest.mark.parametrize(
    ("tool", "arguments", "code", "message"),
    [
        (
            "delete_customer",
            {"customer_id": 1},
            "constraint",
            "This customer cannot be deleted: 3 invoices still refer to it.",
        ),
        (
            "delete_customer",
            {"customer_id": 999},
            "not_found",
            "There is no such customer; nothing was changed.",
        ),
        (
            "update_customer",
            {"customer_id": 999, "city": "Bonn"},
            "not_found",
            "There is no such customer; nothing was changed.",
        ),
        (
            "update_customer",
            {"customer_id": 1, "email": "ana2@mail.example"},
            "constraint",
            "There is already a customer with the same email.",
        ),
        (
            "create_invoice",
            {"customer_id": 77, "invoice_date": "2026-01-01"},
            "constraint",
            "There is no customer with id 77.",
        ),
        (
            "create_product",
            {"name": "x", "unit_price": 0, "stock": 1},
            "constraint",
            "The unit price of a product cannot be that.",
        ),
        (
            "add_tag_to_product",
            {"product_id": 1, "tag_id": 2},
            "constraint",
            "There is already a product tag with the same product and tag.",
        ),
    ],
)
def test_refusals_in_plain_words(
    shop: Image,
    tools: dict[str, ToolDefinition],
    mounted: Mount,
    tool: str,
    arguments: dict[str, Any],
    code: str,
    message: str,
) -> None:
    """What the database refuses is said without its jargon, and undone."""
    environment = mounted(shop)
    outcome = environment.execute(tools[tool], arguments, ordinal=0)
    assert _problem(outcome, code) == message
    assert environment.rows_digest() == shop.rows_digest


def test_nothing_found_is_null(
    shop: Image, tools: dict[str, ToolDefinition], mounted: Mount
) -> None:
    """A look-up of a key that is not there is no error."""
    environment = mounted(shop)
    outcome = environment.execute(tools["get_customer"], {"customer_id": 0}, ordinal=0)
    assert (outcome.content, outcome.is_error) == ("null", False)


def test_trials_nest_and_leave_nothing(
    shop: Image, tools: dict[str, ToolDefinition], mounted: Mount
) -> None:
    """Whatever happens inside is undone, the inner before the outer."""
    environment = mounted(shop)
    with environment.trial():
        environment.execute(tools["update_customer"], _PHONE, ordinal=0)
        outer = environment.rows_digest()
        with environment.trial():
            environment.execute(
                tools["delete_customer"], {"customer_id": 30}, ordinal=1
            )
            assert environment.rows_digest() != outer
        assert environment.rows_digest() == outer
    assert environment.rows_digest() == shop.rows_digest


def test_a_trial_that_fails_is_undone(
    shop: Image, tools: dict[str, ToolDefinition], mounted: Mount
) -> None:
    """An exception inside leaves nothing either."""
    environment = mounted(shop)

    def fail() -> None:
        with environment.trial():
            environment.execute(tools["update_customer"], _PHONE, ordinal=0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert environment.rows_digest() == shop.rows_digest


def test_copies_are_private(
    shop: Image, tools: dict[str, ToolDefinition], mounted: Mount
) -> None:
    """What one trajectory writes, no other sees."""
    one, other = mounted(shop), mounted(shop)
    one.execute(tools["update_customer"], _PHONE, ordinal=0)
    assert other.rows_digest() == shop.rows_digest
    assert one.rows_digest() != shop.rows_digest


def test_the_digest_is_that_of_a_full_count(
    shop: Image, tools: dict[str, ToolDefinition], mounted: Mount
) -> None:
    """Reading only written tables gives what reading all of them gives."""
    environment = mounted(shop)
    line = {"invoice_id": 3, "product_id": 1, "unit_price": 2, "quantity": 1}
    environment.execute(tools["create_invoice_line"], line, ordinal=0)
    digest = environment.rows_digest()
    environment.execute(
        tools["delete_invoice_line"], {"invoice_line_id": 151}, ordinal=1
    )
    assert digest != environment.rows_digest() == shop.rows_digest


_CALLS = st.lists(
    st.one_of(
        st.tuples(
            st.just("update_customer"),
            st.fixed_dictionaries(
                {"customer_id": st.integers(1, 31)},
                optional={
                    "city": st.one_of(st.none(), st.text(max_size=5)),
                    "level": st.sampled_from(["bronze", "silver", "gold"]),
                },
            ),
        ),
        st.tuples(
            st.just("create_invoice_line"),
            st.fixed_dictionaries(
                {
                    "invoice_id": st.integers(1, 62),
                    "product_id": st.integers(1, 41),
                    "unit_price": st.floats(0.1, 9).map(lambda x: round(x, 2)),
                    "quantity": st.integers(1, 5),
                }
            ),
        ),
        st.tuples(
            st.just("delete_invoice_line"),
            st.fixed_dictionaries({"invoice_line_id": st.integers(1, 160)}),
        ),
        st.tuples(
            st.just("list_invoices_by_customer"),
            st.fixed_dictionaries({"customer_id": st.integers(1, 31)}),
        ),
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(calls=_CALLS)
def test_repeating_calls_repeats_everything(
    shop: Image,
    generated: GeneratedTools,
    tools: dict[str, ToolDefinition],
    mounted: Mount,
    calls: list[tuple[str, dict[str, Any]]],
) -> None:
    """The same calls in the same order give the same contents, changes and rows, and
    the writes alone give the same rows; contents fit what the tools promise.
    """
    first, second, third = mounted(shop), mounted(shop), mounted(shop)
    changes: list[RowChange] = []
    for ordinal, (name, arguments) in enumerate(calls):
        tool = tools[name]
        one = first.execute(tool, arguments, ordinal=ordinal)
        other = second.execute(tool, arguments, ordinal=ordinal)
        assert (one.content, one.changes) == (other.content, other.changes)
        if tool.writes and not one.is_error:
            assert (
                third.execute(tool, arguments, ordinal=ordinal).content == one.content
            )
        if not one.is_error:
            jsonschema_rs.validate(tool.returns, orjson.loads(one.content))
        changes.extend(one.changes)
    assert first.rows_digest() == second.rows_digest() == third.rows_digest()
    assert bool(net(changes)) == (first.rows_digest() != shop.rows_digest)
