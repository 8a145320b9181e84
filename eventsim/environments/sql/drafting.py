"""A tool in the making: names, descriptions and parameters, in a careful hand.

What all families share. A draft becomes a tool only after it was proven against the
database; see `proving`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eventsim.core.tools import SqlStatement, ToolDefinition
from eventsim.environments.sql.names import joined, plural
from eventsim.environments.sql.projection import Item, row_schema
from eventsim.environments.sql.purpose import Purpose, Target
from eventsim.environments.sql.tables import Column, ForeignKey, Table

__all__ = [
    "Draft",
    "Parameter",
    "bound_sql",
    "called",
    "called_many",
    "key_parameter",
    "own_words",
    "reference_key",
    "shaped",
    "value_schema",
]

_EXAMPLES = {
    "email": "name@mail.example",
    "fax": "555 0100",
    "mobile": "555 0100",
    "phone": "555 0100",
    "telephone": "555 0100",
    "url": "https://site.example",
    "website": "https://site.example",
}
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
DATETIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?)?$"
BLOB = r"^x'([0-9a-fA-F]{2})*'$"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument: its JSON Schema, what it stands for, whether it must be given."""

    name: str
    schema: dict[str, Any]
    target: Target
    required: bool = True


@dataclass(frozen=True, slots=True)
class Draft:
    """A tool with what it is for."""

    tool: ToolDefinition
    purpose: Purpose


def called(table: Table) -> str:
    """One row, with its other names: track (song, tune)."""
    return table.words + (f" ({', '.join(table.also)})" if table.also else "")


def called_many(table: Table) -> str:
    """Many rows, with their other names: tracks (songs, tunes)."""
    others = ", ".join(_many(words) for words in table.also)
    return table.plural + (f" ({others})" if others else "")


def bound_sql(column: Column, name: str = "") -> str:
    """An argument in the form in which the column stores it."""
    bound = f":{name or column.key}"
    if column.kind == "blob":
        return f"unhex(substr({bound}, 3, length({bound}) - 3))"
    if column.kind == "datetime" and column.stamped:
        return f"datetime({bound})"
    return bound


def own_words(table: Table, column: Column) -> str:
    """A column without its table's name: the "id" of the customer."""
    return column.words.removeprefix(f"{table.words} ")


def _many(phrase: str) -> str:
    head, of, rest = phrase.partition(" of ")
    return plural(head) + of + rest


def reference_key(foreign: ForeignKey, table: Table, parent: Table) -> str:
    """The name of the argument that says which row of the parent is meant."""
    column = table.by_name[foreign.columns[0]]
    target = parent.by_name[foreign.targets[0]]
    if target.key.endswith("_id") and not column.key.endswith("_id"):
        role = "_".join(foreign.role.split())
        return f"{role}_id" if role.isascii() and role.isidentifier() else column.key
    return column.key


def key_parameter(name: str, column: Column, what: str, target: Target) -> Parameter:
    """An argument that holds a key: `what` says whose."""
    schema = value_schema(column, what)
    return Parameter(name, schema, target)


def value_schema(
    column: Column, what: str, *, nullable: bool = False, empty: str = ""
) -> dict[str, Any]:
    """The JSON Schema of an argument for a column; `what` begins its description,
    and `empty` says what null does.
    """
    kind, form, limits = _form(column)
    schema: dict[str, Any] = {"type": [kind, "null"] if nullable else kind, **limits}
    if column.choices:
        choices = list(column.choices)
        schema["enum"] = [*choices, None] if nullable else choices
        form = f"one of {joined(map(str, choices), 'or')}"
    ending = f"; {empty}" if nullable else ""
    schema["description"] = f"{what}, {form}{ending}."
    return schema


def _form(column: Column) -> tuple[str, str, dict[str, Any]]:
    match column.kind:
        case "integer":
            return "integer", "a whole number such as 12", _range(column)
        case "number":
            return "number", "a number such as 2.5", _range(column)
        case "boolean":
            return "integer", "1 for yes or 0 for no", {"enum": [0, 1]}
        case "date":
            return "string", "a date such as 2024-05-31", {"pattern": DATE}
        case "datetime":
            form = "a date such as 2024-05-31, or with a time, 2024-05-31 14:30:00"
            return "string", form, {"pattern": DATETIME}
        case "blob":
            return "string", "bytes in hexadecimal such as x'00ff'", {"pattern": BLOB}
        case "text":
            longest = column.max_length
            limits = {"maxLength": longest} if longest else {}
            return "string", _text_form(column), limits


def _text_form(column: Column) -> str:
    example = _EXAMPLES.get(column.words.split()[-1])
    return f"a text such as {example}" if example else "a text"


def _range(column: Column) -> dict[str, Any]:
    bounds = {"minimum": column.minimum, "maximum": column.maximum}
    return {name: value for name, value in bounds.items() if value is not None}


def shaped(
    name: str,
    description: str,
    parameters: Sequence[Parameter],
    statement: SqlStatement,
    items: Sequence[Item],
) -> ToolDefinition:
    """The definition of a tool whose result has these items."""
    required = [parameter.name for parameter in parameters if parameter.required]
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {parameter.name: parameter.schema for parameter in parameters},
        "required": required,
        "additionalProperties": False,
    }
    if statement.effect == "update":
        schema["minProperties"] = len(required) + 1
    return ToolDefinition(
        name=name,
        description=description,
        parameters=schema,
        returns=_returned(statement, items),
        statement=statement,
    )


def _returned(statement: SqlStatement, items: Sequence[Item]) -> dict[str, Any]:
    row = row_schema(items)
    if statement.returns == "row":
        return {"anyOf": [row, {"type": "null"}]}
    if statement.returns == "rows":
        return {
            "type": "object",
            "properties": {
                "rows": {"type": "array", "items": row},
                "more": {"type": "boolean"},
            },
            "required": ["rows", "more"],
            "additionalProperties": False,
        }
    return row
