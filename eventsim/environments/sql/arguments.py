"""Arguments of a call, bound to the parameters of a statement.

They are checked before, against the tool's JSON Schema (`core/arguments.py`). Whole
numbers given as 25.0 are the integer 25; nothing else is bent into shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventsim.core.arguments import ArgumentCheck

__all__ = ["bindings"]


def bindings(
    check: ArgumentCheck, names: tuple[str, ...], arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """A value for each parameter of the statement; NULL where none is given."""
    bound: dict[str, Any] = {}
    for name in names:
        if name.endswith("__given"):
            bound[name] = int(name.removesuffix("__given") in arguments)
            continue
        value = arguments.get(name)
        if name in check.integers and isinstance(value, float):
            value = int(value)
        bound[name] = value
    return bound
