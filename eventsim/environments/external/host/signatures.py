"""What a method takes, from its annotations: as a schema, and arguments as it wants
them. Runs under Python 3.8.
"""

from __future__ import annotations

import dataclasses
import enum
import inspect
import types
import typing
from typing import Any

from .plain import of_member

__all__ = ["arguments_of", "hints_of", "parameters_of"]

_TYPES: Any = {str: "string", int: "integer", float: "number", bool: "boolean"}
_TYPES.update({list: "array", tuple: "array", set: "array", frozenset: "array"})
_TYPES.update({dict: "object", type(None): "null"})
_UNIONS: Any = (typing.Union, getattr(types, "UnionType", typing.Union))
_MANY: Any = (list, tuple, set, frozenset)


def hints_of(thing: Any) -> Any:
    """The annotations of a method or a class, resolved as far as they can be."""
    try:
        return typing.get_type_hints(thing)
    except Exception:  # a name that only type checkers know
        return {}


# --- schemas ------------------------------------------------------------------------


def parameters_of(method: Any, about: Any) -> Any:
    """The JSON Schema of a method's arguments; `about` says what each means. Raises:
    ValueError, TypeError for one without a signature.
    """
    hints = hints_of(method)
    properties: Any = {}
    required = []
    for parameter in inspect.signature(method).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        schema = _schema(hints.get(parameter.name, parameter.annotation), ())
        if about.get(parameter.name):
            schema = dict(schema, description=about[parameter.name])
        properties[parameter.name] = schema
        if parameter.default is parameter.empty:
            required.append(parameter.name)
    return {"type": "object", "properties": properties, "required": required}


def _schema(kind: Any, within: Any) -> Any:
    kind = getattr(kind, "__supertype__", kind)  # a NewType's
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if isinstance(kind, type) and origin is None:
        return _of_class(kind, within)
    if origin in _MANY:
        schema = {"type": "array"}
        items = _items(inner, within)
        return dict(schema, items=items) if items else schema
    if origin in _UNIONS:
        return _any_of([_schema(e, within) for e in inner if e is not type(None)])
    if str(origin) == "typing.Literal":
        return {"enum": [of_member(e) if _is_member(e) else e for e in inner]}
    return {"type": _TYPES[origin]} if origin in _TYPES else {}


def _of_class(kind: Any, within: Any) -> Any:
    if issubclass(kind, enum.Enum):
        return {"enum": [of_member(member) for member in kind]}
    if not dataclasses.is_dataclass(kind):
        return {"type": _TYPES[kind]} if kind in _TYPES else {}
    if kind in within:
        return {"type": "object"}  # it holds itself
    hints = hints_of(kind)
    fields = [field for field in dataclasses.fields(kind) if field.init]
    return {
        "type": "object",
        "properties": {
            field.name: _schema(hints.get(field.name, field.type), (*within, kind))
            for field in fields
        },
        "required": [field.name for field in fields if _is_required(field)],
    }


def _is_required(field: Any) -> bool:
    missing = dataclasses.MISSING
    return field.default is missing and field.default_factory is missing


def _items(inner: Any, within: Any) -> Any:
    """The schema that all items share, if it can be told."""
    kinds = [each for each in inner if each is not Ellipsis]
    if not kinds or any(each != kinds[0] for each in kinds):
        return {}
    return _schema(kinds[0], within)


def _any_of(known: Any) -> Any:
    if len(known) == 1:
        return known[0]
    if not all(known):
        return {}
    if all(set(each) == {"type"} and isinstance(each["type"], str) for each in known):
        return {"type": list(dict.fromkeys(each["type"] for each in known))}
    return {"anyOf": known}


def _is_member(value: Any) -> bool:
    return isinstance(value, enum.Enum)


# --- arguments ----------------------------------------------------------------------


def arguments_of(method: Any, given: Any) -> Any:
    """Positional and named arguments of a call. Raises: ValueError for what does not
    fit.
    """
    hints = hints_of(method)
    named = {name: _converted(hints.get(name), value) for name, value in given.items()}
    positional = []
    missing = False
    for parameter in inspect.signature(method).parameters.values():
        if parameter.kind is not parameter.POSITIONAL_ONLY:
            continue
        if parameter.name in named and missing:
            raise ValueError("%s needs those before it" % parameter.name)
        if parameter.name in named:
            positional.append(named.pop(parameter.name))
        elif any(later in named for later in _after(method, parameter.name)):
            missing = parameter.default is parameter.empty
            positional.append(parameter.default)
    return positional, named


def _after(method: Any, name: str) -> Any:
    """The positional-only parameters after one."""
    names = [
        parameter.name
        for parameter in inspect.signature(method).parameters.values()
        if parameter.kind is parameter.POSITIONAL_ONLY
    ]
    return names[names.index(name) + 1 :]


def _converted(kind: Any, value: Any) -> Any:
    kind = getattr(kind, "__supertype__", kind)
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if value is None or kind is None:
        return value
    if isinstance(kind, type) and origin is None:
        return _made(kind, value)
    if origin in _UNIONS:
        return _first_that_fits(inner, value)
    if origin in _MANY and isinstance(value, list):
        kinds = inner or (None,)
        if origin is not tuple or Ellipsis in kinds or len(kinds) != len(value):
            kinds = (kinds[0],) * len(value)
        return origin(map(_converted, kinds, value))
    if origin is dict and isinstance(value, dict) and len(inner) == 2:
        return {key: _converted(inner[1], item) for key, item in value.items()}
    if str(origin) == "typing.Literal":
        members = [each for each in inner if _is_member(each)]
        return next((each for each in members if of_member(each) == value), value)
    return value


def _made(kind: Any, value: Any) -> Any:
    """A value of a class, from what JSON can say of it."""
    if issubclass(kind, enum.Enum):
        for member in kind:
            said = of_member(member)
            if said == value and isinstance(said, bool) == isinstance(value, bool):
                return member
        return kind(value)
    if dataclasses.is_dataclass(kind) and isinstance(value, dict):
        of = hints_of(kind)
        making: Any = kind
        return making(**{key: _converted(of.get(key), e) for key, e in value.items()})
    if kind in (tuple, set, frozenset) and isinstance(value, list):
        return kind(value)
    return value


def _first_that_fits(kinds: Any, value: Any) -> Any:
    for kind in kinds:
        if kind in _TYPES and not isinstance(value, kind):
            continue
        try:
            made = _converted(kind, value)
        except (ValueError, TypeError, KeyError):
            continue
        if not dataclasses.is_dataclass(kind) or type(made) is kind:
            return made
    return value
