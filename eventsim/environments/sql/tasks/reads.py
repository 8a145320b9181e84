"""Objectives that ask for something: one value, a few rows, a top, a count, a sum.

Each move picks rows, makes the calls a careful assistant would make, and states as
facts what came back. Answers that nobody would want to hear (nothing, too many rows,
long or unprintable values, ties that leave the order open) make it unsuitable.
"""

from __future__ import annotations

from typing import Any

import orjson

from eventsim.environments.sql.names import joined
from eventsim.environments.sql.tables import Column, ForeignKey, Table
from eventsim.environments.sql.tasks import phrases
from eventsim.environments.sql.tasks.inventions import speakable
from eventsim.environments.sql.tasks.scene import Scene, Step, Unsuitable
from eventsim.environments.sql.tasks.toolbox import Operation, rows_in
from eventsim.environments.sql.tasks.view import Entry, is_person, numbered

__all__ = [
    "aggregate",
    "askable",
    "attributes",
    "children",
    "containing",
    "filtered",
    "main_entry",
    "related",
    "told_number",
    "top",
]

_MOST_ROWS = 5


def askable(table: Table) -> list[Column]:
    """Columns whose value a person might ask for."""
    foreign = {column for key in table.foreign_keys for column in key.columns}
    return [
        column
        for column in table.visible
        if column.name not in foreign
        and column.name not in table.primary_key
        and column.name not in table.label
        and column.kind not in ("blob", "boolean")
        and all(word.isalpha() and len(word) > 1 for word in column.words.split())
    ]


def main_entry(scene: Scene, *, fresh: bool = False) -> Entry:
    """The row that the task is about, picked now if there is none yet."""
    used = scene.taken | scene.written
    if scene.main is None or (fresh and scene.main.identity in used):
        scene.main = scene.entry_of(scene.pick(scene.tools.central), fresh=fresh)
    return scene.main


def attributes(scene: Scene) -> Step:
    """Find the e-mail of the customer "Ana Lima"."""
    entry = main_entry(scene)
    columns = [
        column
        for column in askable(entry.table)
        if scene.told(entry.row.get(column.name))
        and (entry.identity, column.name) not in scene.asked
    ]
    count = 2 if len(columns) > 2 and scene.rng.random() < 0.3 else 1
    if len(columns) < count:
        raise Unsuitable(f"nothing to ask about {entry.table.words}")
    chosen = scene.rng.sample(columns, count)
    scene.asked.update((entry.identity, column.name) for column in chosen)
    who = scene.mention(entry)
    stated = []
    for column in chosen:
        value = scene.details(entry, column)
        if not speakable(value):
            raise Unsuitable(f"the {column.words} cannot be said")
        stated.append((f"the {column.words} of {who.text}", (value,)))
    names = [column.words for column in chosen]
    return Step(
        "read",
        phrases.find_attributes(scene.rng, who, names),
        f"you know {joined(f'the {name}' for name in names)} of {who.text}",
        scene.take_calls(),
        stated,
    )


def related(scene: Scene) -> Step:
    """Find out which artist the album "Facelift" belongs to."""
    entry = main_entry(scene)
    keys = [
        key
        for key in entry.table.foreign_keys
        if len(key.columns) == 1
        and entry.row.get(key.columns[0]) is not None
        and (entry.identity, key.columns[0]) not in scene.asked
        and scene.view.schema.by_name[key.parent].label
    ]
    key = scene.pick(keys, f"{entry.table.words} rows belong to nothing")
    scene.asked.add((entry.identity, key.columns[0]))
    parent = scene.parent_of(entry, key)
    if parent is None or not scene.told(parent.name) or parent.name == entry.name:
        raise Unsuitable(f"the {key.role} has no name")
    who = scene.mention(entry)
    _show_parent(scene, entry, key, parent)
    person = is_person(parent.table)
    step = Step(
        "read",
        phrases.find_related(scene.rng, who, key.role, person=person),
        f"you know the {key.role} of {who.text}",
        scene.take_calls(),
        [(f"the {key.role} of {who.text}", (parent.name,))],
    )
    if scene.view.occurrences(parent) == 1 and parent.table is not entry.table:
        scene.hear(parent, key.role)
        if scene.rng.random() < 0.5:
            scene.main = parent
    return step


