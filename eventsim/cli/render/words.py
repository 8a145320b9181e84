"""Events, calls, results and verdicts in words, each on one line. No layout here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from eventsim.core.changes import RowChange
from eventsim.core.events import (
    Event,
    NoteAdded,
    PersonaAssigned,
    ToolCall,
    UserMessaged,
    VerdictGiven,
)
from eventsim.core.records import Record
from eventsim.core.values import encode
from eventsim.run.statistics import outcome

__all__ = [
    "LONGEST",
    "call_in_words",
    "change_in_words",
    "failures_of",
    "given_in_words",
    "json_in_words",
    "note_in_words",
    "outcome",
    "payload_in_words",
    "persona_in_words",
    "result_in_words",
    "shortened",
    "visible",
]

LONGEST = 20_000
"""Characters of a text that is laid out whole: breaking lines takes long."""

_KEPT = 4_000
_GIVEN = {"person": "typed", "edit": "edited"}

_UNSEEN = {
    code: "\N{REPLACEMENT CHARACTER}"
    for code in [*range(32), *range(127, 160)]
    if chr(code) not in "\n\t"
}


def visible(text: str) -> str:
    """The text without characters that would steer the terminal."""
    return text.translate(_UNSEEN)


def shortened(text: str, hint: str = "") -> str:
    """A long text's beginning and end, with how much is left out between them, and a
    `hint` how to see it.
    """
    if len(text) <= LONGEST:
        return text
    left_out = len(text) - 2 * _KEPT
    return (
        f"{text[:_KEPT]}\n[… {left_out:,} characters left out{hint} …]\n{text[-_KEPT:]}"
    )


def given_in_words(event: Event) -> str:
    """How a message, a call or a result came that was not generated: `typed` by a
    person, `edited`; nothing for others, and what was taken over or imported as it is.
    """
    if isinstance(event, UserMessaged) and event.given and not event.by:
        return "typed"
    return _GIVEN.get(getattr(event, "by", ""), "")


def call_in_words(call: ToolCall) -> str:
    """`search_customers(text: "Ana", limit: 3)`."""
    arguments = ", ".join(
        f"{name}: {json_in_words(value)}" for name, value in call.arguments.items()
    )
    return visible(f"{call.name}({arguments})")


def result_in_words(content: str) -> str:
    """A tool's result, shortened to what a reader looks for first."""
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        return visible(content)
    return visible(_value(value))


def _value(value: Any) -> str:
    if value is None:
        return "nothing found"
    if isinstance(value, list):
        return _rows(value, more=False)
    if isinstance(value, dict) and isinstance(value.get("error"), dict):
        error = value["error"]
        return f"error {error.get('code', '')}: {error.get('message', '')}"
    if isinstance(value, dict) and isinstance(value.get("rows"), list):
        return _rows(value["rows"], more=bool(value.get("more")))
    return _row(value)


def _rows(rows: list[Any], *, more: bool) -> str:
    if not rows:
        return "no rows"
    counted = "1 row" if len(rows) == 1 else f"{len(rows)} rows"
    there = " of more" if more else ""
    return f"{counted}{there}: " + "; ".join(_row(row) for row in rows)


def _row(value: Any) -> str:
    if not isinstance(value, dict):
        return json_in_words(value)
    return ", ".join(f"{key} {json_in_words(item)}" for key, item in value.items())


def persona_in_words(persona: PersonaAssigned) -> str:
    """Its name, or how it is described where it has none."""
    name = persona.description if persona.name == "described" else persona.name
    return visible(name.replace("_", " "))


def change_in_words(change: RowChange) -> str:
    """`update Customer (CustomerId 3): Phone "1" -> "2"`."""
    parts = []
    for column in change.new or change.old:
        old, new = change.old.get(column), change.new.get(column)
        if change.op == "update":
            parts.append(f"{column} {json_in_words(old)} -> {json_in_words(new)}")
        else:
            parts.append(
                f"{column} {json_in_words(new if change.op == 'insert' else old)}"
            )
    tail = f": {', '.join(parts)}" if parts else ""
    return visible(f"{change.op} {change.table} ({_row(change.key)}){tail}")


def failures_of(verdict: VerdictGiven) -> list[str]:
    """What the checks found missing, a sentence each."""
    return [visible(f.detail) for f in verdict.findings if not f.passed]


def payload_in_words(record: Record) -> str:
    """The stored payload as `field value` pairs, digests cut short."""
    payload = orjson.loads(record.line).get("payload")
    if not isinstance(payload, dict):
        return "(no payload)"
    return visible(", ".join(_field(key, value) for key, value in payload.items()))


def _field(key: str, value: Any) -> str:
    if isinstance(value, Mapping) and set(value) == {"stream", "version", "hash"}:
        return f"{key} {value['stream'][:8]} v{value['version']}"
    if isinstance(value, str) and len(value) >= 32 and _is_hex(value):
        return f"{key} {value[:8]}…"
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value) > 6:
        return f"{key} [{len(value)} items]"
    return f"{key} {json_in_words(value)}"


def _is_hex(text: str) -> bool:
    return all(character in "0123456789abcdef" for character in text)


def json_in_words(value: Any) -> str:
    """A value on one line, as JSON."""
    return encode(value).decode()


def note_in_words(note: NoteAdded) -> str:
    """`✎ tone: rude · It repeats itself. (Ana)`"""
    labels = [f"{name}: {value}" for name, value in note.labels.items()]
    said = " · ".join([*labels, *([note.text] if note.text else [])])
    return f"✎ {said}" + (f" ({note.author})" if note.author else "")
