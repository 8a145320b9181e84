"""Hypothesis strategies for everything that a log can hold.

They follow the field types of the models themselves, so that a new kind or field is
covered from the day it exists.
"""

from __future__ import annotations

import types
import typing
from functools import cache
from typing import Any, Literal, Union

from hypothesis import strategies as st

from eventsim.core.changes import RowChange
from eventsim.core.events import DIALOGUE_KINDS, KINDS, Event
from eventsim.core.values import Value

__all__ = [
    "event_of",
    "events",
    "histories",
    "integers",
    "json_objects",
    "json_values",
    "texts",
    "values_of",
]

integers = st.integers(min_value=-(2**63), max_value=2**63 - 1)
texts = st.text(max_size=20)
_numbers = st.floats(allow_nan=False, allow_infinity=False)
_scalars = st.none() | st.booleans() | integers | _numbers | texts

json_values = st.recursive(
    _scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
    ),
    max_leaves=8,
)
json_objects = st.dictionaries(texts, json_values, max_size=3)


def _of_type(wanted: Any) -> st.SearchStrategy[Any]:
    """What a field of this type may hold."""
    plain = {
        str: texts,
        int: integers,
        bool: st.booleans(),
        float: _numbers,
        Any: json_values,
        types.NoneType: st.none(),
    }
    if wanted in plain:
        return plain[wanted]
    origin, inner = typing.get_origin(wanted), typing.get_args(wanted)
    if origin is typing.Annotated:
        return _of_type(inner[0])
    if origin is Literal:
        return st.sampled_from(inner)
    if origin in {Union, types.UnionType}:
        return st.one_of([_of_type(option) for option in inner])
    if origin is dict:
        return st.dictionaries(texts, _of_type(inner[1]), max_size=3)
    if origin is tuple:
        assert inner[1] is Ellipsis
        return st.lists(_of_type(inner[0]), max_size=2).map(tuple)
    assert issubclass(wanted, Value), wanted
    return values_of(wanted)


@cache
def values_of(model: type[Value]) -> st.SearchStrategy[Any]:
    """Instances of a model; fields with a default are left out now and then."""
    required, optional = {}, {}
    for name, field in model.model_fields.items():
        group = required if field.is_required() else optional
        group[name] = st.deferred(lambda wanted=field.annotation: _of_type(wanted))
    drawn = st.fixed_dictionaries(required, optional=optional)
    return drawn.map(lambda fields: model(**fields))


def event_of(kind: str) -> st.SearchStrategy[Event]:
    """Events of one kind."""
    return values_of(KINDS[kind])


def events(kinds: typing.Iterable[str] = tuple(DIALOGUE_KINDS)) -> Any:
    """Events of any of the kinds, those of a dialogue if none are named."""
    return st.sampled_from(sorted(kinds)).flatmap(event_of)


Row = dict[str, Any]
Rows = dict[tuple[str, int], Row]
COLUMNS = ("name", "city", "size")


@st.composite
def histories(draw: st.DrawFn) -> tuple[Rows, Rows, list[RowChange]]:
    """(rows before, rows after, changes) of writes to two small tables.

    A change is written down as an environment does: only the columns that differ, all
    of them for an insert or a delete; a write that changes nothing leaves no trace.
    """
    cells = st.sampled_from([None, 0, 1, "a", "b"])
    whole_rows = st.fixed_dictionaries(dict.fromkeys(COLUMNS, cells))
    places = st.tuples(st.sampled_from(["shelf", "book"]), st.integers(1, 3))
    before: Rows = draw(st.dictionaries(places, whole_rows, max_size=4))
    rows = {place: dict(row) for place, row in before.items()}
    changes = []
    for place in draw(st.lists(places, max_size=12)):
        old = rows.get(place)
        gone = old is not None and draw(st.booleans())
        new = None if gone else draw(whole_rows)
        if old == new:
            continue
        changes.append(_change(place, old, new))
        if new is None:
            del rows[place]
        else:
            rows[place] = new
    return before, rows, changes


def _change(place: tuple[str, int], old: Row | None, new: Row | None) -> RowChange:
    table, number = place
    op = "insert" if old is None else "delete" if new is None else "update"
    old, new = old or {}, new or {}
    if op == "update":
        differing = [column for column in COLUMNS if old[column] != new[column]]
        old = {column: old[column] for column in differing}
        new = {column: new[column] for column in differing}
    return RowChange(table=table, op=op, key={"id": number}, old=old, new=new)
