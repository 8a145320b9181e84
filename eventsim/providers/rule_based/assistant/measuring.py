"""Scripts of counts, totals, averages and rankings.

A tool that gives the measure is preferred; where there is none, the measure is taken
over the rows that a list tool returns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eventsim.providers.rule_based.assistant.arguments import direct_value
from eventsim.providers.rule_based.assistant.english import stems
from eventsim.providers.rule_based.assistant.requests import Clue
from eventsim.providers.rule_based.assistant.resolving import (
    finders,
    fit,
    key_for,
    rows_of,
)
from eventsim.providers.rule_based.assistant.rows import (
    Row,
    columns_for,
    is_key_column,
    meets,
)
from eventsim.providers.rule_based.assistant.script import Outcome, Script
from eventsim.providers.rule_based.assistant.toolset import Tool

__all__ = ["measurable", "measure", "rank"]

_FULL_PAGE = 20
_DEFAULT_TOP = 5
Plan = tuple[float, Tool, dict[str, Clue]]


def measurable(script: Script) -> bool:
    """Whether a tool gives the measure, or lists the rows to take it over."""
    request = script.request
    clues = _located(script)
    if _best(script, (request.act,), clues) is not None:
        return True
    focus = request.focus
    spare = set((focus or "").split())
    if request.act != "count" and not [w for w in request.by if w not in spare]:
        return False
    return focus is not None and any(
        plan[2] for plan in finders(script, focus, clues, related=True)
    )


def measure(script: Script) -> Outcome:
    """A count, a total or an average. Raises: Need, Ask, Stop."""
    request = script.request
    clues = _located(script)
    plan = _best(script, (request.act,), clues)
    if plan is None:
        return _over_rows(script, clues)
    _, tool, binding = plan
    result = script.look(tool, _arguments(script, tool, binding))
    if result.error is not None:
        raise script.stop("error", entity=tool.entity, tool=tool, detail=result.error)
    value = result.value
    row: Row | None = None
    if result.rows:
        row = _fitting(script, result.rows, clues, tool)
        value = _measured(row)
    label, entity = _subject(script, clues)
    return Outcome(
        "measure",
        request,
        entity=request.focus or tool.entity,
        row=row,
        value=value,
        about=label,
        about_entity=entity,
        tool=tool,
        detail=request.act,
    )


def _located(script: Script) -> tuple[Clue, ...]:
    """The clues, with references to an unnamed thing given their kind."""
    request = script.request
    found = []
    for clue in request.clues:
        entity = clue.entity
        if clue.refers and entity is None:
            thing = (
                script.memory.placed(clue.place, None)
                if clue.place is not None
                else script.memory.latest(None)
            )
            for candidate in (thing, *reversed(script.memory.things)):
                if candidate is not None and _takes(script, candidate.entity):
                    thing = candidate
                    break
            entity = thing.entity if thing is not None else None
        found.append(clue if entity == clue.entity else _with_entity(clue, entity))
    return tuple(found)


def _with_entity(clue: Clue, entity: str | None) -> Clue:
    return Clue(
        clue.words, entity, clue.value, clue.kind, clue.op, clue.ref, clue.place,
        clue.prep, clue.many, clue.bare, clue.noun,
    )  # fmt: skip


def _takes(script: Script, entity: str) -> bool:
    """Whether a tool for the request takes the key of such a thing."""
    request = script.request
    return any(
        p.key_of == entity
        for t in script.lexicon.tools
        if t.entity == request.focus and t.entity != entity
        for p in t.params
    )


def _best(script: Script, verbs: Sequence[str], clues: Sequence[Clue]) -> Plan | None:
    plans = []
    for tool in script.lexicon.tools:
        if tool.verb in verbs:
            plan = _plan(script, tool, clues)
            if plan is not None:
                plans.append(plan)
    return max(plans, key=lambda plan: plan[0], default=None)


def _plan(script: Script, tool: Tool, clues: Sequence[Clue]) -> Plan | None:
    """How well a measuring tool suits the request, and what goes where."""
    request = script.request
    score = 0.0
    said = {*tool.about, *tool.by, *tool.description_stems}
    focus = set((request.focus or "").split())
    if tool.entity == request.focus:
        score += 3
    elif request.focus is not None:
        score += 1 if focus <= said else -6
    wanted = [w for w in request.by if w not in focus]
    if wanted:
        named = {*tool.about, *tool.by}
        if set(wanted) <= named:
            score += 3
        elif set(wanted) <= said:
            score += 1
        else:
            return None
    elif request.hints:
        if not set(stems(request.hints)) & {*tool.about, *tool.by}:
            return None
        score += 2
    binding: dict[str, Clue] = {}
    for clue in clues:
        fits = [
            (fit(p, clue, tool, tool.entity, related=True), p.name)
            for p in tool.params
            if p.name not in binding
        ]
        best = max(fits, default=(0.0, ""))
        if best[0] > 0:
            binding[best[1]] = clue
            score += best[0]
        else:
            return None
    for param in tool.required:
        if param.name not in binding and param.role not in {"limit", "order"}:
            return None
    mentioned = {w for e in request.entities for w in e.split()} | set(request.by)
    mentioned |= {w for c in clues for w in c.words}
    score -= 0.6 * sum(w not in mentioned for w in {*tool.by, *tool.about})
    return score - 0.05 * len(tool.params), tool, binding


def _arguments(script: Script, tool: Tool, binding: dict[str, Clue]) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for param in tool.params:
        clue = binding.get(param.name)
        if clue is None:
            continue
        if param.role == "key":
            arguments[param.name] = key_for(script, param, clue)
        else:
            arguments[param.name] = direct_value(param, clue)
    return arguments


def _fitting(
    script: Script, rows: Sequence[Row], clues: Sequence[Clue], tool: Tool
) -> Row:
    """The row of a grouped measure that the clues mean."""
    for row in rows:
        if any(meets(row, c, tool.entity, script.lexicon) for c in clues):
            return row
    return rows[0]


def _measured(row: Row) -> Any:
    numbers = [
        (column, value)
        for column, value in row.items()
        if isinstance(value, int | float)
        and not isinstance(value, bool)
        and not is_key_column(column)
    ]
    if numbers:
        return numbers[-1][1]
    return next((v for c, v in row.items() if not is_key_column(c)), None)


def _subject(script: Script, clues: Sequence[Clue]) -> tuple[str | None, str | None]:
    """What a measure is of: its name and kind."""
    for clue in clues:
        if clue.refers:
            thing = script.memory.latest(clue.entity)
            if clue.place is not None:
                thing = script.memory.placed(clue.place, None) or thing
            if thing is None:
                return None, clue.entity
            return thing.label or str(thing.key[0]), clue.entity
        if clue.value is not None:
            return clue.value, clue.entity
    return None, None


def _over_rows(script: Script, clues: Sequence[Clue]) -> Outcome:
    """Take the measure over the rows of a list."""
    request = script.request
    focus = request.focus
    if focus is None or not finders(script, focus, clues, related=True):
        raise script.stop("no_tool", entity=focus)
    rows, tool = rows_of(script, focus, clues, related=True)
    value: Any = len(rows)
    if request.act in {"sum", "average"}:
        numbers = _numbers(script, rows, focus)
        if numbers is None:
            raise script.stop("no_tool", entity=focus)
        value = round(sum(numbers), 6)
        if request.act == "average":
            value = round(value / len(numbers), 6) if numbers else None
    label, entity = _subject(script, clues)
    return Outcome(
        "measure",
        request,
        entity=focus,
        value=value,
        about=label,
        about_entity=entity,
        tool=tool,
        detail=request.act,
        more=len(rows) >= _FULL_PAGE,
    )


def _numbers(script: Script, rows: Sequence[Row], entity: str) -> list[float] | None:
    if not rows:
        return []
    columns = columns_for(rows[0], script.request.by, entity, script.lexicon)
    if not columns:
        return None
    values = [row.get(columns[0]) for row in rows]
    return [v for v in values if isinstance(v, int | float)]


# --- rankings -----------------------------------------------------------------------


def rank(script: Script) -> Outcome:
    """The first few by a measure. Raises: Need, Ask, Stop."""
    request = script.request
    clues = tuple(c for c in _located(script) if not (c.refers and c.many))
    verbs = ("bottom",) if request.low else ("top",)
    plan = _best(script, verbs, clues) if not _of_shown(script) else None
    if plan is None and not _of_shown(script):
        plan = _ordered(script, clues)
    if plan is None:
        return _rank_rows(script, clues)
    _, tool, binding = plan
    arguments = _arguments(script, tool, binding)
    for param in tool.params:
        if param.role == "limit" and (request.number or param.required):
            arguments[param.name] = request.number or _DEFAULT_TOP
        if param.role == "order" and param.enum:
            arguments[param.name] = _direction(param.enum, low=request.low)
    result = script.look(tool, arguments)
    if result.error is not None:
        raise script.stop("error", entity=tool.entity, tool=tool, detail=result.error)
    rows = result.rows[: request.number] if request.number else result.rows
    return _ranked(script, rows, tool)


def _of_shown(script: Script) -> bool:
    return any(c.refers and c.entity is None for c in script.request.clues)


def _ordered(script: Script, clues: Sequence[Clue]) -> Plan | None:
    """A ranking tool of the other direction that takes the direction as argument."""
    plans = [
        plan
        for tool in script.lexicon.tools
        if tool.verb in {"top", "bottom", "list"}
        and any(p.role == "order" and p.enum for p in tool.params)
        and (plan := _plan(script, tool, clues)) is not None
    ]
    return max(plans, key=lambda plan: plan[0], default=None)


def _direction(options: Sequence[Any], *, low: bool) -> Any:
    words = (
        ("asc", "low", "least", "small") if low else ("desc", "high", "most", "large")
    )
    for option in options:
        if str(option).casefold().startswith(words):
            return option
    return options[0]


def _ranked(script: Script, rows: Sequence[Row], tool: Tool | None) -> Outcome:
    request = script.request
    entity = tool.entity if tool is not None else request.focus
    columns: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    if rows:
        by = columns_for(rows[0], request.by, entity, script.lexicon)
        if not by and request.hints:
            hints = (
                columns_for(rows[0], stems([h]), entity, script.lexicon)
                for h in request.hints
            )
            by = next((found for found in hints if found), ())
        if not by or not isinstance(rows[0].get(by[0]), int | float | str):
            number = [
                c
                for c, v in rows[0].items()
                if isinstance(v, int | float) and not is_key_column(c)
            ]
            by = tuple(number[-1:])
        if by:
            columns = ((request.by, by),)
    return Outcome(
        "ranking", request, entity=entity, rows=tuple(rows), columns=columns, tool=tool
    )


def _rank_rows(script: Script, clues: Sequence[Clue]) -> Outcome:
    """Rank the rows of a list tool, or of the list that was shown."""
    request = script.request
    focus = request.focus
    shown = tuple(t.row for t in script.memory.shown)
    tool: Tool | None = None
    if _of_shown(script) and shown:
        rows: tuple[Row, ...] = shown
        focus = script.memory.shown[0].entity
    elif focus is not None and clues and finders(script, focus, clues):
        rows, tool = rows_of(script, focus, clues)
    else:
        raise script.stop("no_tool", entity=focus)
    if not rows:
        raise script.stop("no_tool", entity=focus)
    columns = columns_for(rows[0], request.by, focus, script.lexicon)
    if not columns:
        raise script.stop("no_tool", entity=focus)
    known = [row for row in rows if isinstance(row.get(columns[0]), int | float)]
    if not known:
        known = [row for row in rows if isinstance(row.get(columns[0]), str)]
    known.sort(key=lambda row: row[columns[0]], reverse=not request.low)
    return _ranked(script, known[: request.number or 1], tool)
