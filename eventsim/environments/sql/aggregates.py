"""Tools that rank, count, add up and average.

Only measures are ranked and averaged, and only columns whose sum means something are
added up. Aggregates run over the rows that refer to one row: the invoices of a
customer, the tracks of a playlist.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from eventsim.core.tools import SqlStatement
from eventsim.environments.sql.digest import quoted
from eventsim.environments.sql.drafting import (
    Draft,
    Parameter,
    bound_sql,
    called_many,
    reference_key,
    shaped,
)
from eventsim.environments.sql.execution import ROW_LIMIT
from eventsim.environments.sql.names import ascii_key
from eventsim.environments.sql.projection import (
    Item,
    computed,
    label_sql,
    sql_of,
    summary,
)
from eventsim.environments.sql.purpose import Family, Purpose, ResultColumn, Target
from eventsim.environments.sql.reads import (
    links_of,
    order_of,
    parent_parameter,
    references_of,
    tied_to,
    whose,
)
from eventsim.environments.sql.tables import Column, ForeignKey, Schema, Table

__all__ = ["aggregate_drafts"]

_MOST_RANKED = 2
_LEAST_DISTINCT = 5
# Rows that one row of the parent has on average, for figures over them to be worth it.
_LEAST_ROWS = 1.5
_MOST_TOTALS = 2
_MOST_AVERAGES = 2


def aggregate_drafts(schema: Schema, table: Table) -> Iterator[Draft]:
    """The ranking and counting tools of one table."""
    yield from _tops_by_measure(schema, table)
    yield from _tops_by_count(schema, table)
    scopes = list(_scopes(schema, table))
    for scope in scopes:
        yield from _counts(scope)
    worth = [scope for scope in scopes if scope.rows_each >= _LEAST_ROWS]
    for scope in _for_totals(worth):
        yield from _totals(scope)
    for scope in _for_averages(worth):
        yield from _averages(scope)


def _for_totals(scopes: Sequence[_Scope]) -> list[_Scope]:
    """The wholes that rows are parts of: the first reference, then links."""
    chosen = [scope for scope in scopes if not scope.link][:1]
    chosen.extend(scope for scope in scopes if scope.link)
    return chosen[:_MOST_TOTALS]


def _for_averages(scopes: Sequence[_Scope]) -> list[_Scope]:
    """The classes that rows fall into: the parents of which there are few."""
    named = [scope for scope in scopes if not scope.link and scope.parent.label]
    return sorted(named, key=lambda scope: scope.parent.row_count)[:_MOST_AVERAGES]


@dataclass(frozen=True, slots=True)
class _Scope:
    """Rows of `table` that belong to one row of `parent`, and how that is said."""

    table: Table
    parent: Table
    foreign: ForeignKey
    parameter: Parameter
    of: str
    source: str
    where: str
    via: tuple[str, ...]
    rows_each: float
    link: str = ""

    @property
    def by(self) -> str:
        return self.parameter.name.removesuffix("_id")


def _scopes(schema: Schema, table: Table) -> Iterator[_Scope]:
    what = f"whose {table.plural} to look at"
    if not table.link:
        for foreign, parent in references_of(schema, table):
            name = reference_key(foreign, table, parent)
            target = parent.by_name[foreign.targets[0]]
            yield _Scope(
                table=table,
                parent=parent,
                foreign=foreign,
                parameter=parent_parameter(name, foreign, parent, what),
                of=f"of {whose(foreign, parent)}",
                source=f"main.{quoted(table.name)} AS t",
                where=f"t.{quoted(foreign.columns[0])} = {bound_sql(target, name)}",
                via=foreign.columns,
                rows_each=_rows_each(table, foreign),
            )
    for link, own, foreign, other in links_of(schema, table):
        target = other.by_name[foreign.targets[0]]
        name = target.key
        yield _Scope(
            table=table,
            parent=other,
            foreign=foreign,
            parameter=parent_parameter(name, foreign, other, what),
            of=tied_to(link, foreign, other),
            source=f"main.{quoted(link.name)} AS l JOIN main.{quoted(table.name)} AS t"
            f" ON t.{quoted(own.targets[0])} = l.{quoted(own.columns[0])}",
            where=f"l.{quoted(foreign.columns[0])} = {bound_sql(target, name)}",
            via=own.columns,
            rows_each=_rows_each(link, foreign),
            link=link.name,
        )


def _rows_each(table: Table, foreign: ForeignKey) -> float:
    figures = table.by_name[foreign.columns[0]].statistics
    return figures.filled / max(1, figures.distinct)


def _counts(scope: _Scope) -> Iterator[Draft]:
    table = scope.table
    yield _aggregate(
        scope,
        f"count_{table.plural_key}_by_{scope.by}",
        f"Count the {called_many(table)} {scope.of}.",
        "count",
        computed(f"{table.key}_count", "count(*)", table.name, (), ("integer",)),
    )


def _totals(scope: _Scope) -> Iterator[Draft]:
    table = scope.table
    for column in _best(column for column in table.visible if column.summable):
        digits = column.statistics.decimals
        total = f"coalesce(sum(t.{quoted(column.name)}), 0)"
        sql = f"round({total}, {digits})" if digits else total
        whole = column.kind == "integer"
        yield _aggregate(
            scope,
            f"total_{table.key}_{column.key}_by_{scope.by}",
            f"Add up the {column.words} of all {called_many(table)} {scope.of}.",
            "total",
            computed(
                _total_key(column),
                sql,
                table.name,
                (column.name,),
                ("integer",) if whole and not digits else ("number",),
            ),
            column,
        )


def _averages(scope: _Scope) -> Iterator[Draft]:
    table = scope.table
    measures = [column for column in table.visible if column.measure]
    for column in _best(c for c in measures if not c.summable or c.kind == "number"):
        digits = max(2, column.statistics.decimals)
        yield _aggregate(
            scope,
            f"average_{table.key}_{column.key}_by_{scope.by}",
            f"Work out the average {column.words} of the {called_many(table)}"
            f" {scope.of}; null if there are none.",
            "average",
            computed(
                f"average_{column.key}",
                f"round(avg(t.{quoted(column.name)}), {digits})",
                table.name,
                (column.name,),
                ("number", "null"),
            ),
            column,
        )


def _best(columns: Iterable[Column]) -> list[Column]:
    """The one column that a tool is worth having for: amounts before counts."""
    ranked = sorted(columns, key=lambda column: column.kind != "number")
    return ranked[:1]


def _total_key(column: Column) -> str:
    return column.key if column.key.startswith("total") else f"total_{column.key}"


def _aggregate(
    scope: _Scope,
    name: str,
    description: str,
    family: Family,
    value: Item,
    measure: Column | None = None,
) -> Draft:
    items = (*_parent_items(scope), value)
    statement = SqlStatement(
        sql=f"SELECT {sql_of(items, 't')} FROM {scope.source} WHERE {scope.where}",
        effect="read",
        table=scope.table.name,
        returns="value",
    )
    return Draft(
        shaped(name, description, [scope.parameter], statement, items),
        Purpose(
            tool=name,
            family=family,
            table=scope.table.name,
            key=scope.table.primary_key,
            parameters={scope.parameter.name: scope.parameter.target},
            results={item.key: item.origin for item in items},
            parent=scope.parent.name,
            via=scope.via,
            link=scope.link,
            measure=measure.name if measure else "",
        ),
    )


def _parent_items(scope: _Scope) -> Iterator[Item]:
    """The key that was asked for and the label of its row."""
    parent, name = scope.parent, scope.parameter.name
    target = parent.by_name[scope.foreign.targets[0]]
    schema = {"type": scope.parameter.schema["type"]}
    origin = ResultColumn(parent.name, (target.name,))
    yield Item(name, f":{name}", origin, schema)
    if parent.label and parent.label != (target.name,):
        single = ascii_key(parent.labels[0].words.split())
        ending = single if len(parent.label) == 1 and single else "name"
        label = (
            f"(SELECT {label_sql(parent, 'p')} FROM main.{quoted(parent.name)} AS p"
            f" WHERE p.{quoted(target.name)} = {bound_sql(target, name)})"
        )
        origin = ResultColumn(parent.name, parent.label)
        key = f"{scope.by}_{ending}"
        yield Item(key, label, origin, {"type": ["string", "null"]})


def _limit(plural: str) -> Parameter:
    schema = {
        "type": "integer",
        "minimum": 1,
        "maximum": ROW_LIMIT,
        "description": f"How many {plural} to list, a whole number such as 5.",
    }
    return Parameter("limit", schema, Target("limit", ""))


def _tops_by_measure(schema: Schema, table: Table) -> Iterator[Draft]:
    dated = any(column.kind in ("date", "datetime") for column in table.visible)
    if not (table.label or dated):
        return
    measures = [
        column for column in table.visible if column.measure and _tells_apart(column)
    ]
    for column in measures[:_MOST_RANKED]:
        own = f"t.{quoted(column.name)}"
        name = f"top_{table.plural_key}_by_{column.key}"
        items = summary(schema, table, column.name)
        statement = SqlStatement(
            sql=f"SELECT {sql_of(items, 't')} FROM main.{quoted(table.name)} AS t"
            f" WHERE {own} IS NOT NULL"
            f" ORDER BY {own} DESC, {order_of(table)} LIMIT :limit",
            effect="read",
            table=table.name,
            returns="rows",
        )
        description = (
            f"List the {called_many(table)} with the highest {column.words},"
            " highest first."
        )
        limit = _limit(table.plural)
        yield Draft(
            shaped(name, description, [limit], statement, items),
            Purpose(
                tool=name,
                family="top",
                table=table.name,
                key=table.primary_key,
                parameters={limit.name: limit.target},
                results={item.key: item.origin for item in items},
                measure=column.name,
            ),
        )


def _tells_apart(column: Column) -> bool:
    """Whether the highest few are not just any of many that are equal."""
    figures = column.statistics
    many = figures.distinct >= 4 * _LEAST_DISTINCT
    return many or max(_LEAST_DISTINCT, figures.filled / 4) <= figures.distinct


def _tops_by_count(schema: Schema, table: Table) -> Iterator[Draft]:
    if not table.label or not table.primary_key:
        return
    for child, foreign in schema.referring.get(table.name, ()):
        single = len(foreign.columns) == 1 and not child.link
        if single and _rows_each(child, foreign) >= _LEAST_ROWS and child is not table:
            yield _top_by_count(schema, table, child, child, foreign)
    for link, own, _, other in links_of(schema, table):
        if link.primary_key[0] not in own.columns:
            continue
        yield _top_by_count(schema, table, other, link, own)


def _top_by_count(
    schema: Schema, table: Table, counted: Table, source: Table, foreign: ForeignKey
) -> Draft:
    name = f"top_{table.plural_key}_by_{counted.plural_key}"
    origin = ("integer",)
    items = (
        *summary(schema, table),
        computed(f"{counted.key}_count", "c.n", counted.name, (), origin),
    )
    column = quoted(foreign.columns[0])
    statement = SqlStatement(
        sql=f"SELECT {sql_of(items, 't')} FROM main.{quoted(table.name)} AS t"
        f" JOIN (SELECT {column} AS k, count(*) AS n FROM main.{quoted(source.name)}"
        f" GROUP BY {column}) AS c ON c.k = t.{quoted(foreign.targets[0])}"
        f" ORDER BY c.n DESC, {order_of(table)} LIMIT :limit",
        effect="read",
        table=table.name,
        returns="rows",
    )
    limit = _limit(table.plural)
    return Draft(
        shaped(
            name,
            f"List the {called_many(table)} with the most {called_many(counted)},"
            " and how many each has.",
            [limit],
            statement,
            items,
        ),
        Purpose(
            tool=name,
            family="top",
            table=table.name,
            key=table.primary_key,
            parameters={limit.name: limit.target},
            results={item.key: item.origin for item in items},
            via=foreign.columns,
            link=source.name if source is not counted else "",
            counted=counted.name,
        ),
    )
