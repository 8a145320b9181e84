"""What executes tool calls and holds state: the protocol of every environment.

An environment is a cache of a path: it can be dropped at any time and mounted again by
repeating the recorded writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from eventsim.core.changes import RowChange
from eventsim.core.tools import ToolDefinition

__all__ = ["CallOutcome", "Environment"]


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """What a call gave: `content` is JSON text, verbatim what the assistant sees.

    An error has the content {"error": {"code": …, "message": …}}; the codes are
    `invalid_arguments`, `constraint`, `not_found`, `limit`, `unknown_tool`, `failed`,
    and `unavailable` where no answer came. `duration_us` is that of the call alone,
    None where nobody measured it.
    """

    content: str
    is_error: bool = False
    changes: tuple[RowChange, ...] = ()
    duration_us: int | None = None


class Environment(Protocol):
    """Executes calls in order. Broken calls are outcomes, never exceptions."""

    @property
    def size_bytes(self) -> int:
        """Memory held."""
        ...

    async def call(
        self, tool: ToolDefinition, arguments: Mapping[str, Any], *, ordinal: int
    ) -> CallOutcome:
        """Execute one call. `ordinal` counts the calls on the path, from 0: it feeds
        random functions, so that a repeated call draws what it drew before.
        """
        ...

    def set_clock(self, now: str) -> None:
        """From here on the time inside the dialogue is `now` (ISO, UTC); nothing where
        there is no clock.
        """
        ...

    async def digest(self) -> str:
        """Canonical digest of all rows: equal digests are equal states."""
        ...

    async def close(self) -> None:
        """Let go of the memory."""
        ...
