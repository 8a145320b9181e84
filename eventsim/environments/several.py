"""Several environments as one: each call goes to the one that its tool belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventsim.core.arguments import error_content
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import digest_of
from eventsim.environments.environment import CallOutcome, Environment

__all__ = ["Several"]


class Several:
    """Environments by name; "" is the one of tools that name none."""

    def __init__(self, members: Mapping[str, Environment]) -> None:
        self._members = members

    @property
    def size_bytes(self) -> int:
        """Of all together."""
        return sum(member.size_bytes for member in self._members.values())

    def member(self, name: str) -> Environment:
        """One of them. Raises: KeyError."""
        return self._members[name]

    async def call(
        self, tool: ToolDefinition, arguments: Mapping[str, Any], *, ordinal: int
    ) -> CallOutcome:
        """Execute one call."""
        member = self._members.get(tool.environment)
        if member is None:
            said = (
                f"there is no environment {tool.environment!r} to execute {tool.name}"
            )
            return CallOutcome(error_content("failed", said), is_error=True)
        return await member.call(tool, arguments, ordinal=ordinal)

    def set_clock(self, now: str) -> None:
        """Of all."""
        for member in self._members.values():
            member.set_clock(now)

    async def digest(self) -> str:
        """Of the digests of all; that of a database alone where there is one only."""
        digests = {name: await m.digest() for name, m in self._members.items()}
        if set(digests) == {""}:
            return digests[""]
        return digest_of(digests)

    async def close(self) -> None:
        """Close all."""
        for member in self._members.values():
            await member.close()
