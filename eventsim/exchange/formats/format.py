"""What a format is: how a row is read, how a dialogue is written, what holds rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from eventsim.core.values import encode
from eventsim.exchange.conversation import Conversation, RowUnusable, Transcript

__all__ = [
    "MALFORMED",
    "MESSAGES",
    "REASONING",
    "SYSTEM",
    "TOOLS",
    "Format",
    "Rows",
    "field",
    "id_of",
    "list_rows",
    "result_text",
    "text_of",
]

REASONING, SYSTEM, TOOLS = "reasoning", "the system prompt", "tools"
MALFORMED, MESSAGES = "malformed arguments", "messages"

Rows = tuple[Mapping[str, Any], list[Any]]
"""What a document holds beside its rows, and its rows."""


def list_rows(document: Any) -> Rows:
    """The rows of a JSON array. Raises: RowUnusable."""
    if isinstance(document, list):
        return {}, document
    if isinstance(document, dict):
        return {}, [document]
    raise RowUnusable("the file holds no rows: give a JSON array, or JSON lines")


def _nothing(_: Transcript) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Format:
    """A format by its name on the command line.

    `read` takes a row and what stood around all rows, and raises RowUnusable. `write`
    gives a row, and raises UsageError for a dialogue of which it can say nothing.
    `lacks` names what a row has no place for, whatever dialogue it is; `loses` what
    else of this one its row cannot say. `rows` takes a document that is not
    JSON lines apart; `join` puts rows into what held them, and is None where rows are
    JSON lines. `dual` formats hold calls of the user's own tools, others show what the
    assistant sees. `benchmark` and `licence` are those of what is known to come in it.
    """

    name: str
    about: str
    read: Callable[[Any, Mapping[str, Any]], Conversation]
    write: Callable[[Transcript], Any]
    rows: Callable[[Any], Rows] = list_rows
    lacks: frozenset[str] = frozenset()
    loses: Callable[[Transcript], tuple[str, ...]] = _nothing
    join: Callable[[Mapping[str, Any], list[Any]], Any] | None = None
    dual: bool = False
    benchmark: str = ""
    licence: str = ""


def field(row: Any, name: str, kind: type, what: str = "the row") -> Any:
    """A field of an object, of a type; None if it is not there. Raises: RowUnusable."""
    if not isinstance(row, dict):
        raise RowUnusable(f"{what} is not an object")
    value = row.get(name)
    if value is not None and not isinstance(value, kind):
        raise RowUnusable(f"{name} of {what} is not {_KINDS[kind]}")
    return value


_KINDS: dict[Any, str] = {list: "a list", str: "a text", dict: "an object"}


def text_of(content: Any, where: str) -> str:
    """The text of a message: a string, or parts of which some are text."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(_part(part) for part in content)
    raise RowUnusable(f"the content of {where} is no text")


def result_text(content: Any) -> str:
    """The text of a tool's result; what is neither text nor parts of text is its JSON.
    Raises: RowUnusable.
    """
    if content is None or isinstance(content, str):
        return content or ""
    if isinstance(content, list) and any(_part(part) for part in content):
        return text_of(content, "a result")
    return encode(content).decode()


def id_of(row: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that names the row; "" where none does."""
    for name in names:
        value = row.get(name)
        if value and isinstance(value, str | int):
            return str(value)
    return ""


def _part(part: Any) -> str:
    if isinstance(part, str):
        return part
    text = part.get("text") if isinstance(part, dict) else None
    return text if isinstance(text, str) else ""
