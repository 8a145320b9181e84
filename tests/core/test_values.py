"""Frozen JSON values and their bytes."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle

import pytest
from hypothesis import given
from pydantic import ValidationError

from eventsim.core.values import (
    FrozenDict,
    Json,
    JsonObject,
    Value,
    canonical,
    digest_of,
    encode,
    freeze,
    sha256_hex,
)
from tests.strategies import json_objects, json_values


class Box(Value):
    anything: Json = None
    object: JsonObject = freeze({})


WRITES = {
    "set an item": lambda d: d.__setitem__("a", 2),
    "delete an item": lambda d: d.__delitem__("a"),
    "merge in place": lambda d: d.__ior__({"b": 1}),
    "clear": lambda d: d.clear(),
    "pop": lambda d: d.pop("a"),
    "pop any": lambda d: d.popitem(),
    "set a default": lambda d: d.setdefault("b", 1),
    "update": lambda d: d.update(b=1),
    "set an attribute": lambda d: setattr(d, "note", 1),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_no_write_changes_a_frozen_dict(write: object) -> None:
    """Every way to change a dict is refused, and nothing has changed."""
    frozen = freeze({"a": 1})
    with pytest.raises((TypeError, AttributeError)):
        write(frozen)
    assert frozen == {"a": 1}


def test_every_mutating_method_of_dict_is_among_the_refused() -> None:
    """A method that a newer Python adds to dict must be looked at here."""
    known_reading = set(
        "__class_getitem__ __contains__ __eq__ __ge__ __getattribute__ __getitem__ "
        "__gt__ __iter__ __le__ __len__ __lt__ __ne__ __new__ __or__ __repr__ "
        "__reversed__ __ror__ __sizeof__ copy fromkeys get items keys values "
        "__init__ __hash__ __doc__".split()
    )
    refused = {n for n, f in vars(FrozenDict).items() if f is FrozenDict._refuse}
    assert set(vars(dict)) - known_reading <= refused


@given(json_values)
def test_freezing_leaves_nothing_that_can_change(value: object) -> None:
    """Lists become tuples and dicts frozen ones, at every depth."""

    def walk(part: object) -> None:
        assert not isinstance(part, list)
        if isinstance(part, dict):
            assert type(part) is FrozenDict
            for item in part.values():
                walk(item)
        elif isinstance(part, tuple):
            for item in part:
                walk(item)

    walk(freeze(value))


@given(json_values)
def test_freezing_changes_no_byte(value: object) -> None:
    """A frozen value has the JSON of the value, and freezing again is nothing new."""
    frozen = freeze(value)
    assert encode(frozen) == encode(value)
    assert freeze(frozen) == frozen
    assert hash(freeze(json.loads(encode(value)))) == hash(frozen)


@given(json_objects)
def test_copies_of_a_frozen_dict_are_frozen(value: dict[str, object]) -> None:
    """Deep copies share it, pickles restore it, and a plain copy is the caller's."""
    frozen = freeze(value)
    assert copy.deepcopy(frozen) is frozen
    restored = pickle.loads(pickle.dumps(frozen))
    assert restored == frozen
    assert type(restored) is FrozenDict
    mine = frozen.copy()
    mine["mine"] = object()
    assert encode(frozen) == encode(value)


def test_equal_frozen_dicts_have_equal_hashes() -> None:
    """Neither the order of keys nor int against float parts what is equal."""
    one, other = freeze({"a": 1, "b": [True]}), freeze({"b": [1], "a": 1.0})
    assert one == other
    assert hash(one) == hash(other)


def test_a_caller_cannot_reach_into_a_value() -> None:
    """A value keeps its own copy of what it was made from."""
    inner = [1, {"x": [2]}]
    box = Box(anything=inner, object={"inner": inner})
    inner[1]["x"].append(3)
    inner.append(4)
    assert box.anything == (1, {"x": (2,)})
    assert box.object == {"inner": (1, {"x": (2,)})}


def test_values_are_frozen_and_closed() -> None:
    """No field can be set, and none can be invented."""
    box = Box(anything=1)
    with pytest.raises(ValidationError):
        box.anything = 2
    with pytest.raises(ValidationError):
        Box(something=1)


@given(json_values)
def test_a_value_survives_its_own_json(value: object) -> None:
    """Python input and JSON input give equal values, with the same bytes."""
    box = Box(anything=value)
    again = Box.model_validate_json(box.model_dump_json())
    assert again == box
    assert canonical(again.model_dump(mode="json")) == canonical(
        box.model_dump(mode="json")
    )


def test_canonical_bytes_do_not_depend_on_the_order_of_keys() -> None:
    """Keys are sorted at every depth; nothing else is."""
    assert canonical({"b": {"d": 1, "c": [2, 1]}, "a": "é"}) == (
        '{"a":"é","b":{"c":[2,1],"d":1}}'.encode()
    )
    assert encode({"b": 1, "a": 2}) == b'{"b":1,"a":2}'


def test_digests_are_those_of_sha_256() -> None:
    """A digest can be computed with any other tool."""
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert sha256_hex(b"") == empty
    text = b'{"anything":[1],"object":{}}'
    assert digest_of(Box(anything=[1])) == hashlib.sha256(text).hexdigest()
    assert digest_of({"b": 1, "a": 2}) == digest_of({"a": 2, "b": 1})


def test_one_and_one_point_zero_have_different_digests() -> None:
    """They are equal in Python and not in a log."""
    assert len({digest_of([1]), digest_of([1.0]), digest_of([True])}) == 3
