"""How payloads of earlier kind versions become those of today.

`UPCASTERS[kind, n]` turns a payload of version n of that kind into one of version
n + 1; reading applies as many as are needed. The stored line never changes. A change
to an event class adds one line here and a golden log in `replays/`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["UPCASTERS", "Upcaster", "Upcasters"]

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
Upcasters = Mapping[tuple[str, int], Upcaster]


def _roles_of_their_own(payload: dict[str, Any]) -> dict[str, Any]:
    """Version 2 of `run.started`: all roles stand under `roles`, each with an endpoint
    where there was a provider, and limits count failures and rejections apart.
    """
    config = dict(payload["config"])
    config["roles"] = {
        role: {
            **{key: value for key, value in choice.items() if key != "provider"},
            "endpoint": choice.get("provider", "rule-based"),
        }
        for role in ("user", "assistant")
        if (choice := config.pop(role, None)) is not None
    }
    return {**payload, "config": config}


def _grew(payload: dict[str, Any]) -> dict[str, Any]:
    """Fields were added, and what was written without them means the same."""
    return payload


def _drawn_together(payload: dict[str, Any]) -> dict[str, Any]:
    """Version 2 of `behaviour.drawn`: all rules of a message in one event."""
    return {"rules": [payload]}


def _without_its_digest(payload: dict[str, Any]) -> dict[str, Any]:
    """Version 2 of `tool.called`: which tool it is stands in the mounted toolset."""
    return {name: value for name, value in payload.items() if name != "tool"}


_GREW_IN_0_2 = (
    "assistant.replied environment.mounted model.abandoned model.called model.failed "
    "model.rejected persona.assigned preparation.ended preparation.started "
    "task.assigned task.created tool.defined tool.returned trajectory.ended "
    "trajectory.forked user.messaged verdict.given"
).split()

UPCASTERS: Upcasters = {
    ("run.started", 1): _roles_of_their_own,
    ("behaviour.drawn", 1): _drawn_together,
    ("tool.called", 1): _without_its_digest,
    **{(kind, 1): _grew for kind in _GREW_IN_0_2},
}
