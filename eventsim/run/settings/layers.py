"""Layers of settings, the later winning, and where each value came from.

A layer is what one source says: a preset, the file, the environment, the flags. Values
are nested mappings; sections are merged, everything else is replaced whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from eventsim.core.values import FrozenDict
from eventsim.errors import UsageError
from eventsim.run.settings.shape import RolesSettings, SourceChoice, kind_of

__all__ = ["Layer", "Origin", "Path", "dotted", "layer_of", "leaves", "merge"]

Path = tuple[str, ...]


class Origin(NamedTuple):
    """Where a value was said: `place` is `eventsim.yaml, line 3`, `EVENTSIM_SEED`,
    `--model`, `preset paper-user`, `count=`.
    """

    kind: Literal["record", "preset", "file", "environment", "flag", "code"]
    place: str


@dataclass(frozen=True)
class Layer:
    """What one source says; `origins` by path, of sections too."""

    values: Mapping[str, Any] = field(default_factory=FrozenDict)
    origins: Mapping[Path, Origin] = field(default_factory=dict)

    def says(self, path: Path) -> bool:
        """Whether there is a value at a path, or any below it."""
        return _at(self.values, path) is not None

    def origin(self, path: Path) -> Origin | None:
        """Where a value was said: the nearest place that is known."""
        while path:
            if path in self.origins:
                return self.origins[path]
            path = path[:-1]
        return None


def dotted(path: Path) -> str:
    """A path as it is written for `--set`."""
    return ".".join(path)


def layer_of(said: Iterable[tuple[Path, Any, Origin]]) -> Layer:
    """A layer from single values, the later replacing the earlier.

    Raises: UsageError where a value is given to what is a section elsewhere, and for
    alternatives that are given together.
    """
    layer = Layer()
    for path, value, origin in said:
        one = _one(path, value, origin)
        _refuse_together(layer, one)
        layer = merge([layer, one])
    return layer


def _refuse_together(layer: Layer, one: Layer) -> None:
    for path, names in _ALTERNATIVES:
        below, above = _at(layer.values, path), _at(one.values, path)
        if not (isinstance(below, Mapping) and isinstance(above, Mapping)):
            continue
        given = [name for name in names if below.get(name) is not None]
        new = [name for name in names if above.get(name) is not None]
        if given and new and given != new:
            both = Layer({}, {**layer.origins, **one.origins})
            raise _both(both, (*path, given[0]), (*path, new[0]))


def _one(path: Path, value: Any, origin: Origin) -> Layer:
    origins = dict.fromkeys((path[: n + 1] for n in range(len(path))), origin)
    for below, _ in leaves(value, path):
        origins[below] = origin
    for name in reversed(path):
        value = {name: value}
    return Layer(value, origins)


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Everything that is no mapping, and empty mappings, with their paths."""
    if isinstance(value, Mapping) and (value or not path):
        for name, item in value.items():
            yield from leaves(item, (*path, name))
    else:
        yield path, value


def merge(layers: Sequence[Layer]) -> Layer:
    """One layer of several: the later wins. Raises: UsageError for alternatives that
    one layer gives together.
    """
    values: dict[str, Any] = {}
    origins: dict[Path, Origin] = {}
    for layer in layers:
        tidy = _tidy(layer)
        _displace(values, tidy)
        values = _joined(values, tidy.values)
        origins |= tidy.origins
    return Layer(values, origins)


def _joined(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(under)
    for name, value in over.items():
        below = result.get(name)
        both = isinstance(value, Mapping) and isinstance(below, Mapping)
        result[name] = _joined(below or {}, value) if both else value
    return result


# --- the same thing said in two ways ------------------------------------------------

_SAME: dict[Path, Path] = {
    ("endpoints", "default", "base_url"): ("base_url",),
    ("endpoints", "default", "key_env"): ("key_env",),
}
_ALTERNATIVES: tuple[tuple[Path, tuple[str, ...]], ...] = (
    (("source",), tuple(SourceChoice.model_fields)),
    *(
        (("roles", name), ("endpoint", "base_url"))
        for name in RolesSettings.model_fields
    ),
)


def _tidy(layer: Layer) -> Layer:
    """Sections without anything in them say nothing; `endpoints.default.base_url` is
    `base_url`; of alternatives there is one.
    """
    values = _without_empty(layer.values, ())
    origins = {
        path: origin
        for path, origin in layer.origins.items()
        if not _is_empty(path, _at(layer.values, path))
    }
    for path, same in _SAME.items():
        section = _at(values, path[:-1])
        if isinstance(section, dict) and path[-1] in section:
            value = section.pop(path[-1])
            if same[-1] in values and values[same[-1]] != value:
                raise _both(layer, path, same)
            values[same[-1]] = value
            origins[same] = origins.get(path) or origins[path[:1]]
    for path, names in _ALTERNATIVES:
        section = _at(values, path)
        given = [n for n in names if isinstance(section, dict) and section.get(n)]
        if len(given) > 1:
            raise _both(layer, (*path, given[0]), (*path, given[1]))
    return Layer(values, origins)


def _both(layer: Layer, one: Path, other: Path) -> UsageError:
    first, second = layer.origin(one), layer.origin(other)
    places = [each.place for each in (first, second) if each is not None]
    if places and places[0].startswith("--"):
        return UsageError(f"{' and '.join(places)} exclude each other; keep one")
    return UsageError(
        f"{places[-1] if places else 'settings'}: {dotted(one)} and {dotted(other)} "
        "exclude each other; keep one"
    )


def _displace(values: dict[str, Any], over: Layer) -> None:
    """A later choice among alternatives takes the place of the earlier one."""
    for path, names in _ALTERNATIVES:
        below, above = _at(values, path), _at(over.values, path)
        if not (isinstance(below, dict) and isinstance(above, Mapping)):
            continue
        if any(above.get(name) is not None for name in names):
            for name in names:
                below.pop(name, None)


def _at(values: Mapping[str, Any], path: Path) -> Any:
    current: Any = values
    for name in path:
        current = current.get(name) if isinstance(current, Mapping) else None
    return current


def _without_empty(values: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """A copy in which a section whose every line is commented out is not there."""
    result: dict[str, Any] = {}
    for name, value in values.items():
        here = (*path, name)
        if _is_empty(here, value):
            continue
        inner = isinstance(value, Mapping)
        result[name] = _without_empty(value, here) if inner else value
    return result


def _is_empty(path: Path, value: Any) -> bool:
    return value is None and kind_of(path) in ("section", "map")
