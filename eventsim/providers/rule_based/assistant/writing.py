"""Scripts of requests that change something, under the policy.

The order is: may it be done at all, is there a tool, the code, the rows it is about,
what is missing, the person's yes, the call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from eventsim.providers.rule_based.assistant.arguments import direct_value, fits_type
from eventsim.providers.rule_based.assistant.english import LABEL_WORDS, stem
from eventsim.providers.rule_based.assistant.memory import Thing
from eventsim.providers.rule_based.assistant.phrases import read_phrases
from eventsim.providers.rule_based.assistant.policy import Rule
from eventsim.providers.rule_based.assistant.requests import Clue, Request
from eventsim.providers.rule_based.assistant.resolving import (
    finders,
    key_for,
    part_of_key,
    resolve,
)
from eventsim.providers.rule_based.assistant.rows import Row, label_of
from eventsim.providers.rule_based.assistant.script import (
    Ask,
    Need,
    Outcome,
    Script,
    Stop,
)
from eventsim.providers.rule_based.assistant.tokens import tokens
from eventsim.providers.rule_based.assistant.toolset import Param, Tool
from eventsim.providers.rule_based.assistant.transcript import Call

__all__ = ["run_writing"]

_LABELS = frozenset(stem(w) for w in LABEL_WORDS)
_DONE = {"create": "created", "update": "updated", "delete": "deleted"}


def run_writing(script: Script) -> Outcome:
    """Work on a change. Raises: Need, Ask, Stop."""
    request = _located(script)
    tool = _choose(script, request)
    _refuse_forbidden(script, request, tool)
    if tool is None:
        raise script.stop("no_tool", entity=request.focus)
    made = script.made(tool)
    if made is not None:
        return _told(script, request, tool, made)
    if script.policy.code is not None and script.code != "given":
        if script.code == "wrong":
            raise script.stop("no_code", entity=tool.entity, tool=tool)
        raise Ask("code", entity=tool.entity, tool=tool)
    plan = _bind(script, request, tool)
    if script.policy.confirm and not script.goal.confirmed:
        raise Ask("confirm", entity=tool.entity, tool=tool, outcome=plan)
    raise Need(tool, plan.given)


def _located(script: Script) -> Request:
    """The request with unnamed references and values given the kind they are of."""
    request = script.request
    wanted = [c.words for c in request.sets if c.words]
    clues = tuple(
        c if c.entity is not None else replace(c, entity=_unnamed(script, c, wanted))
        for c in request.clues
    )
    if request.act in {"update", "delete"} and not clues:
        # No thing was named: the one that was spoken of, if its kind fits.
        latest = script.memory.latest(request.focus)
        if latest is not None:
            clues = (Clue(entity=latest.entity, kind="ref", ref="that"),)
    sets = tuple(
        c if c.entity is not None or not c.refers
        else replace(c, entity=_unnamed(script, c, []))
        for c in request.sets
    )  # fmt: skip
    return replace(request, clues=clues, sets=sets)


def _unnamed(
    script: Script, clue: Clue, wanted: Sequence[tuple[str, ...]]
) -> str | None:
    memory = script.memory
    if clue.refers:
        if clue.place is not None:
            placed = memory.placed(clue.place, None)
            return placed.entity if placed is not None else None
        if clue.words and (playing := memory.playing(clue.words)) is not None:
            return playing.entity
        for thing in reversed(memory.things):
            if any(
                _sets_all(tool, wanted)
                for tool in script.lexicon.of_entity(thing.entity, script.request.act)
            ):
                return thing.entity
        return memory.topic.entity if memory.topic is not None else None
    able = [
        tool.entity
        for tool in script.lexicon.tools
        if tool.verb == script.request.act
        and tool.entity is not None
        and _sets_all(tool, wanted)
        and finders(script, tool.entity, [clue])
    ]
    return able[0] if able else None


def _sets_all(tool: Tool, wanted: Sequence[tuple[str, ...]]) -> bool:
    return all(
        any(
            set(words) <= set(_words(p)) or set(_words(p)) <= set(words)
            for p in tool.params
        )
        for words in wanted
    )


def _words(param: Param) -> tuple[str, ...]:
    return tuple(stem(w) for w in param.words)


# --- which tool ---------------------------------------------------------------------


def _choose(script: Script, request: Request) -> Tool | None:
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
    for given in _split_names(request, tool):
        param = _param_for(tool, given, taken, request)
        if param is None:
            return None
        taken.add(param.name)
        score += 3
    kinds = [c.entity for c in request.clues]
    if request.act == "create":
        if request.focus is not None:
            if tool.entity != request.focus:
                return None
            score += 4
    elif tool.entity in kinds:
        score += 4
        others = [c for c in request.clues if c.entity != tool.entity]
        score += 0.5 * len(others) if not others else -1.0
    else:
        keys = {p.key_of for p in tool.params if p.required}
        if not kinds or not set(kinds) <= keys | {None}:
            return _found_by(script, request, tool, score)
        if None in kinds or (len(kinds) < 2 and tool.entity != request.focus):
            return None
        score += 2 + len(kinds)
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


def _split_names(request: Request, tool: Tool) -> tuple[Clue, ...]:
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


def _param_for(
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
        plain = given.words
        if plain[: len(own)] == own and len(plain) > len(own):
            plain = plain[len(own) :]
        for said in (given.words, plain):
            if words == said or (
                param.role == "key" and said in (words[:-1], param.relation)
            ):
                return 4.0
        if param.role == "key" and param.key_of == given.entity and given.entity:
            return 3.0
        if set(plain) <= set(words):
            return 2.5
        if set(words) <= set(plain) and param.role != "key":
            return 2.0
        if set(plain) <= param.about_stems and "string" in param.types:
            return 0.8
        return 0.0
    if given.entity is not None:
        if param.role == "key" and param.key_of == given.entity:
            return 4.0 if given.noun == param.relation else 3.0
        if set(given.entity.split()) <= set(words):
            return 2.0
        return 0.0
    if given.value is None:
        return 0.0
    if param.enum:
        return 2.0 if fits_type(param, given) else 0.0
    if param.role != "value" or not fits_type(param, given):
        return 0.0
    if set(words) & _LABELS:
        return 2.0 - 0.1 * len(words)
    return 0.2 if given.kind == "text" and "string" in param.types else 0.0


# --- policy -------------------------------------------------------------------------


def _refuse_forbidden(script: Script, request: Request, tool: Tool | None) -> None:
    entity = tool.entity if tool is not None else None
    if entity is None:
        entity = request.focus or next((c.entity for c in request.clues), None)
    for rule in script.policy.rules:
        if request.act in rule.acts and _covers(script, rule, request, entity):
            raise script.stop("forbidden", entity=entity, detail=rule.what)


def _covers(script: Script, rule: Rule, request: Request, entity: str | None) -> bool:
    phrases = read_phrases(tokens(rule.what), script.lexicon)
    kinds = [p.entity for p in phrases if p.entity is not None and not p.rest]
    attributes = [
        tuple(p.rest or p.words)
        for p in phrases
        if p.words and (p.entity is None or p.rest)
    ]
    kinds += [p.entity for p in phrases if p.entity is not None and p.rest]
    if len(kinds) > 1 and len(phrases) > 1 and not attributes:
        # The genre of tracks: the first noun is an attribute here.
        attributes = [tuple(phrases[0].words)]
        kinds = kinds[1:]
    if kinds and entity not in kinds:
        return False
    if attributes:
        said = [set(c.words) | set((c.entity or "").split()) for c in request.sets]
        return any(set(words) <= given for words in attributes for given in said)
    return bool(kinds)


# --- what to call it with -----------------------------------------------------------


def _bind(script: Script, request: Request, tool: Tool) -> Outcome:
    """The arguments, and what a person needs to know of them."""
    given: dict[str, Any] = {}
    names: dict[str, str] = {}
    taken: set[str] = set()
    thing: Thing | None = None
    if request.act != "create":
        thing = _target(script, request, tool, given, names)
    for clue in _split_names(request, tool):
        param = _param_for(tool, clue, taken, request)
        if param is None:
            continue
        taken.add(param.name)
        if clue.value is None and not clue.refers:
            raise Ask("missing", entity=tool.entity, param=param, tool=tool)
        if param.role == "key" and not (clue.kind == "number" and not clue.entity):
            given[param.name] = key_for(script, param, clue)
            label = _name(script, param.key_of, clue)
            if label is not None:
                names[param.name] = label
        else:
            if not fits_type(param, clue):
                raise Ask(
                    "missing",
                    entity=tool.entity,
                    param=param,
                    tool=tool,
                    text=str(clue.value),
                )
            given[param.name] = direct_value(param, clue)
    _require(script, tool, given)
    label = thing.label if thing is not None else None
    return Outcome(
        _DONE[request.act],
        request,
        entity=tool.entity,
        row=names or None,
        label=label,
        tool=tool,
        given=_in_order(tool, given),
        before=thing.row if thing is not None else None,
    )


def _in_order(tool: Tool, given: Mapping[str, Any]) -> dict[str, Any]:
    return {p.name: given[p.name] for p in tool.params if p.name in given}


def _name(script: Script, entity: str | None, clue: Clue) -> str | None:
    if clue.value is not None and clue.kind == "text":
        return clue.value
    if clue.refers and entity is not None:
        thing = script.memory.latest(entity)
        if clue.place is not None:
            thing = script.memory.placed(clue.place, entity)
        return thing.label if thing is not None else None
    return None


def _target(
    script: Script,
    request: Request,
    tool: Tool,
    given: dict[str, Any],
    names: dict[str, str],
) -> Thing | None:
    """Fill in the key of the row to change or delete."""
    keys = [p for p in tool.params if p.required and p.role == "key"]
    by_kind = {c.entity: c for c in request.clues}
    linked = [p for p in keys if p.key_of in by_kind and p.key_of != tool.entity]
    if len(keys) > 1 and len(linked) == len(keys):
        for param in keys:
            clue = by_kind[param.key_of]
            given[param.name] = key_for(script, param, clue)
            label = _name(script, param.key_of, clue)
            if label is not None:
                names[param.name] = label
        return None
    if tool.entity is None:
        raise script.stop("no_tool")
    if not request.clues:
        raise Ask("who", entity=tool.entity, tool=tool)
    thing = resolve(script, tool.entity, request.clues)
    for param in keys or list(tool.required):
        given[param.name] = part_of_key(script, thing, param)
    if thing.label is None and len(thing.row) > 1:
        label = label_of(thing.row, tool.entity, script.lexicon)
        thing = replace(thing, label=label)
    if thing.label is None:
        known = script.memory.latest(tool.entity)
        if known is not None and known.key == thing.key:
            thing = replace(thing, label=known.label, row={**known.row, **thing.row})
    return thing


def _require(script: Script, tool: Tool, given: Mapping[str, Any]) -> None:
    """Ask for what the tool cannot do without."""
    for param in tool.required:
        if param.name in given:
            continue
        if param.name in script.goal.unknown:
            raise script.stop(
                "unknown_detail", entity=tool.entity, tool=tool, detail=param.noun
            )
        raise Ask("missing", entity=tool.entity, param=param, tool=tool)


# --- what came of it ----------------------------------------------------------------


def _told(script: Script, request: Request, tool: Tool, made: Call) -> Outcome:
    """The outcome of a call that was made."""
    result = made.result
    assert result is not None
    try:
        plan = _bind(script, request, tool)
    except (Ask, Need, Stop):
        plan = Outcome(_DONE[request.act], request, entity=tool.entity, tool=tool)
    plan = replace(plan, given=made.arguments, wrote_at=made.index)
    if result.error is not None:
        return replace(plan, kind="error", detail=result.error, value=result.code)
    row: Row | None = result.rows[0] if result.rows else None
    nothing = (request.act != "create" and row is None) or _none_done(row, result.value)
    if nothing:
        return replace(plan, kind="not_found", label=plan.label)
    return replace(plan, rows=(row,) if row is not None else ())


def _none_done(row: Row | None, value: Any) -> bool:
    """Whether the result says that no row was written."""
    if row is not None and len(row) == 1:
        value = next(iter(row.values()))
        return value == 0 and not isinstance(value, bool) or value is False
    return value == 0 and value is not None and not isinstance(value, bool)
