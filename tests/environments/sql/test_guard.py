"""A tool's statement can only be what a tool may do, whatever was written in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import apsw
import orjson
import pytest

from eventsim.core.tools import SqlStatement, ToolDefinition
from eventsim.environments.sql.execution import SqlEnvironment
from eventsim.environments.sql.image import Image

Mount = Callable[..., SqlEnvironment]


def _tool(
    sql: str,
    effect: Literal["read", "insert", "update", "delete"] = "read",
    returns: Literal["row", "rows", "value", "written"] = "rows",
    **properties: Any,
) -> ToolDefinition:
    return ToolDefinition(
        name="t",
        description="A tool.",
        parameters={"type": "object", "properties": properties},
        returns={},
        statement=SqlStatement(sql=sql, effect=effect, table="Tag", returns=returns),
    )


def _error(environment: SqlEnvironment, tool: ToolDefinition, **arguments: Any) -> Any:
    outcome = environment.execute(tool, arguments, ordinal=0)
    assert outcome.is_error, outcome.content
    assert outcome.changes == ()
    return orjson.loads(outcome.content)["error"]


@pytest.mark.parametrize(
    "sql",
    [
        "ATTACH 'x.db' AS x",
        "DETACH x",
        "PRAGMA foreign_keys = OFF",
        "SELECT * FROM pragma_table_list",
        "BEGIN",
        "COMMIT",
        "SAVEPOINT s",
        "CREATE TABLE x(y)",
        "CREATE TEMP TRIGGER x AFTER INSERT ON Tag BEGIN SELECT 1; END",
        "DROP TABLE Tag",
        "ALTER TABLE Tag RENAME TO x",
        "VACUUM INTO 'x.db'",
        "REINDEX",
        "ANALYZE",
        "EXPLAIN SELECT 1",
        "SELECT * FROM sqlite_schema",
        "SELECT load_extension('x')",
        "SELECT sqlite_version()",
        "SELECT 1; SELECT 2",
        "SELECT 1; DELETE FROM Tag",
        "DELETE FROM Tag",
        "INSERT INTO Tag(Name) VALUES ('x')",
        "SELECT ?",
        "SELECT nonsense FROM nowhere",
        "SELECT",
        "",
        "-- nothing",
    ],
)
def test_a_reading_tool_only_reads(
    shop: Image,
    mounted: Mount,
    tmp_path: Path,
    sql: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Everything but one SELECT over the tables is refused, and nothing is left."""
    monkeypatch.chdir(tmp_path)
    environment = mounted(shop)
    before = environment.rows_digest()
    assert _error(environment, _tool(sql))["code"] == "failed"
    assert environment.rows_digest() == before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM Tag",
        "DELETE FROM Tag; SELECT 1",
        "CREATE TABLE x(y)",
        "DELETE FROM sqlite_sequence",
        "UPDATE sqlite_schema SET sql = ''",
    ],
)
def test_a_writing_tool_only_writes_rows(shop: Image, mounted: Mount, sql: str) -> None:
    """One INSERT, UPDATE or DELETE of rows, and nothing else."""
    environment = mounted(shop)
    tool = _tool(sql, "delete", "written")
    assert _error(environment, tool)["code"] == "failed"


def test_the_same_text_is_judged_by_its_tool(shop: Image, mounted: Mount) -> None:
    """A statement that one tool may run is refused to a tool that only reads."""
    environment = mounted(shop)
    sql = "DELETE FROM Tag WHERE Name = 'none'"
    writing = _tool(sql, "delete", "written")
    assert _error(environment, writing)["code"] == "not_found"
    assert _error(environment, _tool(sql))["code"] == "failed"


def test_a_query_cannot_write(shop: Image, mounted: Mount) -> None:
    """The task writer's view of the data is a view."""
    environment = mounted(shop)
    assert environment.query("SELECT count(*) FROM Tag") == [(3,)]
    with pytest.raises(apsw.AuthError):
        environment.query("DELETE FROM Tag")
    with pytest.raises(apsw.AuthError):
        environment.query("PRAGMA foreign_keys = OFF")


def test_a_tool_without_a_statement_is_an_outcome(shop: Image, mounted: Mount) -> None:
    """A tool that this environment cannot execute is told so."""
    tool = _tool("SELECT 1").model_copy(update={"statement": None})
    assert _error(mounted(shop), tool)["code"] == "failed"
