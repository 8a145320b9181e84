"""SQL tools as models propose them, read into definitions that can be tried.

Harmless differences of shape are made the same. What a statement does is not judged
here: a trial on the database says what it is and whether it holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from eventsim.core.tools import SqlStatement, ToolDefinition
from eventsim.core.values import freeze

__all__ = ["Proposal", "read_sql_proposal", "same_statement"]

_NAME = re.compile(r"[a-z][a-z0-9_]{2,63}")
_PARAMETER = re.compile(r"[A-Za-z_]\w{0,63}")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_TYPES = {
    "str": "string",
    "text": "string",
    "varchar": "string",
    "date": "string",
    "datetime": "string",
    "int": "integer",
    "float": "number",
    "real": "number",
    "numeric": "number",
    "decimal": "number",
    "double": "number",
    "bool": "boolean",
}
_JSON_TYPES = frozenset(("string", "integer", "number", "boolean"))
_SQL_KEYS = ("sql", "statement", "query")
_LONGEST_SQL = 6_000
_LONGEST_DESCRIPTION = 1_000

Proposal = tuple[str, ToolDefinition | str]
"""A name, and the tool or why there is none."""


def read_sql_proposal(value: Any, number: int) -> Proposal:
    """One proposal; `number` names one that has no name of its own."""
    if isinstance(value, Mapping) and isinstance(value.get("function"), Mapping):
        value = {**value, **value["function"]}
    if not isinstance(value, Mapping):
        return f"tool {number}", "it is no object"
    raw = value.get("name")
    name = _HUMP.sub("_", str(raw).strip()).replace("-", "_").replace(" ", "_").lower()
    if not raw or not _NAME.fullmatch(name):
        return f"tool {number}", f"its name {str(raw)[:40]!r} is not snake case"
    sql = next((value[key] for key in _SQL_KEYS if value.get(key)), None)
    if not isinstance(sql, str) or len(sql) > _LONGEST_SQL:
        return name, "it has no statement" if not isinstance(sql, str) else "too long"
    about = value.get("description")
    if not isinstance(about, str) or not about.strip():
        return name, "it has no description"
    about = " ".join(about.split())
    if len(about) > _LONGEST_DESCRIPTION:
        return name, f"its description has more than {_LONGEST_DESCRIPTION:,} letters"
    parameters = _parameters(value.get("parameters"))
    if isinstance(parameters, str):
        return name, parameters
    tool = ToolDefinition(
        name=name,
        description=about,
        parameters=freeze(parameters),
        returns=freeze({}),
        # What it is in truth is found out when it is tried.
        statement=SqlStatement(
            sql=sql.strip(), effect="read", table="", returns="rows"
        ),
    )
    return name, tool


def _parameters(given: Any) -> dict[str, Any] | str:
    """The JSON Schema of the arguments, or what is wrong with them."""
    properties: dict[str, Any] = {}
    required: list[str] = []
    for one in _listed(given):
        name = str(one.get("name", "")).strip().lstrip(":@$")
        if not _PARAMETER.fullmatch(name) or name in properties:
            return f"its parameter {name[:40]!r} is no name of its own"
        kind = str(one.get("type") or "string").lower()
        kind = _TYPES.get(kind, kind)
        if kind not in _JSON_TYPES:
            return f"its parameter {name} has no type that a call can carry"
        about = one.get("description")
        schema: dict[str, Any] = {
            "type": kind,
            "description": " ".join(str(about or name.replace("_", " ")).split()),
        }
        enum = one.get("enum")
        if isinstance(enum, Sequence) and not isinstance(enum, str) and enum:
            schema["enum"] = [each for each in enum if each is not None]
        if one.get("example") is not None:
            schema["examples"] = [one["example"]]
        properties[name] = schema
        if one.get("required", True) is not False:
            required.append(name)
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _listed(given: Any) -> list[Mapping[str, Any]]:
    """The parameters as a list, if they came as a JSON Schema or by name."""
    if isinstance(given, Mapping):
        needed = given.get("required")
        fields = given.get("properties", given)
        if not isinstance(fields, Mapping):
            return []
        return [
            {
                "required": name in needed
                if isinstance(needed, list | tuple)
                else True,
                **(schema if isinstance(schema, Mapping) else {"type": schema}),
                "name": name,
            }
            for name, schema in fields.items()
        ]
    if isinstance(given, list | tuple):
        return [one if isinstance(one, Mapping) else {"name": one} for one in given]
    return []


def same_statement(tool: ToolDefinition, tools: Sequence[ToolDefinition]) -> str:
    """The name of a tool that does the very same, or ""."""
    wanted = _folded(tool)
    return next((other.name for other in tools if _folded(other) == wanted), "")


def _folded(tool: ToolDefinition) -> str:
    sql = tool.statement.sql if tool.statement else ""
    return re.sub(r"[\s;]+", "", sql).casefold()
