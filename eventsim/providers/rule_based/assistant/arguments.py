"""Values as arguments: what a person wrote, in the type that a parameter takes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from eventsim.providers.rule_based.assistant.requests import Clue
from eventsim.providers.rule_based.assistant.toolset import Param

__all__ = ["convert", "direct_value", "fits_type"]

_EMPTY = frozenset({"nothing", "empty", "none", "blank", "null", "no value"})
_TRUE = frozenset({"yes", "true", "on", "active", "1"})
_FALSE = frozenset({"no", "false", "off", "inactive", "0"})


def convert(text: str | None, types: Iterable[str]) -> Any:
    """The text as the first type that it can be: number, truth value, else text."""
    if text is None:
        return None
    kinds = set(types)
    if "integer" in kinds and re.fullmatch(r"-?\d+(\.0+)?", text):
        return int(float(text)) if "." in text else int(text)
    if kinds & {"number", "integer"} and re.fullmatch(r"-?\d+(\.\d+)?", text):
        number = float(text)
        return int(text) if "." not in text else number
    if "boolean" in kinds and text.casefold() in _TRUE | _FALSE:
        return text.casefold() in _TRUE
    return text


def direct_value(param: Param, clue: Clue) -> Any:
    """What a clue gives for a parameter that takes a value as it is."""
    text = clue.value
    if text is None:
        return None
    if param.enum:
        for option in param.enum:
            if str(option).casefold() == text.casefold():
                return option
        spaced = re.sub(r"[_\s-]+", " ", text.casefold())
        for option in param.enum:
            if re.sub(r"[_\s-]+", " ", str(option).casefold()) == spaced:
                return option
    if clue.bare and text.casefold() in _EMPTY and "null" in param.types:
        return None
    return convert(text, param.types)


def fits_type(param: Param, clue: Clue) -> bool:
    """Whether a value can be of the parameter's type."""
    if clue.value is None:
        return True
    value = direct_value(param, clue)
    if param.enum:
        return value in param.enum
    if value is None:
        return "null" in param.types
    if isinstance(value, str):
        return "string" in param.types
    return bool(param.types & {"integer", "number", "boolean", "string"})
