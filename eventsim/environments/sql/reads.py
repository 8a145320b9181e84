"""Tools that read rows: by key, by label, by reference, by category, and all of few.

Every list has a fixed order, so that an answer can be repeated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eventsim.core.tools import SqlStatement
from eventsim.environments.sql.digest import quoted
from eventsim.environments.sql.drafting import (
    Draft,
    Parameter,
    bound_sql,
    called,
    called_many,
    key_parameter,
    own_words,
    reference_key,
    shaped,
    value_schema,
)
from eventsim.environments.sql.execution import ROW_LIMIT
from eventsim.environments.sql.names import article, joined
from eventsim.environments.sql.projection import (
    Item,
    everything,
    label_sql,
    sql_of,
    summary,
)
from eventsim.environments.sql.purpose import Family, Purpose, Target
from eventsim.environments.sql.tables import Column, ForeignKey, Schema, Table

__all__ = [
    "links_of",
    "order_of",
    "parent_parameter",
    "read_drafts",
    "references_of",
    "whose",
]

_FEW_ROWS = 50
_MANY_ROWS = 20
_MOST_FILTERS = 2


def read_drafts(schema: Schema, table: Table) -> Iterator[Draft]:
    """The reading tools of one table."""
    yield from _gets(schema, table)
    yield from _searches(schema, table)
    yield from _lists_of_all(schema, table)
    yield from _lists_by_reference(schema, table)
    yield from _lists_by_link(schema, table)
    yield from _lists_by_column(schema, table)


def references_of(schema: Schema, table: Table) -> Iterator[tuple[ForeignKey, Table]]:
    """The references of a table that one argument can name."""
    for foreign in table.foreign_keys:
        parent = schema.by_name.get(foreign.parent)
        if parent is not None and len(foreign.columns) == 1:
            yield foreign, parent


def links_of(
    schema: Schema, table: Table
) -> Iterator[tuple[Table, ForeignKey, ForeignKey, Table]]:
    """Tables that are tied to this one by rows of a link table.

    Each is (link, its reference to this table, its reference to the other, the other).
    """
    for link, own in schema.referring.get(table.name, ()):
        if not link.link or len(own.columns) != 1:
            continue
        for foreign, other in references_of(schema, link):
            tied = set(foreign.columns) <= set(link.primary_key)
            if foreign is not own and tied and other.name != table.name:
                yield link, own, foreign, other


def order_of(table: Table, alias: str = "t") -> str:
    """The order in which rows are listed: by label, then by key."""
    names = (*table.label, *table.primary_key)
    if not names:
        names = tuple(column.name for column in table.visible)[:8]
    return ", ".join(f"{alias}.{quoted(name)}" for name in names)


def whose(foreign: ForeignKey, parent: Table, *, short: bool = False) -> str:
    """The row referred to, with its article: an artist; a manager (an employee)."""
    if foreign.role == parent.words:
        return article(parent.words if short else called(parent))
    return f"{article(foreign.role)} ({article(parent.words)})"


def tied_to(link: Table, foreign: ForeignKey, other: Table) -> str:
    """How rows belong to a row of the other side of a link table.

    The first key of a link is the whole: the tracks of a playlist, but the playlists
    that a track belongs to.
    """
    whole = link.primary_key[0] in foreign.columns
    one = article(called(other))
    return f"of {one}" if whole else f"that {one} belongs to"


@dataclass(frozen=True, slots=True)
class _Rows:
    """The parts of a tool that gives rows."""

    name: str
    description: str
    family: Family
    parameters: Sequence[Parameter]
    items: Sequence[Item]
    where: str = ""
    order: str = ""
    joins: str = ""


def _draft(table: Table, rows: _Rows, **purpose: object) -> Draft:
    one = rows.family == "get"
    where = f" WHERE {rows.where}" if rows.where else ""
    order = f" ORDER BY {rows.order or order_of(table)} LIMIT {ROW_LIMIT + 1}"
    statement = SqlStatement(
        sql=f"SELECT {sql_of(rows.items, 't')} FROM main.{quoted(table.name)} AS t"
        f"{rows.joins}{where}{'' if one else order}",
        effect="read",
        table=table.name,
        returns="row" if one else "rows",
    )
    return Draft(
        shaped(rows.name, rows.description, rows.parameters, statement, rows.items),
        Purpose(
            tool=rows.name,
            family=rows.family,
            table=table.name,
            key=table.primary_key,
            parameters={p.name: p.target for p in rows.parameters},
            results={item.key: item.origin for item in rows.items},
            **purpose,  # type: ignore[arg-type]
        ),
    )


def _gets(schema: Schema, table: Table) -> Iterator[Draft]:
    items = everything(schema, table)
    beyond = {c.name for c in table.visible} - {*table.primary_key, *table.label}
    keys: list[tuple[str, tuple[str, ...]]] = []
    if table.primary_key and beyond and not table.link:
        keys.append((f"get_{table.key}", table.primary_key))
    references = {name for f in table.foreign_keys for name in f.columns}

    def natural(column: Column) -> bool:
        return column.kind in ("text", "integer") and column.name not in references

    for unique in table.unique:
        columns = [table.by_name[name] for name in unique]
        searched = table.label == unique
        if len(columns) <= 2 and not searched and all(map(natural, columns)):
            by = "_and_".join(column.key for column in columns)
            keys.append((f"get_{table.key}_by_{by}", unique))
    for name, key in keys:
        columns = [table.by_name[part] for part in key]
        parameters = [
            key_parameter(
                column.key,
                column,
                f"The {own_words(table, column)} of the {table.words}",
                Target("key", table.name, column.name),
            )
            for column in columns
        ]
        words = joined(column.words for column in columns)
        yield _draft(
            table,
            _Rows(
                name,
                f"Look up one {called(table)} by {words}."
                f" Returns all its details, or null if there is no such {table.words}.",
                "get",
                parameters,
                items,
                " AND ".join(f"t.{quoted(c.name)} = {bound_sql(c)}" for c in columns),
            ),
        )


def _searches(schema: Schema, table: Table) -> Iterator[Draft]:
    if not table.label:
        return
    person = len(table.label) > 1
    words = "name" if person else table.labels[0].words
    name = "name" if person else table.labels[0].key
    label = label_sql(table, "t")
    pattern = f"'%' || {_escaped(f'trim(:{name})')} || '%' ESCAPE '\\'"
    where = f"{label} LIKE {pattern}"
    if person:
        first, last = (f"t.{quoted(part)}" for part in table.label)
        where += f" OR concat_ws(' ', {last}, {first}) LIKE {pattern}"
    whole = ", the first name before the last" if person else ""
    schema_of_text = {
        "type": "string",
        "minLength": 1,
        "maxLength": 200,
        "description": f"Text that the {words} contains{whole}; capital or small"
        ' letters do not matter, for example "an".',
    }
    target = Target("text", table.name, table.label[0])
    yield _draft(
        table,
        _Rows(
            f"search_{table.plural_key}",
            f"Find {called_many(table)} whose {words} contains a text."
            " Exact matches come first.",
            "search",
            [Parameter(name, schema_of_text, target)],
            summary(schema, table),
            where,
            f"lower({label}) = lower(trim(:{name})) DESC, {order_of(table)}",
        ),
    )


def _escaped(text: str) -> str:
    """A text whose % and _ stand for themselves in a LIKE with the escape \\."""
    for mark in "\\%_":
        text = f"replace({text}, '{mark}', '\\{mark}')"
    return text


def _lists_of_all(schema: Schema, table: Table) -> Iterator[Draft]:
    few = 0 < table.row_count <= _FEW_ROWS and table.label
    if not (table.view or few):
        return
    yield _draft(
        table,
        _Rows(
            f"list_{table.plural_key}",
            f"List all {called_many(table)}.",
            "list",
            [],
            everything(schema, table) if table.view else summary(schema, table),
        ),
        all_rows=True,
    )


def _lists_by_reference(schema: Schema, table: Table) -> Iterator[Draft]:
    if table.link:
        return
    for foreign, parent in references_of(schema, table):
        name = reference_key(foreign, table, parent)
        column = foreign.columns[0]
        target = parent.by_name[foreign.targets[0]]
        by = name.removesuffix("_id")
        what = f"whose {table.plural} to list"
        yield _draft(
            table,
            _Rows(
                f"list_{table.plural_key}_by_{by}",
                f"List the {called_many(table)} of {whose(foreign, parent)}.",
                "list",
                [parent_parameter(name, foreign, parent, what)],
                summary(schema, table),
                f"t.{quoted(column)} = {bound_sql(target, name)}",
            ),
            parent=parent.name,
            via=foreign.columns,
        )


def parent_parameter(
    name: str, foreign: ForeignKey, parent: Table, what: str
) -> Parameter:
    """The argument that says to which row of the parent the rows belong."""
    target = parent.by_name[foreign.targets[0]]
    return key_parameter(
        name,
        target,
        f"The {own_words(parent, target)} of the {foreign.role} {what}",
        Target("parent", parent.name, target.name),
    )


def _lists_by_link(schema: Schema, table: Table) -> Iterator[Draft]:
    for link, own, foreign, other in links_of(schema, table):
        target = other.by_name[foreign.targets[0]]
        name = target.key
        what = f"whose {table.plural} to list"
        yield _draft(
            table,
            _Rows(
                f"list_{table.plural_key}_by_{other.key}",
                f"List the {called_many(table)} {tied_to(link, foreign, other)}.",
                "list",
                [parent_parameter(name, foreign, other, what)],
                summary(schema, table),
                f"l.{quoted(foreign.columns[0])} = {bound_sql(target, name)}",
                joins=f" JOIN main.{quoted(link.name)} AS l ON"
                f" l.{quoted(own.columns[0])} = t.{quoted(own.targets[0])}",
            ),
            parent=other.name,
            via=own.columns,
            link=link.name,
        )


def _lists_by_column(schema: Schema, table: Table) -> Iterator[Draft]:
    for column in _filters(table):
        text = column.kind == "text"
        same = " COLLATE NOCASE" if text and not column.choices else ""
        what = f"The {column.words} of the {table.plural} to list"
        target = Target("filter", table.name, column.name)
        yield _draft(
            table,
            _Rows(
                f"list_{table.plural_key}_by_{column.key}",
                f"List the {called_many(table)} with a given {column.words}.",
                "list",
                [Parameter(column.key, value_schema(column, what), target)],
                summary(schema, table, column.name),
                f"t.{quoted(column.name)} = {bound_sql(column)}{same}",
            ),
            filter=column.name,
        )


def _filters(table: Table) -> list[Column]:
    """The columns that people would most likely filter by, few enough to choose."""
    found = [
        column
        for column in table.visible
        if column.category
        and column.name not in table.label
        and (column.choices or table.row_count >= _MANY_ROWS)
    ]
    found.sort(key=lambda column: (not column.choices, _awkwardness(column)))
    return found[:_MOST_FILTERS]


def _awkwardness(column: Column) -> float:
    """How far the rows a value are from a list that is pleasant to read: eight.

    Values that are often missing are worse to ask by.
    """
    figures = column.statistics
    rows = max(figures.filled / max(1, figures.distinct), 0.1)
    missing = figures.nulls / max(1, figures.filled + figures.nulls)
    return max(rows / 8, 8 / rows) * (1 + 4 * missing)
