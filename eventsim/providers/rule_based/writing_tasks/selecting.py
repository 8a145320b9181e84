"""What SQL tools share: their form, their parameters, the columns of their rows.

A row carries its key and, beside each reference, the name of the row referred to, so
that an answer can be said in words. Names and descriptions say in plain English what a
tool gives; whoever reads them knows nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventsim.providers.rule_based.designing.words import article, singular
from eventsim.providers.rule_based.writing_tasks.ddl import Column, Reference, Table

__all__ = [
    "MOST_ROWS",
    "Tool",
    "columns_sql",
    "keyed",
    "label_sql",
    "label_words",
    "order_sql",
    "own_words",
    "parameter_of",
    "quoted",
    "summary",
    "tied",
    "tool_of",
    "visible",
    "whose",
]

Tool = dict[str, Any]

MOST_ROWS = 50
"""The most rows that a list gives."""

_SUMMARY = 3
_PLAIN = frozenset(("email", "phone", "fax", "address", "street", "state", "url"))
_TYPES = {"integer": "integer", "number": "number"}
_EXAMPLES: Mapping[str, Any] = {
    "integer": 12,
    "number": 2.5,
    "date": "2024-05-31",
    "datetime": "2024-05-31 14:30:00",
}


def quoted(name: str) -> str:
    """An identifier in SQL."""
    return '"' + name.replace('"', '""') + '"'


def tool_of(
    name: str, description: str, parameters: Sequence[Mapping[str, Any]], sql: str
) -> Tool:
    """A proposal in the form that is asked for."""
    return {
        "name": name[:64],
        "description": description,
        "parameters": list(parameters),
        "sql": sql,
    }


def keyed(
    column: Column, what: str, name: str = "", *, required: bool = True
) -> dict[str, Any]:
    """A parameter for a column; `what` begins its description."""
    forms = {
        "integer": "a whole number such as 12",
        "number": "a number such as 2.5",
        "date": "a date such as 2024-05-31",
        "datetime": "a date with a time such as 2024-05-31 14:30:00",
    }
    form = forms.get(column.kind, "a text")
    parameter: dict[str, Any] = {
        "name": name or column.key,
        "type": _TYPES.get(column.kind, "string"),
        "description": f"{what}, {form}.",
        "required": required,
    }
    if column.choices:
        listed = ", ".join(column.choices)
        parameter["description"] = f"{what}, one of {listed}."
        parameter["enum"] = list(column.choices)
    elif column.kind in _EXAMPLES:
        parameter["example"] = _EXAMPLES[column.kind]
    return parameter


def label_sql(table: Table, alias: str) -> str:
    """What people call a row by, as one text."""
    return " || ' ' || ".join(f"{alias}.{quoted(name)}" for name in table.label)


def label_words(table: Table) -> str:
    """What that is called: name or title."""
    return "name" if len(table.label) > 1 else table.column(table.label[0]).words


def columns_sql(
    table: Table, tables: Mapping[str, Table], chosen: Sequence[Column]
) -> str:
    """The result columns, with names beside references."""
    parts = []
    taken = {column.key for column in table.columns}
    for column in chosen:
        parts.append(f"t.{quoted(column.name)} AS {column.key}")
        reference = table.reference(column.name)
        parent = tables.get(reference.parent) if reference else None
        if reference is None or parent is None or not parent.label:
            continue
        key = "_".join((*reference.role.split(), *label_words(parent).split()))
        if key not in taken:
            taken.add(key)
            same = f"p.{quoted(reference.target)} = t.{quoted(column.name)}"
            parts.append(
                f"(SELECT {label_sql(parent, 'p')} FROM {quoted(parent.name)} AS p "
                f"WHERE {same}) AS {key}"
            )
    return ", ".join(parts)


def visible(table: Table) -> list[Column]:
    """The columns that a result shows."""
    return [column for column in table.columns if column.kind != "blob"]


def summary(table: Table, *also: str) -> list[Column]:
    """Key, name, references and a few columns that tell rows apart."""
    keys = {*table.primary, *table.label, *(r.column for r in table.references), *also}
    telling = [c for c in visible(table) if c.choices or c.kind in ("date", "datetime")]
    rest = [c for c in visible(table) if c.key not in _PLAIN]
    most = _SUMMARY if table.label else _SUMMARY + 2
    extra = [c.name for c in (*telling, *rest) if c.name not in keys]
    chosen = keys | set(list(dict.fromkeys(extra))[:most])
    return [column for column in visible(table) if column.name in chosen]


def order_sql(table: Table) -> str:
    """The order in which rows are listed."""
    names = table.label or table.primary or (table.columns[0].name,)
    return ", ".join(f"t.{quoted(name)}" for name in names)


def own_words(table: Table, column: Column) -> str:
    """A column without its table's name: the "id" of the customer."""
    return column.words.removeprefix(f"{table.words} ")


def whose(reference: Reference, parent: Table) -> str:
    """The row referred to, with its article: a manager (an employee)."""
    if reference.role == parent.words:
        return article(parent.words)
    return f"{article(reference.role)} ({article(parent.words)})"


def parameter_of(
    reference: Reference, table: Table, parent: Table, what: str
) -> dict[str, Any]:
    """The parameter that says to which row of the parent the rows belong."""
    column = table.column(reference.column)
    target = parent.column(reference.target)
    return keyed(
        target,
        f"The {own_words(parent, target)} of the {reference.role} {what}",
        _parameter_name(reference, column),
    )


def _parameter_name(reference: Reference, column: Column) -> str:
    ends = column.key.rpartition("_")[2] in ("id", "code", "key", "no")
    return column.key if ends else f"{'_'.join(reference.role.split())}_id"


def tied(table: Table) -> str:
    """The noun of the member in a link table called by it: playlist track."""
    if not table.link:
        return ""
    last = table.words.split()[-1]
    roles = [singular(r.role).split()[-1] for r in table.references]
    return last if last in roles and len(table.columns) <= 3 else ""
