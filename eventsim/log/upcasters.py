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

UPCASTERS: Upcasters = {}
