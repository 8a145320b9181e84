"""The paper's three pipelines as presets: every stage by models.

A preset is the lowest layer: the file, the environment and flags say otherwise. The
numbers of tasks are the paper's means, rounded up. Source: PAPER.md, "Measures".
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from eventsim.errors import UsageError
from eventsim.run.settings.layers import Layer, Origin, leaves

__all__ = ["PRESETS", "preset_layer"]

_BY_MODELS: Mapping[str, Any] = {
    "tools_by": "models",
    "tasks_by": "models",
    "sampling": {"temperature": 1.0, "top_p": 1.0},
    "roles": {
        "assistant": {"temperature": 0.7},  # varied, yet careful with arguments
        "tool": {"temperature": 0.7},  # plausible data; the schema decides its shape
        "judge": {"temperature": 0.0},  # the same dialogue, the same verdict
        "tool_designer": {"temperature": 0.8},  # many schemas that must agree
    },
}

PRESETS: Mapping[str, Mapping[str, Any]] = {
    "paper-task": {**_BY_MODELS, "pipeline": "task-oriented", "tasks": 2},
    "paper-user": {**_BY_MODELS, "pipeline": "user-oriented", "tasks": 3},
    "paper-exec": {**_BY_MODELS, "pipeline": "user-oriented+execution", "tasks": 2},
}
"""What each preset says, in the shape of the file."""


def preset_layer(name: str, place: str) -> Layer:
    """The layer of a preset; `place` says where it was asked for.

    Raises: UsageError.
    """
    if name not in PRESETS:
        close = difflib.get_close_matches(name, PRESETS, n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        raise UsageError(
            f"{place}: there is no such preset; {hint}the presets are "
            f"{', '.join(PRESETS)}"
        )
    values = PRESETS[name]
    origin = Origin("preset", f"preset {name}")
    return Layer(values, {path: origin for path, _ in leaves(values)})
