"""Takes a statement that somebody else wrote apart, far enough to try it.

Its verb, the table it is about, what each parameter is compared with or written to.
Only tokens are looked at: whether the statement is right is for SQLite to say, and
what it may do for the guard.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["Statement", "Uncertain", "read_statement"]

Verb = Literal["read", "insert", "update", "delete"]

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<text>'(?:[^']|'')*')
    |(?P<quoted>"(?:[^"]|"")*"|\[[^\]]*\]|`(?:[^`]|``)*`)
    |(?P<parameter>[:@$][A-Za-z_]\w*)
    |(?P<number>\d+(?:\.\d*)?)
    |(?P<word>[^\W\d]\w*)
    |(?P<mark>\|\||<=|>=|<>|!=|==|.)""",
    re.VERBOSE | re.DOTALL,
)
_VERBS: dict[str, Verb] = {
    "SELECT": "read",
    "VALUES": "read",
    "INSERT": "insert",
    "REPLACE": "insert",
    "UPDATE": "update",
    "DELETE": "delete",
}
_AGGREGATES = frozenset(("AVG", "COUNT", "GROUP_CONCAT", "MAX", "MIN", "SUM", "TOTAL"))
_COMPARES = frozenset(
    ("=", "==", "<", ">", "<=", ">=", "<>", "!=", "LIKE", "GLOB", "IN", "BETWEEN", "IS")
)
_BOUNDS = frozenset(
    "AND GROUP HAVING LIMIT OFFSET ON OR ORDER SELECT SET WHEN WHERE".split()
)
_NO_NAMES = (
    _COMPARES
    | _BOUNDS
    | frozenset("COLLATE NOCASE NOT NULL MAIN LOWER UPPER TRIM".split())
)
_FAR = 20


class Uncertain(Exception):
    """The text is no statement that reads or writes rows."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text. `value` is an identifier's or a parameter's name, or the
    text itself; `depth` counts the brackets it stands in.
    """

    kind: str
    value: str
    start: int
    depth: int

    @property
    def sign(self) -> str:
        """A mark, or a word that may be a keyword, in capitals."""
        return self.value.upper() if self.kind in ("word", "mark") else ""

    @property
    def names(self) -> bool:
        """Whether it can be an identifier."""
        return self.kind == "quoted" or (
            self.kind == "word" and self.sign not in _NO_NAMES
        )


@dataclass(frozen=True, slots=True)
class Statement:
    """What a statement is about.

    `names` are all identifiers in it, `sources` the tables by the names that they go by
    (both folded); `compared` and `assigned` say for a parameter
    which column it stands beside; `bare` are the columns that are set to a parameter
    and nothing else; `like` the parameters that are patterns. `single`: it always
    gives exactly one row; `first`: at most one. `returning` is where RETURNING begins.
    """

    verb: Verb
    table: str
    names: frozenset[str]
    sources: Mapping[str, str]
    compared: Mapping[str, str]
    assigned: Mapping[str, str]
    bare: frozenset[str]
    like: frozenset[str]
    single: bool
    first: bool
    returning: int | None


def read_statement(sql: str) -> Statement:
    """Take a statement apart. Raises: Uncertain."""
    tokens = list(_tokens(sql))
    if any(token.sign == "?" for token in tokens):
        raise Uncertain("it has a parameter without a name")
    start = _main(tokens)
    verb = _VERBS[tokens[start].sign]
    body = tokens[start:]
    assigned = dict(_assignments(verb, body))
    compared = dict(_comparisons(tokens, assigned))
    return Statement(
        verb=verb,
        table=_table(verb, body),
        names=frozenset(token.value.casefold() for token in tokens if token.names),
        sources=dict(_sources(tokens)),
        compared={name: column for name, (column, _) in compared.items()},
        assigned={
            name: column
            for column, expression in assigned.items()
            for name in _parameters(expression)
        },
        bare=frozenset(
            column
            for column, expression in assigned.items()
            if len(expression) == 1 and expression[0].kind == "parameter"
        ),
        like=frozenset(name for name, (_, mark) in compared.items() if mark == "LIKE"),
        single=verb == "read" and _aggregates(body),
        first=verb == "read" and _limited_to_one(body),
        returning=next(
            (t.start for t in body if t.depth == 0 and t.sign == "RETURNING"), None
        ),
    )


def _tokens(sql: str) -> Iterator[Token]:
    depth = 0
    for match in _TOKEN.finditer(sql):
        kind, text = match.lastgroup or "", match[0]
        if kind == "space":
            continue
        if text == ")":
            depth = max(0, depth - 1)
        value = text
        if kind == "quoted":
            value = text[1:-1]
        elif kind == "parameter":
            value = text[1:]
        yield Token(kind, value, match.start(), depth)
        if text == "(":
            depth += 1


def _main(tokens: Sequence[Token]) -> int:
    """Where the statement begins, behind any WITH clause."""
    for place, token in enumerate(tokens):
        if token.depth == 0 and token.sign in _VERBS:
            return place
    raise Uncertain("it is no SELECT, INSERT, UPDATE or DELETE")


def _table(verb: Verb, body: Sequence[Token]) -> str:
    """The table that is written, or the first that is read at the top."""
    if verb == "update":
        begin = 3 if len(body) > 1 and body[1].sign == "OR" else 1
        named = [t for t in body[begin : begin + 3] if t.names]
        return named[0].value if named else ""
    mark = "INTO" if verb == "insert" else "FROM"
    for place, token in enumerate(body):
        if token.depth == 0 and token.sign == mark:
            named = [
                t for t in body[place + 1 : place + 4] if t.sign not in (".", "MAIN")
            ]
            return named[0].value if named and named[0].names else ""
    return ""


