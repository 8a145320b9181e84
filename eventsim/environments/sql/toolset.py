"""The tools that a trajectory is offered: those it needs, those around them, others.

A tool that takes a key is little use without one that finds it, so the surroundings
begin with searches; distractors come from all over the schema. The order is that of
the generated tools, so that requests of one database share their beginnings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from eventsim.core.draws import Draws
from eventsim.core.tools import ToolDefinition
from eventsim.environments.sql.purpose import Purpose
from eventsim.environments.sql.tables import Schema
from eventsim.environments.sql.toolgen import GeneratedTools

__all__ = ["choose_toolset"]

_FINDERS = ("search", "get")


def choose_toolset(
    generated: GeneratedTools,
    needed: Collection[str],
    draws: Draws,
    ordinal: int = 0,
    low: int = 8,
    high: int = 25,
) -> tuple[ToolDefinition, ...]:
    """Between `low` and `high` tools, the needed ones among them, if there are as many.

    More than `high` only if more are needed.
    """
    size = low + draws.integer("toolset.size", ordinal, below=high - low + 1)
    chosen = dict.fromkeys(name for name in needed if name in generated.purposes)
    rng = draws.generator("toolset", ordinal)
    purposes = generated.purposes
    tables = _tables_of(purposes[name] for name in chosen)
    near = _neighbours(generated.schema, tables)
    finders, around, far = [], [], []
    for name, purpose in purposes.items():
        touched = _tables_of([purpose])
        if purpose.family in _FINDERS and purpose.table in tables:
            finders.append(name)
        elif touched & tables or (touched <= near and purpose.family in _FINDERS):
            around.append(name)
        else:
            far.append(name)
    rng.shuffle(finders)
    rng.shuffle(around)
    rng.shuffle(far)
    distractors = max(1, (size - len(chosen)) // 4)
    size = max(size, min(high, len(chosen) + 2))
    for name in (*finders, *around):
        if len(chosen) >= size - min(distractors, len(far)):
            break
        chosen[name] = None
    for name in (*far, *around):
        if len(chosen) >= size:
            break
        chosen[name] = None
    return tuple(tool for tool in generated.tools if tool.name in chosen)


def _tables_of(purposes: Iterable[Purpose]) -> set[str]:
    found: set[str] = set()
    for purpose in purposes:
        found.update((purpose.table, purpose.parent, purpose.link, purpose.counted))
        found.update(target.table for target in purpose.parameters.values())
    found.discard("")
    return found


def _neighbours(schema: Schema, tables: Collection[str]) -> set[str]:
    near = set(tables)
    for table in schema.tables:
        for foreign in table.foreign_keys:
            if table.name in tables:
                near.add(foreign.parent)
            elif foreign.parent in tables:
                near.add(table.name)
    return near
