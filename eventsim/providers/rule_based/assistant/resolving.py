"""From names to rows: which tool finds a thing, and which of its rows is meant.

A thing is known by clues: its name, its number, an attribute, another thing that it
belongs to, or a reference to what was said before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventsim.providers.rule_based.assistant.arguments import convert, direct_value
from eventsim.providers.rule_based.assistant.english import LABEL_WORDS, stem
from eventsim.providers.rule_based.assistant.memory import UNKNOWN, Thing, thing_of
from eventsim.providers.rule_based.assistant.requests import Clue
from eventsim.providers.rule_based.assistant.rows import (
    Row,
    key_of,
    label_of,
    meets,
    same_value,
)
from eventsim.providers.rule_based.assistant.script import Ask, Script
from eventsim.providers.rule_based.assistant.toolset import Param, Tool

__all__ = ["by_name", "findable", "key_for", "read_one", "resolve", "rows_of"]

_LABELS = frozenset(stem(w) for w in LABEL_WORDS)
_DEPTH = 4


def resolve(
    script: Script, entity: str, clues: Sequence[Clue], depth: int = 0
) -> Thing:
    """The one thing of a kind that the clues mean. Raises: Need, Ask, Stop."""
    return meet(script, _resolved(script, entity, clues, depth))


def meet(script: Script, thing: Thing) -> Thing:
    """Note that the request is about the thing."""
    if not any(thing.same(known) for known in script.met):
        script.met.append(thing)
    return thing


def _resolved(script: Script, entity: str, clues: Sequence[Clue], depth: int) -> Thing:
    own = [c for c in clues if c.entity in {None, entity}]
    for clue in own:
        if clue.refers:
            return _referred(script, entity, clue)
    numbered = next((c for c in own if _is_key(script, entity, c)), None)
    if numbered is not None:
        keys = script.lexicon.entities[entity].keys
        key = convert(numbered.value, _key_types(script, entity))
        column = keys[0] if keys else "id"
        return Thing(entity, (key,), None, {column: key})
    rows, by = rows_of(script, entity, clues, depth)
    return _choose(script, entity, rows, clues, by)


def key_for(script: Script, param: Param, clue: Clue, depth: int = 0) -> Any:
    """The value of a key parameter: given, referred to, or found by searching."""
    entity = param.key_of or clue.entity
    if clue.value is not None and clue.kind == "number" and not clue.words:
        key = convert(clue.value, param.types)
        if entity is not None:
            keys = script.lexicon.entities[entity].keys
            meet(script, Thing(entity, (key,), None, {keys[0] if keys else "id": key}))
        return key
    if entity is None:
        return convert(clue.value, param.types)
    thing = resolve(script, entity, [clue], depth)
    return part_of_key(script, thing, param)


def part_of_key(script: Script, thing: Thing, param: Param) -> Any:
    """The part of a thing's key that a parameter takes."""
    if param.name in thing.row and not param.relation:
        return thing.row[param.name]
    keys = script.lexicon.entities[thing.entity].keys
    if param.name in keys and len(keys) == len(thing.key):
        return thing.key[keys.index(param.name)]
    return thing.key[0]


def _is_key(script: Script, entity: str, clue: Clue) -> bool:
    """Whether a clue is the key itself: invoice 12."""
    if clue.value is None or not set(clue.words) <= {"id", "number"}:
        return False
    keys = script.lexicon.entities[entity].keys
    if len(keys) != 1:
        return False
    return clue.kind == "number" and "integer" in _key_types(script, entity)


def _key_types(script: Script, entity: str) -> frozenset[str]:
    for tool in script.lexicon.tools:
        for param in tool.params:
            if param.key_of == entity and param.role == "key":
                return param.types
    return frozenset({"integer"})


def _referred(script: Script, entity: str, clue: Clue) -> Thing:
    memory = script.memory
    found = None
    if clue.place is not None:
        found = memory.placed(clue.place, entity) or memory.placed(clue.place, None)
        if found is not None and found.entity != entity:
            found = next(
                (
                    t
                    for t in thing_of(found.row, found.entity, script.lexicon)
                    if t.entity == entity
                ),
                None,
            )
    elif memory.open_list == entity and clue.ref not in {"it", "its"}:
        chosen = picked(script, entity)
        if chosen is None:
            rows = [thing.row for thing in memory.shown]
            raise Ask("which", entity=entity, rows=rows)
        found = next((t for t in memory.shown if t.key == chosen.key), chosen)
    else:
        found = memory.latest(entity, clue.noun)
    if found is None:
        found = picked(script, entity)
    if found is None:
        raise Ask("who", entity=entity)
    return found


