"""JSON as rows have it in texts: read exactly or not at all, written as it came. Pure.

What stands in a text has to pass the check that the row itself passed: no integer is
rounded, no key is lost, no NaN becomes something else. A row that holds more than can
be kept is unusable, and says why.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable
from typing import Any

from eventsim.roles.parsing import fault_of

__all__ = ["NotJson", "RowUnusable", "dialect_of", "parsed", "parsed_json", "written"]

_DIALECTS: dict[str, dict[str, Any]] = {
    "compact": {"separators": (",", ":"), "ensure_ascii": False},
    "spaced": {"ensure_ascii": False},
    "ascii": {"ensure_ascii": True},
    "indented": {"indent": 2, "ensure_ascii": False},
    "indented-4": {"indent": 4, "ensure_ascii": False},
}
_MOST_DIGITS = 20
_TOO_LARGE = 1 << 64
_LONGEST_LITERAL = 1_000_000
_LITERAL = ("{", "[", "(")
_SHOWN = 60


class RowUnusable(ValueError):
    """A row that no dialogue can hold: what is wrong with it, and where."""


class NotJson(RowUnusable):
    """A text that is no JSON at all."""


def parsed(text: str, what: str) -> Any:
    """The value of a JSON text, or of a Python literal as older sets have them. `what`
    begins the reason: "the tools are". Raises: RowUnusable.
    """
    try:
        return parsed_json(text, what)
    except NotJson:
        return _kept_exactly(_literal(text.strip(), what), what)


def parsed_json(text: str, what: str) -> Any:
    """The value of a JSON text. Raises: NotJson when it is none; RowUnusable when it
    holds something that cannot be kept exactly.
    """
    twice: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) < len(pairs):
            twice.extend(_repeated(key for key, _ in pairs))
        return value

    try:
        value = json.loads(text, object_pairs_hook=unique, parse_int=_integer)
    except RecursionError:
        raise RowUnusable(f"{what} nested too deeply") from None
    except ValueError:
        raise NotJson(f"{what} no JSON: {_start(text)}") from None
    if twice:
        raise RowUnusable(_has_twice(what, twice[0]))
    return _kept_exactly(value, what)


def _integer(digits: str) -> int:
    """An integer; one that is too long to be read quickly is too large anyway."""
    return int(digits) if len(digits) <= _MOST_DIGITS else _TOO_LARGE


def _kept_exactly(value: Any, what: str) -> Any:
    fault = fault_of(value)
    if fault:
        raise RowUnusable(f"{what} JSON that cannot be kept: {fault}")
    return value


def _has_twice(what: str, key: str) -> str:
    return f"{what} an object with the key {key[:_SHOWN]!r} twice"


def _repeated(keys: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return [key for key in keys if key in seen or seen.add(key)]  # type: ignore[func-returns-value]


def _start(text: str) -> str:
    return repr(text.strip()[:_SHOWN])


# --- Python literals ----------------------------------------------------------------


def _literal(text: str, what: str) -> Any:
    if len(text) > _LONGEST_LITERAL or not text.startswith(_LITERAL):
        raise NotJson(f"{what} no JSON: {_start(text)}")
    try:
        return _plain(ast.parse(text, mode="eval").body, what)
    except (RecursionError, MemoryError):
        raise RowUnusable(f"{what} nested too deeply") from None
    except RowUnusable:
        raise
    except (SyntaxError, ValueError):
        raise NotJson(f"{what} no JSON: {_start(text)}") from None


def _plain(node: ast.expr, what: str) -> Any:
    """The JSON value of a literal: tuples are lists, and nothing else is taken."""
    match node:
        case ast.Constant(value=str() | int() | float() | None):
            return node.value
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_plain(item, what) for item in items]
        case ast.Dict(keys=keys, values=values):
            return _object(keys, [_plain(item, what) for item in values], what)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float())):
            return -_plain(node.operand, what)
        case ast.Set() | ast.Constant():
            raise RowUnusable(f"{what} a Python literal with a value JSON has not")
    raise ValueError("no literal")


def _object(keys: list[ast.expr | None], values: list[Any], what: str) -> Any:
    names: list[str] = []
    for key in keys:
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            raise RowUnusable(f"{what} a Python literal with a key that is no text")
        names.append(key.value)
    if twice := _repeated(names):
        raise RowUnusable(_has_twice(what, twice[0]))
    return dict(zip(names, values, strict=True))


# --- writing ------------------------------------------------------------------------


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
