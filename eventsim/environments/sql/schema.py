"""Reads the schema of a database: the facts of SQLite, with names and meanings.

What cannot be used is left out with its reason: virtual tables and their shadows,
tables without columns. An image is read once and the schema shared.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import apsw

from eventsim.environments.sql.catalog import RawColumn, RawTable, raw_tables
from eventsim.environments.sql.constraints import Bounds, check_bounds
from eventsim.environments.sql.derived import find_derivations, marked
from eventsim.environments.sql.image import Image
from eventsim.environments.sql.meaning import (
    affinity_of,
    is_category,
    is_measure,
    is_summable,
    kind_of,
    label_of,
    stored_types,
)
from eventsim.environments.sql.naming import (
    TableNames,
    column_names,
    role_of,
    table_names,
)
from eventsim.environments.sql.statistics import Observed, observe, row_count
from eventsim.environments.sql.tables import (
    Column,
    Derivation,
    ForeignKey,
    Schema,
    Statistics,
    Table,
)
from eventsim.errors import BadInput

__all__ = [
    "Column",
    "Derivation",
    "ForeignKey",
    "Schema",
    "Statistics",
    "Table",
    "read_schema",
]

_JOINERS = frozenset(("to", "has", "in", "map", "mapping", "link", "rel", "x", "of"))


def read_schema(source: Image | apsw.Connection) -> Schema:
    """The schema of an image, or of an open database; nothing is changed.

    Raises: BadInput when no table can be used.
    """
    if isinstance(source, Image):
        return _of_image(source)
    return _read(source)


@lru_cache(maxsize=16)
def _of_image(image: Image) -> Schema:
    with contextlib.closing(image.connect()) as con:
        try:
            return _read(con)
        except BadInput as failure:
            raise BadInput(f"{image.name}: {failure}") from failure


def _read(con: apsw.Connection) -> Schema:
    left_out: list[tuple[str, str]] = []
    usable: list[RawTable] = []
    for raw in raw_tables(con):
        reason = _unusable(con, raw)
        if reason:
            left_out.append((raw.name, reason))
        else:
            usable.append(raw)
    if not usable:
        raise BadInput("no table of the database can be used")
    names = table_names({raw.name: [c.name for c in raw.columns] for raw in usable})
    by_name = {raw.name.casefold(): raw for raw in usable}
    tables = [_table(con, raw, names, by_name, left_out) for raw in usable]
    derivations = find_derivations(con, tables)
    return Schema(
        tables=tuple(marked(tables, derivations)),
        derivations=derivations,
        left_out=tuple(left_out),
    )


def _unusable(con: apsw.Connection, raw: RawTable) -> str:
    if raw.kind == "virtual":
        return "it is a virtual table, which another module serves"
    if raw.kind == "shadow":
        return "it is the store of a virtual table"
    if not any(column.hidden != 1 for column in raw.columns):
        return "it has no columns that can be read"
    try:
        row_count(con, raw.name)
    except apsw.Error as failure:
        return f"it cannot be read: {failure}"
    return ""


def _table(
    con: apsw.Connection,
    raw: RawTable,
    names: Mapping[str, TableNames],
    by_name: Mapping[str, RawTable],
    left_out: list[tuple[str, str]],
) -> Table:
    own = names[raw.name]
    primary_key = _primary_key(raw)
    foreign_keys = _foreign_keys(raw, names, by_name, left_out)
    keys = set(primary_key)
    keys.update(name for foreign in foreign_keys for name in foreign.columns)
    seen = observe(con, raw.name, [column.name for column in raw.columns])
    columns = _columns(raw, own, keys, primary_key, seen)
    label = label_of([c for c in columns if c.name not in keys], own.words)
    if not label and len(primary_key) == 1:
        label = label_of([c for c in columns if c.name in primary_key], own.words)
    return Table(
        name=raw.name,
        key=own.key,
        plural_key=own.plural_key,
        words=own.words,
        plural=own.plural,
        also=own.also,
        columns=columns,
        primary_key=primary_key,
        assigned_key=_assigned(raw, primary_key),
        without_rowid=raw.without_rowid,
        strict=raw.strict,
        view=raw.kind == "view",
        foreign_keys=foreign_keys,
        unique=tuple(u for u in raw.unique if set(u) != set(primary_key)),
        label=label,
        link=_is_link(raw, primary_key, foreign_keys, names),
        triggers=raw.triggers,
        row_count=row_count(con, raw.name),
        unwritable=_unwritable(raw, primary_key),
    )


def _primary_key(raw: RawTable) -> tuple[str, ...]:
    parts = sorted((c.key_place, c.name) for c in raw.columns if c.key_place)
    return tuple(name for _, name in parts)


def _unwritable(raw: RawTable, primary_key: Sequence[str]) -> str:
    if raw.kind == "view":
        return "it is a view"
    if not primary_key:
        return "it has no primary key, so that a row cannot be named"
    return ""


def _assigned(raw: RawTable, primary_key: Sequence[str]) -> bool:
    if raw.without_rowid or len(primary_key) != 1:
        return False
    column = next(c for c in raw.columns if c.name == primary_key[0])
    return column.declared.upper() == "INTEGER"


def _is_link(
    raw: RawTable,
    primary_key: Sequence[str],
    foreign_keys: Sequence[ForeignKey],
    names: Mapping[str, TableNames],
) -> bool:
    """Whether a row says nothing but that two others belong together.

    A table with columns or a name of its own, such as an enrolment, is a thing itself.
    """
    key = set(primary_key)
    tied = [f for f in foreign_keys if set(f.columns) <= key]
    covered = [set(f.columns) for f in tied]
    if len(covered) != 2 or covered[0] & covered[1] or covered[0] | covered[1] != key:
        return False
    if any(c.name not in key and not _sets_itself(c) for c in raw.columns):
        return False
    parts = {word for f in tied for word in names[f.parent].words.split()}
    return set(names[raw.name].words.split()) <= parts | _JOINERS


def _sets_itself(column: RawColumn) -> bool:
    clock = (column.default or "").upper().startswith("CURRENT_")
    return bool(column.hidden or clock)


def _foreign_keys(
    raw: RawTable,
    names: Mapping[str, TableNames],
    by_name: Mapping[str, RawTable],
    left_out: list[tuple[str, str]],
) -> tuple[ForeignKey, ...]:
    found = []
    for foreign in raw.foreign_keys:
        parent = by_name.get(foreign.parent.casefold())
        what = f"{raw.name}.{', '.join(foreign.columns)}"
        if parent is None:
            left_out.append((what, f"it refers to a table {foreign.parent} not there"))
            continue
        keys = sorted(
            (c for c in parent.columns if c.key_place), key=lambda c: c.key_place
        )
        targets = foreign.targets or tuple(column.name for column in keys)
        real = {column.name.casefold(): column.name for column in parent.columns}
        if len(targets) != len(foreign.columns) or any(
            target.casefold() not in real for target in targets
        ):
            left_out.append((what, f"it refers to columns that {parent.name} lacks"))
            continue
        own = {column.name.casefold(): column.name for column in raw.columns}
        columns = tuple(own[name.casefold()] for name in foreign.columns)
        found.append(
            ForeignKey(
                columns=columns,
                parent=parent.name,
                targets=tuple(real[target.casefold()] for target in targets),
                role=role_of(columns, names[parent.name].words),
                on_delete=foreign.on_delete,
            )
        )
    return tuple(found)


def _columns(
    raw: RawTable,
    own: TableNames,
    keys: set[str],
    primary_key: Sequence[str],
    seen: Mapping[str, Observed],
) -> tuple[Column, ...]:
    names = [column.name for column in raw.columns]
    bounds = check_bounds(raw.sql, names)
    called = column_names(names, own, primary_key)
    filled = raw.without_rowid or _assigned(raw, primary_key)
    columns = []
    for place, column in enumerate(raw.columns):
        key, words = called[place]
        plain = _plain(column, key, words, seen[column.name], bounds.get(column.name))
        is_key = column.name in keys
        measured = replace(plain, measure=is_measure(plain, key=is_key))
        columns.append(
            replace(
                measured,
                summable=is_summable(measured),
                category=is_category(measured, key=is_key),
                nullable=plain.nullable and not (column.key_place and filled),
            )
        )
    return tuple(columns)


def _plain(
    column: RawColumn, key: str, words: str, seen: Observed, bounds: Bounds | None
) -> Column:
    bounds = bounds or Bounds()
    kind = kind_of(column.declared, seen)
    whole = kind == "integer"
    low, high = bounds.minimum, bounds.maximum
    if bounds.above is not None:
        above = bounds.above + 1 if whole else bounds.above
        low = above if low is None else max(low, above)
    if bounds.below is not None:
        below = bounds.below - 1 if whole else bounds.below
        high = below if high is None else min(high, below)
    return Column(
        name=column.name,
        key=key,
        words=words,
        declared=column.declared,
        affinity=affinity_of(column.declared),
        kind=kind,
        stored=stored_types(kind, seen),
        stamped=bool(seen.stamps) and seen.stamps == seen.texts,
        nullable=not column.not_null,
        default=column.default,
        generated=column.hidden in (2, 3),
        hidden=column.hidden == 1,
        choices=bounds.choices,
        minimum=low,
        maximum=high,
        max_length=bounds.max_length,
        statistics=seen.statistics,
    )
