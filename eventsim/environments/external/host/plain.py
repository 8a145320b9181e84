"""What a method gives, as JSON can hold it: the same for the same value, always.

Nothing that differs from one process to the next may get into a result, an object's
address above all: what has no plain form is refused. Runs under Python 3.8.
"""

from __future__ import annotations

import dataclasses
import enum
import inspect
import io
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["NotPlain", "failure", "of_member", "plain", "text"]

_ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+")
_WAYS = ("model_dump", "to_dict", "tolist")


class NotPlain(Exception):
    """A value that JSON cannot hold."""

    def __init__(self, value: Any) -> None:
        super().__init__(
            "%s has no plain form; return texts, numbers, lists or objects of these"
            % type(value).__name__
        )


def plain(value: Any, lenient: bool = False) -> Any:
    """The value in JSON's own types. One that is `lenient` names the type of what has
    no plain form, and takes nothing out of iterators. Raises: NotPlain.
    """
    if isinstance(value, enum.Enum):
        return of_member(value)
    if value is None or isinstance(value, (str, int, float)):
        return _scalar(value)
    if isinstance(value, Mapping):
        return {_key(key): plain(item, lenient) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, lenient) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item, lenient) for item in value), key=repr)
    if not lenient:
        return _of_object(value, lenient)
    try:
        return _of_object(value, lenient)
    except NotPlain:
        return type(value).__name__


def _scalar(value: Any) -> Any:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value if value is None or isinstance(value, bool) else int(value)


def _of_object(value: Any, lenient: bool) -> Any:
    if isinstance(value, (bytes, bytearray)):
        return _decoded(value)
    if isinstance(value, BaseException):
        return failure(value)
    if isinstance(value, type) or inspect.isroutine(value) or inspect.ismodule(value):
        raise NotPlain(value)
    if isinstance(value, io.IOBase) or inspect.isawaitable(value):
        raise NotPlain(value)
    if isinstance(value, Iterator):
        if lenient:
            raise NotPlain(value)
        return [plain(item) for item in value]
    if dataclasses.is_dataclass(value):
        return {
            field.name: plain(getattr(value, field.name), lenient)
            for field in dataclasses.fields(value)
        }
    for way in _WAYS:
        if callable(getattr(value, way, None)):
            return plain(getattr(value, way)(), lenient)
    kind: Any = type(value)
    if getattr(value, "__dict__", None):
        return plain(vars(value), lenient)
    if kind.__repr__ is object.__repr__ and kind.__str__ is object.__str__:
        if hasattr(value, "__dict__"):
            return {}  # an object of a class, with nothing in it
        raise NotPlain(value)
    said = str(value)
    if _ADDRESS.search(said):
        raise NotPlain(value)
    return text(said)


def _decoded(value: bytes | bytearray) -> str:
    try:
        return bytes(value).decode()
    except UnicodeDecodeError:
        raise NotPlain(value) from None


def _key(key: Any) -> str:
    if isinstance(key, enum.Enum):
        key = of_member(key)
    said = str(key)
    if _ADDRESS.search(said) and not isinstance(key, str):
        raise NotPlain(key)
    return text(said)


def of_member(member: Any) -> Any:
    """How a member of an Enum is written: by its value, by name where that is none
    of JSON's.
    """
    value = member.value
    if value is None or isinstance(value, (str, int, float)):
        return _scalar(value)
    return member.name


def text(value: str) -> str:
    """Without lone surrogates, which no encoding takes; pairs are put together."""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def failure(error: BaseException) -> str:
    """What an exception says, without addresses."""
    try:
        said = str(error)
    except Exception:  # somebody else's
        said = ""
    kind = type(error).__name__
    return text(_ADDRESS.sub("", "%s: %s" % (kind, said) if said else kind))
