"""Scripts of requests that change something, under the policy.

The order is: may it be done at all, is there a tool, the code, the rows it is about,
what is missing, the person's yes, the call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from eventsim.providers.rule_based.assistant.arguments import direct_value, fits_type
from eventsim.providers.rule_based.assistant.choosing import (
    choose_tool,
    param_for,
    sets_all,
    split_names,
)
from eventsim.providers.rule_based.assistant.memory import Thing
from eventsim.providers.rule_based.assistant.phrases import read_phrases
from eventsim.providers.rule_based.assistant.policy import Rule
from eventsim.providers.rule_based.assistant.requests import Clue, Request
from eventsim.providers.rule_based.assistant.resolving import (
    by_name,
    findable,
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
from eventsim.providers.rule_based.assistant.toolset import Tool
from eventsim.providers.rule_based.assistant.transcript import Call

__all__ = ["run_writing"]

_DONE = {"create": "created", "update": "updated", "delete": "deleted"}


def run_writing(script: Script) -> Outcome:
    """Work on a change. Raises: Need, Ask, Stop."""
    request = _located(script)
    tool = choose_tool(script, request)
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
    kinds = [
        t.entity for t in script.lexicon.tools
        if t.verb == request.act and t.entity is not None and sets_all(t, wanted)
    ]  # fmt: skip
    clues = tuple(
        c if c.entity is not None else replace(c, entity=_unnamed(script, c, wanted))
        for c in (by_name(script, c, kinds) for c in request.clues)
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
                sets_all(tool, wanted)
                for tool in script.lexicon.of_entity(thing.entity, script.request.act)
            ):
                return thing.entity
        return memory.topic.entity if memory.topic is not None else None
    able = [
        tool.entity
        for tool in script.lexicon.tools
        if tool.verb == script.request.act
        and tool.entity is not None
        and sets_all(tool, wanted)
        and findable(script, tool.entity, clue)
    ]
    return able[0] if able else None


# --- which tool ---------------------------------------------------------------------


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
    for clue in split_names(request, tool):
        param = param_for(tool, clue, taken, request)
        if param is None:
            continue
        taken.add(param.name)
        if clue.value is None and not clue.refers:
            raise Ask("missing", entity=tool.entity, param=param, tool=tool)
        if param.role == "key" and (clue.kind != "number" or clue.entity or clue.noun):
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
    linked = {p.key_of for p in keys} & by_kind.keys()
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
        foreign = param.key_of not in {None, thing.entity} and not param.relation
        if foreign and param.name not in thing.row:
            raise Ask("missing", entity=tool.entity, param=param, tool=tool)
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
        return (value == 0 and not isinstance(value, bool)) or value is False
    return value == 0 and value is not None and not isinstance(value, bool)
