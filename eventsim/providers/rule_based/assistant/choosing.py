"""Which tool makes a change: the one that takes everything that was said.

Values go to parameters by the words of their names, things by whose key a parameter
takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from eventsim.providers.rule_based.assistant.arguments import fits_type
from eventsim.providers.rule_based.assistant.english import LABEL_WORDS, stem
from eventsim.providers.rule_based.assistant.requests import Clue, Request
from eventsim.providers.rule_based.assistant.resolving import (
    finders,
)
from eventsim.providers.rule_based.assistant.script import (
    Script,
)
from eventsim.providers.rule_based.assistant.toolset import Param, Tool

__all__ = ["choose_tool", "param_for", "sets_all", "split_names"]

_LABELS = frozenset(stem(w) for w in LABEL_WORDS)


def sets_all(tool: Tool, wanted: Sequence[tuple[str, ...]]) -> bool:
    """Whether the tool has a parameter for each of the attributes."""
    return all(
        any(
            set(words) <= set(_words(p)) or set(_words(p)) <= set(words)
            for p in tool.params
        )
        for words in wanted
    )


def _words(param: Param) -> tuple[str, ...]:
    return tuple(stem(w) for w in param.words)


def choose_tool(script: Script, request: Request) -> Tool | None:
    """The tool that takes everything that was said, if there is one."""
    best: tuple[float, Tool] | None = None
    for tool in script.lexicon.tools:
        if tool.verb != request.act:
            continue
        score = _suits(script, request, tool)
        if score is not None and (best is None or score > best[0]):
            best = (score, tool)
    return best[1] if best is not None else None


def _suits(script: Script, request: Request, tool: Tool) -> float | None:
    """How well a writing tool takes everything that was said; None if it does not."""
    score = -0.02 * len(tool.params)
    taken: set[str] = set()
    for given in split_names(request, tool):
        param = param_for(tool, given, taken, request)
        if param is None:
            return None
        taken.add(param.name)
        score += 3
    kinds = {c.entity for c in request.clues}
    keys = {p.key_of for p in tool.required if p.role == "key"}
    if request.act == "create":
        if request.focus is not None:
            if tool.entity != request.focus:
                return None
            score += 4
    elif len(kinds) > 1 and kinds <= keys:
        score += 4 + len(kinds)
    elif len(keys) > 1 and tool.entity in keys and not keys <= kinds:
        # It parts two things, and only one of them was named.
        return None
    elif tool.entity in kinds:
        score += 4 if len(kinds) == 1 else 2
    elif len(kinds) != 1 or None in kinds or not kinds <= keys:
        return _found_by(script, request, tool, score)
    elif tool.entity == request.focus:
        score += 3
    else:
        return None
    required = [p for p in tool.required if p.name not in taken]
    if request.act == "create":
        score -= 1.0 * len(required)
    return score


def _found_by(
    script: Script, request: Request, tool: Tool, score: float
) -> float | None:
    """A tool for rows that other things lead to: the line of an invoice for a track."""
    if tool.entity is None or len(request.clues) < 2 or request.act == "create":
        return None
    plans = finders(script, tool.entity, request.clues)
    if (
        not plans
        or not plans[0][2]
        or request.focus not in {None, tool.entity, *(c.entity for c in request.clues)}
    ):
        return None
    return score + 0.5


def split_names(request: Request, tool: Tool) -> tuple[Clue, ...]:
    """What is set, a whole name as first and last name where the tool takes these."""
    whole = [
        c
        for c in request.sets
        if c.value is not None
        and c.entity is None
        and (c.words == (stem("name"),) or not c.words)
    ]
    if not whole or " " not in (whole[0].value or ""):
        return request.sets
    words = {_words(p): p for p in tool.params}
    if (stem("name"),) in words:
        return request.sets
    first = next((w for w in words if w[:1] == ("first",) and len(w) == 2), None)
    last = next((w for w in words if w[:1] == ("last",) and len(w) == 2), None)
    if first is None or last is None:
        return request.sets
    given, _, family = str(whole[0].value).rpartition(" ")
    split = (
        replace(whole[0], words=first, value=given),
        replace(whole[0], words=last, value=family),
    )
    return tuple(
        part for c in request.sets for part in (split if c is whole[0] else (c,))
    )


def param_for(
    tool: Tool, given: Clue, taken: set[str], request: Request
) -> Param | None:
    """The parameter that a new value is for."""
    best: tuple[float, Param] | None = None
    for param in tool.params:
        if param.name in taken or param.role in {"limit", "order"}:
            continue
        score = _set_fit(tool, param, given, request)
        if score > 0 and (best is None or score > best[0]):
            best = (score, param)
    return best[1] if best is not None else None


def _set_fit(tool: Tool, param: Param, given: Clue, request: Request) -> float:
    words = _words(param)
    own = tuple((tool.entity or "").split())
    target = param.role == "key" and param.key_of == tool.entity and not param.relation
    if target and request.act != "create" and param.required:
        return 0.0
    if given.words:
        return _named_fit(param, given, own)
    if given.entity is not None:
        if param.role == "key" and param.key_of == given.entity:
            return 4.0 if given.noun == param.relation else 3.0
        if set(given.entity.split()) <= set(words):
            return 2.0
        return 0.0
    if given.value is None:
        return 0.0
    if given.noun:
        # A thing by a noun that no tool explains: some thing's number.
        return 0.4 if param.role == "key" and param.required else 0.0
    if param.enum:
        return 2.0 if fits_type(param, given) else 0.0
    if param.role != "value" or not fits_type(param, given):
        return 0.0
    if set(words) & _LABELS:
        return 2.0 - 0.1 * len(words)
    return 0.2 if given.kind == "text" and "string" in param.types else 0.0


def _named_fit(param: Param, given: Clue, own: tuple[str, ...]) -> float:
    """How well the words of an attribute name a parameter."""
    words = _words(param)
    plain = given.words
    if plain[: len(own)] == own and len(plain) > len(own):
        plain = plain[len(own) :]
    key = param.role == "key"
    for said in (given.words, plain):
        if words == said or (key and said in (words[:-1], param.relation)):
            return 4.0
    if key and given.entity is not None and param.key_of == given.entity:
        return 3.0
    if set(plain) <= set(words):
        return 2.5
    if set(words) <= set(plain) and not key:
        return 2.0
    described = set(plain) <= param.about_stems and "string" in param.types
    return 0.8 if described else 0.0
