"""JSON Schemas as endpoints take them that turn a schema into a grammar. Pure.

Servers on llama.cpp write regular expressions into the grammar as they stand: one that
they cannot translate ends the process of some versions (`\\d{4}` in 0.3.36 of
llama-cpp-python). So classes are spelled out, and what no grammar knows is left out:
arguments are checked against the whole schema when they come back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["plain_patterns"]

_CLASSES = {"\\d": "0-9", "\\w": "A-Za-z0-9_"}
_PART = re.compile(r"\\.|\[|\]|[^\\\[\]]+", re.DOTALL)
_BEYOND = re.compile(r"\(\?(?!:)|[*+?}][?+]")


def plain_patterns(schema: Any) -> Any:
    """A schema whose patterns any grammar can hold; the same object if they all are."""
    if isinstance(schema, list | tuple):
        items = [plain_patterns(item) for item in schema]
        changed = any(a is not b for a, b in zip(items, schema, strict=True))
        return items if changed else schema
    if not isinstance(schema, Mapping):
        return schema
    found = {}
    for name, value in schema.items():
        if name == "pattern" and isinstance(value, str):
            plain = _plain(value)
            if plain is not None:
                found[name] = value if plain == value else plain
        else:
            found[name] = plain_patterns(value)
    same = len(found) == len(schema) and all(found[n] is schema[n] for n in found)
    return schema if same else found


def _plain(pattern: str) -> str | None:
    """The pattern with its classes spelled out; None if no grammar can hold it."""
    if _BEYOND.search(pattern):
        return None
    text, inside = "", False
    for part in _PART.findall(pattern):
        if part in _CLASSES:
            members = _CLASSES[part]
            text += members if inside else f"[{members}]"
        elif part[0] == "\\" and part[1].isalnum():
            return None
        else:
            inside = part == "[" or (inside and part != "]")
            text += part
    return text
