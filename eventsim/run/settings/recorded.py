"""A recorded configuration as settings: what goes on from it says only what differs.

It is the lowest layer, so that everything that is said wins. A model that is said for
all roles, or an endpoint, takes the place of those that single roles had.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventsim.config import EMBEDDED, Endpoint, ModelChoice, RunConfig
from eventsim.run.settings.layers import Layer, Origin, leaves
from eventsim.run.settings.resolving import Settings, resettled
from eventsim.run.settings.shape import RoleSettings
from eventsim.run.settings.wiring import DEFAULT

__all__ = ["over"]

_ORIGIN = Origin("record", "the recorded configuration")
_PLAIN = (
    "tools_by",
    "tasks_by",
    "questions",
    "difficulty",
    "user_sees_tool_results",
)
_MAPS = ("flaws", "faults", "stages", "behaviours")
_CHOICES = ("personas", "languages")
_PARAMS = ("temperature", "top_p", "max_tokens", "reasoning_effort")


def over(said: Layer, config: RunConfig, *, seed: int, limits: bool = True) -> Settings:
    """What was said over a recorded configuration; where nothing was said, what was
    recorded. How much is generated (count, tasks, pipeline) is not taken over, nor are
    limits unless asked for.

    Raises: UsageError where the two make no sense together.
    """
    values: dict[str, Any] = {name: getattr(config, name) for name in _PLAIN}
    values |= {name: _plain(getattr(config, name)) for name in _MAPS}
    for name in _CHOICES:
        if not said.says((name,)) and getattr(config, name):
            values[name] = _plain(getattr(config, name))
    if limits:
        values["limits"] = config.limits.model_dump()
    if config.toolsets is not None:
        values["toolsets"] = config.toolsets
    if config.keep:
        values["keep"] = list(config.keep)
    values["endpoints"] = {
        name: _endpoint(endpoint)
        for name, endpoint in config.endpoints.items()
        if name != DEFAULT or not said.says(("base_url",))
    }
    values["roles"] = {
        role: _role(role, choice, said) for role, choice in config.roles.all().items()
    }
    origins = {path: _ORIGIN for path, _ in leaves(values)}
    return resettled(Layer(values, origins), said, seed)


def _plain(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else dict(value.model_dump())


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    return {
        **endpoint.model_dump(exclude={"prices", "profile"}),
        "prices": {
            name: price.model_dump(exclude_none=True)
            for name, price in endpoint.prices.items()
        },
        "profile": dict(endpoint.profile),
    }


def _role(role: str, choice: ModelChoice, said: Layer) -> dict[str, Any]:
    """A role as it was, without what was said for all roles."""
    own = said.says(("roles", role, "model"))
    anew = own or said.says(("model",))
    moved = said.says(("base_url",))
    found: dict[str, Any] = {}
    if not moved and not (anew and choice.endpoint == EMBEDDED):
        found["endpoint"] = choice.endpoint
    if choice.endpoint == EMBEDDED:
        return found
    if not anew:
        found["model"] = choice.model
    found["seed"] = "none" if choice.seed is None else choice.seed
    for name, value in choice.params.items():
        if name in _PARAMS:
            if not said.says(("sampling", name)):
                found[name] = value
        else:
            found.setdefault("extra_body", {})[name] = value
    assert set(found) <= set(RoleSettings.model_fields)
    return found
