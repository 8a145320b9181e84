"""Scripts of requests that only look: read, list, count, add up, rank, check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from eventsim.providers.rule_based.assistant.attributes import answering_columns, follow
from eventsim.providers.rule_based.assistant.listing import list_things
from eventsim.providers.rule_based.assistant.measuring import measurable, measure, rank
from eventsim.providers.rule_based.assistant.memory import Thing
from eventsim.providers.rule_based.assistant.requests import Clue
from eventsim.providers.rule_based.assistant.resolving import (
    by_name,
    finders,
    read_one,
    resolve,
    rows_of,
)
from eventsim.providers.rule_based.assistant.rows import (
    Row,
    is_key_column,
    key_of,
    label_of,
)
from eventsim.providers.rule_based.assistant.script import Ask, Outcome, Script, Stop
from eventsim.providers.rule_based.assistant.subjects import (
    anchor,
    knows,
    with_implied,
)

__all__ = ["run_reading"]


def run_reading(script: Script) -> Outcome:
    """Work on a request that changes nothing. Raises: Need, Ask, Stop."""
    request = script.request
    if request.check and request.expected is not None:
        return _check(script)
    return _look(script)


def _look(script: Script) -> Outcome:
    match script.request.act:
        case "count" | "sum" | "average":
            stored = _as_attribute(script)
            return measure(script) if stored is None else stored
        case "top":
            return rank(script)
        case "list":
            return list_things(script)
        case _:
            return _read(script)


def _as_attribute(script: Script) -> Outcome | None:
    """A total that no tool works out may be an attribute: a member's total fines."""
    request = script.request
    beside = bool(request.asked) and set(request.by) <= set(
        (request.focus or "").split()
    )
    if request.act != "sum" or (measurable(script) and not beside):
        return None
    words = request.by if request.by[:1] == ("total",) else ("total", *request.by)
    asked = replace(
        request, act="read", focus=None, focus_words=(), asked=(words, *request.asked)
    )
    goal = script.goal
    script.goal = replace(goal, request=asked)
    try:
        return _read(script)
    finally:
        script.goal = goal


# --- one thing ----------------------------------------------------------------------


def _read(script: Script) -> Outcome:
    request = script.request
    kinds = [e for e in script.lexicon.entities if knows(script, e, request.asked)]
    clues = tuple(
        by_name(script, clue, kinds or tuple(script.lexicon.entities))
        for clue in with_implied(script, request)
    )
    if not clues:
        if request.focus is not None:
            return list_things(script)
        raise Ask("who", entity=None)
    entity = anchor(script, clues)
    if entity is None:
        raise script.stop("no_tool")
    wanted = [c for c in clues if c.entity in {None, entity} or not c.refers]
    if _asks_other(script, entity) and not request.asked:
        direct = _one_of(script, clues)
        if direct is not None:
            return direct
    thing = resolve(script, entity, wanted)
    if any(c.refers for c in wanted if c.entity in {None, entity}):
        thing = _afresh(script, thing)
    return _tell(script, thing, entity)


def _asks_other(script: Script, entity: str) -> bool:
    """Whether the noun asked for is another thing, or a role."""
    request = script.request
    role = request.focus_words in script.lexicon.roles
    return request.focus is not None and (request.focus != entity or role)


def _afresh(script: Script, thing: Thing) -> Thing:
    """A thing spoken of earlier, as it is now: read by key, or found by name."""
    row = read_one(script, thing)
    if row is not None:
        return replace(thing, row=row)
    if thing.label is not None:
        named = Clue(entity=thing.entity, value=thing.label)
        if finders(script, thing.entity, [named]):
            rows, _ = rows_of(script, thing.entity, [named])
            for found in rows:
                if key_of(found, thing.entity, script.lexicon) == thing.key:
                    return replace(thing, row=found)
    return thing


def _one_of(script: Script, clues: Sequence[Clue]) -> Outcome | None:
    """A thing asked for by what it belongs to, where a tool takes just that."""
    focus = script.request.focus
    if focus is None or not script.request.focus_words:
        return None
    plans = [
        p for p in finders(script, focus, clues) if p[0] >= 2 and p[1].verb == "get"
    ]
    if not plans:
        return None
    rows, tool = rows_of(script, focus, clues)
    if not rows:
        return None
    return Outcome(
        "details", script.request, entity=focus, row=rows[0], tool=tool,
        label=label_of(rows[0], focus, script.lexicon),
    )  # fmt: skip


def _tell(script: Script, thing: Thing, entity: str) -> Outcome:
    """Answer about a thing: what was asked, or all there is."""
    request, lexicon = script.request, script.lexicon
    asked = list(request.asked)
    if _asks_other(script, entity):
        asked.insert(0, request.focus_words or tuple(str(request.focus).split()))
    row: Row = thing.row
    bare = all(is_key_column(column) for column in row)
    if not asked or bare:
        row = _merged(row, read_one(script, thing))
    columns, missing = answering_columns(script, row, asked, entity)
    if missing and not bare and asked:
        row = _merged(row, read_one(script, thing))
        columns, missing = answering_columns(script, row, asked, entity)
    if missing:
        row, columns, missing = follow(script, row, entity, columns, missing)
    label = label_of(row, entity, lexicon) or thing.label
    if missing and not columns:
        if request.focus not in {None, entity}:
            return list_things(script)
        raise script.stop(
            "no_attribute", entity=entity, row=row, label=label,
            columns=tuple((words, ()) for words in missing),
        )  # fmt: skip
    return Outcome(
        "value" if columns else "details",
        request,
        entity=entity,
        row=row,
        label=label,
        columns=tuple(columns),
    )


def _merged(row: Row, more: Row | None) -> Row:
    return row if more is None else {**row, **more}


# --- lists --------------------------------------------------------------------------


# --- checks -------------------------------------------------------------------------


def _check(script: Script) -> Outcome:
    """Look again, and compare with what is expected."""
    request = script.request
    expected = request.expected
    assert expected is not None
    gone = expected.op == "-"
    try:
        found = _look(script)
    except Stop as stop:
        if stop.outcome.kind == "not_found" and expected.op in {"+", "-"}:
            return replace(stop.outcome, kind="absent", value=gone)
        raise
    if expected.op in {"+", "-"}:
        present = found.row is not None or bool(found.rows) or bool(found.value)
        return replace(found, kind="present" if present else "absent", value=not gone)
    return replace(found, detail=f"check:{found.kind}")
