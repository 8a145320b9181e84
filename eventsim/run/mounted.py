"""An environment as it stands at a place of a path, for whoever wants to look at it."""

from __future__ import annotations

from typing import Any

from eventsim.environments.faults import FaultInjector
from eventsim.errors import UsageError
from eventsim.run.mounts import Remounting
from eventsim.run.paths import Opened

__all__ = ["Mounted"]


class Mounted:
    """An environment at a place; `took` says what mounting it took."""

    def __init__(
        self, environment: FaultInjector, opened: Opened, took: Remounting
    ) -> None:
        self._environment, self._opened = environment, opened
        self.took = took

    async def digest(self) -> str:
        """Canonical digest of its state: equal digests are equal states."""
        return await self._environment.digest()

    async def call(self, name: str, **arguments: Any) -> str:
        """What a tool gives here, verbatim; nothing of it is recorded. Raises:
        UsageError for a tool that is not offered.
        """
        tool = self._opened.materials.tool_by_name.get(name)
        if tool is None:
            known = ", ".join(self._opened.materials.tool_by_name) or "none"
            raise UsageError(f"no tool is named {name!r}; the tools are {known}")
        ordinal = self._opened.state.tool_calls
        return (await self._environment.call(tool, arguments, ordinal=ordinal)).content
