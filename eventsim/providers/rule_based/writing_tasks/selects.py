"""SQL tools that look things up, written from a schema: by key, by name, by kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from eventsim.providers.rule_based.designing.words import article
from eventsim.providers.rule_based.writing_tasks.ddl import Column, Reference, Table
from eventsim.providers.rule_based.writing_tasks.selecting import (
    MOST_ROWS,
    Tool,
    columns_sql,
    keyed,
    label_sql,
    label_words,
    order_sql,
    own_words,
    parameter_of,
    quoted,
    summary,
    tied,
    tool_of,
    visible,
    whose,
)

__all__ = ["look_up_tools"]

_FEW_ROWS = 40
_CATEGORIES = frozenset(
    "category city class country department genre group kind language region role "
    "season status town type species".split()
)


def look_up_tools(tables: Sequence[Table]) -> Iterator[Tool]:
    """By name and by key first, then by what rows belong to, then by kind."""
    by_name = {table.name: table for table in tables}
    for table in tables:
        if table.label:
            yield _search(table, by_name)
        if table.primary and not table.link:
            yield _get(table, by_name)
    for table in tables:
        for reference in table.references:
            if not (table.link and tied(table)):
                yield _list_by_reference(table, reference, by_name)
    for table in tables:
        if tied(table):
            yield from _list_tied(table, by_name)
        for column in table.columns:
            if _is_category(table, column):
                yield _list_by_column(table, column, by_name)
    for table in tables:
        if table.label and 0 < table.rows <= _FEW_ROWS:
            yield _list_all(table, by_name)


def _get(table: Table, tables: Mapping[str, Table]) -> Tool:
    columns = [table.column(name) for name in table.primary]
    words = " and ".join(column.words for column in columns)
    where = " AND ".join(f"t.{quoted(c.name)} = :{c.key}" for c in columns)
    return tool_of(
        f"get_{table.key}",
        f"Look up one {table.words} by {words}. Returns all its details, or null if "
        f"there is no such {table.words}.",
        [keyed(c, f"The {own_words(table, c)} of the {table.words}") for c in columns],
        f"SELECT {columns_sql(table, tables, visible(table))} "
        f"FROM {quoted(table.name)} AS t WHERE {where}",
    )


def _search(table: Table, tables: Mapping[str, Table]) -> Tool:
    words = label_words(table)
    name = "_".join(words.split())
    whole = ", the first name before the last" if len(table.label) > 1 else ""
    parameter = {
        "name": name,
        "type": "string",
        "description": f"Text that the {words} contains{whole}; capital or small "
        'letters do not matter, for example "an".',
        "required": True,
        "example": "an",
    }
    label = label_sql(table, "t")
    return tool_of(
        f"search_{table.many}",
        f"Find {table.plural} whose {words} contains a text. Exact matches come first.",
        [parameter],
        f"SELECT {columns_sql(table, tables, summary(table))} "
        f"FROM {quoted(table.name)} AS t "
        f"WHERE {label} LIKE '%' || trim(:{name}) || '%' "
        f"ORDER BY lower({label}) = lower(trim(:{name})) DESC, {order_sql(table)} "
        f"LIMIT {MOST_ROWS}",
    )


def _list_by_reference(
    table: Table, reference: Reference, tables: Mapping[str, Table]
) -> Tool:
    parent = tables[reference.parent]
    parameter = parameter_of(reference, table, parent, f"whose {table.plural} to list")
    by = parameter["name"].removesuffix("_id")
    return tool_of(
        f"list_{table.many}_by_{by}",
        f"List the {table.plural} of {whose(reference, parent)}.",
        [parameter],
        f"SELECT {columns_sql(table, tables, summary(table))} "
        f"FROM {quoted(table.name)} AS t "
        f"WHERE t.{quoted(reference.column)} = :{parameter['name']} "
        f"ORDER BY {order_sql(table)} LIMIT {MOST_ROWS}",
    )


def _list_tied(link: Table, tables: Mapping[str, Table]) -> Iterator[Tool]:
    """The members of the whole that a link table ties them to."""
    whole, member = _ends(link)
    table, parent = tables[member.parent], tables[whole.parent]
    parameter = parameter_of(whole, link, parent, f"whose {table.plural} to list")
    yield tool_of(
        f"list_{table.many}_by_{parent.key}",
        f"List the {table.plural} of {article(parent.words)}.",
        [parameter],
        f"SELECT {columns_sql(table, tables, summary(table))} "
        f"FROM {quoted(table.name)} AS t JOIN {quoted(link.name)} AS l "
        f"ON l.{quoted(member.column)} = t.{quoted(member.target)} "
        f"WHERE l.{quoted(whole.column)} = :{parameter['name']} "
        f"ORDER BY {order_sql(table)} LIMIT {MOST_ROWS}",
    )


def _ends(link: Table) -> tuple[Reference, Reference]:
    """The whole and the member that a row of a link table ties."""
    one, other = (r for r in link.references if r.column in link.primary)
    return (one, other) if link.primary[0] == one.column else (other, one)


def _is_category(table: Table, column: Column) -> bool:
    if column.choices:
        return True
    words = set(column.words.split())
    return (
        column.kind == "text"
        and bool(words & _CATEGORIES)
        and not column.unique
        and table.rows > _FEW_ROWS / 2
    )


def _list_by_column(table: Table, column: Column, tables: Mapping[str, Table]) -> Tool:
    same = "" if column.choices else " COLLATE NOCASE"
    return tool_of(
        f"list_{table.many}_by_{column.key}",
        f"List the {table.plural} with a given {column.words}.",
        [keyed(column, f"The {column.words} of the {table.plural} to list")],
        f"SELECT {columns_sql(table, tables, summary(table, column.name))} "
        f"FROM {quoted(table.name)} AS t "
        f"WHERE t.{quoted(column.name)} = :{column.key}{same} "
        f"ORDER BY {order_sql(table)} LIMIT {MOST_ROWS}",
    )


def _list_all(table: Table, tables: Mapping[str, Table]) -> Tool:
    return tool_of(
        f"list_{table.many}",
        f"List all {table.plural}.",
        [],
        f"SELECT {columns_sql(table, tables, summary(table))} "
        f"FROM {quoted(table.name)} AS t ORDER BY {order_sql(table)} LIMIT {MOST_ROWS}",
    )
