"""What a toolset lacks: siblings of its tools, and ways from one thing to another.

What belongs to many workflows comes first; when everything is there, nothing is added.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from eventsim.providers.rule_based.designing.knowledge import Knowledge, from_tools
from eventsim.providers.rule_based.designing.reading import Need
from eventsim.providers.rule_based.designing.request import answer, read_brief
from eventsim.providers.rule_based.designing.specifications import made

__all__ = ["write_expansion"]

_FEWEST, _MOST = 2, 6


def write_expansion(request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a request for the tools that are missing."""
    brief = read_brief(request)
    known = from_tools(brief.specifications())
    there = {tool.name for tool in known.tools}
    tools = []
    for need in _missing(known):
        tool = made(known, need)
        name = tool["function"]["name"]
        if name not in there:
            there.add(name)
            tools.append(tool)
    return answer({"tools": tools[: brief.rng.randint(_FEWEST, _MOST)]})


def _missing(known: Knowledge) -> Iterator[Need]:
    """The needs that no tool of the toolset meets, the common ones first."""
    verbs: dict[str, set[str]] = {noun: set() for noun in known.things}
    keyed: dict[str, bool] = dict.fromkeys(known.things, False)
    for tool in known.tools:
        if tool.noun in verbs:
            verbs[tool.noun].add(tool.verb)
        for param in tool.keys:
            keyed[param.key_of] = True
    for noun, there in verbs.items():
        if "get" not in there and (there or keyed[noun]):
            yield Need("get", noun)
        if keyed[noun] and not there & {"search", "list"}:
            yield Need("search", noun)
    for noun in verbs:
        for owner in known.things[noun].owners:
            listed = any(
                tool.verb in {"list", "search"}
                and tool.noun == noun
                and any(p.key_of == owner for p in tool.keys)
                for tool in known.tools
            )
            if not listed:
                yield Need("list", noun, owner=owner)
    for noun, there in verbs.items():
        if (
            "create" in there
            and "update" not in there
            and known.things[noun].attributes
        ):
            yield Need("update", noun)
        if "create" in there and "delete" not in there:
            yield Need("delete", noun)
    for noun, there in verbs.items():
        if there & {"update", "delete"} and "create" not in there:
            yield Need("create", noun)
