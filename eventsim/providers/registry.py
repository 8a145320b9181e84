"""Providers by the name that a configuration gives them: one for each endpoint.

The embedded one is always there. Connections are opened when they are first used and
closed together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from eventsim.config import EMBEDDED, Endpoint, RunConfig
from eventsim.core.values import digest_of
from eventsim.errors import UsageError
from eventsim.providers.provider import Provider
from eventsim.providers.rule_based.provider import RuleBased

if TYPE_CHECKING:
    from eventsim.providers.openai_compatible.client import OpenAICompatible

__all__ = ["Providers"]


class Providers:
    """The providers of runs, shared by those that use the same endpoint."""

    def __init__(self) -> None:
        self._open: dict[str, OpenAICompatible] = {}

    def of(
        self, config: RunConfig, moved: Mapping[str, Endpoint]
    ) -> dict[str, Provider]:
        """The providers that the roles of a run use; `moved` says where endpoints are
        now. Raises: UsageError for an endpoint that is not configured, or has no key.
        """
        endpoints = {**config.endpoints, **moved}
        found: dict[str, Provider] = {EMBEDDED: RuleBased(config.flaws)}
        for role, choice in config.roles.all().items():
            if choice.endpoint not in found and choice.endpoint not in endpoints:
                known = ", ".join([EMBEDDED, *endpoints])
                raise UsageError(
                    f"the {role}'s endpoint {choice.endpoint!r} is not configured; "
                    f"there are {known}"
                )
            if choice.endpoint not in found:
                endpoint = endpoints[choice.endpoint]
                found[choice.endpoint] = self._at(choice.endpoint, endpoint)
        return found

    def _at(self, name: str, endpoint: Endpoint) -> Provider:
        from eventsim.providers.openai_compatible.client import connect

        key = f"{name} {digest_of(endpoint)}"
        if key not in self._open:
            self._open[key] = connect(name, endpoint)
        return self._open[key]

    async def aclose(self) -> None:
        """Close all connections."""
        for provider in self._open.values():
            await provider.aclose()
        self._open.clear()
