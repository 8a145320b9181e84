"""Plain English that several layers share. Pure."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["joined"]


def joined(items: Iterable[str], last: str = "and") -> str:
    """A list in a sentence: one, two and three."""
    parts = list(items)
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"
