"""Scripts of requests that only look: read, list, count, add up, rank, check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from eventsim.providers.rule_based.assistant.english import split_name, stem
from eventsim.providers.rule_based.assistant.measuring import measurable, measure, rank
from eventsim.providers.rule_based.assistant.memory import Thing
from eventsim.providers.rule_based.assistant.requests import Clue, Request
from eventsim.providers.rule_based.assistant.resolving import (
    finders,
    read_one,
    resolve,
    rows_of,
)
from eventsim.providers.rule_based.assistant.rows import (
    Row,
    columns_for,
    foreign_things,
    is_key_column,
    key_of,
    label_of,
    role_at,
    same_value,
)
from eventsim.providers.rule_based.assistant.script import Ask, Outcome, Script, Stop

__all__ = ["run_reading"]

Columns = list[tuple[tuple[str, ...], tuple[str, ...]]]


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
            return _list(script)
        case _:
            return _read(script)


def _as_attribute(script: Script) -> Outcome | None:
    """A total that no tool works out may be an attribute: the total fines of a member."""
    request = script.request
    if request.act != "sum" or measurable(script):
        return None
    words = request.by if request.by[:1] == ("total",) else ("total", *request.by)
    asked = replace(request, act="read", focus=None, focus_words=(), asked=(words,))
    goal = script.goal
    script.goal = replace(goal, request=asked)
    try:
        return _read(script)
    finally:
        script.goal = goal


# --- one thing ----------------------------------------------------------------------


def _read(script: Script) -> Outcome:
    request = script.request
    clues = _with_implied(script, request)
    if not clues:
        if request.focus is not None:
            return _list(script)
        raise Ask("who", entity=None)
    entity = _anchor(script, clues)
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
    """Whether the noun asked for is another thing, or a role: the manager of a worker."""
    request = script.request
    role = request.focus_words in script.lexicon.roles
    return request.focus is not None and (request.focus != entity or role)


def _afresh(script: Script, thing: Thing) -> Thing:
    """A thing that was spoken of earlier, as it is now: read by key or found by name."""
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


def _with_implied(script: Script, request: Request) -> tuple[Clue, ...]:
    """The clues, or the thing that was spoken of last where none was given."""
    if request.clues:
        return request.clues
    latest = script.memory.latest(request.focus)
    if latest is not None and (request.asked or not request.many):
        return (Clue(entity=latest.entity, kind="ref", ref="that"),)
    return ()


def _anchor(script: Script, clues: Sequence[Clue]) -> str | None:
    """The kind of thing that the clues lead to."""
    request = script.request
    named = [c.entity for c in clues if c.entity is not None]
    if request.focus is not None and request.focus in named:
        return request.focus
    distinct = list(dict.fromkeys(named))
    if len(distinct) > 1 and request.asked:
        best = max(
            script.lexicon.entities,
            key=lambda e: (_knows(script, e, request.asked), e == distinct[0]),
        )
        if _knows(script, best, request.asked) and finders(script, best, clues):
            return best
    if distinct:
        return distinct[0]
    return _unnamed(script, clues)


def _unnamed(script: Script, clues: Sequence[Clue]) -> str | None:
    """The kind of thing meant where no noun says it."""
    request, memory = script.request, script.memory
    clue = clues[0]
    if clue.refers:
        if clue.place is not None:
            placed = memory.placed(clue.place, None)
            return placed.entity if placed is not None else None
        if clue.words and (playing := memory.playing(clue.words)) is not None:
            return playing.entity
        for thing in reversed(memory.things):
            if _knows(script, thing.entity, request.asked):
                return thing.entity
        return memory.topic.entity if memory.topic is not None else None
    if request.focus is not None:
        return request.focus
    for thing in reversed(memory.things):
        if thing.label is not None and same_value(thing.label, clue.value):
            return thing.entity
    able = [e for e in script.lexicon.entities if finders(script, e, clues)]
    return max(
        able,
        key=lambda e: (
            _knows(script, e, request.asked),
            finders(script, e, clues)[0][0],
        ),
        default=None,
    )


def _knows(script: Script, entity: str, asked: Sequence[tuple[str, ...]]) -> int:
    """How many of the attributes the tools of a kind mention."""
    known: set[str] = set()
    for tool in script.lexicon.tools:
        if tool.entity == entity:
            known |= tool.description_stems
            known |= {stem(w) for p in tool.params for w in p.words}
    return sum(set(words) <= known for words in asked)


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
    columns, missing = _columns(script, row, asked, entity)
    if missing and not bare and asked:
        row = _merged(row, read_one(script, thing))
        columns, missing = _columns(script, row, asked, entity)
    if missing:
        row, columns, missing = _follow(script, row, entity, columns, missing)
    label = label_of(row, entity, lexicon) or thing.label
    if missing and not columns:
        if request.focus not in {None, entity}:
            return _list(script)
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


def _columns(
    script: Script, row: Row, asked: Sequence[tuple[str, ...]], entity: str
) -> tuple[Columns, list[tuple[str, ...]]]:
    """The columns that answer, and what no column answers."""
    found: Columns = []
    missing: list[tuple[str, ...]] = []
    for words in asked:
        columns = _related(script, row, words, entity) or columns_for(
            row, words, entity, script.lexicon
        )
        if columns:
            found.append((words, columns))
        else:
            missing.append(words)
    return found, missing


def _related(
    script: Script, row: Row, words: tuple[str, ...], entity: str
) -> tuple[str, ...]:
    """The label of another thing, where the words name that thing."""
    named = script.lexicon.nouns.get(words)
    for owner, column, _, label in foreign_things(row, entity, script.lexicon):
        role = role_at(column, script.lexicon)
        if label is None or not (owner == named or role == words):
            continue
        return tuple(c for c in row if row[c] is not None and str(row[c]) == label)[:1]
    return ()


def _follow(
    script: Script,
    row: Row,
    entity: str,
    columns: Columns,
    missing: list[tuple[str, ...]],
) -> tuple[Row, Columns, list[tuple[str, ...]]]:
    """Look up what only another thing has: the title of the album of the track."""
    left = []
    for words in missing:
        named = script.lexicon.nouns.get(words)
        answer: tuple[str, Any] | None = None
        for owner, column, key, _ in foreign_things(row, entity, script.lexicon):
            role = role_at(column, script.lexicon)
            inside = (
                len(words) > 1 and tuple(owner.split()) == words[: len(owner.split())]
            )
            if not (owner == named or role == words or inside):
                continue
            other = read_one(script, Thing(owner, (key,), None, {column: key}))
            if other is None:
                continue
            said = script.lexicon.entities[owner].one
            if inside and owner != named:
                found = columns_for(other, words, owner, script.lexicon)
                value = other[found[0]] if found else None
                said = f"{said} {found[0]}" if found else said
            else:
                value = label_of(other, owner, script.lexicon)
                said = said if owner == named else " ".join(split_name(column)[:-1])
            if value is not None:
                answer = (said + " ", value)
                break
        if answer is None:
            left.append(words)
            continue
        row = {**row, answer[0]: answer[1]}
        columns = [*columns, (words, (answer[0],))]
    return row, columns, left


# --- lists --------------------------------------------------------------------------


def _list(script: Script) -> Outcome:
    request = script.request
    focus = request.focus
    clues = tuple(
        replace(c, entity=_owner(script, c)) if c.refers and c.entity is None else c
        for c in request.clues
    )
    if focus is None:
        raise script.stop("no_tool")
    plan = _list_plan(script, focus, clues)
    if plan is None and not clues and script.memory.shown:
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
        return _unnamed(script, [clue])
    for thing in reversed(memory.things):
        named = replace(clue, entity=thing.entity)
        plans = finders(script, focus, [named], related=True)
        if plans and plans[0][2] and thing.entity != focus:
            return thing.entity
    return _unnamed(script, [clue])


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
    found, _ = _columns(script, rows[0], script.request.asked, entity)
    return found


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
