"""What the file, the environment and the flags say, each as one layer.

Nothing is checked against the shape here beyond what reading takes: names that stand
nowhere and keys in plain sight are refused by `resolving.py`, for all sources alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath
from typing import Any

from eventsim.errors import UsageError
from eventsim.run.settings.layers import Layer, Origin, Path, dotted, layer_of
from eventsim.run.settings.secrets import looks_secret
from eventsim.run.settings.shape import kind_of
from eventsim.run.settings.yaml_text import MOST_BYTES, parse_yaml

__all__ = [
    "NOT_SETTINGS",
    "PREFIX",
    "from_environment",
    "from_file",
    "from_sets",
    "value_of",
]

PREFIX = "EVENTSIM_"
NOT_SETTINGS = frozenset({"EVENTSIM_TRACEBACK", "EVENTSIM_CONFIG"})
"""Variables that say something else than a setting."""

_FILES: tuple[Path, ...] = (("source", "db"), ("source", "seeds"), ("store",))
_FILE_MAPS = ("prompts",)
_CAPITALISED = ("languages",)


def from_file(path: FilePath) -> Layer:
    """What a YAML file says. Files that it names are relative to its own place.

    Raises: UsageError.
    """
    where = str(path)
    parsed = parse_yaml(_text_of(path), where)
    value = parsed.value
    if value is None:
        return Layer()
    if not isinstance(value, dict):
        raise UsageError(
            f"{where} holds no settings; write one on each line, such as count: 20"
        )
    origins = {
        place: Origin("file", f"{where}, line {line}")
        for place, line in parsed.lines.items()
    }
    return Layer(_placed(value, path.parent), origins)


def _text_of(path: FilePath) -> str:
    try:
        if path.is_file() and path.stat().st_size > MOST_BYTES:
            raise UsageError(f"{path} is larger than a configuration can be (1 MB)")
        data = path.read_bytes()
    except FileNotFoundError:
        raise UsageError(
            f"there is no file {path}; write one with: eventsim init {path}"
        ) from None
    except OSError as error:
        said = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"{path} cannot be read: {said}; give a YAML file") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not UTF-8 at byte {error.start}; save it as UTF-8"
        ) from None


def _placed(values: dict[str, Any], folder: FilePath) -> dict[str, Any]:
    """With the names of files relative to the folder."""
    result = dict(values)
    for path in _FILES:
        holder = result
        for name in path[:-1]:
            inner = holder.get(name)
            holder[name] = dict(inner) if isinstance(inner, dict) else inner
            holder = holder[name] if isinstance(inner, dict) else {}
        if isinstance(holder.get(path[-1]), str):
            holder[path[-1]] = _from(folder, holder[path[-1]])
    for name in _FILE_MAPS:
        inner = result.get(name)
        if isinstance(inner, dict):
            result[name] = {
                key: _from(folder, item) if isinstance(item, str) else item
                for key, item in inner.items()
            }
    return result


def _from(folder: FilePath, name: str) -> str:
    if not name or "\0" in name:
        return name
    return str(folder / FilePath(name).expanduser())


def from_environment(environment: Mapping[str, str]) -> Layer:
    """What `EVENTSIM_*` say: `EVENTSIM_LIMITS__MAX_TURNS` is `limits.max_turns`. An
    empty one is as one that is not set. Raises: UsageError.
    """
    said = []
    for name in sorted(environment):
        if not name.startswith(PREFIX) or name in NOT_SETTINGS:
            continue
        path = _path_of(name)
        text = environment[name]
        if path in _EMPTY_SAYS or text.strip():
            origin = Origin("environment", name)
            said.append((path, value_of(path, text, name), origin))
    return layer_of(said)


_EMPTY_SAYS = (("key_env",),)


def _path_of(name: str) -> Path:
    parts = name.removeprefix(PREFIX).lower().split("__")
    if parts[0] in _CAPITALISED:
        parts[1:] = [part.capitalize() for part in parts[1:]]
    return tuple(parts)


def from_sets(sets: Iterable[str]) -> list[tuple[Path, Any, Origin]]:
    """What `--set a.b=VALUE` say, in order. Raises: UsageError."""
    said = []
    for each in sets:
        name, equals, text = each.partition("=")
        path = tuple(part.strip() for part in name.split("."))
        if not equals or not all(path):
            shown = "" if looks_secret(each) else f", not {each[:40]!r}"
            raise UsageError(
                f"--set takes NAME=VALUE, as in limits.max_turns=80{shown}"
            )
        where = "--set" if looks_secret(name) else f"--set {dotted(path)}"
        said.append((path, value_of(path, text, where), Origin("flag", where)))
    return said


def value_of(path: Path, text: str, where: str) -> Any:
    """A value outside a file: as YAML, but a text where a text is wanted; `null` takes
    back what an earlier source said.
    """
    if kind_of(path) == "text" and text != "null":
        return text
    return parse_yaml(text, where).value
