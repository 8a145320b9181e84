"""JSON Schemas compiled to checks, without ever fetching anything. Pure.

A schema comes from wherever a row, a server or a model has it, and may name a file or
an address as a part of it. Whoever reads a schema makes no request because of that:
what refers to something outside of itself checks nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple, NoReturn

import jsonschema_rs

__all__ = ["Check", "check_of"]


class Check(NamedTuple):
    """What checks values; `outside` names what the schema refers to and does not hold,
    and then the check takes any value.
    """

    validator: Any
    outside: tuple[str, ...] = ()


def check_of(schema: Any) -> Check:
    """The check of a schema. Raises: ValueError when it is no schema."""
    asked: list[str] = []

    def refuse(uri: str) -> NoReturn:
        asked.append(uri)
        raise ValueError("nothing is fetched")

    try:
        return Check(jsonschema_rs.validator_for(schema, retriever=refuse))
    except (TypeError, ValueError, jsonschema_rs.ReferencingError) as problem:
        if asked and _is_schema(schema):
            return Check(jsonschema_rs.validator_for({}), tuple(asked))
        raise ValueError(str(problem)) from None


def _is_schema(schema: dict[str, Any]) -> bool:
    """Whether it has a schema's form, by the usual meta-schema if it names another."""
    own = {key: value for key, value in schema.items() if key != "$schema"}
    return jsonschema_rs.meta.is_valid(own)
