"""External environments: what they offer, found out once and kept with the tools.

The tools of an environment are a preparation of their own, with the version of what
serves them; whoever mounts it gets exactly these, whatever the server says later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventsim.core.draws import lineage_of
from eventsim.core.events import (
    EnvironmentSpec,
    PreparationEnded,
    PreparationStarted,
    Ref,
    Source,
    ToolDefined,
)
from eventsim.core.schemas import check_of
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import freeze
from eventsim.environments.external.mcp import McpServer
from eventsim.environments.external.python import PythonServer
from eventsim.errors import BadInput
from eventsim.log.store import Store

__all__ = ["Discovered", "discover", "tools_stream"]

Discovered = tuple[tuple[EnvironmentSpec, ...], tuple[ToolDefinition, ...]]
_ANYTHING = freeze({"type": "object", "properties": {}})


async def discover(specs: Sequence[EnvironmentSpec], python: str = "") -> Discovered:
    """Start each environment once: what it says of itself, and its tools. Names that
    two of them have get the environment's before them.

    Raises: BadInput, UsageError.
    """
    told: list[EnvironmentSpec] = []
    found: list[tuple[EnvironmentSpec, Mapping[str, Any]]] = []
    for spec in specs:
        server: PythonServer | McpServer
        if spec.kind == "python":
            server = await PythonServer.start(spec, python)
        else:
            server = await McpServer.start(spec)
        try:
            if not server.tools:
                raise BadInput(f"the environment {spec.name} offers no tools")
            told.append(spec.model_copy(update={"version": server.version}))
            found += [(spec, tool) for tool in server.tools]
        finally:
            await server.close()
    names = [str(tool["name"]) for _, tool in found]
    twice = {name for name in names if names.count(name) > 1}
    return tuple(told), tuple(_tool(spec, tool, twice) for spec, tool in found)


def _tool(
    spec: EnvironmentSpec, tool: Mapping[str, Any], twice: set[str]
) -> ToolDefinition:
    inner = str(tool["name"])
    prefix = spec.prefix or (f"{spec.name}_" if inner in twice else "")
    return ToolDefinition(
        name=f"{prefix}{inner}",
        description=" ".join(str(tool["description"]).split()),
        parameters=_checked(tool["parameters"]),
        returns=freeze(dict(tool.get("returns") or {})),
        environment=spec.name,
        inner=inner if prefix else "",
        reads=bool(tool.get("reads")),
        requestor=spec.requestor,
    )


def _checked(schema: Any) -> Any:
    try:
        check_of(schema)
    except ValueError:
        return _ANYTHING
    return freeze(schema)


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
