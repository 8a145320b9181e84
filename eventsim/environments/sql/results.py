"""The content of an outcome: rows and errors as JSON text, bounded in size.

A long text is cut, a BLOB becomes its size or, if short, "x'hex'"; everything else is
given as stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventsim.core.arguments import error_content
from eventsim.core.values import encode
from eventsim.environments.environment import CallOutcome
from eventsim.environments.sql.recording import as_json

__all__ = ["CELL_CHARACTERS", "error", "row_object", "text"]

CELL_CHARACTERS = 2_000
"""The most characters of one value in a result."""

_BLOB_BYTES = 32


def row_object(names: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    """A row as an object, its keys in the order of the statement."""
    found = dict(zip(names, row, strict=True))
    for name, value in found.items():
        kind = type(value)
        if kind is str and len(value) > CELL_CHARACTERS:
            found[name] = f"{value[:CELL_CHARACTERS]}… ({len(value)} characters in all)"
        elif kind is bytes:
            short = len(value) <= _BLOB_BYTES
            found[name] = as_json(value) if short else f"({len(value)} bytes)"
        elif kind is float:
            found[name] = as_json(value)
    return found


def text(value: Mapping[str, Any] | None) -> str:
    """JSON text of a result."""
    return encode(value).decode()


def error(code: str, message: str) -> CallOutcome:
    """The outcome of a call that failed; changed nothing."""
    return CallOutcome(error_content(code, message), is_error=True)
