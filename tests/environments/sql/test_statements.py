"""Statements that somebody else wrote, taken apart by their tokens."""

from __future__ import annotations

import pytest

from eventsim.environments.sql.statements import Uncertain, read_statement


@pytest.mark.parametrize(
    ("sql", "verb", "table"),
    [
        ("SELECT a FROM t", "read", "t"),
        ('select a from main."my table" as m', "read", "my table"),
        ("WITH x AS (DELETE) SELECT a FROM [t]", "read", "t"),
        ("INSERT OR IGNORE INTO main.t (a) VALUES (1)", "insert", "t"),
        ("REPLACE INTO `t` VALUES (1)", "insert", "t"),
        ("UPDATE OR FAIL t SET a = 1", "update", "t"),
        ("-- a remark\nDELETE /* all */ FROM t", "delete", "t"),
        ("VALUES (1)", "read", ""),
        ("SELECT 'from x'", "read", ""),
    ],
)
def test_verb_and_table(sql: str, verb: str, table: str) -> None:
    """In any usual spelling; what stands in texts and remarks does not count."""
    read = read_statement(sql)
    assert (read.verb, read.table) == (verb, table)


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("SELECT 1 FROM t WHERE a = :x AND :y < b", {"x": "a", "y": "b"}),
        ("SELECT 1 FROM t WHERE t.a LIKE '%' || lower(:x) || '%'", {"x": "a"}),
        ("SELECT 1 FROM t WHERE a BETWEEN :x AND :y LIMIT :n", {"x": "a", "y": "a"}),
        ("SELECT 1 FROM t WHERE lower(a) = lower(trim(:x))", {"x": "a"}),
        ("SELECT 1 FROM t WHERE :x IS NULL OR a = :x", {"x": "a"}),
        ("UPDATE t SET a = coalesce(:x, a), b = :y WHERE c = :z", {"z": "c"}),
    ],
)
def test_what_parameters_are_compared_with(sql: str, columns: dict[str, str]) -> None:
    """The column beside each, on either side of the comparison."""
    assert dict(read_statement(sql).compared) == columns


@pytest.mark.parametrize(
    ("sql", "assigned", "bare"),
    [
        ("INSERT INTO t (a, b) VALUES (:x, :y + 1)", {"x": "a", "y": "b"}, {"a"}),
        ("INSERT INTO t (a, b) SELECT :x, f(:y, 2)", {"x": "a", "y": "b"}, {"a"}),
        ("UPDATE t SET a = :x, b = b + :y WHERE c = 1", {"x": "a", "y": "b"}, {"a"}),
        ("DELETE FROM t WHERE a = :x", {}, set()),
    ],
)
def test_what_parameters_are_written_to(
    sql: str, assigned: dict[str, str], bare: set[str]
) -> None:
    """And which columns are set to a parameter and nothing else."""
    read = read_statement(sql)
    assert dict(read.assigned) == assigned
    assert read.bare == bare


@pytest.mark.parametrize(
    ("sql", "single", "first"),
    [
        ("SELECT count(*) FROM t", True, False),
        ("SELECT coalesce(sum(a), 0) AS s FROM t WHERE b = :b", True, False),
        ("SELECT a, count(*) FROM t GROUP BY a", False, False),
        ("SELECT (SELECT max(a) FROM u) FROM t", False, False),
        ("SELECT sum(a) OVER () FROM t", False, False),
        ("SELECT a FROM t ORDER BY a LIMIT 1;", False, True),
        ("SELECT a FROM t LIMIT 1 OFFSET 2", False, False),
    ],
)
def test_how_many_rows_there_can_be(sql: str, single: bool, first: bool) -> None:
    """One for an aggregate over all rows; at most one behind LIMIT 1."""
    read = read_statement(sql)
    assert (read.single, read.first) == (single, first)


@pytest.mark.parametrize(
    "sql", ["", "PRAGMA x", "BEGIN", "SELECT 1 WHERE 1 = ?", "(SELECT 1)"]
)
def test_what_is_no_statement_of_a_tool(sql: str) -> None:
    """Said before SQLite is asked."""
    with pytest.raises(Uncertain):
        read_statement(sql)


def test_tables_are_known_by_their_aliases() -> None:
    """With AS or without, behind FROM, JOIN and a comma."""
    read = read_statement("SELECT 1 FROM t AS x JOIN main.u y ON 1, v WHERE 1")
    assert {"x": "t", "y": "u", "v": "v"}.items() <= read.sources.items()
