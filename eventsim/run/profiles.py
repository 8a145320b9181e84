"""What the endpoints of a run can do: asked once, recorded in the run's stream.

Requests are shaped by it, so it is part of what replay needs. Nothing is asked where
the configuration decides every field, or where no endpoint is called.
"""

from __future__ import annotations

from collections.abc import Mapping

from eventsim.config import EMBEDDED, Endpoint, EndpointProfile, ModelChoice
from eventsim.core.events import EndpointProfiled
from eventsim.log.store import Store
from eventsim.pipelines.registry import roles_of
from eventsim.providers.openai_compatible.probe import probe
from eventsim.providers.provider import Provider
from eventsim.run.runs import Run
from eventsim.run.till import Till

__all__ = ["profile_endpoints"]


async def profile_endpoints(
    store: Store, run: Run, providers: Mapping[str, Provider], till: Till
) -> bool:
    """Record what is not known yet; whether anything was. Raises: EndpointDown."""
    records = await store.read(run.ref.stream)
    known = {
        (record.event.endpoint, record.event.model)
        for record in records
        if isinstance(record.event, EndpointProfiled)
    }
    asked = False
    for role in roles_of(run.config):
        choice = run.config.roles.of(role)
        pair = (choice.endpoint, choice.model)
        if choice.endpoint == EMBEDDED or pair in known:
            continue
        known.add(pair)
        asked = True
        endpoint: Endpoint = run.config.endpoints[choice.endpoint]
        event = await _profiled(endpoint, choice, providers)
        event = till.settle(event)
        version = store.head(run.ref.stream).version
        await store.append(run.ref.stream, [event], expected_version=version)
    return asked


async def _profiled(
    endpoint: Endpoint, choice: ModelChoice, providers: Mapping[str, Provider]
) -> EndpointProfiled:
    name, model = choice.endpoint, choice.model
    fixed = tuple(endpoint.profile)
    if set(fixed) == set(EndpointProfile.model_fields):
        profile = EndpointProfile.model_validate(endpoint.profile)
        return EndpointProfiled(
            endpoint=name, model=model, profile=profile, fixed=fixed
        )
    found = await probe(providers[name], model, endpoint.profile, choice.params)
    return EndpointProfiled(
        endpoint=name,
        model=model,
        profile=found.profile,
        fixed=fixed,
        calls=found.calls,
        usage=found.usage,
    )
