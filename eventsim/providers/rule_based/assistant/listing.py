"""Scripts of lists: rows that belong to something, or that fit a clue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from eventsim.providers.rule_based.assistant.attributes import (
    Columns,
    answering_columns,
)
from eventsim.providers.rule_based.assistant.requests import Clue
from eventsim.providers.rule_based.assistant.resolving import (
    finders,
    rows_of,
)
from eventsim.providers.rule_based.assistant.rows import (
    Row,
)
from eventsim.providers.rule_based.assistant.script import Outcome, Script
from eventsim.providers.rule_based.assistant.subjects import unnamed

__all__ = ["list_things"]


def list_things(script: Script) -> Outcome:
    """Work on a list. Raises: Need, Ask, Stop."""
    request = script.request
    focus = request.focus
    clues = tuple(
        replace(c, entity=_owner(script, c)) if c.refers and c.entity is None else c
        for c in request.clues
    )
    if focus is None:
        raise script.stop("no_tool")
    plan = _list_plan(script, focus, clues)
    if plan is None and not clues and _listed_before(script, focus):
        return _shown(script, focus)
    if plan is None:
        raise script.stop("no_tool", entity=focus)
    rows, tool = rows_of(script, plan, clues, related=True)
    about = next((c for c in clues if c.entity not in {None, focus}), None)
    label = _about(script, about)
    if request.number is not None:
        rows = rows[: request.number]
    return Outcome(
        "rows",
        request,
        entity=plan,
        rows=rows,
        about=label,
        about_entity=about.entity if about is not None else None,
        tool=tool,
        columns=tuple(_listed_columns(script, rows, plan)),
    )


def _owner(script: Script, clue: Clue) -> str | None:
    """The kind of thing whose rows are listed, where only a pronoun says it."""
    focus, memory = script.request.focus, script.memory
    if clue.words and (playing := memory.playing(clue.words)) is not None:
        return playing.entity
    if clue.place is not None or focus is None:
        return unnamed(script, [clue])
    for thing in reversed(memory.things):
        named = replace(clue, entity=thing.entity)
        plans = finders(script, focus, [named], related=True)
        if plans and plans[0][2] and thing.entity != focus:
            return thing.entity
    return unnamed(script, [clue])


def _list_plan(script: Script, focus: str, clues: Sequence[Clue]) -> str | None:
    """The kind of rows that list the focus: itself, or what links it to a clue."""
    own = finders(script, focus, clues, related=True)
    if own and own[0][0] >= 0:
        return focus
    for name in script.lexicon.entities:
        if name != focus and set(focus.split()) <= set(name.split()):
            linked = finders(script, name, clues, related=True)
            if linked and linked[0][0] > 1:
                return name
    return focus if own else None


def _listed_columns(script: Script, rows: Sequence[Row], entity: str) -> Columns:
    """Attributes that a list was asked to show beside the names."""
    if not rows:
        return []
    found, _ = answering_columns(script, rows[0], script.request.asked, entity)
    return found


def _listed_before(script: Script, focus: str) -> bool:
    shown = script.memory.shown
    return bool(shown) and shown[0].entity == focus


def _shown(script: Script, focus: str) -> Outcome:
    rows = tuple(t.row for t in script.memory.shown)
    return Outcome("rows", script.request, entity=focus, rows=rows)


def _about(script: Script, clue: Clue | None) -> str | None:
    """What a list is of, as a person would say it."""
    if clue is None or clue.entity is None:
        return None
    if clue.value is not None:
        return clue.value
    thing = script.memory.latest(clue.entity, clue.noun)
    if thing is None:
        return None
    return thing.label or str(thing.key[0])