def by_name(script: Script, clue: Clue, kinds: Sequence[str]) -> Clue:
    """A reference to what was only seen as a name beside another thing, by that name.

    `kinds` are the kinds of thing that it may be, as far as the request tells.
    """
    if not clue.refers or clue.entity is not None or not clue.words:
        return clue
    thing = script.memory.playing(clue.words)
    if thing is None or thing.label is None or thing.entity != UNKNOWN:
        return clue
    for kind in sorted(kinds, key=lambda kind: kind == thing.key[-1]):
        named = Clue(entity=kind, value=thing.label)
        if findable(script, kind, named):
            return named
    return clue


def findable(script: Script, kind: str, clue: Clue) -> bool:
    """Whether a tool finds things of the kind by the clue."""
    return any(binding for _, _, binding in finders(script, kind, [clue]))


def picked(script: Script, entity: str) -> Thing | None:
    """What the person chose among several of a kind."""
    for kind, key in reversed(script.goal.picks):
        if kind == entity:
            keys = script.lexicon.entities[entity].keys or ("id",)
            return Thing(entity, key, None, dict(zip(keys, key, strict=False)))
    return None


# --- finding ------------------------------------------------------------------------


def rows_of(
    script: Script,
    entity: str,
    clues: Sequence[Clue],
    depth: int = 0,
    *,
    related: bool = False,
) -> tuple[tuple[Row, ...], Tool]:
    """Rows of a kind that fit the clues as far as rows can tell, and their tool.

    Raises: Need, Ask, Stop.
    """
    plans = finders(script, entity, clues, related=related)
    if not plans or depth > _DEPTH:
        raise script.stop("no_search", entity=entity)
    tried: tuple[tuple[Row, ...], Tool] | None = None
    for _, tool, binding in plans[:2]:
        arguments = _bind(script, tool, binding, depth)
        result = script.look(tool, arguments)
        if result.error is not None:
            raise script.stop("error", entity=entity, tool=tool, detail=result.error)
        rows = tuple(
            row
            for row in result.rows
            if all(
                meets(row, c, entity, script.lexicon) is not False
                for c in clues
                if c not in binding.values()
            )
        )
        if rows:
            return rows, tool
        tried = rows, tool
    assert tried is not None
    return tried


def finders(
    script: Script, entity: str, clues: Sequence[Clue], *, related: bool = False
) -> list[tuple[float, Tool, dict[str, Clue]]]:
    """Tools that return rows of a kind and take some of the clues, best first.

    `related`: a thing of the same kind may be what the rows belong to, not one of them.
    """
    plans = []
    for tool in script.lexicon.of_entity(entity, "search", "list", "get"):
        binding: dict[str, Clue] = {}
        score = 0.0
        for param in tool.params:
            best = max(
                (
                    (fit(param, clue, tool, entity, related=related), n)
                    for n, clue in enumerate(clues)
                    if clue not in binding.values()
                ),
                default=(0.0, 0),
            )
            if best[0] > 0:
                binding[param.name] = clues[best[1]]
                score += best[0]
            elif param.required and param.role not in {"limit", "order"}:
                score = -9.0
                break
        if score < 0:
            continue
        if not binding and any(p.required for p in tool.params if p.role != "limit"):
            continue
        score -= 0.01 * len(tool.params) + 1.5 * (len(clues) - len(binding))
        plans.append((score - (0 if binding else 3), tool, binding))
    plans.sort(key=lambda plan: -plan[0])
    return plans


def fit(
    param: Param, clue: Clue, tool: Tool, entity: str | None, *, related: bool = False
) -> float:
    """How well a clue fits a parameter of a tool that finds things; 0 is not at all."""
    if param.role in {"limit", "order"} or (clue.value is None and not clue.refers):
        return 0.0
    own = clue.entity in {None, entity}
    if param.role == "key":
        return _key_fit(param, clue, entity, related=related)
    if clue.refers or clue.value is None:
        return 0.0
    if clue.op in {"more", "less"}:
        return 0.0
    searches = param.role == "text" or tool.verb == "search"
    words = frozenset(stem(w) for w in param.words)
    if clue.words:
        if not own:
            return 0.0
        wanted = set(clue.words)
        if wanted == words or (wanted <= words and param.role == "value"):
            return 3.0
        if param.role == "text" and _is_label(clue.words, entity):
            return 2.5
        if param.role == "text" and wanted <= param.about_stems:
            return 2.5
        return 0.0
    if not own:
        return (
            2.0 if clue.entity is not None and words & set(clue.entity.split()) else 0.0
        )
    if "string" not in param.types or (clue.kind == "number" and clue.entity is None):
        return 0.0
    if param.role == "text":
        return 2.5
    if words & _LABELS:
        return 2.0 + searches * 0.2
    return 0.5 if searches and param.required else 0.0


