"""The net effect of a history of row changes, against a plain model of rows."""

from __future__ import annotations

from hypothesis import given

from eventsim.core.changes import RowChange, net
from eventsim.core.values import canonical
from tests.strategies import COLUMNS, Rows, _change, histories


def applied(rows: Rows, changes: tuple[RowChange, ...]) -> Rows:
    """The rows after the changes, each of which must fit what is there."""
    result = {place: dict(row) for place, row in rows.items()}
    for change in changes:
        place = (change.table, change.key["id"])
        row = result.get(place)
        if change.op == "insert":
            assert row is None
            result[place] = dict(change.new)
            continue
        assert row is not None
        assert dict(change.old).items() <= row.items()
        if change.op == "delete":
            assert change.old == row
            del result[place]
        else:
            result[place] = row | change.new
    return result


@given(histories())
def test_the_net_effect_leads_from_before_to_after(
    history: tuple[Rows, Rows, list[RowChange]],
) -> None:
    """Applying the net changes gives what applying every change gives."""
    before, after, changes = history
    assert applied(before, tuple(changes)) == after
    assert applied(before, net(changes)) == after


@given(histories())
def test_the_net_effect_is_exactly_the_difference_of_the_states(
    history: tuple[Rows, Rows, list[RowChange]],
) -> None:
    """Nothing is listed that is as it was, and no path shows in the result."""
    before, after, changes = history
    places = sorted(before.keys() | after.keys())
    expected = [
        _change(place, before.get(place), after.get(place))
        for place in places
        if before.get(place) != after.get(place)
    ]
    found = sorted(net(changes), key=lambda c: (c.table, c.key["id"]))
    assert found == expected


@given(histories())
def test_the_net_effect_is_one_change_a_row_in_order_of_first_touch(
    history: tuple[Rows, Rows, list[RowChange]],
) -> None:
    """Rows stand in the order in which the history came to them."""
    _, _, changes = history
    touched = list(dict.fromkeys((c.table, canonical(c.key)) for c in changes))
    listed = [(c.table, canonical(c.key)) for c in net(changes)]
    assert listed == [place for place in touched if place in set(listed)]


@given(histories())
def test_a_net_effect_has_itself_as_its_net_effect(
    history: tuple[Rows, Rows, list[RowChange]],
) -> None:
    """Folding is idempotent, and may be done in parts."""
    _, _, changes = history
    whole = net(changes)
    assert net(whole) == whole
    half = len(changes) // 2
    in_parts = net([*net(changes[:half]), *net(changes[half:])])
    assert sorted(in_parts, key=repr) == sorted(whole, key=repr)


def test_a_change_and_its_undoing_leave_nothing() -> None:
    """Each operation and its opposite cancel out."""
    row = dict.fromkeys(COLUMNS, 1)
    other = row | {"name": 2}
    place = ("book", 1)
    for first, then in ((None, row), (row, None), (row, other)):
        assert net([_change(place, first, then), _change(place, then, first)]) == ()


def test_the_same_key_in_two_tables_is_two_rows() -> None:
    """A row is a table and a key."""
    row = dict.fromkeys(COLUMNS, 1)
    changes = [_change(("book", 1), None, row), _change(("shelf", 1), row, None)]
    assert net(changes) == tuple(changes)


def test_key_columns_may_come_in_any_order() -> None:
    """A composite key names one row however it is written."""
    there = RowChange(table="t", op="insert", key={"a": 1, "b": 2}, new={"c": 3})
    gone = RowChange(table="t", op="delete", key={"b": 2, "a": 1}, old={"c": 3})
    assert net([there, gone]) == ()
