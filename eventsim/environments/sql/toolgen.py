"""From a database to its tools: drafted table by table, each proven before it counts.

The order is that of the tables, so that the same database gives the same tools. What
was left out is recorded with its reason.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from eventsim.core.tools import ToolDefinition
from eventsim.environments.sql.aggregates import aggregate_drafts
from eventsim.environments.sql.drafting import Draft
from eventsim.environments.sql.execution import SqlEnvironment
from eventsim.environments.sql.image import Image
from eventsim.environments.sql.names import clipped
from eventsim.environments.sql.proving import prove
from eventsim.environments.sql.purpose import Purpose
from eventsim.environments.sql.reads import read_drafts
from eventsim.environments.sql.samples import Sampler
from eventsim.environments.sql.schema import read_schema
from eventsim.environments.sql.tables import Schema
from eventsim.environments.sql.writes import kept_from_writing, write_drafts

__all__ = ["GeneratedTools", "generate_tools"]

_NAME_LENGTH = 64
_PROOF_TIME = "2024-01-01T00:00:00"


@dataclass(frozen=True)
class GeneratedTools:
    """The tools of a database in a fixed order, and what each is for.

    `rejected` are (name, reason): tools that did not hold, tables and columns that
    were left out.
    """

    tools: tuple[ToolDefinition, ...]
    purposes: Mapping[str, Purpose]
    rejected: tuple[tuple[str, str], ...]
    schema: Schema


def generate_tools(image: Image, schema: Schema | None = None) -> GeneratedTools:
    """Make and prove the tools of a database.

    Raises: BadInput when no table can be used.
    """
    schema = read_schema(image) if schema is None else schema
    environment = SqlEnvironment.mount(image, now=_PROOF_TIME, seed=0)
    with contextlib.closing(_Closing(environment)):
        sampler = Sampler(schema, environment)
        kept: list[Draft] = []
        rejected = [*schema.left_out, *_unwritten(schema)]
        for draft in _named_apart(_drafts(schema)):
            reason = prove(draft, schema, environment, sampler)
            if reason:
                rejected.append((draft.tool.name, reason))
            else:
                kept.append(draft)
    return GeneratedTools(
        tools=tuple(draft.tool for draft in kept),
        purposes={draft.tool.name: draft.purpose for draft in kept},
        rejected=tuple(rejected),
        schema=schema,
    )


@dataclass(frozen=True, slots=True)
class _Closing:
    environment: SqlEnvironment

    def close(self) -> None:
        self.environment.dismount()


def _drafts(schema: Schema) -> Iterator[Draft]:
    for table in schema.tables:
        yield from read_drafts(schema, table)
        yield from aggregate_drafts(schema, table)
        yield from write_drafts(schema, table)


def _unwritten(schema: Schema) -> Iterator[tuple[str, str]]:
    for table in schema.tables:
        reason = kept_from_writing(schema, table)
        if reason:
            yield table.name, f"no tool writes it: {reason}"
        for column in table.columns:
            if column.derived:
                where = f"{table.name}.{column.name}"
                yield where, f"no tool writes it: {column.derived}"


def _named_apart(drafts: Iterable[Draft]) -> Iterator[Draft]:
    """Names no longer than endpoints allow, and no two the same."""
    taken: set[str] = set()
    for draft in drafts:
        base = clipped(draft.tool.name, _NAME_LENGTH)
        name, number = base, 2
        while name in taken:
            ending = f"_{number}"
            name = clipped(base, _NAME_LENGTH - len(ending)) + ending
            number += 1
        taken.add(name)
        if name == draft.tool.name:
            yield draft
        else:
            yield Draft(
                draft.tool.model_copy(update={"name": name}),
                replace(draft.purpose, tool=name),
            )
