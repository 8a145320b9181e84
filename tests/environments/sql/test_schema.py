"""The schema is read with meanings that a careful person would give it."""

from __future__ import annotations

import pytest

from eventsim.environments.sql.image import Image
from eventsim.environments.sql.schema import read_schema
from eventsim.environments.sql.tables import Column, Schema, Table
from eventsim.errors import BadInput

from .conftest import image_of


def _schema(script: str) -> Schema:
    return read_schema(image_of(script))


def _table(script: str, name: str = "a") -> Table:
    return _schema(script).by_name[name]


def _column(definition: str, *values: str) -> Column:
    rows = ", ".join(f"({place}, {value})" for place, value in enumerate(values))
    insert = f"INSERT INTO a VALUES {rows}" if values else ""
    script = f"CREATE TABLE a (id INTEGER PRIMARY KEY, {definition}); {insert}"
    return _table(script).columns[1]


def test_names_are_english(shop: Image) -> None:
    """Tables are nouns, columns attributes, references roles."""
    schema = read_schema(shop)
    line = schema.by_name["InvoiceLine"]
    assert (line.words, line.plural) == ("invoice line", "invoice lines")
    assert (line.key, line.plural_key) == ("invoice_line", "invoice_lines")
    assert line.by_name["UnitPrice"].words == "unit price"
    assert line.by_name["UnitPrice"].key == "unit_price"
    assert schema.by_name["Customer"].also == ("client", "buyer")
    assert line.foreign_key_of("InvoiceId") is not None
    assert [f.role for f in line.foreign_keys] == ["invoice", "product"]


def test_a_role_is_more_than_its_table() -> None:
    """A reference that is named for its part keeps that name."""
    table = _table(
        "CREATE TABLE staff (id INTEGER PRIMARY KEY, name TEXT,"
        " reports_to INTEGER REFERENCES staff);"
        " CREATE TABLE a (id INTEGER PRIMARY KEY, home_team_id REFERENCES staff(id))"
    )
    assert table.foreign_keys[0].role == "home team"
    staff = _table(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, reports_to INTEGER REFERENCES a)"
    )
    assert staff.foreign_keys[0].role == "manager"
    assert staff.foreign_keys[0].targets == ("id",)


def test_an_id_is_called_by_its_table() -> None:
    """A bare id would say nothing beside other ids."""
    table = _table("CREATE TABLE a (id INTEGER PRIMARY KEY, a_name TEXT)")
    assert [(c.key, c.words) for c in table.columns] == [
        ("a_id", "a id"),
        ("a_name", "name"),
    ]


def test_a_prefix_of_all_tables_is_dropped() -> None:
    """What every name begins with says nothing."""
    schema = _schema(
        "CREATE TABLE app_users (id INTEGER PRIMARY KEY); CREATE TABLE app_orders"
        " (id INTEGER PRIMARY KEY); CREATE TABLE app_items (id INTEGER PRIMARY KEY)"
    )
    assert [table.words for table in schema.tables] == ["item", "order", "user"]


@pytest.mark.parametrize(
    ("definition", "values", "kind"),
    [
        ("x INTEGER", ("1", "2"), "integer"),
        ("x REAL", ("1", "2"), "number"),
        ("x NUMERIC(10,2)", ("1", "2.5"), "number"),
        ("x TEXT", ("'2024-05-01'", "'2024-06-01'"), "date"),
        ("x DATETIME", ("'2024-05-01 10:00:00'",), "datetime"),
        ("x TEXT", ("'2024-05-01'", "'soon'"), "text"),
        ("x BOOLEAN", ("0", "1"), "boolean"),
        ("x", ("x'00'",), "blob"),
        ("x BLOB", (), "blob"),
        ("x DATE", (), "date"),
        ("x TIMESTAMP", (), "datetime"),
        ("x VARCHAR(20)", (), "text"),
        ("x DECIMAL(8,2)", (), "number"),
    ],
)
def test_kinds(definition: str, values: tuple[str, ...], kind: str) -> None:
    """What a column holds is told by its rows, or by its type if there are none."""
    assert _column(definition, *values).kind == kind


@pytest.mark.parametrize(
    ("name", "measure", "summable"),
    [
        ("amount", True, True),
        ("quantity", True, True),
        ("milliseconds", True, True),
        ("page_count", True, True),
        ("num_pages", True, True),
        ("unit_price", True, False),
        ("rating", True, False),
        ("discount_percent", True, False),
        ("age", True, False),
        ("release_year", False, False),
        ("zip", False, False),
        ("phone", False, False),
        ("room_number", False, False),
        ("postal_code", False, False),
        ("is_open", False, False),
    ],
)
def test_only_sizes_are_measures(name: str, measure: bool, summable: bool) -> None:
    """Codes, years and flags are no sizes; prices and rates have no sum."""
    values = ("0", "1", "0") if name == "is_open" else ("3", "17", "40")
    column = _column(f"{name} INTEGER", *values)
    assert (column.measure, column.summable) == (measure, summable)


def test_years_by_their_values() -> None:
    """Whole numbers that all look like years are not added up."""
    assert not _column("premiere INTEGER", "1990", "2004", "2011").measure


def test_keys_are_no_measures(shop: Image) -> None:
    """Neither primary nor foreign keys have a size."""
    line = read_schema(shop).by_name["InvoiceLine"]
    measures = {column.name for column in line.columns if column.measure}
    assert measures == {"UnitPrice", "Quantity"}


