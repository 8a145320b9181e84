"""What a server offers, as tools: schemas that can be checked, names that fit.

Endpoints take function names of letters, digits, _ and - alone, up to 64 of them, and
no two alike; what a tool is called where it is executed is kept beside its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from eventsim.core.events import EnvironmentSpec
from eventsim.core.schemas import check_of
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import JsonObject, digest_of, freeze

__all__ = ["changes", "parameters_of", "tools_of"]

Offer = tuple[EnvironmentSpec, Mapping[str, Any]]

_LONGEST_NAME = 64
_UNFIT = re.compile(r"[^A-Za-z0-9_-]")
_ANYTHING: JsonObject = freeze({"type": "object", "properties": {}})


def tools_of(offers: Sequence[Offer]) -> tuple[ToolDefinition, ...]:
    """The tools of all environments of a source. Names that two of them have get the
    environment's before them.
    """
    names = [str(tool["name"]) for _, tool in offers]
    twice = {name for name in names if names.count(name) > 1}
    taken: set[str] = set()
    tools = []
    for spec, offer in offers:
        inner = str(offer["name"])
        prefix = spec.prefix or (f"{spec.name}_" if inner in twice else "")
        name = _fitting(prefix + inner, taken)
        taken.add(name)
        tools.append(_tool(spec, offer, name, inner))
    return tuple(tools)


def parameters_of(offer: Mapping[str, Any]) -> JsonObject:
    """The schema of its arguments; any object where what is said is no schema."""
    schema = offer["parameters"]
    try:
        check_of(schema)
    except ValueError:
        return _ANYTHING
    frozen: JsonObject = freeze(schema)
    return frozen


def changes(
    recorded: Sequence[ToolDefinition], offers: Sequence[Mapping[str, Any]]
) -> list[str]:
    """How what is offered now differs from what was recorded, in words."""
    now = {str(offer["name"]): offer for offer in offers}
    found = []
    for tool in recorded:
        offer = now.get(tool.inner or tool.name)
        if offer is None:
            found.append(f"{tool.name} is gone")
        elif digest_of(parameters_of(offer)) != digest_of(tool.parameters):
            found.append(f"{tool.name} has other parameters")
    return found


def _fitting(wanted: str, taken: set[str]) -> str:
    base = name = _UNFIT.sub("_", wanted)[:_LONGEST_NAME]
    number = 1
    while name in taken:
        number += 1
        end = f"_{number}"
        name = base[: _LONGEST_NAME - len(end)] + end
    return name


def _tool(
    spec: EnvironmentSpec, offer: Mapping[str, Any], name: str, inner: str
) -> ToolDefinition:
    return ToolDefinition(
        name=name,
        description=" ".join(str(offer["description"]).split()),
        parameters=parameters_of(offer),
        returns=freeze(dict(offer.get("returns") or {})),
        environment=spec.name,
        inner=inner if inner != name else "",
        reads=bool(offer.get("reads")),
        repeatable=bool(offer.get("repeatable")),
        requestor=spec.requestor,
    )
