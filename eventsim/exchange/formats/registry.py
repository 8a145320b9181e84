"""The formats by the name that the command line gives them."""

from __future__ import annotations

from typing import Any

from eventsim.errors import UsageError
from eventsim.exchange.formats import (
    atif,
    bfcl,
    hermes,
    messages,
    responses,
    sharegpt,
    tau2,
)
from eventsim.exchange.formats.format import Format

__all__ = ["FORMATS", "format_named", "format_of"]

FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        messages.FORMAT,
        messages.OPENAI,
        responses.FORMAT,
        sharegpt.FORMAT,
        hermes.FORMAT,
        atif.FORMAT,
        tau2.RESULTS,
        tau2.TASKS,
        bfcl.FORMAT,
    )
}


def format_named(name: str) -> Format:
    """The format of a name. Raises: UsageError."""
    if name not in FORMATS:
        raise UsageError(f"there is no format {name!r}; there are {', '.join(FORMATS)}")
    return FORMATS[name]


def format_of(row: Any) -> Format:
    """The format that a row looks like; `messages` where nothing tells."""
    if isinstance(row, list):
        return FORMATS["responses"]
    keys = set(row) if isinstance(row, dict) else set()
    for field, name in _TELLING.items():
        if field in keys:
            return FORMATS[name]
    if "conversations" in keys:
        tagged = "<tool" in str(row["conversations"])
        return FORMATS["hermes" if tagged else "sharegpt"]
    return FORMATS["messages"]


_TELLING = {
    "responses_create_params": "responses",
    "schema_version": "atif",
    "simulations": "tau2",
    "user_scenario": "tau2-tasks",
    "question": "bfcl",
}
