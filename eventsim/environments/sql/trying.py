"""Tries a tool that a model wrote against the database, before it is offered.

Its statement must prepare under the guard, use exactly the declared parameters, and
give something for values that are in the data; what is written is undone. What the
tool does and returns is then described as it was found, whatever was promised.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from eventsim.core.changes import RowChange
from eventsim.core.tools import SqlStatement, ToolDefinition
from eventsim.core.values import freeze
from eventsim.environments.environment import CallOutcome
from eventsim.environments.sql.digest import quoted
from eventsim.environments.sql.execution import SqlEnvironment
from eventsim.environments.sql.guard import Inspection, Refused
from eventsim.environments.sql.names import joined
from eventsim.environments.sql.offering import Candidates, one_type
from eventsim.environments.sql.projection import everything, row_schema, sql_of
from eventsim.environments.sql.proving import untraceable
from eventsim.environments.sql.samples import SAMPLED_ROWS, Sampler
from eventsim.environments.sql.statements import (
    Statement,
    Uncertain,
    read_statement,
)
from eventsim.environments.sql.tables import Column, Schema, Table

__all__ = ["try_tool"]

_TRIES = SAMPLED_ROWS
_EQUALITIES = re.compile(r"\(((?:\w+=\?(?: AND )?)+)\)")
_WRITTEN = ("insert", "update", "delete")


class _Rejected(Exception):
    """The tool cannot be offered: why."""


@dataclass(frozen=True, slots=True)
class _Bench:
    """What a trial works with."""

    schema: Schema
    environment: SqlEnvironment
    sampler: Sampler


def try_tool(
    tool: ToolDefinition, schema: Schema, environment: SqlEnvironment, sampler: Sampler
) -> ToolDefinition | str:
    """The tool as it really answers, or why it is rejected, in one line."""
    bench = _Bench(schema, environment, sampler)
    try:
        return _without_examples(_tried(tool, bench))
    except (_Rejected, Refused) as reason:
        return " ".join(str(reason).split())


def _without_examples(tool: ToolDefinition) -> ToolDefinition:
    """Examples are for the trial: what a model puts there may be a real row."""
    properties = {
        name: {key: value for key, value in schema.items() if key != "examples"}
        for name, schema in tool.parameters.get("properties", {}).items()
    }
    parameters = freeze({**tool.parameters, "properties": properties})
    return tool.model_copy(update={"parameters": parameters})


def _tried(tool: ToolDefinition, bench: _Bench) -> ToolDefinition:
    if tool.statement is None:
        raise _Rejected("it has no statement")
    sql = tool.statement.sql.strip().rstrip("; \n\t")
    try:
        read = read_statement(sql)
    except Uncertain as reason:
        raise _Rejected(str(reason)) from None
    table = _table(bench.schema, read.table)
    if read.verb in _WRITTEN:
        table = _writable(table, read)
        sql = _returning(sql, read, table, bench)
    statement = SqlStatement(
        sql=sql,
        effect=read.verb,
        table=table.name if table else "",
        returns="written" if read.verb in _WRITTEN else "rows",
    )
    tool = tool.model_copy(update={"statement": statement})
    seen = bench.environment.inspect(tool)
    _check_parameters(tool, seen)
    mentioned = [t for t in bench.schema.tables if t.name.casefold() in read.names]
    first = [table] if table is not None else []
    candidates = Candidates(bench.schema, bench.sampler, [*first, *mentioned], read)
    _check_types(tool, candidates)
    tool = _with_true_choices(tool, candidates)
    if read.verb in _WRITTEN:
        assert table is not None
        problem = untraceable(bench.schema, seen)
        if problem:
            raise _Rejected(problem)
        return _tried_writing(tool, table, read, bench, candidates)
    _check_columns(seen)
    return _tried_reading(tool, read, bench, candidates, mentioned)


# --- what it is ---------------------------------------------------------------------


def _table(schema: Schema, name: str) -> Table | None:
    found = {table.name.casefold(): table for table in schema.tables}
    return found.get(name.casefold())


def _writable(table: Table | None, read: Statement) -> Table:
    if table is None:
        raise _Rejected(f"it writes {read.table or 'no table'}, which is not there")
    if table.unwritable:
        raise _Rejected(f"{table.name} cannot be written: {table.unwritable}")
    bare = {name.casefold() for name in read.bare}
    for column in table.columns:
        if column.derived and column.name.casefold() in bare:
            raise _Rejected(f"it sets {column.name}, but {column.derived}")
    return table


def _returning(sql: str, read: Statement, table: Table, bench: _Bench) -> str:
    """An insert or update that returns the row after the write, with the names of
    what it refers to; what it returned before is dropped.
    """
    if read.returning is not None:
        sql = sql[: read.returning].rstrip()
    if read.verb == "delete":
        return sql
    # In RETURNING a table goes by its own name, whatever its alias.
    items = everything(bench.schema, table)
    return f"{sql} RETURNING {sql_of(items, quoted(table.name))}"


def _check_parameters(tool: ToolDefinition, seen: Inspection) -> None:
    declared = set(tool.parameters.get("properties", {}))
    used = {name.removesuffix("__given") for name in seen.parameters}
    unknown = sorted(used - declared)
    if unknown:
        raise _Rejected(f"its statement uses :{unknown[0]}, which is not declared")
    unused = sorted(declared - used)
    if unused:
        raise _Rejected(f"its parameter {unused[0]} is not used by the statement")


def _check_types(tool: ToolDefinition, candidates: Candidates) -> None:
    for name, schema in tool.parameters.get("properties", {}).items():
        column = candidates.column_of(name)
        given = one_type(schema)
        if column is None or name in candidates.patterns:
            continue
        stored = {"integer": "number"}.get(column.stored[0], column.stored[0])
        said = {"integer": "number", "boolean": "number"}.get(given, given)
        if len(column.stored) == 1 and said != stored and stored != "null":
            holds = {"number": "numbers", "string": "texts"}.get(stored, stored)
            raise _Rejected(
                f"its parameter {name} is declared as {given}, "
                f"but {column.name} holds {holds}"
            )


def _with_true_choices(tool: ToolDefinition, candidates: Candidates) -> ToolDefinition:
    """A list of allowed values is dropped where the data holds others: whoever wrote
    it saw a few rows.
    """
    properties = dict(tool.parameters.get("properties", {}))
    for name, schema in properties.items():
        held = candidates.held(name)
        if "enum" in schema and held and not held <= set(schema["enum"]):
            properties[name] = {k: v for k, v in schema.items() if k != "enum"}
    parameters = freeze({**tool.parameters, "properties": properties})
    return tool.model_copy(update={"parameters": parameters})


def _check_columns(seen: Inspection) -> None:
    doubled = [name for name in seen.columns if seen.columns.count(name) > 1]
    if doubled:
        raise _Rejected(
            f"two result columns are called {doubled[0]}: name each with AS"
        )


# --- reading ------------------------------------------------------------------------


def _tried_reading(
    tool: ToolDefinition,
    read: Statement,
    bench: _Bench,
    candidates: Candidates,
    mentioned: Sequence[Table],
) -> ToolDefinition:
    rows: list[Mapping[str, Any]] = []
    found = 0
    for arguments in _arguments(tool, candidates):
        content = _content(_call(tool, arguments, bench), arguments)
        rows += content["rows"]
        found = max(found, len(content["rows"]))
    echoed = tuple(tool.parameters.get("properties", {}))
    if not any(_tells(row, echoed) for row in rows):
        raise _Rejected("it finds nothing for any of the values that were tried")
    shape = "rows"
    if read.single and found <= 1:
        shape = "value"
    elif found <= 1 and (read.first or _unique(tool, read, bench)):
        shape = "row"
    assert tool.statement is not None
    statement = tool.statement.model_copy(update={"returns": shape})
    columns = bench.environment.inspect(tool).columns
    row = _row_schema(columns, rows, mentioned)
    returns: dict[str, Any] = row
    if shape == "row":
        returns = {"anyOf": [row, {"type": "null"}]}
    elif shape == "rows":
        returns = {
            "type": "object",
            "properties": {
                "rows": {"type": "array", "items": row},
                "more": {"type": "boolean"},
            },
            "required": ["rows", "more"],
            "additionalProperties": False,
        }
    return tool.model_copy(update={"statement": statement, "returns": freeze(returns)})


def _tells(row: Mapping[str, Any], echoed: Sequence[str]) -> bool:
    """Whether a row holds more than nothing and what was asked with."""
    return any(
        value not in (None, 0, "") for name, value in row.items() if name not in echoed
    )


def _unique(tool: ToolDefinition, read: Statement, bench: _Bench) -> bool:
    """Whether SQLite looks each row up by a unique key, so that there is one at most.
    Source: sqlite.org/eqp.html.
    """
    assert tool.statement is not None
    seen = bench.environment.inspect(tool)
    plan = bench.environment.query(
        f"EXPLAIN QUERY PLAN {tool.statement.sql}", dict.fromkeys(seen.parameters)
    )
    for _, parent, _, detail in plan:
        verb, _, rest = str(detail).partition(" ")
        if parent or verb not in ("SEARCH", "SCAN"):
            continue
        name = rest.split(" ")[0].casefold()
        table = _table(bench.schema, read.sources.get(name, ""))
        looked = _EQUALITIES.search(rest)
        if table is None or looked is None:
            return False
        named = set(re.findall(r"(\w+)=\?", looked[1]))
        keys = (table.primary_key, *table.unique)
        if "rowid" not in named and not any(key and set(key) <= named for key in keys):
            return False
    return True


def _row_schema(
    columns: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    mentioned: Sequence[Table],
) -> dict[str, Any]:
    """A result row as it was seen, and as columns of the same name may be."""
    known: dict[str, Column] = {}
    for table in mentioned:
        for column in table.visible:
            key = column.name in table.primary_key
            certain = replace(column, nullable=False) if key else column
            known.setdefault(column.name.casefold(), certain)
            known.setdefault(column.key, certain)
    properties = {
        name: _value_schema([row.get(name) for row in rows], known.get(name.casefold()))
        for name in columns
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


_JSON_TYPES = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"))


def _value_schema(values: Sequence[Any], column: Column | None) -> dict[str, Any]:
    types = {name for v in values for kind, name in _JSON_TYPES if type(v) is kind}
    if column is not None:
        types.update(column.stored)
    if "number" in types:
        types.discard("integer")
    if not types:
        return {}
    if column is None or column.nullable or any(value is None for value in values):
        types.add("null")
    ordered = sorted(types, key=lambda name: (name == "null", name))
    return {"type": ordered[0] if len(ordered) == 1 else ordered}


# --- writing ------------------------------------------------------------------------


def _tried_writing(
    tool: ToolDefinition,
    table: Table,
    read: Statement,
    bench: _Bench,
    candidates: Candidates,
) -> ToolDefinition:
    if not tool.parameters.get("properties"):
        raise _Rejected(f"it changes {table.plural} without being told which")
    problem = ""
    for arguments in _arguments(tool, candidates):
        with bench.environment.trial():
            outcome = _call(tool, arguments, bench)
        if not outcome.is_error:
            _check_changes(outcome.changes, table, read)
            return _described(tool, table, read, bench)
        problem = problem or _message(outcome)
    raise _Rejected(f"it failed for all values that were tried: {problem}")


def _check_changes(changes: Sequence[RowChange], table: Table, read: Statement) -> None:
    own = [change for change in changes if change.table == table.name]
    if read.verb == "update" and len(own) > 1:
        raise _Rejected(f"it changes {len(own)} {table.plural} at once: take a key")
    if read.verb == "delete" and len(own) >= table.row_count > 1:
        raise _Rejected(f"it deletes all {table.plural}")


def _described(
    tool: ToolDefinition, table: Table, read: Statement, bench: _Bench
) -> ToolDefinition:
    returns = row_schema(everything(bench.schema, table))
    if read.verb == "delete":
        returns = {
            "type": "object",
            "properties": {"deleted": {"type": "integer"}},
            "required": ["deleted"],
            "additionalProperties": False,
        }
    return tool.model_copy(update={"returns": freeze(returns)})


# --- calls --------------------------------------------------------------------------


def _arguments(
    tool: ToolDefinition, candidates: Candidates
) -> Iterator[dict[str, Any]]:
    """Arguments to try: all of them, and those alone that must be given."""
    properties: Mapping[str, Any] = tool.parameters.get("properties", {})
    required = list(tool.parameters.get("required", ()))
    tried: list[dict[str, Any]] = []
    for number in range(_TRIES):
        for names in (list(properties), required):
            given = {
                name: candidates.value(name, properties[name], number) for name in names
            }
            if given not in tried:
                tried.append(given)
                yield given


def _call(
    tool: ToolDefinition, arguments: Mapping[str, Any], bench: _Bench
) -> CallOutcome:
    return bench.environment.execute(tool, arguments, ordinal=0)


def _content(outcome: CallOutcome, arguments: Mapping[str, Any]) -> dict[str, Any]:
    if outcome.is_error:
        given = joined(arguments) or "nothing"
        raise _Rejected(f"it fails when it is given {given}: {_message(outcome)}")
    content: dict[str, Any] = orjson.loads(outcome.content)
    return content


def _message(outcome: CallOutcome) -> str:
    return str(orjson.loads(outcome.content)["error"]["message"])
