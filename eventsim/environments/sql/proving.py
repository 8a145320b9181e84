"""Tries every drafted tool once against the database before it is offered.

A statement must prepare under the guard and run on rows that are there; its result
must fit the schema that the tool promises. What is written is undone. A tool that does
not hold is rejected with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema_rs
import orjson

from eventsim.environments.environment import CallOutcome
from eventsim.environments.sql.drafting import Draft
from eventsim.environments.sql.execution import SqlEnvironment
from eventsim.environments.sql.guard import Inspection, Refused
from eventsim.environments.sql.names import joined
from eventsim.environments.sql.samples import Sampler
from eventsim.environments.sql.tables import Schema

__all__ = ["prove", "untraceable"]


def prove(
    draft: Draft, schema: Schema, environment: SqlEnvironment, sampler: Sampler
) -> str:
    """Why the tool cannot be offered; empty if it holds."""
    try:
        seen = environment.inspect(draft.tool)
    except Refused as refused:
        return f"its statement is refused: {refused}"
    problem = untraceable(schema, seen)
    if problem:
        return problem
    match draft.purpose.family:
        case "insert":
            return _prove_insert(draft, environment, sampler)
        case "update":
            return _prove_update(draft, environment, sampler)
        case "delete":
            return _prove_delete(draft, schema, environment, sampler)
        case _:
            return _prove_reading(draft, environment, sampler)


def untraceable(schema: Schema, seen: Inspection) -> str:
    """Why what a statement writes could not be followed: a row with NULL in its key
    leaves no trace when it is written. Empty if it can.
    """
    for name in sorted(seen.writes):
        table = schema.by_name.get(name)
        keys = table.primary_key if table else ()
        if table and any(table.by_name[key].statistics.nulls for key in keys):
            return f"it writes {table.plural}, some of which have no key"
    return ""


def _prove_reading(draft: Draft, environment: SqlEnvironment, sampler: Sampler) -> str:
    arguments = sampler.for_reading(draft)
    outcome = environment.execute(draft.tool, arguments, ordinal=0)
    problem = _unfit(draft, outcome)
    if problem or draft.purpose.family != "get":
        return problem
    if outcome.content == "null" and sampler.rows_of(draft):
        return "it does not find a row that is there"
    return ""


def _prove_insert(draft: Draft, environment: SqlEnvironment, sampler: Sampler) -> str:
    problem = ""
    for arguments in sampler.for_insert(draft):
        problem = _tried(draft, environment, arguments)
        if not problem:
            return ""
    return f"no row could be added: {problem}"


def _prove_update(draft: Draft, environment: SqlEnvironment, sampler: Sampler) -> str:
    for keys in sampler.for_rows(draft):
        arguments = sampler.unchanged(draft, keys)
        problem = _tried(draft, environment, arguments)
        return f"a row could not be changed: {problem}" if problem else ""
    return "there is no row to try it on"


def _prove_delete(
    draft: Draft, schema: Schema, environment: SqlEnvironment, sampler: Sampler
) -> str:
    problems = []
    for keys in sampler.for_rows(draft):
        problem = _tried(draft, environment, keys)
        if not problem:
            return ""
        problems.append(problem)
    if not problems:
        return "there is no row to try it on"
    many = schema.by_name[draft.purpose.table].plural
    return f"none of {len(problems)} sampled {many} can be deleted: {problems[0]}"


def _tried(
    draft: Draft, environment: SqlEnvironment, arguments: Mapping[str, Any]
) -> str:
    with environment.trial():
        outcome = environment.execute(draft.tool, arguments, ordinal=0)
    return _unfit(draft, outcome)


def _unfit(draft: Draft, outcome: CallOutcome) -> str:
    content = orjson.loads(outcome.content)
    if outcome.is_error:
        return str(content["error"]["message"])
    for error in jsonschema_rs.iter_errors(draft.tool.returns, content):
        where = joined(str(part) for part in error.instance_path)
        return f"its result does not fit its schema at {where}: {error.message}"
    return ""
