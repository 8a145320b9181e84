"""Reads what CHECK constraints close: lists of allowed values, bounds, lengths.

Only shapes that say one thing of one column are read; any other CHECK stays SQLite's
to enforce. A CHECK that allows NULL says nothing about NULL here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

__all__ = ["Bounds", "Choice", "check_bounds"]

N = TypeVar("N", int, float)
Choice = str | int | float

_TOKEN = re.compile(
    r"""\s+|--[^\n]*|/\*.*?\*/
    |(?P<text>'(?:[^']|'')*')
    |(?P<quoted>"(?:[^"]|"")*"|\[[^\]]*\]|`(?:[^`]|``)*`)
    |(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<word>[^\W\d]\w*)
    |(?P<mark><=|>=|<>|!=|==|\|\||[^\s\w])""",
    re.VERBOSE | re.DOTALL,
)
_COMPARISONS = {">=": "minimum", "<=": "maximum", ">": "above", "<": "below"}
_MIRROR = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "==": "=="}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What constraints allow in a column; empty where they say nothing.

    `minimum` and `maximum` are inclusive, `above` and `below` exclusive.
    """

    choices: tuple[Choice, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None
    max_length: int | None = None


@dataclass(frozen=True, slots=True)
class _Token:
    sort: str
    text: str

    def is_word(self, word: str) -> bool:
        return self.sort == "word" and self.text.upper() == word

    @property
    def name(self) -> str | None:
        if self.sort == "word":
            return self.text
        if self.sort == "quoted":
            close = "]" if self.text[0] == "[" else self.text[0]
            return self.text[1:-1].replace(close * 2, close)
        return None


def check_bounds(sql: str, columns: Sequence[str]) -> dict[str, Bounds]:
    """What the CHECKs of a CREATE TABLE say of its columns, by name."""
    known = {name.casefold(): name for name in columns}
    found: dict[str, Bounds] = {}
    tokens = _tokens(sql)
    for place, token in enumerate(tokens):
        if token.is_word("CHECK") and tokens[place + 1 : place + 2]:
            for part in _split(_inside(tokens, place + 1), "AND"):
                said = _statement(part)
                if said is None or said[0].casefold() not in known:
                    continue
                name = known[said[0].casefold()]
                found[name] = _narrowed(found.get(name, Bounds()), said[1])
    return found


def _tokens(sql: str) -> list[_Token]:
    return [
        _Token(match.lastgroup, match.group())
        for match in _TOKEN.finditer(sql)
        if match.lastgroup is not None
    ]


def _inside(tokens: Sequence[_Token], opening: int) -> list[_Token]:
    depth = 0
    for place in range(opening, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[place].text, 0)
        if depth == 0:
            return list(tokens[opening + 1 : place])
    return []


def _bare(tokens: list[_Token]) -> list[_Token]:
    while len(tokens) > 1 and tokens[0].text == "(":
        if len(_inside(tokens, 0)) != len(tokens) - 2:
            break
        tokens = tokens[1:-1]
    return tokens


def _split(tokens: list[_Token], word: str) -> list[list[_Token]]:
    tokens = _bare(tokens)
    parts: list[list[_Token]] = [[]]
    depth = 0
    between = False
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth == 0 and token.is_word("BETWEEN"):
            between = True
        elif depth == 0 and token.is_word(word):
            if not (between and word == "AND"):
                parts.append([])
                continue
            between = False
        parts[-1].append(token)
    if word == "AND" and len(parts) > 1:
        return [inner for part in parts for inner in _split(part, word)]
    return parts


def _statement(tokens: list[_Token]) -> tuple[str, Bounds] | None:
    tokens = _bare(tokens)
    options = [_bare(option) for option in _split(tokens, "OR")]
    options = [option for option in options if not _allows_null(option)]
    said = [_atom(option) for option in options]
    if len(said) == 1:
        return said[0]
    if not said or any(item is None or not item[1].choices for item in said):
        return None
    names = {item[0].casefold() for item in said if item}
    if len(names) != 1 or said[0] is None:
        return None
    choices = tuple(choice for item in said if item for choice in item[1].choices)
    return said[0][0], Bounds(choices=choices)


def _allows_null(tokens: list[_Token]) -> bool:
    return [token.text.upper() for token in tokens[1:]] == ["IS", "NULL"]


def _atom(tokens: list[_Token]) -> tuple[str, Bounds] | None:
    if len(tokens) < 3:
        return None
    length = tokens[0].is_word("LENGTH") and tokens[1].text == "("
    name = tokens[2].name if length else tokens[0].name
    if name is None:
        turned = _turned(tokens)
        return None if turned is None else _atom(turned)
    rest = tokens[4:] if length else tokens[1:]
    bounds = _bounds(rest)
    if bounds is None or not length:
        return None if bounds is None else (name, bounds)
    longest = bounds.maximum if bounds.below is None else bounds.below - 1
    return None if longest is None else (name, Bounds(max_length=int(longest)))


def _turned(tokens: list[_Token]) -> list[_Token] | None:
    for place, token in enumerate(tokens):
        if token.text in _MIRROR and tokens[0].sort in ("number", "text"):
            mark = _Token("mark", _MIRROR[token.text])
            return [*tokens[place + 1 :], mark, *tokens[:place]]
    return None


def _bounds(rest: list[_Token]) -> Bounds | None:
    if not rest:
        return None
    if rest[0].is_word("IN") and len(rest) > 1:
        return _listed(rest)
    if rest[0].is_word("BETWEEN"):
        return _between(rest)
    value = _literal(rest[1:])
    mark = rest[0].text
    if value is not None and (mark in ("=", "==") or rest[0].is_word("IS")):
        return Bounds(choices=(value,))
    if not isinstance(value, int | float) or mark not in _COMPARISONS:
        return None
    return Bounds(**{_COMPARISONS[mark]: value})  # type: ignore[arg-type]


def _listed(rest: list[_Token]) -> Bounds | None:
    parts = [_literal(part) for part in _by_comma(_inside(rest, 1))]
    if rest[-1].text != ")" or not parts or any(part is None for part in parts):
        return None
    return Bounds(choices=tuple(part for part in parts if part is not None))


def _between(rest: list[_Token]) -> Bounds | None:
    marks = [place for place, token in enumerate(rest) if token.is_word("AND")]
    if not marks:
        return None
    low, high = _literal(rest[1 : marks[0]]), _literal(rest[marks[0] + 1 :])
    if isinstance(low, int | float) and isinstance(high, int | float):
        return Bounds(minimum=low, maximum=high)
    return None


def _by_comma(tokens: list[_Token]) -> list[list[_Token]]:
    parts: list[list[_Token]] = [[]]
    for token in tokens:
        if token.text == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _literal(tokens: list[_Token]) -> Choice | None:
    sign = -1 if tokens and tokens[0].text == "-" else 1
    if tokens and tokens[0].text in "+-":
        tokens = tokens[1:]
    if len(tokens) != 1:
        return None
    token = tokens[0]
    if token.sort == "text":
        return token.text[1:-1].replace("''", "'")
    if token.sort != "number":
        return None
    number = float(token.text)
    return sign * (int(token.text) if token.text.isdigit() else number)


def _narrowed(one: Bounds, other: Bounds) -> Bounds:
    choices = one.choices or other.choices
    if one.choices and other.choices:
        choices = tuple(choice for choice in one.choices if choice in other.choices)
    both = (one, other)
    return Bounds(
        choices=choices,
        minimum=_most([bounds.minimum for bounds in both], max),
        maximum=_most([bounds.maximum for bounds in both], min),
        above=_most([bounds.above for bounds in both], max),
        below=_most([bounds.below for bounds in both], min),
        max_length=_most([bounds.max_length for bounds in both], min),
    )


def _most(values: Sequence[N | None], pick: Callable[[list[N]], N]) -> N | None:
    given = [value for value in values if value is not None]
    return pick(given) if given else None