def _show_parent(scene: Scene, entry: Entry, key: ForeignKey, parent: Entry) -> None:
    """Make calls until an answer has held the name of the parent."""
    where = f"via {key.columns[0]}"
    shown = scene.resolve(entry)
    if where not in shown:
        shown = scene.read(entry)
    if shown.get(where) == parent.name:
        return
    row = scene.read(parent)
    parts = [str(row[c]) for c in parent.table.label if row.get(c) is not None]
    if " ".join(parts) != parent.name:
        raise Unsuitable(f"no tool tells the {key.role}")


def children(scene: Scene) -> Step:
    """List the albums of the artist "AC/DC"."""
    entry = main_entry(scene)
    listings = scene.tools.listings_of(entry.table)
    listing = scene.pick(listings, f"nothing is listed by {entry.table.words}")
    if (entry.identity, listing.tool.name) in scene.asked:
        raise Unsuitable("that was listed before")
    scene.asked.add((entry.identity, listing.tool.name))
    who = scene.mention(entry)
    scene.resolve(entry)
    found = scene.call(listing.tool, listing.bind(entry.key))
    many = scene.many(listing.table)
    stated = _rows_stated(listing, found, many)
    step = Step(
        "read",
        phrases.list_of(scene.rng, many, who),
        f"you know the {many} of {who.text}",
        scene.take_calls(),
        stated,
    )
    scene.remember(listing, rows_in(found))
    return step


def _rows_stated(
    listing: Operation, found: Any, many: str
) -> list[tuple[str, tuple[Any, ...]]]:
    """One fact a row: its name, or the name of what it is about."""
    rows = rows_in(found)
    if not 1 <= len(rows) <= _MOST_ROWS or found.get("more"):
        raise Unsuitable(f"not between one and {_MOST_ROWS} {many}")
    names = [listing.name_in(row) for row in rows]
    if not all(speakable(name) for name in names) or len(set(names)) < len(names):
        raise Unsuitable(f"the {many} have no names to tell")
    numbers = [listing.key_in(row) for row in rows] if numbered(listing.table) else []
    if all(numbers) and numbers:
        keys = [next(iter(key.values())) for key in numbers if key]
        pairs = zip(names, keys, strict=True)
        return [(f"one of the {many}", pair) for pair in pairs]
    return [(f"one of the {many}", (name,)) for name in names]


def filtered(scene: Scene) -> Step:
    """List the customers with the city "Paris", or count them."""
    operations = [*scene.tools.filters, *scene.tools.filtered_counts]
    chosen = scene.pick(operations, "no list has a filter")
    column = chosen.table.by_name[chosen.purpose.filter]
    values = [
        value
        for value in scene.view.known(chosen.table.name, column.name)
        if speakable(value)
    ]
    counts = chosen.purpose.family == "count"
    value: Any = None
    for _ in range(6):
        value = scene.pick(values, f"no {column.words} to ask for")
        size = chosen.size(scene.env, column.name, value)
        if size > 1 if counts else 1 <= size <= _MOST_ROWS:
            break
    found = scene.call(chosen.tool, chosen.ask("filter", value))
    many = scene.many(chosen.table)
    which = f"{many} with the {column.words} {phrases.literal(value)}"
    if counts:
        number = told_number(chosen, found)
        return Step(
            "read",
            phrases.count_where(scene.rng, many, column.words, value),
            f"you know how many {which} there are",
            scene.take_calls(),
            [(f"the number of {which}", (number,))],
        )
    step = Step(
        "read",
        phrases.list_where(scene.rng, many, column.words, value),
        f"you know the {which}",
        scene.take_calls(),
        _rows_stated(chosen, found, many),
    )
    scene.remember(chosen, rows_in(found))
    return step