def _key_fit(param: Param, clue: Clue, entity: str | None, *, related: bool) -> float:
    if clue.words:
        return 0.0
    if param.key_of != entity:
        return 3.0 if param.key_of == clue.entity else 0.0
    if param.relation:
        if clue.entity != entity or not related:
            return 0.0
        return 3.2 if clue.noun == param.relation else 3.0
    usable = clue.refers or clue.kind == "number"
    return 3.0 if clue.entity in {None, entity} and usable else 0.0


def _is_label(words: Sequence[str], entity: str | None) -> bool:
    own = set((entity or "").split())
    return bool(words) and words[-1] in _LABELS and set(words[:-1]) <= own | {"full"}


def _bind(
    script: Script, tool: Tool, binding: Mapping[str, Clue], depth: int
) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for param in tool.params:
        clue = binding.get(param.name)
        if clue is None:
            continue
        if param.role == "key":
            arguments[param.name] = key_for(script, param, clue, depth + 1)
        else:
            arguments[param.name] = direct_value(param, clue)
    return arguments


def _choose(
    script: Script,
    entity: str,
    rows: Sequence[Row],
    clues: Sequence[Clue],
    tool: Tool,
) -> Thing:
    lexicon = script.lexicon
    keyed = [(row, key_of(row, entity, lexicon)) for row in rows]
    if len(rows) > 1:
        script.seen.append((entity, tuple(rows)))
    acted = _acted_on(script, entity, keyed)
    if acted is not None:
        return _thing(script, entity, acted)
    for kind, key in reversed(script.goal.picks):
        if kind == entity:
            for row, own in keyed:
                if own == key:
                    return _thing(script, entity, row)
    if not rows:
        name = next((c.value for c in clues if c.value is not None), None)
        earlier = script.memory.called(entity, name)
        if earlier is not None and script.request.expected is None:
            return earlier
        raise script.stop("not_found", entity=entity, label=name, tool=tool)
    exact = [row for row in rows if all(_exact(script, row, entity, c) for c in clues)]
    if len(exact) == 1 or (len(rows) == 1 and not exact):
        return _thing(script, entity, (exact or list(rows))[0])
    raise Ask("which", entity=entity, rows=exact or rows)


def _exact(script: Script, row: Row, entity: str, clue: Clue) -> bool:
    return meets(row, clue, entity, script.lexicon) is not False


def _acted_on(
    script: Script, entity: str, keyed: Sequence[tuple[Row, tuple[Any, ...] | None]]
) -> Row | None:
    """The row that a later call of the window already took: the choice is made."""
    if len(keyed) < 2:
        return None
    for call in reversed(script.calls):
        tool = script.lexicon.by_name.get(call.name)
        if tool is None:
            continue
        for param in tool.params:
            if param.key_of != entity or param.name not in call.arguments:
                continue
            value = call.arguments[param.name]
            for row, key in keyed:
                if key is not None and len(key) == 1 and same_value(key[0], value):
                    return row
    return None


def _thing(script: Script, entity: str, row: Row) -> Thing:
    key = key_of(row, entity, script.lexicon)
    if key is None:
        key = tuple(row.values())[:1]
    return Thing(entity, key, label_of(row, entity, script.lexicon), row)


# --- reading a thing ----------------------------------------------------------------


def read_one(script: Script, thing: Thing) -> Row | None:
    """The full row of a thing by its key; None where no tool reads it by key."""
    for tool in script.lexicon.of_entity(thing.entity, "get", "list", "search"):
        required = [p for p in tool.params if p.required]
        keys = [p for p in required if p.key_of == thing.entity or _own_key(p, thing)]
        if required and len(keys) == len(required):
            arguments = {p.name: part_of_key(script, thing, p) for p in required}
            result = script.look(tool, arguments)
            if result.error is not None:
                raise script.stop(
                    "error", entity=thing.entity, tool=tool, detail=result.error
                )
            if not result.rows:
                label = thing.label or str(thing.key[0])
                raise script.stop(
                    "not_found", entity=thing.entity, label=label, tool=tool
                )
            return result.rows[0]
    return None


def _own_key(param: Param, thing: Thing) -> bool:
    return param.name in thing.row and param.role == "key"
