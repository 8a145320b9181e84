"""External environments: what they offer, found out once and kept with the tools.

The tools of an environment are a preparation of their own, with the version of what
serves them; whoever mounts it gets exactly these, whatever the server says later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import anyio

from eventsim.core.draws import lineage_of
from eventsim.core.events import (
    EnvironmentSpec,
    PreparationEnded,
    PreparationStarted,
    Ref,
    Source,
    ToolDefined,
)
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import digest_of
from eventsim.environments.external.mcp import McpServer
from eventsim.environments.external.offers import tools_of
from eventsim.environments.external.python import PythonServer
from eventsim.environments.external.remote import ServerDied
from eventsim.errors import BadInput
from eventsim.log.store import Store

__all__ = ["Discovered", "Discovery", "discover", "tools_stream"]

Discovered = tuple[tuple[EnvironmentSpec, ...], tuple[ToolDefinition, ...]]
Offers = tuple[Mapping[str, Any], ...]


class Discovery:
    """What external environments say of themselves: each is started once, and what it
    said is kept. `python` is the interpreter of Python environments.
    """

    def __init__(self, python: str = "") -> None:
        self._python = python
        self._said: dict[str, tuple[str, Offers]] = {}
        self._lock = anyio.Lock()

    async def of(self, specs: Sequence[EnvironmentSpec]) -> Discovered:
        """The environments as they are now, and their tools. Names that two of them
        have get the environment's before them.

        Raises: BadInput, UsageError.
        """
        told: list[EnvironmentSpec] = []
        found: list[tuple[EnvironmentSpec, Mapping[str, Any]]] = []
        async with self._lock:
            for spec in specs:
                key = digest_of(spec.model_copy(update={"version": ""}))
                if key not in self._said:
                    self._said[key] = await _ask(spec, self._python)
                version, offers = self._said[key]
                told.append(spec.model_copy(update={"version": version}))
                found += [(spec, offer) for offer in offers]
        return tuple(told), tools_of(found)


async def discover(specs: Sequence[EnvironmentSpec], python: str = "") -> Discovered:
    """The same for once. Raises: BadInput, UsageError."""
    return await Discovery(python).of(specs)


async def _ask(spec: EnvironmentSpec, python: str) -> tuple[str, Offers]:
    server: PythonServer | McpServer
    try:
        if spec.kind == "python":
            server = await PythonServer.start(spec, python)
        else:
            server = await McpServer.start(spec)
    except ServerDied as death:
        raise BadInput(f"the environment {spec.name} {death}") from death
    try:
        if not server.tools:
            raise BadInput(f"the environment {spec.name} offers no tools")
        return server.version, server.tools
    finally:
        await server.close()


async def tools_stream(
    store: Store, source: Source, tools: Sequence[ToolDefinition]
) -> Ref:
    """The preparation that holds the tools of a source's environments, made once."""
    digest = lineage_of(source.environments_digest, *(tool.digest for tool in tools))
    label = f"tools-{digest[:12]}"
    for info in store.labelled(label):
        return store.head(info.stream)
    events = [
        PreparationStarted(label=label, purpose="tools", source=source),
        *(ToolDefined(tool=tool) for tool in tools),
        PreparationEnded(),
    ]
    records = await store.append(None, events, expected_version=0)
    return records[-1].ref
