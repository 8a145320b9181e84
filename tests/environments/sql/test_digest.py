"""The digest says whether two databases hold the same, and nothing else."""

from __future__ import annotations

import apsw
import pytest

from eventsim.environments.sql.digest import rows_digest

from .conftest import image_of


def _digest(script: str) -> str:
    return image_of(script).rows_digest


def test_history_leaves_no_trace() -> None:
    """Row ids, order of insertion and deleted rows do not count."""
    schema = "CREATE TABLE a(k TEXT PRIMARY KEY, v); CREATE TABLE b(x, y);"
    one = (
        schema
        + "INSERT INTO a VALUES ('p', 1), ('q', 2); INSERT INTO b VALUES (1, 2),(3, 4)"
    )
    other = (
        schema + "INSERT INTO a VALUES ('z', 9), ('q', 2), ('p', 1);"
        " DELETE FROM a WHERE k = 'z'; INSERT INTO b VALUES (3, 4), (1, 2)"
    )
    assert _digest(one) == _digest(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("NULL", "0"),
        ("NULL", "''"),
        ("NULL", "'null'"),
        ("NULL", "9e999"),
        ("9e999", "-9e999"),
        ("1", "1.0"),
        ("1", "'1'"),
        ("'61'", "x'61'"),
        ("'a'", "x'61'"),
        ("x''", "''"),
        ('\'{"blob":"61"}\'', "x'61'"),
        ("0.1", "0.10000000000000002"),
        ("9007199254740993", "9007199254740992"),
    ],
)
def test_values_of_different_kinds_differ(one: str, other: str) -> None:
    """NULL, integer, real, text and blob are told apart, to the last bit."""
    script = "CREATE TABLE a(k INTEGER PRIMARY KEY, v); INSERT INTO a VALUES (1, {})"
    assert _digest(script.format(one)) != _digest(script.format(other))


def test_schema_and_table_names_count() -> None:
    """The same rows under another definition are another database."""
    rows = "; INSERT INTO a VALUES (1)"
    plain = _digest("CREATE TABLE a(k INTEGER PRIMARY KEY)" + rows)
    assert plain != _digest(
        "CREATE TABLE a(k INTEGER PRIMARY KEY CHECK (k > 0))" + rows
    )
    assert plain != _digest(
        "CREATE TABLE a(k INTEGER PRIMARY KEY); CREATE INDEX i ON a(k)" + rows
    )


def test_rows_do_not_run_into_each_other() -> None:
    """Moving a value between tables or rows is a difference, also across chunks."""
    schema = "CREATE TABLE a(x); CREATE TABLE b(x);"
    assert _digest(schema + "INSERT INTO a VALUES (1)") != _digest(
        schema + "INSERT INTO b VALUES (1)"
    )
    many = (
        "CREATE TABLE a(k INTEGER PRIMARY KEY); WITH RECURSIVE n(i) AS (SELECT 1 UNION"
        " ALL SELECT i + 1 FROM n WHERE i < {}) INSERT INTO a SELECT i FROM n"
    )
    assert _digest(many.format(4000)) != _digest(many.format(4001))


def test_null_in_keys_and_equal_keys_under_a_collation() -> None:
    """Rows that a key does not order are still compared as a set."""
    schema = "CREATE TABLE a(k TEXT PRIMARY KEY, v);"
    one = schema + "INSERT INTO a VALUES (NULL, 1), (NULL, 2), ('a', 3)"
    other = schema + "INSERT INTO a VALUES ('a', 3), (NULL, 2), (NULL, 1)"
    assert _digest(one) == _digest(other)
    assert _digest(one) != _digest(schema + "INSERT INTO a VALUES (NULL, 1), ('a', 3)")


def test_full_text_tables_count_by_their_rows() -> None:
    """Shadow tables are left out; the rows of the virtual table are not."""
    schema = "CREATE VIRTUAL TABLE f USING fts5(x); INSERT INTO f VALUES ('one');"
    assert _digest(schema) != _digest(schema.replace("one", "two"))
    rebuilt = schema + "INSERT INTO f(f) VALUES ('optimize');"
    assert _digest(schema) == _digest(rebuilt)


def test_an_open_connection_has_the_digest_of_its_image() -> None:
    """Connection and image agree."""
    script = "CREATE TABLE a(k PRIMARY KEY) WITHOUT ROWID; INSERT INTO a VALUES (x'00')"
    con = apsw.Connection(":memory:")
    con.execute(script)
    assert rows_digest(con) == _digest(script)
    con.close()
