"""Instructions that a row gives in several parts: one text, and apart again. Pure.

A dialogue has one system prompt. How long each part of it was, and what the row writes
beside its text, is kept in the row's style, so that the parts are written as they came
as long as the prompt is the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

__all__ = ["SystemPart", "joined_system", "split_system", "system_style"]

_BETWEEN = "\n\n"
_STYLE = "systems"


class SystemPart(NamedTuple):
    """A text and the fields that the row has beside it."""

    fields: Mapping[str, Any]
    text: str


def joined_system(parts: Sequence[SystemPart]) -> str | None:
    """The parts as one text; None where there are none."""
    return _BETWEEN.join(part.text for part in parts if part.text) if parts else None


def system_style(
    parts: Sequence[SystemPart], usual: Mapping[str, Any]
) -> dict[str, Any]:
    """What `split_system` needs; nothing for one text with the `usual` fields."""
    if not parts or (len(parts) == 1 and parts[0].text and parts[0].fields == usual):
        return {}
    return {_STYLE: [[dict(part.fields), len(part.text)] for part in parts]}


def split_system(
    system: str | None, style: Mapping[str, Any], usual: Mapping[str, Any]
) -> list[SystemPart]:
    """The parts of a prompt in a row's `style`; one with the `usual` fields where it
    is another prompt by now, or was never in parts.
    """
    text, parts, at = system or "", list[SystemPart](), 0
    for fields, length in style.get(_STYLE) or ():
        if length and at:
            if not text.startswith(_BETWEEN, at):
                break
            at += len(_BETWEEN)
        parts.append(SystemPart(fields, text[at : at + length]))
        at += length
    else:
        if parts and at == len(text):
            return parts
    return [] if system is None else [SystemPart(usual, system)]