def containing(scene: Scene) -> Step:
    """Find the tracks whose name contains "love"."""
    search = scene.pick(scene.tools.searches, "nothing can be searched")
    if len(search.table.label) != 1 or is_person(search.table):
        raise Unsuitable("people are not searched by a part of their name")
    entry = scene.pick(scene.view.named.get(search.table.name, ()), "no names")
    words = [w for w in (entry.name or "").split() if len(w) > 3 and w.isalpha()]
    word = scene.pick(words, "the name is one short word")
    found = scene.call(search.tool, search.ask("text", word))
    many = scene.many(search.table)
    stated = _rows_stated(search, found, many)
    label = search.table.labels[0].words
    step = Step(
        "read",
        phrases.contains(scene.rng, many, label, word),
        f'you know the {many} with "{word}" in the {label}',
        scene.take_calls(),
        stated,
    )
    scene.remember(search, rows_in(found))
    return step


def top(scene: Scene) -> Step:
    """List the 3 tracks with the highest unit price."""
    ranked = scene.pick(scene.tools.tops, "nothing is ranked")
    number = scene.rng.choice((1, 2, 3, 3, 5))
    wider = scene.env.execute(ranked.tool, ranked.ask("limit", number + 1), ordinal=0)
    sizes = [ranked.rank_in(row) for row in rows_in(orjson.loads(wider.content))]
    if wider.is_error or len(sizes) < number or sizes[number - 1] in sizes[number:]:
        raise Unsuitable("a tie leaves open which rows are first")
    found = scene.call(ranked.tool, ranked.ask("limit", number))
    if len(rows_in(found)) != number:
        raise Unsuitable("not the number of rows that was asked for")
    noun, many = scene.noun(ranked.table), scene.many(ranked.table)
    stated = _rows_stated(ranked, found, many)
    if ranked.counted is not None:
        counted = scene.many(ranked.counted)
        text = phrases.top_by_count(scene.rng, noun, many, counted, number)
        what = f"the most {counted}"
    else:
        words = ranked.table.by_name[ranked.purpose.measure].words
        text = phrases.top(scene.rng, noun, many, words, number, "highest")
        what = f"the highest {words}"
    which = f"the {noun}" if number == 1 else f"the {number} {many}"
    step = Step(
        "read", text, f"you know {which} with {what}", scene.take_calls(), stated
    )
    scene.remember(ranked, rows_in(found))
    return step


def aggregate(scene: Scene) -> Step:
    """Find out how many invoices the customer "Ana Lima" has."""
    entry = main_entry(scene)
    operations = scene.tools.aggregates_of(entry.table)
    chosen = scene.pick(operations, f"nothing is counted for {entry.table.words}")
    if (entry.identity, chosen.tool.name) in scene.asked:
        raise Unsuitable("that was asked before")
    scene.asked.add((entry.identity, chosen.tool.name))
    who = scene.mention(entry)
    scene.resolve(entry)
    number = told_number(chosen, scene.call(chosen.tool, chosen.bind(entry.key)))
    many = scene.many(chosen.table)
    family = chosen.purpose.family
    if family == "count":
        text = phrases.count(scene.rng, many, who)
        about = f"the number of {many} of {who.text}"
    else:
        words = chosen.table.by_name[chosen.purpose.measure].words
        say = phrases.total if family == "total" else phrases.average
        text = say(scene.rng, words, many, who)
        bare = words.removeprefix("total ")
        what = family if bare == family else f"{family} {bare}"
        about = f"the {what} of the {many} of {who.text}"
    return Step(
        "read", text, f"you know {about}", scene.take_calls(), [(about, (number,))]
    )


def told_number(operation: Operation, found: Any) -> int | float:
    """The one number of a result. Raises: Unsuitable if there is nothing to tell."""
    number = operation.number_in(found)
    if isinstance(number, bool) or not isinstance(number, int | float) or number == 0:
        raise Unsuitable("the result is nothing to tell")
    return number
