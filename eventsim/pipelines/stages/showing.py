"""How tools stand in the prompts of stages: one line each, as JSON or as a signature.

What is shown is bounded: of many tools those that fit a question best are shown, and
the prompt says how many are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eventsim.core.draws import Draws
from eventsim.core.values import encode
from eventsim.pipelines.stages.json_schemas import kinds_of

__all__ = ["Shown", "fitting", "sampled", "signature", "specification_line"]

_MOST_LETTERS = 24_000
_EXAMPLE = re.compile(
    r"(?:such as|for example|e\.g\.),? ([^;()]{1,80}?)(?:\.$|\. |;|$)"
)
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Shown:
    """Lines for a prompt, and how many tools have none."""

    lines: tuple[str, ...]
    left_out: int = 0


def specification_line(tool: Mapping[str, Any]) -> str:
    """The whole specification of a function tool as one line of JSON."""
    return encode(_function(tool)).decode()


def signature(tool: Mapping[str, Any]) -> str:
    """A function tool in brief, a question mark after what may be left out:
    `get_order(order_id: integer, e.g. 12; details?: "all" | "short"): Look up one.`
    """
    function = _function(tool)
    parameters = function.get("parameters")
    schema = parameters if isinstance(parameters, Mapping) else {}
    properties = schema.get("properties")
    required = schema.get("required") or ()
    takes = [
        f"{name}{'' if name in required else '?'}: {_brief(inner)}"
        for name, inner in (properties or {}).items()
    ]
    return f"{function['name']}({'; '.join(takes)}): {function.get('description', '')}"


def _brief(schema: Any) -> str:
    enum = schema.get("enum") if isinstance(schema, Mapping) else None
    if enum and len(enum) <= 8:
        return " | ".join(encode(value).decode() for value in enum)
    kind = " or ".join(sorted(kinds_of(schema))) or "any"
    about = schema.get("description") if isinstance(schema, Mapping) else None
    found = _EXAMPLE.search(about) if isinstance(about, str) else None
    return f"{kind}, e.g. {found[1].strip()}" if found else kind


def sampled(tools: Sequence[Mapping[str, Any]], most: int, draws: Draws) -> Shown:
    """At most `most` signatures, drawn where there are more, in the order given."""
    chosen = list(range(len(tools)))
    if len(tools) > most:
        chosen = sorted(draws.generator("seeds").sample(chosen, most))
    return _bounded((signature(tools[n]) for n in chosen), len(tools))


def fitting(tools: Sequence[Mapping[str, Any]], most: int, question: str) -> Shown:
    """At most `most` specifications: those that share most words with the question,
    in the order given.
    """
    wanted = _words(question)
    ranked = sorted(
        range(len(tools)), key=lambda n: (-len(wanted & _words(signature(tools[n]))), n)
    )
    chosen = sorted(ranked[:most])
    return _bounded((specification_line(tools[n]) for n in chosen), len(tools))


def _bounded(lines: Iterable[str], total: int) -> Shown:
    kept: list[str] = []
    room = _MOST_LETTERS
    for line in lines:
        if len(line) <= room:
            kept.append(line)
            room -= len(line)
    return Shown(tuple(kept), total - len(kept))


def _words(text: str) -> frozenset[str]:
    """The words of a text without their last letters, so that flights meets flight."""
    found = _WORD.findall(text.lower().replace("_", " "))
    return frozenset(word.removesuffix("s")[:6] for word in found)


def _function(tool: Mapping[str, Any]) -> Mapping[str, Any]:
    inner = tool.get("function")
    return inner if isinstance(inner, Mapping) else tool
