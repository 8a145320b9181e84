"""Providers by the name that a configuration gives them."""

from __future__ import annotations

from eventsim.config import RunConfig
from eventsim.errors import UsageError
from eventsim.providers.provider import Provider
from eventsim.providers.rule_based.provider import RuleBased

__all__ = ["providers_of"]


def providers_of(config: RunConfig) -> dict[str, Provider]:
    """The providers that the roles of a run use. Raises: UsageError."""
    known: dict[str, Provider] = {"rule-based": RuleBased(config.flaws)}
    for choice in config.roles.all().values():
        if choice.endpoint not in known:
            raise UsageError(
                f"there is no endpoint {choice.endpoint!r}; "
                f"the endpoints are {', '.join(known)}"
            )
    return known
