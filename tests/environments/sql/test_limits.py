"""Clock, random numbers and limits: nothing that a call does depends on its host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import orjson

from eventsim.core.tools import SqlStatement, ToolDefinition
from eventsim.environments.environment import CallOutcome
from eventsim.environments.sql.execution import SqlEnvironment

from .conftest import image_of

Mount = Callable[..., SqlEnvironment]


def _made(
    sql: str,
    effect: Literal["read", "insert", "update", "delete"] = "read",
    returns: Literal["row", "rows", "value", "written"] = "rows",
    table: str = "a",
) -> ToolDefinition:
    return ToolDefinition(
        name="made",
        description="Made for a test.",
        parameters={"type": "object", "properties": {}},
        returns={},
        statement=SqlStatement(sql=sql, effect=effect, table=table, returns=returns),
    )


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


def test_the_clock_is_the_dialogues(mounted: Mount) -> None:
    """Every way to ask SQLite for the time gives the dialogue's, each its own."""
    image = image_of("CREATE TABLE a(x)")
    tool = _made(
        "SELECT CURRENT_TIMESTAMP AS a, datetime('now') AS b, date() AS c,"
        " strftime('%s', 'now') AS d, time('now', '+1 hour') AS e",
        returns="value",
    )
    first = mounted(image)
    other = SqlEnvironment.mount(image, now="1999-12-31T23:59:58+01:00", seed=1)
    expected = {"a": "2026-03-01 09:30:00", "b": "2026-03-01 09:30:00"}
    expected |= {"c": "2026-03-01", "d": "1772357400", "e": "10:30:00"}
    assert _content(first.execute(tool, {}, ordinal=0)) == expected
    assert _content(other.execute(tool, {}, ordinal=0))["a"] == "1999-12-31 22:59:58"
    assert _content(first.execute(tool, {}, ordinal=1)) == expected
    other.dismount()


def test_random_numbers_are_draws(mounted: Mount) -> None:
    """The same seed and ordinal draw the same; another of either does not."""
    image = image_of("CREATE TABLE a(x)")
    tool = _made(
        "SELECT random() AS a, random() AS b, hex(randomblob(8)) AS c", returns="value"
    )

    def drawn(seed: int, ordinal: int) -> Any:
        return _content(mounted(image, seed).execute(tool, {}, ordinal=ordinal))

    assert drawn(1, 0) == drawn(1, 0)
    assert drawn(1, 0)["a"] != drawn(1, 0)["b"]
    assert len({drawn(s, o)["c"] for s in (1, 2) for o in (0, 1)}) == 4


_ENDLESS = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
    "SELECT count(*) AS n FROM n"
)


def test_endless_work_is_cut_off(mounted: Mount) -> None:
    """A statement that never ends is an error, and the next call works."""
    environment = mounted(image_of("CREATE TABLE a(x)"), step_limit=200_000)
    outcome = environment.execute(_made(_ENDLESS, returns="value"), {}, ordinal=0)
    assert "too much work" in _problem(outcome, "limit")
    works = environment.execute(_made("SELECT 1 AS one"), {}, ordinal=1)
    assert _content(works)["rows"] == [{"one": 1}]


def test_the_limit_does_not_depend_on_what_ran_before(mounted: Mount) -> None:
    """A cached statement is judged by its own steps, however often it ran."""
    image = image_of(
        "CREATE TABLE a(x); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1"
        " FROM n WHERE i < 3000) INSERT INTO a SELECT i FROM n"
    )
    tool = _made("SELECT sum(x * x % 7) AS s FROM a", returns="value")

    def least() -> int:
        low, high = 1_000, 200_000
        while high - low > 1_000:
            middle = (low + high) // 2
            fails = mounted(image, step_limit=middle).execute(tool, {}, ordinal=0)
            low, high = (middle, high) if fails.is_error else (low, middle)
        return high

    enough = least() + 1_000
    environment = mounted(image, step_limit=enough)
    outcomes = [environment.execute(tool, {}, ordinal=i) for i in range(50)]
    assert not any(outcome.is_error for outcome in outcomes)


def test_an_endless_write_is_undone_within_a_trial(mounted: Mount) -> None:
    """Cutting off a write loses no more than the trial that it ran in."""
    environment = mounted(
        image_of("CREATE TABLE a(id INTEGER PRIMARY KEY, x)"), step_limit=200_000
    )
    before = environment.rows_digest()
    endless = _made(
        "INSERT INTO a(x) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1"
        " FROM n) SELECT i FROM n WHERE i < 0 RETURNING x",
        "insert",
        "written",
    )
    small = _made("INSERT INTO a(x) VALUES (1) RETURNING x", "insert", "written")
    with environment.trial():
        environment.execute(small, {}, ordinal=0)
        _problem(environment.execute(endless, {}, ordinal=1), "limit")
        environment.execute(small, {}, ordinal=2)
    assert environment.rows_digest() == before
    assert not environment.execute(small, {}, ordinal=3).is_error


def test_a_failing_trigger_rolls_back_all_of_its_call(mounted: Mount) -> None:
    """A write is whole or not at all, even where a trigger gives up half-way."""
    environment = mounted(
        image_of(
            "CREATE TABLE a(id INTEGER PRIMARY KEY, x); CREATE TABLE b(y);"
            " CREATE TRIGGER t AFTER INSERT ON a WHEN NEW.x = 2 BEGIN"
            " INSERT INTO b VALUES (1); SELECT raise(FAIL, 'no twos'); END"
        )
    )
    before = environment.rows_digest()
    tool = _made(
        "INSERT INTO a(x) SELECT value FROM json_each('[1, 2, 3]') RETURNING x",
        "insert",
        "written",
    )
    assert (
        _problem(environment.execute(tool, {}, ordinal=0), "constraint") == "No twos."
    )
    assert environment.rows_digest() == before
