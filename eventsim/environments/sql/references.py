"""What a solution's calls gave, and what later calls and facts say of it.

"$2.customer_id" is that field of the first row that call number 2 returned,
"$2[3].name" of its third row, "$2[*].name" of each; a text may hold several, such as
"$2.first_name $2.last_name". A fact may also be said outright: then one of the results
must hold it, or be of that many rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from eventsim.core.tasks import Fact

__all__ = ["Unresolved", "resolved_arguments", "resolved_facts"]

_REFERENCE = re.compile(
    r"\$(?P<call>\d+)(?:\[(?P<row>\d+|\*)\])?\.(?P<field>[^\W\d]\w*(?:\([\w* ]*\))?)"
)
_FIELDLESS = re.compile(r"\$\d+(?:\[[\d*]+\])?")
_MOST_ROWS = 8
_LONGEST = 120

Results = Sequence[Any]


class Unresolved(Exception):
    """A reference, or a fact, that the results do not bear out: why."""


def rows_of(result: Any) -> list[Mapping[str, Any]]:
    """The rows of a decoded result of any shape."""
    if not isinstance(result, Mapping):
        return []
    rows = result.get("rows")
    if isinstance(rows, Sequence) and not isinstance(rows, str):
        return [row for row in rows if isinstance(row, Mapping)]
    return [] if "error" in result else [result]


# --- arguments ----------------------------------------------------------------------


def resolved_arguments(
    arguments: Mapping[str, Any], results: Results
) -> dict[str, Any]:
    """The arguments with values in place of references. Raises: Unresolved."""
    return {name: _one(value, results) for name, value in arguments.items()}


def _one(value: Any, results: Results) -> Any:
    if isinstance(value, Mapping):
        return {name: _one(item, results) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_one(item, results) for item in value]
    if not isinstance(value, str):
        return value
    values = _spoken(value, results)
    if values is None:
        return value
    if "[*]" in value:
        raise Unresolved(f'"{value}" is many values where one is needed')
    return values[0]


def _spoken(text: str, results: Results) -> list[Any] | None:
    """The text with values in place of its references, once for each row that it
    speaks of; None if it holds no reference.
    """
    found = list(_REFERENCE.finditer(text))
    if not found:
        if _FIELDLESS.fullmatch(text.strip()):
            raise Unresolved(f'"{text.strip()}" names no field: "$1.FIELD" is wanted')
        return None
    columns = [_looked_up(each, results) for each in found]
    if found[0].span() == (0, len(text.strip())):
        return columns[0]
    spoken = []
    for row in range(max(map(len, columns))):
        parts, end = [], 0
        for each, values in zip(found, columns, strict=True):
            value = values[min(row, len(values) - 1)]
            parts += [text[end : each.start()], "" if value is None else str(value)]
            end = each.end()
        spoken.append("".join((*parts, text[end:])).strip())
    return spoken


def _looked_up(found: re.Match[str], results: Results) -> list[Any]:
    """The values of a reference, one a row."""
    said, number = found[0], int(found["call"])
    if not 1 <= number <= len(results):
        raise Unresolved(f"{said}: there is no call {number} before it")
    rows = rows_of(results[number - 1])
    if not rows:
        raise Unresolved(f"{said}: call {number} returned no row")
    if found["row"] != "*":
        place = int(found["row"] or 1)
        if not 1 <= place <= len(rows):
            raise Unresolved(f"{said}: call {number} returned {len(rows)} rows")
        rows = [rows[place - 1]]
    field = found["field"].strip()
    if field not in rows[0]:
        known = ", ".join(rows[0])
        raise Unresolved(f"{said}: the result of call {number} has only {known}")
    return [row[field] for row in rows]


# --- facts --------------------------------------------------------------------------


def resolved_facts(facts: Sequence[Fact], results: Results) -> Iterator[Fact]:
    """The facts with values, one a row where a fact speaks of each row.

    Raises: Unresolved for a value that no result holds, or that nobody would state.
    """
    for fact in facts:
        if fact.refusal:
            yield fact
            continue
        if not fact.values:
            raise Unresolved(f"the fact {fact.about!r} has no value")
        many = _each_row(fact, results)
        if many is not None:
            yield from many
            continue
        values = [_value(value, fact, results) for value in fact.values]
        yield fact.model_copy(update={"values": tuple(values)})


def _each_row(fact: Fact, results: Results) -> list[Fact] | None:
    said = fact.values[0]
    if not isinstance(said, str) or "[*]" not in said:
        return None
    values = list(dict.fromkeys(_spoken(said, results) or ()))
    if len(values) > _MOST_ROWS:
        raise Unresolved(f"{said} is {len(values)} values: too many to state")
    return [
        fact.model_copy(update={"values": (_statable(each, fact),)}) for each in values
    ]


def _value(value: Any, fact: Fact, results: Results) -> Any:
    spoken = _spoken(value, results) if isinstance(value, str) else None
    if spoken is not None:
        return _statable(spoken[0], fact)
    return _statable(_borne_out(value, fact, results), fact)


def _statable(value: Any, fact: Fact) -> Any:
    if value is None or value == "" or isinstance(value, bool):
        raise Unresolved(f"{fact.about!r} is {value!r}: there is nothing to state")
    if isinstance(value, str) and len(value) > _LONGEST:
        raise Unresolved(f"{fact.about!r} is too long a text to be stated")
    if not isinstance(value, str | int | float):
        raise Unresolved(f"{fact.about!r} is no single value")
    return value


def _borne_out(value: Any, fact: Fact, results: Results) -> Any:
    """A value that was said outright, as the results hold it."""
    for held in _held(results):
        if _same(value, held):
            return held
    raise Unresolved(
        f"{fact.about!r} is said to be {value!r}, which no result of the solution holds"
    )


def _held(results: Results) -> Iterator[Any]:
    """Every value of the results, names that two columns make, then how many rows,
    then sums and means.
    """
    every = [rows_of(result) for result in results]
    for rows in every:
        for row in rows:
            yield from row.values()
            texts = [value for value in row.values() if isinstance(value, str)]
            yield from (f"{one} {other}" for one, other in pairwise(texts))
            yield from (f"{other} {one}" for one, other in pairwise(texts))
    for rows in every:
        yield len(rows)
        for name in rows[0] if rows else ():
            numbers = [row.get(name) for row in rows]
            if all(isinstance(n, int | float) for n in numbers):
                total = sum(n for n in numbers if n is not None)
                yield total
                yield total / len(numbers)


def _same(said: Any, held: Any) -> bool:
    if isinstance(said, bool) or isinstance(held, bool) or held is None:
        return False
    if isinstance(said, int | float) and isinstance(held, int | float):
        return abs(said - held) <= 1e-6 * max(1.0, abs(held))
    return str(said).strip().casefold() == str(held).strip().casefold()
