"""Tools that a model plays, as an environment: what never reaches the model.

The results themselves come from a role (`roles/tool.py`), and all state is in the
conversation: there is nothing to hold, mount or close here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventsim.core.arguments import argument_error, error_content
from eventsim.core.tools import ToolDefinition
from eventsim.environments.environment import CallOutcome

__all__ = ["Played"]


class Played:
    """Refuses calls whose arguments break the tool's schema; executes nothing."""

    @property
    def size_bytes(self) -> int:
        """Nothing is held."""
        return 0

    async def call(
        self,
        tool: ToolDefinition,
        arguments: Mapping[str, Any],
        *,
        ordinal: int,  # noqa: ARG002
    ) -> CallOutcome:
        """What is wrong with the arguments; with sound ones, that nothing is here."""
        content = argument_error(tool, arguments) or error_content(
            "failed", f"{tool.name} is played by a model and cannot be executed."
        )
        return CallOutcome(content, is_error=True)

    def set_clock(self, now: str) -> None:
        """A model is told the time with each call."""

    async def digest(self) -> str:
        """Empty, as a mount without a database records it."""
        return ""

    async def close(self) -> None:
        """Nothing to let go of."""
