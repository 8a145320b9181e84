"""Tools and tasks that somebody else wrote, tried on a copy of a database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from eventsim.core.tasks import (
    Checks,
    ExpectedChange,
    Fact,
    Objective,
    Profile,
    SolutionCall,
    Task,
)
from eventsim.core.tools import SqlStatement, ToolDefinition
from eventsim.environments.sql.execution import SqlEnvironment
from eventsim.environments.sql.image import Image
from eventsim.environments.sql.workbench import SqlWorkbench

KEY = {"type": "integer", "description": "A key."}
TEXT = {"type": "string", "description": "A text."}

SEARCH = (
    "search_customers",
    'SELECT CustomerId AS customer_id, FirstName, LastName FROM "Customer" '
    "WHERE FirstName || ' ' || LastName LIKE '%' || :name || '%' ORDER BY 1 LIMIT 50",
    {"name": TEXT},
)
GET = (
    "get_customer",
    "SELECT CustomerId AS customer_id, City AS city, Phone AS phone, Level AS level "
    "FROM Customer WHERE CustomerId = :customer_id",
    {"customer_id": KEY},
)
COUNT = (
    "count_invoices",
    "SELECT count(*) AS n FROM Invoice WHERE CustomerId = :customer_id",
    {"customer_id": KEY},
)
UPDATE = (
    "update_customer",
    "UPDATE Customer SET City = coalesce(:city, City) WHERE CustomerId = :customer_id",
    {"customer_id": KEY, "city": TEXT},
)
INSERT = (
    "create_tag",
    "INSERT INTO Tag (Name) VALUES (:name)",
    {"name": TEXT},
)
LINE = (
    "add_line",
    "INSERT INTO InvoiceLine (InvoiceId, ProductId, UnitPrice, Quantity) "
    "VALUES (:invoice_id, :product_id, 2.5, :quantity)",
    {"invoice_id": KEY, "product_id": KEY, "quantity": KEY},
)
DELETE = (
    "delete_line",
    "DELETE FROM InvoiceLine WHERE InvoiceLineId = :line_id",
    {"line_id": KEY},
)

Parts = tuple[str, str, dict[str, Any]]


def tool(
    name: str,
    sql: str,
    properties: dict[str, Any],
    required: Sequence[str] | None = None,
) -> ToolDefinition:
    """A tool as a model proposes it: nothing is known of it yet."""
    return ToolDefinition(
        name=name,
        description="Do it.",
        parameters={
            "type": "object",
            "properties": properties,
            "required": list(properties if required is None else required),
            "additionalProperties": False,
        },
        returns={},
        statement=SqlStatement(sql=sql, effect="read", table="", returns="rows"),
    )


@pytest.fixture
def bench(shop: Image) -> Iterator[SqlWorkbench]:
    """A workbench on the shop."""
    opened = SqlWorkbench(shop, now="2026-03-01T09:30:00Z")
    yield opened
    opened.close()


def tried(bench: SqlWorkbench, parts: Parts, *optional: str) -> ToolDefinition:
    """A tool that holds; some of its parameters may be left out."""
    name, sql, properties = parts
    required = [key for key in properties if key not in optional]
    found = bench.try_tool(tool(name, sql, properties, required))
    assert not isinstance(found, str), found
    return found


# --- tools --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        (SEARCH, ("rows", "read", "Customer")),
        (GET, ("row", "read", "Customer")),
        (COUNT, ("value", "read", "Invoice")),
        (UPDATE, ("written", "update", "Customer")),
        (INSERT, ("written", "insert", "Tag")),
        (LINE, ("written", "insert", "InvoiceLine")),
        (DELETE, ("written", "delete", "InvoiceLine")),
    ],
)
def test_a_tool_is_described_as_it_is_found(
    bench: SqlWorkbench, parts: Parts, found: tuple[str, str, str]
) -> None:
    """Effect, table and shape of the result come from the statement and its trial."""
    statement = tried(bench, parts).statement
    assert statement is not None
    assert (statement.returns, statement.effect, statement.table) == found


def test_the_result_is_described_field_by_field(bench: SqlWorkbench) -> None:
    """Types are those that were seen, with null where a column may be empty."""
    row, _ = tried(bench, GET).returns["anyOf"]
    assert row["properties"] == {
        "customer_id": {"type": "integer"},
        "city": {"type": ("string", "null")},
        "phone": {"type": ("string", "null")},
        "level": {"type": "string"},
    }


def test_a_plain_write_returns_the_row_after_it(
    bench: SqlWorkbench, shop: Image
) -> None:
    """RETURNING is added, so that the assistant sees what it has done."""
    update = tried(bench, UPDATE)
    env = SqlEnvironment.mount(shop, now="2026-03-01T09:30:00Z", seed=1)
    outcome = env.execute(update, {"customer_id": 3, "city": "Bergen"}, ordinal=0)
    env.dismount()
    assert '"city":"Bergen"' in outcome.content
    assert update.writes


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE Customer AS c SET City = :city WHERE c.CustomerId = :customer_id",
        "UPDATE main.Customer SET City = :city WHERE CustomerId = :customer_id "
        "RETURNING City",
        "UPDATE Customer SET City = :city WHERE CustomerId = $customer_id;",
        "WITH w AS (SELECT :customer_id AS k) UPDATE Customer SET City = :city "
        "WHERE CustomerId = (SELECT k FROM w)",
    ],
)
def test_a_write_may_be_put_in_any_usual_way(bench: SqlWorkbench, sql: str) -> None:
    """Aliases, other marks, a RETURNING of its own."""
    found = tried(bench, (UPDATE[0], sql, UPDATE[2]))
    assert next(iter(found.returns["properties"])) == "customer_id"


@pytest.mark.parametrize(
    ("sql", "properties", "reason"),
    [
        ("SELEC 1", {}, "it is no SELECT"),
        ("SELECT x FROM Customer", {}, "no such column: x"),
        ("SELECT 1 AS a; DELETE FROM Tag", {}, "more than one statement"),
        ("SELECT Name FROM Tag WHERE TagId = :id", {}, ":id, which is not declared"),
        ("SELECT Name FROM Tag", {"id": KEY}, "id is not used"),
        ("SELECT Name FROM Tag WHERE TagId = ?", {}, "parameter without a name"),
        ("PRAGMA table_info(Tag)", {}, "it is no SELECT"),
        ("ATTACH 'x' AS y", {}, "it is no SELECT"),
        ("SELECT name FROM sqlite_schema", {}, "SQLite's own tables"),
        ("SELECT load_extension('x') AS x", {}, "load_extension"),
        ("SELECT * FROM Tag AS a JOIN Tag AS b", {}, "two result columns"),
        ("SELECT Name FROM Tag WHERE Name = 'none'", {}, "it finds nothing"),
        ("SELECT Name FROM Tag WHERE TagId = :id", {"id": TEXT}, "holds numbers"),
        ("UPDATE Tag SET Name = 'x'", {}, "without being told which"),
        ("DELETE FROM InvoiceLine WHERE :x", {"x": KEY}, "deletes all"),
        (
            "UPDATE Customer SET City = :city WHERE Level = 'bronze'",
            {"city": TEXT},
            "at once",
        ),
        (
            "UPDATE Invoice SET Total = :total WHERE InvoiceId = :id",
            {"total": {"type": "number"}, "id": KEY},
            "it sets Total, but it always equals",
        ),
        ("INSERT INTO Nothing (a) VALUES (:a)", {"a": KEY}, "which is not there"),
        (
            "DELETE FROM Customer WHERE CustomerId = :id AND Level <> 'gold'",
            {"id": KEY},
            "",
        ),
        ("INSERT INTO Tag (Name) VALUES (upper(:a) || 1/0)", {"a": TEXT}, "failed"),
    ],
)
def test_a_tool_that_does_not_hold_is_rejected_with_the_reason(
    bench: SqlWorkbench, sql: str, properties: dict[str, Any], reason: str
) -> None:
    """One line that says what to mend; nothing is raised."""
    found = bench.try_tool(tool("try_it", sql, properties))
    if not reason:
        assert not isinstance(found, str), found
        return
    assert isinstance(found, str)
    assert reason in found
    assert "\n" not in found


def test_a_table_without_a_key_is_not_written(shop: Image) -> None:
    """What is written there could not be followed."""
    from tests.environments.sql.conftest import image_of

    bench = SqlWorkbench(
        image_of("CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('x')")
    )
    found = bench.try_tool(tool("w", "INSERT INTO t (a) VALUES (:a)", {"a": TEXT}))
    bench.close()
    assert isinstance(found, str)
    assert found.startswith("t cannot be written")


def test_what_may_be_left_out_must_work_when_it_is(bench: SqlWorkbench) -> None:
    """An optional parameter is NULL; a statement that then fails is rejected."""
    sql = "SELECT Name FROM Product ORDER BY Name LIMIT :most"
    found = bench.try_tool(tool("list_products", sql, {"most": KEY}, required=[]))
    assert isinstance(found, str)
    assert "when it is given nothing" in found
    sql = "SELECT Name FROM Product ORDER BY Name LIMIT coalesce(:most, 5)"
    found = bench.try_tool(tool("list_products", sql, {"most": KEY}, required=[]))
    assert not isinstance(found, str)


def test_nothing_that_was_tried_stays(bench: SqlWorkbench) -> None:
    """A trial leaves the next one the same database, examples leave no trace."""
    with_example = {"name": {**TEXT, "examples": ["new"]}}
    once = bench.try_tool(tool("create_tag", INSERT[1], with_example))
    again = bench.try_tool(tool("create_tag", INSERT[1], with_example))
    assert once == again
    assert not isinstance(once, str)
    assert "examples" not in once.parameters["properties"]["name"]


# --- tasks --------------------------------------------------------------------------


def task(
    *objectives: tuple[str, str],
    facts: Sequence[Fact] = (),
    changes: Sequence[ExpectedChange] = (),
) -> Task:
    """A task with objectives as (kind, text)."""
    return Task(
        title="A task",
        difficulty="easy",
        goal="In the end, it is done.",
        profile=Profile(name="Ana", role="You ask.", known_info=()),
        objectives=tuple(
            Objective(number=n, text=text, kind=kind)  # type: ignore[arg-type]
            for n, (kind, text) in enumerate(objectives, 1)
        ),
        checks=Checks(changes=tuple(changes), facts=tuple(facts)),
    )


def call(objective: int, tool_name: str, /, **arguments: Any) -> SolutionCall:
    """One call of a solution."""
    return SolutionCall(objective=objective, tool=tool_name, arguments=arguments)


def fact(objective: int, *values: Any, about: str = "the city") -> Fact:
    """One fact."""
    return Fact(objective=objective, about=about, values=values)


@pytest.fixture
def tools(bench: SqlWorkbench) -> tuple[ToolDefinition, ...]:
    """The tools of the shop, as found."""
    every = (SEARCH, GET, COUNT, UPDATE, INSERT, LINE, DELETE)
    return tuple(tried(bench, parts) for parts in every)


MOVE = (
    call(1, "search_customers", name="Lima3"),
    call(1, "get_customer", customer_id="$1.customer_id"),
    call(2, "update_customer", customer_id="$1.customer_id", city="Bergen"),
)
READ_AND_MOVE = (("read", "find the level"), ("write", 'set the city to "Bergen"'))


def test_a_solution_is_carried_out_and_becomes_the_checks(
    bench: SqlWorkbench, tools: tuple[ToolDefinition, ...]
) -> None:
    """References become values; facts are what was returned, changes what was done."""
    found = bench.prove(
        task(*READ_AND_MOVE, facts=[fact(1, "$2.level", about="the level")]),
        tools,
        MOVE,
    )
    assert not isinstance(found, str), found
    proved, witness = found
    assert proved.checks.facts == (fact(1, "bronze", about="the level"),)
    (change,) = proved.checks.changes
    assert (change.table, change.op, change.key) == (
        "Customer",
        "update",
        {"CustomerId": 3},
    )
    assert change.new == {"City": "Bergen"}
    assert [c.arguments for c in witness.solution][1:] == [
        {"customer_id": 3},
        {"customer_id": 3, "city": "Bergen"},
    ]
    assert witness.nothing_fails.startswith("change: never done")
    assert witness.altered_fails.startswith("change: ")


def test_what_nobody_chose_is_left_free(
    bench: SqlWorkbench, tools: tuple[ToolDefinition, ...]
) -> None:
    """A key that SQLite assigned is not expected; a total that follows is."""
    found = bench.prove(
        task(("write", "add a line")),
        tools,
        [call(1, "add_line", invoice_id=5, product_id=7, quantity=2)],
    )
    assert not isinstance(found, str), found
    line, invoice = sorted(found[0].checks.changes, key=lambda c: c.op)
    assert (line.free, line.key) == (("InvoiceLineId",), {})
    assert line.new["Quantity"] == 2
    assert (invoice.table, list(invoice.new)) == ("Invoice", ["Total"])


def test_a_fact_of_each_row_is_one_fact_a_row(
    bench: SqlWorkbench, tools: tuple[ToolDefinition, ...]
) -> None:
    """And a text may be made of several references."""
    found = bench.prove(
        task(
            ("read", "find those whose name contains an i and a 1"),
            facts=[fact(1, "$1[*].FirstName $1[*].LastName", about="one of them")],
        ),
        tools,
        [call(1, "search_customers", name="Lima1")][:1],
    )
    assert isinstance(found, str)
    assert "too many to state" in found
    found = bench.prove(
        task(
            ("read", "find the namesakes"),
            facts=[fact(1, "$1[*].FirstName $1[*].LastName", about="one of them")],
        ),
        tools,
        [call(1, "search_customers", name="Ana1 Lima")],
    )
    assert not isinstance(found, str), found
    told = [f.values for f in found[0].checks.facts]
    assert told[:2] == [("Ana1 Lima1",), ("Ana1 Lima8",)]


@pytest.mark.parametrize(
    ("objectives", "facts", "calls", "reason"),
    [
        (["read"], [fact(1, "$1.n")], [call(1, "nothing")], "no tool has that name"),
        (["read"], [fact(1, "$1.n")], [call(1, "count_invoices")], "customer_id"),
        (
            ["read"],
            [fact(1, "$1.total")],
            [call(1, "count_invoices", customer_id=3)],
            "the result of call 1 has only n",
        ),
        (
            ["read"],
            [fact(1, "$2.n")],
            [call(1, "count_invoices", customer_id=3)],
            "there is no call 2",
        ),
        (
            ["read"],
            [fact(1, "$2.city")],
            [
                call(1, "search_customers", name="Nobody"),
                call(1, "get_customer", customer_id="$1.customer_id"),
            ],
            "call 1 returned no row",
        ),
        (
            ["read"],
            [fact(1, "Atlantis")],
            [call(1, "get_customer", customer_id=3)],
            "which no result of the solution holds",
        ),
        (
            ["read"],
            [fact(1, "$1.phone")],
            [call(1, "get_customer", customer_id=3)],
            "there is nothing to state",
        ),
        (["read"], [], [call(1, "get_customer", customer_id=3)], "no fact says"),
        (
            ["write"],
            [],
            [call(1, "get_customer", customer_id=3)],
            "asks for a change, and the solution makes none",
        ),
        (
            ["read"],
            [fact(1, "$1.name")],
            [call(1, "create_tag", name="red")],
            "does not ask for a change",
        ),
        (
            ["write"],
            [],
            [call(1, "update_customer", customer_id=3000, city="Oslo")],
            "fails: There is no such customer",
        ),
        (["read"], [fact(1, "$1.n", about="n")], [], "there is no call 1"),
    ],
)
def test_a_task_without_proof_is_rejected_with_the_reason(
    bench: SqlWorkbench,
    tools: tuple[ToolDefinition, ...],
    objectives: list[str],
    facts: list[Fact],
    calls: list[SolutionCall],
    reason: str,
) -> None:
    """One line, for whoever writes the next one."""
    found = bench.prove(
        task(*((kind, "do it") for kind in objectives), facts=facts), tools, calls
    )
    assert isinstance(found, str)
    assert reason in found


def test_an_objective_may_not_hold_its_own_answer(
    bench: SqlWorkbench, tools: tuple[ToolDefinition, ...]
) -> None:
    """Whoever reads it aloud would pass."""
    found = bench.prove(
        task(
            ("read", 'find out whether the level is "bronze"'),
            facts=[fact(1, "$1.level")],
        ),
        tools,
        [call(1, "get_customer", customer_id=3)],
    )
    assert found == "objective 1 holds its own answer"


def test_a_task_is_proved_on_what_earlier_ones_left(
    bench: SqlWorkbench, tools: tuple[ToolDefinition, ...]
) -> None:
    """Accepted solutions add up; what is proved leaves nothing behind."""
    wanted = task(("read", "find the city"), facts=[fact(1, "$1.city")])
    calls = [call(1, "get_customer", customer_id=3)]
    before = [call(1, "update_customer", customer_id=3, city="Bergen")]
    later = bench.prove(wanted, tools, calls, accepted=[before])
    alone = bench.prove(wanted, tools, calls)
    assert not isinstance(later, str)
    assert later[0].checks.facts[0].values == ("Bergen",)
    assert isinstance(alone, str) or alone[0].checks.facts[0].values != ("Bergen",)


def test_a_refusal_declares_that_nothing_changes(
    bench: SqlWorkbench, tools: tuple[ToolDefinition, ...]
) -> None:
    """A call that is refused by the data is part of it; a change is not."""
    refusal = task(("refusal", "delete line 1"))
    found = bench.prove(refusal, tools, [])
    assert not isinstance(found, str), found
    assert found[0].checks.changes == ()
    assert [f.refusal for f in found[0].checks.facts] == [True]
    done = bench.prove(refusal, tools, [call(1, "delete_line", line_id=1)])
    assert isinstance(done, str)
    assert "does not ask for a change" in done


def test_what_was_declared_must_come_about(
    bench: SqlWorkbench, tools: tuple[ToolDefinition, ...]
) -> None:
    """A solver's calls are compared with the task, not the task with the calls."""
    declared = ExpectedChange(
        objective=1,
        table="InvoiceLine",
        op="insert",
        new={"InvoiceId": 5, "Quantity": 2},
    )
    wanted = task(("write", "add a line"), changes=[declared])
    right = [call(1, "add_line", invoice_id=5, product_id=7, quantity=2)]
    wrong = [call(1, "add_line", invoice_id=6, product_id=7, quantity=2)]
    assert not isinstance(bench.prove(wanted, tools, right), str)
    missing = bench.prove(wanted, tools, wrong)
    assert missing == "the insert in InvoiceLine that it expects is not made"
    more = bench.prove(wanted, tools, [*right, call(1, "create_tag", name="red")])
    assert isinstance(more, str)
    assert "in Tag that it does not expect" in more


def test_allowed_values_that_the_data_contradicts_are_dropped(
    bench: SqlWorkbench,
) -> None:
    """Whoever proposed them had seen a few rows; those of a CHECK stay."""
    sql = "SELECT LastName FROM Customer WHERE City = :city AND Level = :level"
    city = {"type": "string", "enum": ["Paris", "Rome"]}
    level = {"type": "string", "enum": ["bronze", "silver", "gold"]}
    found = bench.try_tool(tool("list_them", sql, {"city": city, "level": level}))
    assert not isinstance(found, str)
    assert "enum" not in found.parameters["properties"]["city"]
    assert "enum" in found.parameters["properties"]["level"]
