"""Providers by the name that a configuration gives them: one for each endpoint.

The embedded one is always there; one that somebody else wrote stands in a module that
the base URL names (`python:package.module:name`). Connections are opened when they are
first used and closed together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from eventsim.config import BY_PYTHON, EMBEDDED, Endpoint, RunConfig
from eventsim.core.values import digest_of
from eventsim.errors import UsageError
from eventsim.plugins import load
from eventsim.providers.provider import Provider
from eventsim.providers.rule_based.provider import RuleBased

if TYPE_CHECKING:
    from eventsim.providers.openai_compatible.client import OpenAICompatible

__all__ = ["GROUP", "Providers"]

GROUP = "eventsim.providers"


class Providers:
    """The providers of runs, shared by those that use the same endpoint."""

    def __init__(self) -> None:
        self._open: dict[str, OpenAICompatible] = {}
        self._outside: dict[str, Provider] = {}

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
        if endpoint.base_url.startswith(BY_PYTHON):
            return self._from_outside(name, endpoint.base_url)
        from eventsim.providers.openai_compatible.client import connect

        key = f"{name} {digest_of(endpoint)}"
        if key not in self._open:
            self._open[key] = connect(name, endpoint)
        return self._open[key]

    def _from_outside(self, name: str, url: str) -> Provider:
        if url not in self._outside:
            self._outside[url] = load(
                f"endpoints.{name}",
                url.removeprefix(BY_PYTHON),
                group=GROUP,
                parts=("name", "in_process", "complete"),
            )
        return self._outside[url]

    async def aclose(self) -> None:
        """Close all connections; those from outside that can be closed, too."""
        for provider in (*self._open.values(), *self._outside.values()):
            if hasattr(provider, "aclose"):
                await provider.aclose()
        self._open.clear()
        self._outside.clear()
