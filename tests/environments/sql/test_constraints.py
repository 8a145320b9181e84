"""CHECK constraints that say one thing of one column are understood."""

from __future__ import annotations

import pytest

from eventsim.environments.sql.constraints import Bounds, check_bounds


@pytest.mark.parametrize(
    ("check", "bounds"),
    [
        ("a IN ('x', 'it''s')", Bounds(choices=("x", "it's"))),
        ("(a) IN (1, -2, 3.5)", None),
        ("a IN (1, -2, 3.5)", Bounds(choices=(1, -2, 3.5))),
        ("\"a\" = 'x' OR [a] = 'y'", Bounds(choices=("x", "y"))),
        ("a IS NULL OR a IN ('x')", Bounds(choices=("x",))),
        ("a BETWEEN 1 AND 5", Bounds(minimum=1, maximum=5)),
        ("a >= 0 AND a < 10", Bounds(minimum=0, below=10)),
        ("0 <= a", Bounds(minimum=0)),
        ("a > -1.5", Bounds(above=-1.5)),
        ("length(a) <= 20", Bounds(max_length=20)),
        ("a BETWEEN 1 AND 5 AND a <> 3", Bounds(minimum=1, maximum=5)),
        ("a > b", None),
        ("a IN (SELECT 1)", None),
        ("a = 'x' OR b = 'y'", None),
        ("a LIKE 'x%'", None),
        ("lower(a) IN ('x')", None),
    ],
)
def test_what_a_check_says(check: str, bounds: Bounds | None) -> None:
    """Lists, bounds and lengths are read; everything else is left to SQLite."""
    sql = f"CREATE TABLE t (a TEXT, b TEXT, CHECK ({check}))"
    assert check_bounds(sql, ["a", "b"]).get("a") == bounds


def test_texts_and_comments_do_not_mislead() -> None:
    """The word CHECK in a text or a comment is no constraint."""
    sql = (
        "CREATE TABLE t (a TEXT DEFAULT 'CHECK (a IN (1))', -- CHECK (a IN (2))\n"
        " b INT /* CHECK (b > 5) */ CHECK (b > 3))"
    )
    assert check_bounds(sql, ["a", "b"]) == {"b": Bounds(above=3)}


def test_several_checks_narrow_each_other() -> None:
    """Two constraints on a column hold together."""
    sql = "CREATE TABLE t (a INT CHECK (a > 1) CHECK (a IN (1, 2, 3)), CHECK (a < 9))"
    assert check_bounds(sql, ["a"])["a"] == Bounds(choices=(1, 2, 3), above=1, below=9)
