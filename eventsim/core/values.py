"""JSON values that cannot change, and the one way to turn values into bytes.

Events hold arguments, results and schemas as JSON. They are frozen all the way down
(tuples and `FrozenDict`), so that a folded state can share them with every fork.
Nothing here knows what the values mean.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, NoReturn, Self

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict

__all__ = [
    "FrozenDict",
    "Json",
    "JsonObject",
    "Value",
    "canonical",
    "digest_of",
    "encode",
    "freeze",
    "sha256_hex",
]


class FrozenDict(dict[str, Any]):
    """A dict whose contents cannot change; equal to a plain dict of the same items."""

    __slots__ = ()

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("this JSON object is part of an event and cannot change")

    __setitem__ = _refuse
    __delitem__ = _refuse
    __ior__ = _refuse
    clear = _refuse
    pop = _refuse
    popitem = _refuse
    setdefault = _refuse
    update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return (FrozenDict, (dict(self),))


def freeze(value: Any) -> Any:
    """Return `value` with every list a tuple and every dict a FrozenDict."""
    if isinstance(value, FrozenDict):
        return value
    if isinstance(value, Mapping):
        return FrozenDict({str(key): freeze(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return tuple(freeze(item) for item in value)
    return value


Json = Annotated[Any, AfterValidator(freeze)]
JsonObject = Annotated[dict[str, Any], AfterValidator(freeze)]


class Value(BaseModel):
    """A frozen, closed record: the base of everything that events are made of."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_inf_nan="null", allow_inf_nan=False
    )


def encode(value: Any) -> bytes:
    """JSON bytes in insertion order, without spaces."""
    return orjson.dumps(value)


def canonical(value: Any) -> bytes:
    """JSON bytes with sorted keys: what digests of values are taken over."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def sha256_hex(data: bytes) -> str:
    """64 hexadecimal digits of SHA-256."""
    return hashlib.sha256(data).hexdigest()


def digest_of(value: Any) -> str:
    """SHA-256 of the canonical JSON of a plain value or a `Value`, in hex."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    return sha256_hex(canonical(value))