def _sources(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """Each table after FROM, JOIN or a comma, by its alias and by its own name."""
    for place, token in enumerate(tokens):
        if token.sign not in ("FROM", "JOIN", ",", "UPDATE", "INTO"):
            continue
        rest = [t for t in tokens[place + 1 : place + 6] if t.sign not in (".", "MAIN")]
        if not rest or not rest[0].names:
            continue
        table = rest[0].value.casefold()
        yield table, table
        alias = rest[2:3] if len(rest) > 1 and rest[1].sign == "AS" else rest[1:2]
        if alias and alias[0].names and alias[0].depth == rest[0].depth:
            yield alias[0].value.casefold(), table


# --- parameters ---------------------------------------------------------------------


def _assignments(
    verb: Verb, body: Sequence[Token]
) -> Iterator[tuple[str, list[Token]]]:
    """Each column that is written, with the expression it gets."""
    if verb == "update":
        yield from _set_clauses(body)
    elif verb == "insert":
        yield from _inserted(body)


def _set_clauses(body: Sequence[Token]) -> Iterator[tuple[str, list[Token]]]:
    begin = next(
        (n for n, t in enumerate(body) if t.depth == 0 and t.sign == "SET"), len(body)
    )
    ends = ("WHERE", "FROM", "RETURNING", ";")
    end = next(
        (
            n
            for n, t in enumerate(body)
            if n > begin and t.depth == 0 and t.sign in ends
        ),
        len(body),
    )
    for part in _split(body[begin + 1 : end]):
        if len(part) > 2 and part[1].value == "=":
            yield part[0].value, part[2:]


def _inserted(body: Sequence[Token]) -> Iterator[tuple[str, list[Token]]]:
    opened = next((n for n, t in enumerate(body) if t.value == "("), len(body))
    columns: list[str] = []
    place = opened + 1
    while place < len(body) and body[place].depth > 0 and body[place].value != ")":
        if body[place].names:
            columns.append(body[place].value)
        place += 1
    rest = body[place + 1 :]
    if not rest or not columns:
        return
    values: list[Token] = []
    if rest[0].sign == "VALUES":
        inner = next((n for n, t in enumerate(rest) if t.value == "("), len(rest))
        level = rest[inner].depth if inner < len(rest) else 0
        for token in rest[inner + 1 :]:
            if token.value == ")" and token.depth == level:
                break
            values.append(token)
    elif rest[0].sign == "SELECT":
        for token in rest[1:]:
            if token.depth == 0 and token.sign in ("FROM", "WHERE", "RETURNING"):
                break
            values.append(token)
    yield from zip(columns, _split(values), strict=False)


def _split(tokens: Sequence[Token]) -> list[list[Token]]:
    """The parts between the commas of the outermost level."""
    if not tokens:
        return []
    level = min(token.depth for token in tokens)
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.value == "," and token.depth == level:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _parameters(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.kind == "parameter":
            yield token.value


def _comparisons(
    tokens: Sequence[Token], assigned: Mapping[str, Sequence[Token]]
) -> Iterator[tuple[str, tuple[str, str]]]:
    """Parameters that stand beside a comparison: (name, (column, comparison))."""
    written = {t.start for expression in assigned.values() for t in expression}
    for place, token in enumerate(tokens):
        if token.kind != "parameter" or token.start in written:
            continue
        found = _before(tokens, place) or _after(tokens, place)
        if found is not None:
            yield token.value, found


def _before(tokens: Sequence[Token], place: int) -> tuple[str, str] | None:
    mark, second = "", False  # the second bound of a BETWEEN stands behind an AND
    for token in reversed(tokens[max(0, place - _FAR) : place]):
        if not mark:
            if token.sign in _COMPARES:
                mark = token.sign
                if second and mark != "BETWEEN":
                    return None
            elif token.sign in _BOUNDS - {"AND"}:
                return None
            second = second or token.sign == "AND"
        elif token.names:
            return token.value, mark
        elif token.sign in _BOUNDS:
            return None
    return None


def _after(tokens: Sequence[Token], place: int) -> tuple[str, str] | None:
    mark = ""
    found = ""
    for token in tokens[place + 1 : place + _FAR]:
        if not mark:
            if token.sign in _COMPARES:
                mark = token.sign
            elif token.sign in _BOUNDS:
                return None
        elif token.names:
            found = token.value
        elif token.value != "." and found:
            break
    return (found, mark) if found else None


# --- how many rows ------------------------------------------------------------------


def _aggregates(body: Sequence[Token]) -> bool:
    """Whether it is one aggregate over all rows, which always gives one."""
    clauses = {t.sign for t in body if t.depth == 0}
    if "GROUP" in clauses or "LIMIT" in clauses:
        return False
    inner = 0  # the depth of a subquery that is being passed over
    for place, token in enumerate(body):
        if token.depth == 0 and token.sign == "FROM":
            return False
        if inner and token.depth >= inner:
            continue
        inner = 0
        following = [t.sign for t in body[place + 1 : place + 2]]
        if token.sign == "(" and following == ["SELECT"]:
            inner = token.depth + 1
        elif token.sign in _AGGREGATES and following == ["("]:
            return not any(t.sign == "OVER" for t in body)
    return False


def _limited_to_one(body: Sequence[Token]) -> bool:
    for place, token in enumerate(body):
        if token.depth == 0 and token.sign == "LIMIT":
            rest = [t.value for t in body[place + 1 :] if t.value != ";"]
            return rest == ["1"]
    return False