@pytest.mark.parametrize(
    ("columns", "label"),
    [
        ("id INTEGER PRIMARY KEY, name TEXT", ("name",)),
        (
            "id INTEGER PRIMARY KEY, last_name TEXT, first_name TEXT",
            ("first_name", "last_name"),
        ),
        (
            "id INTEGER PRIMARY KEY, Surname TEXT, GivenName TEXT",
            ("GivenName", "Surname"),
        ),
        ("id INTEGER PRIMARY KEY, a_title TEXT", ("a_title",)),
        ("id INTEGER PRIMARY KEY, body TEXT, headline TEXT", ("headline",)),
        ("id INTEGER PRIMARY KEY, amount REAL", ()),
        ("name TEXT PRIMARY KEY, size REAL", ("name",)),
    ],
)
def test_labels(columns: str, label: tuple[str, ...]) -> None:
    """A row is called by its name or title, people by first and last name."""
    assert _table(f"CREATE TABLE a ({columns})").label == label


def test_categories_are_shared_by_rows(shop: Image) -> None:
    """Cities and levels can be filtered by; emails and phones cannot."""
    customer = read_schema(shop).by_name["Customer"]
    found = {column.name for column in customer.columns if column.category}
    assert {"City", "Level"} <= found
    assert not {"Email", "Phone", "CustomerId"} & found


def test_constraints_close_and_bound(shop: Image) -> None:
    """CHECKs give enums and bounds, in the column's own kind."""
    schema = read_schema(shop)
    level = schema.by_name["Customer"].by_name["Level"]
    assert level.choices == ("bronze", "silver", "gold")
    stock = schema.by_name["Product"].by_name["Stock"]
    assert (stock.minimum, stock.maximum) == (0, 500)
    price = schema.by_name["Product"].by_name["UnitPrice"]
    assert price.minimum == 0
    whole = _column("x INTEGER CHECK (x > 0)", "5")
    assert whole.minimum == 1


def test_a_total_of_lines_is_derived(shop: Image) -> None:
    """The product is found although many quantities would fit the price alone."""
    total = read_schema(shop).by_name["Invoice"].by_name["Total"]
    assert total.derived == (
        "it always equals the sum of unit price times quantity of its invoice lines"
    )


def test_a_total_that_once_differs_is_not_derived(shop: Image) -> None:
    """One row that does not fit is enough."""
    con = shop.connect()
    con.execute("UPDATE Invoice SET Total = Total + 0.01 WHERE InvoiceId = 7")
    assert read_schema(con).by_name["Invoice"].by_name["Total"].derived == ""
    con.close()


def test_a_product_of_the_same_row_is_derived() -> None:
    """A price that equals rate times hours follows from them."""
    values = ", ".join(
        f"({i}, {1.5 * i}, {i % 4 + 2}, {1.5 * i * (i % 4 + 2)})" for i in range(1, 9)
    )
    table = _table(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, rate REAL, hours INTEGER, price REAL);"
        f" INSERT INTO a VALUES {values}"
    )
    assert table.by_name["price"].derived == "it always equals rate times hours"
    assert not table.by_name["rate"].derived


def test_a_coincidence_of_few_rows_is_not_derived() -> None:
    """Four rows prove nothing."""
    table = _table(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, p REAL, q REAL, r REAL);"
        " INSERT INTO a VALUES (1, 1, 2, 2), (2, 2, 3, 6), (3, 3, 4, 12), (4, 4, 5, 20)"
    )
    assert not any(column.derived for column in table.columns)


def test_a_count_of_referring_rows_is_derived() -> None:
    """A number of lines kept beside them follows from them."""
    schema = _schema(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, line_count INTEGER);"
        " CREATE TABLE line (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a);"
        " INSERT INTO a VALUES (1, 1), (2, 2), (3, 3), (4, 0), (5, 1);"
        " INSERT INTO line(a_id) VALUES (1), (2), (2), (3), (3), (3), (5)"
    )
    reason = schema.by_name["a"].by_name["line_count"].derived
    assert reason == "it always equals the number of its lines"


def test_link_tables_and_things(shop: Image) -> None:
    """A table named after what it ties is a link; one with a name of its own is not."""
    assert read_schema(shop).by_name["ProductTag"].link
    parents = (
        "CREATE TABLE student (id INTEGER PRIMARY KEY); CREATE TABLE course"
        " (id INTEGER PRIMARY KEY);"
    )
    key = "s REFERENCES student, c REFERENCES course, {} PRIMARY KEY (s, c)"
    named = _schema(f"{parents} CREATE TABLE enrolment ({key.format('')})")
    assert not named.by_name["enrolment"].link
    tied = _schema(f"{parents} CREATE TABLE student_course ({key.format('')})")
    assert tied.by_name["student_course"].link
    graded = _schema(f"{parents} CREATE TABLE student_course ({key.format('grade,')})")
    assert not graded.by_name["student_course"].link


def test_what_cannot_be_used_is_said() -> None:
    """Virtual tables and references into nothing are left out with a reason."""
    schema = _schema(
        "CREATE VIRTUAL TABLE f USING fts5(x); CREATE VIEW v AS SELECT * FROM gone;"
        " CREATE TABLE a (id INTEGER PRIMARY KEY, b REFERENCES nowhere)"
    )
    assert [table.name for table in schema.tables] == ["a"]
    reasons = dict(schema.left_out)
    assert reasons["f"] == "it is a virtual table, which another module serves"
    assert "nowhere" in reasons["a.b"]
    assert "v" in reasons
    with pytest.raises(BadInput, match="no table"):
        _schema("CREATE VIRTUAL TABLE f USING fts5(x)")


def test_values_are_frozen(shop: Image) -> None:
    """A schema is shared by all who ask, so nobody can change it."""
    schema = read_schema(shop)
    assert read_schema(shop) is schema
    with pytest.raises(AttributeError):
        schema.tables[0].columns[0].words = "x"  # type: ignore[misc]
