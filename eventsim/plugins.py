"""Parts of the product that others bring: found by `package.module:name`, or by the
name of an installed plug-in.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from eventsim.errors import EventsimError, UsageError

__all__ = ["is_outside", "load"]


def is_outside(name: str) -> bool:
    """Whether a name is one of `package.module:name`."""
    return ":" in name


def load(setting: str, name: str, *, group: str, parts: tuple[str, ...]) -> Any:
    """What `name` means, made without arguments if it is a class. `setting` says where
    it was named, `parts` what it must have; `group` is that of entry points. Modules
    are looked for beside the installed ones in the current directory.

    Raises: UsageError for one that cannot be had.
    """
    try:
        found = _found(setting, name, group)
        part = found() if isinstance(found, type) else found
    except EventsimError:
        raise
    except Exception as error:  # somebody else's code: whatever it raises at import
        said = " ".join(str(error).split()) or type(error).__name__
        raise UsageError(f"{setting}: {name}: {said}") from error
    missing = [each for each in parts if not hasattr(part, each)]
    if missing:
        names = ", ".join(missing)
        kind = group.rpartition(".")[2].removesuffix("s")
        raise UsageError(f"{setting}: {name} is no {kind}; it lacks {names}")
    return part


def _found(setting: str, name: str, group: str) -> Any:
    module, colon, attribute = name.partition(":")
    if colon:
        here = str(Path.cwd())
        if here not in sys.path and "" not in sys.path:
            sys.path.append(here)
        return getattr(import_module(module), attribute)
    for point in entry_points(group=group):
        if point.name == name:
            return point.load()
    raise UsageError(
        f"{setting}: no plug-in is named {name!r}; give one that is installed (entry "
        f"point group {group}) or package.module:name"
    )
