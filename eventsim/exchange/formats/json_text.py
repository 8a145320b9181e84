"""JSON as rows have it in texts: written as it came, where that can be told. Pure."""

from __future__ import annotations

import ast
import json
from typing import Any

from eventsim.exchange.conversation import RowUnusable

__all__ = ["dialect_of", "parsed", "written"]

_DIALECTS: dict[str, dict[str, Any]] = {
    "compact": {"separators": (",", ":"), "ensure_ascii": False},
    "spaced": {"ensure_ascii": False},
    "ascii": {"ensure_ascii": True},
    "indented": {"indent": 2, "ensure_ascii": False},
    "indented-4": {"indent": 4, "ensure_ascii": False},
}


def parsed(text: str, what: str) -> Any:
    """The value of a JSON text, or of a Python literal as older sets have them.
    Raises: RowUnusable.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        try:
            return ast.literal_eval(text.strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            raise RowUnusable(f"{what} is no JSON: {text.strip()[:60]!r}") from None


def dialect_of(text: str, value: Any) -> str:
    """How `text` writes `value`; the first that gives it back, else the usual one."""
    text = text.strip()
    for name in _DIALECTS:
        if written(value, name) == text:
            return name
    return "python" if repr(value) == text else "spaced"


def written(value: Any, dialect: str) -> str:
    """The value as text."""
    if dialect == "python":
        return repr(json.loads(json.dumps(value)))  # lists, where there are tuples
    return json.dumps(value, **_DIALECTS[dialect])
