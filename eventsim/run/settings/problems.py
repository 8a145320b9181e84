"""What is wrong with settings, in one line: where it stands, which name, what to do.

Pydantic says where and what kind; the words are ours, and a value is shown only after
secrets were looked for.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from eventsim.core.values import encode
from eventsim.errors import UsageError
from eventsim.run.settings.layers import Layer, Path, dotted
from eventsim.run.settings.secrets import looks_secret, secret_in
from eventsim.run.settings.shape import Document, kind_of, names_in, section_of

__all__ = ["checked", "close_to", "refuse_secrets", "refused", "shown"]

_LONGEST = 40


def checked(layer: Layer) -> Document:
    """The settings as they are shaped. Raises: UsageError for the first problem."""
    try:
        return Document.model_validate_json(encode(layer.values), strict=True)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        unknown = [each for each in errors if each["type"] == "extra_forbidden"]
        first = (unknown or errors)[0]
        raise _explained(first, layer) from None


def refuse_secrets(layer: Layer) -> None:
    """Raises: UsageError where a key is written instead of named."""
    found = secret_in(layer.values)
    if found is not None:
        path, what = found
        raise refused(
            layer,
            path,
            f"{what}; keys are never written here: put it into an environment "
            "variable and name that in key_env",
        )


def refused(layer: Layer, path: Path, why: str) -> UsageError:
    """The error about a setting, with the place where it was said."""
    origin = layer.origin(path)
    name = dotted(path)
    place = origin.place if origin is not None else ""
    if place.startswith("--"):
        same = place.startswith("--set") or place[2:].replace("-", "_") == name
        return UsageError(f"{place}{'' if same else f' ({name})'}: {why}")
    said = f"{name}: {why}" if name else why
    return UsageError(f"{place}: {said}" if place else said)


def close_to(name: str, known: Mapping[str, Any] | tuple[str, ...]) -> str:
    """`did you mean X? `, or nothing."""
    by_lower = {str(each).lower(): str(each) for each in known}
    found = difflib.get_close_matches(name.lower(), by_lower, n=1)
    return f"did you mean {by_lower[found[0]]}? " if found else ""


def shown(value: Any) -> str:
    """A value as a file would have it, short."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a section"
    if isinstance(value, list | tuple):
        return "a list"
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


# --- the words ----------------------------------------------------------------------


def _explained(error: Mapping[str, Any], layer: Layer) -> UsageError:
    path = _real_path(error["loc"])
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(path, layer)
    value = shown(error["input"])
    if kind == "missing":
        return refused(layer, path[:-1], f"{path[-1]} is missing; give it a value")
    if kind == "literal_error":
        expected = str(context["expected"]).replace("'", "").replace(" or ", ", ")
        close = close_to(str(error["input"]), tuple(expected.split(", ")))
        why = f"must be one of {expected}; {close}it is {value}"
        return refused(layer, path, why)
    say = _WORDS.get(kind)
    if say is not None:
        return refused(layer, path, say(context, value))
    message = error["msg"].removeprefix("Value error, ")
    return refused(layer, path, f"{message}; it is {value}")


_Words = Callable[[Mapping[str, Any], str], str]


def _wanted(what: str) -> _Words:
    return lambda _, value: f"must be {what}, not {value}"


def _bound(words: str, key: str) -> _Words:
    return lambda context, value: f"must be {words} {context[key]}, not {value}"


_SECTION = _wanted("a section with names of its own")
_WORDS: dict[str, _Words] = {
    "int_type": _wanted("a whole number"),
    "int_from_float": _wanted("a whole number"),
    "float_type": _wanted("a number"),
    "bool_type": _wanted("true or false"),
    "string_type": lambda _, value: (
        f"must be a text, not {value}; a number goes into quotes"
    ),
    "string_too_short": lambda _, __: "is empty; give it a value, or delete it",
    "list_type": _wanted("a list, as in [a, b]"),
    "dict_type": _SECTION,
    "model_type": _SECTION,
    "model_attributes_type": _SECTION,
    "finite_number": _wanted("a finite number"),
    "greater_than": _bound("more than", "gt"),
    "greater_than_equal": _bound("at least", "ge"),
    "less_than": _bound("less than", "lt"),
    "less_than_equal": _bound("at most", "le"),
}


def _real_path(location: tuple[int | str, ...]) -> Path:
    """Without the numbers of list items and the names that pydantic adds."""
    return tuple(part for part in location if isinstance(part, str) and part != "[key]")


def _unknown(path: Path, layer: Layer) -> UsageError:
    *above, name = path
    known = names_in(tuple(above))
    shown_name = "this" if looks_secret(name) else name
    elsewhere = [dotted(each) for each in _all_paths() if each[-1] == name.lower()]
    if elsewhere:
        hint = f"did you mean {elsewhere[0]}?"
    else:
        hint = close_to(name, known).strip() or f"there are {', '.join(known)}"
    where = dotted(tuple(above)) or "the configuration"
    origin = layer.origin(path)
    place = f"{origin.place}: " if origin is not None else ""
    return UsageError(f"{place}there is no {shown_name} in {where}; {hint}")


def _all_paths(section: type[BaseModel] = Document, path: Path = ()) -> Iterator[Path]:
    for name in section.model_fields:
        here = (*path, name)
        yield here
        if kind_of(here) == "section":
            inner = section_of(section.model_fields[name].annotation)
            assert inner is not None
            yield from _all_paths(inner, here)
