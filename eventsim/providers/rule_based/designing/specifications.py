"""The tools that a question needs: examples that fit as they are, the others new.

A tool is needed for each step of the question, and for finding each thing that is
called by a name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from eventsim.providers.rule_based.designing import drafts
from eventsim.providers.rule_based.designing.knowledge import (
    Knowledge,
    from_tools,
    listed_nouns,
)
from eventsim.providers.rule_based.designing.reading import Need, read_needs
from eventsim.providers.rule_based.designing.request import answer, read_brief
from eventsim.providers.rule_based.designing.words import joined, plural

__all__ = ["key_types", "made", "write_specifications"]

_FEWEST, _MOST = 3, 10
_QUESTION = re.compile(r"The question:\n(.*?)\n\nWrite the steps", re.DOTALL)


def write_specifications(request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a request for the tools of a question."""
    brief = read_brief(request)
    known = from_tools(brief.specifications())
    if not known.tools:
        for noun in listed_nouns(brief.about or brief.title):
            known.thing(noun)
    asked = _QUESTION.search(brief.message)
    needs = read_needs(asked[1] if asked else brief.message, known)
    tools: dict[str, dict[str, Any]] = {}
    for need in (*needs, *_around(needs, known)):
        if len(tools) >= _MOST or (len(tools) >= _FEWEST and need not in needs):
            break
        tool = _example(known, need) or made(known, need)
        tools.setdefault(tool["function"]["name"], tool)
    steps = [_step(need) for need in needs]
    return answer({"steps": steps, "tools": list(tools.values())})


def _step(need: Need) -> str:
    """A step in a short sentence."""
    verbs = {"get": "Look up", "search": "Find", "create": "Add", "update": "Change"}
    verb = verbs.get(need.verb, need.verb.capitalize())
    what = joined(f"the {p.words}" for p in need.attributes)
    noun = plural(need.noun) if need.verb in {"list", "count"} else need.noun
    about = f"{what} of the {noun}" if what and need.verb == "get" else f"the {noun}"
    return f"{verb} {about}{f' of the {need.owner}' if need.owner else ''}."


def _around(needs: Sequence[Need], known: Knowledge) -> list[Need]:
    """What goes with the things of the needs, if they alone make too few tools."""
    nouns = list(dict.fromkeys(need.noun for need in needs)) or list(known.things)[:2]
    found: list[Need] = []
    for noun in nouns:
        found.append(Need("get", noun))
        found += [Need("list", noun, owner=o) for o in known.thing(noun).owners[:1]]
    for noun in nouns:
        found += [Need("search", noun), Need("update", noun), Need("delete", noun)]
    return found


def _example(known: Knowledge, need: Need) -> dict[str, Any] | None:
    """The example tool that meets a need, as it stands in the request."""
    names = [p.name for p in need.attributes]
    for tool in known.tools:
        if tool.noun != need.noun or tool.spec is None:
            continue
        owners = {p.key_of for p in tool.keys}
        fits = {
            "get": tool.verb == "get" and _tells(tool.about, need),
            "search": tool.verb == "search" and tool.takes(*names),
            "list": tool.verb in {"list", "search"}
            and bool(names or need.owner or not tool.params)
            and tool.takes(*names)
            and (not need.owner or need.owner in owners),
            "create": tool.verb == "create" and tool.takes(*names),
            "update": tool.verb == "update" and tool.takes(*names),
            "delete": tool.verb == "delete",
            "count": tool.verb == "count" and need.owner in owners,
        }
        if fits.get(need.verb):
            return {"type": "function", "function": dict(tool.spec)}
    return None


def _tells(about: str, need: Need) -> bool:
    """Whether the description of a tool names the attributes, or names none."""
    return "Returns its" not in about or all(p.words in about for p in need.attributes)


def made(known: Knowledge, need: Need) -> dict[str, Any]:
    """A new tool for a need."""
    types = key_types(known)
    noun, key = need.noun, types.get(need.noun, "integer")
    match need.verb:
        case "get":
            return drafts.get(known, noun, key, [p.words for p in need.attributes])
        case "search":
            label = need.attributes[0].words if need.attributes else ""
            return drafts.search(known, noun, label)
        case "list" if need.owner:
            return drafts.list_by(
                known, noun, need.owner, types.get(need.owner, "integer")
            )
        case "list" if need.attributes:
            return drafts.list_where(known, noun, need.attributes)
        case "list":
            return drafts.list_all(known, noun)
        case "count" if need.owner:
            return drafts.count_by(
                known, noun, need.owner, types.get(need.owner, "integer")
            )
        case "create":
            return drafts.create(known, noun, need.attributes, types)
        case "update":
            return drafts.update(known, noun, need.attributes, key)
        case "delete":
            return drafts.delete(known, noun, key)
        case _:
            return drafts.list_all(known, noun)


def key_types(known: Knowledge) -> dict[str, str]:
    """The type of each thing's key, as the tools take it."""
    types: dict[str, str] = {}
    for tool in known.tools:
        for param in tool.keys:
            kind = "integer" if "integer" in param.kinds else "string"
            types.setdefault(param.key_of, kind)
    return types
