"""The fault injector: wraps any environment and makes chosen calls fail.

Which call fails, and how, was decided before (`core/faults.py`) and is recorded. Here a
call is replaced, answered from older data, or executed and its result altered; the
wrapped environment never knows. A replaced call is not executed, and as it returns an
error it is not repeated either when the environment is mounted again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from eventsim.core.faults import altered, replacement, replaces
from eventsim.core.tools import ToolDefinition
from eventsim.environments.environment import CallOutcome, Environment
from eventsim.environments.several import Several

__all__ = ["FaultInjector", "inject"]

Mount = Callable[[], Awaitable[Environment]]


class FaultInjector:
    """An environment whose calls can fail on purpose.

    `fresh` mounts the environment as it was before the dialogue, for stale results;
    such a copy is closed after each use.
    """

    def __init__(self, environment: Environment, fresh: Mount) -> None:
        self._environment = environment
        self._fresh = fresh
        self._now = ""

    @property
    def environment(self) -> Environment:
        """The wrapped one."""
        return self._environment

    @property
    def size_bytes(self) -> int:
        """Memory held."""
        return self._environment.size_bytes

    async def call(
        self,
        tool: ToolDefinition,
        arguments: Mapping[str, Any],
        *,
        ordinal: int,
        fault: str = "",
    ) -> CallOutcome:
        """Execute one call under a fault; see `Environment.call`."""
        if replaces(fault):
            return CallOutcome(replacement(fault, tool.name, ordinal), is_error=True)
        if fault == "stale":
            return await self._stale(tool, arguments, ordinal)
        outcome = await self._environment.call(tool, arguments, ordinal=ordinal)
        return inject(outcome, fault, ordinal)

    def set_clock(self, now: str) -> None:
        """Of the wrapped one, and of the copies that answer stale calls."""
        self._now = now
        self._environment.set_clock(now)

    async def own_digest(self) -> str:
        """That of the database or of played tools, without what is beside it."""
        inner = self._environment
        if isinstance(inner, Several):
            inner = inner.member("")
        return await inner.digest()

    async def digest(self) -> str:
        """The wrapped environment's: faults change no state."""
        return await self._environment.digest()

    async def close(self) -> None:
        """Close the wrapped environment."""
        await self._environment.close()

    async def _stale(
        self, tool: ToolDefinition, arguments: Mapping[str, Any], ordinal: int
    ) -> CallOutcome:
        older = await self._fresh()
        if self._now:
            older.set_clock(self._now)
        try:
            return await older.call(tool, arguments, ordinal=ordinal)
        finally:
            await older.close()


def inject(outcome: CallOutcome, fault: str, ordinal: int) -> CallOutcome:
    """A true outcome as it is seen under a fault that alters results; errors stay."""
    if outcome.is_error or not fault:
        return outcome
    return replace(outcome, content=altered(outcome.content, fault, ordinal))
