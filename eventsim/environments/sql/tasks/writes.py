"""Objectives that change something, and those that check a change.

Each write is executed by the reference on a trial copy; what it did to rows is what
the task expects. Each comes with swaps: the same call with one value altered, which
the checks must find.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventsim.environments.sql.tables import Column, Table
from eventsim.environments.sql.tasks import phrases
from eventsim.environments.sql.tasks.additions import new_value
from eventsim.environments.sql.tasks.reads import main_entry, told_number
from eventsim.environments.sql.tasks.scene import (
    Call,
    Checkable,
    Scene,
    Step,
    Unsuitable,
)
from eventsim.environments.sql.tasks.toolbox import Operation
from eventsim.environments.sql.tasks.view import Entry, by_key

__all__ = ["changeable", "check", "delete", "free_columns", "link", "unlink", "update"]


_BORN_WITH = frozenset(
    ("species", "breed", "gender", "sex", "birth", "vaccine", "isbn", "barcode")
)
"""Words of attributes that nobody asks to change."""


def changeable(scene: Scene, table: Table) -> list[Column]:
    """Columns that an update tool writes and that policy leaves free."""
    tool = scene.tools.update(table)
    if tool is None:
        return []
    foreign = {column for key in table.foreign_keys for column in key.columns}
    return [
        column
        for column in tool.columns
        if column.name not in foreign
        and not _BORN_WITH & set(column.words.split())
        and (column.name not in table.label or len(table.label) == 1)
        and not scene.policy.forbids("update", table.name, column.name)
        and all(word.isalpha() for word in column.words.split())
    ]


def update(scene: Scene) -> Step:
    """Change the phone of the customer "Ana Lima" to "555 0147"."""
    entry = main_entry(scene, fresh=True)
    entry = scene.find(entry.table, entry.key) or entry
    columns = changeable(scene, entry.table)
    if len(columns) > 2 or scene.rng.random() < 0.8:
        columns = [c for c in columns if c.name not in entry.table.label]
    column = scene.pick(columns, f"nothing of {entry.table.words} can change")
    value = new_value(scene, entry, column)
    if value is None:
        raise Unsuitable(f"no new {column.words} comes to mind")
    scene.asked.add((entry.identity, column.name))
    who, words = scene.mention(entry), column.words
    withheld = scene.withholds
    text = phrases.change(scene.rng, words, who, None if withheld else value)
    scene.resolve(entry)
    tool = scene.tools.update(entry.table)
    assert tool is not None
    arguments = tool.bind(entry.key, {column.name: value})
    scene.call(tool.tool, arguments)
    step = Step(
        "write",
        text,
        f"you have had the {words} of {who.text} changed"
        if withheld
        else f"the {words} of {who.text} {phrases.be(words)} {phrases.literal(value)}",
        scene.take_calls(),
        changes=list(scene.changes),
        given=frozenset((column.name,)),
        missing_detail=withheld,
    )
    if withheld:
        scene.withholds = False
        name = entry.name or f"{who.noun} {next(iter(entry.key.values()))}"
        step.known.append(f"The new {words} of {name} {phrases.be(words)} {value}.")
    other = new_value(scene, entry, column)
    if other not in (None, value):
        step.swaps.append(Call(tool.tool, tool.bind(entry.key, {column.name: other})))
    step.swaps += [
        Call(tool.tool, tool.bind(e.key, {column.name: value}))
        for e in scene.others(entry)
    ]
    scene.wrote(entry)
    scene.checkable = ("value", entry, column, None if withheld else value)
    return step


def delete(scene: Scene) -> Step:
    """Delete the playlist "Road Trip"."""
    deletions = [
        d
        for d in scene.tools.deletions
        if len(d.table.primary_key) == 1
        and not scene.policy.forbids("delete", d.table.name)
    ]
    own = _own_rows(scene, deletions)
    if own and scene.rng.random() < 0.7:
        deletion, main = scene.pick(own)
    else:
        deletion = scene.pick(deletions, "nothing can be deleted")
        main = scene.entry_of(deletion.table, fresh=True)
    who = scene.mention(main)
    scene.resolve(main)
    scene.call(deletion.tool, deletion.bind(main.key))
    step = Step(
        "write",
        phrases.remove(scene.rng, who),
        f"{who.text} is gone",
        scene.take_calls(),
        changes=list(scene.changes),
    )
    step.swaps = [Call(deletion.tool, deletion.bind(e.key)) for e in scene.others(main)]
    scene.wrote(main)
    owner = _owner_of(scene, main)
    scene.main = owner
    scene.checkable = _after_removing(scene, owner, deletion.table)
    return step


def _own_rows(
    scene: Scene, deletions: list[Operation]
) -> list[tuple[Operation, Entry]]:
    """Deletable rows that belong to what the task is about, or are it."""
    main = scene.main
    if main is None:
        return []
    found = []
    for deletion in deletions:
        rows = [main] if deletion.table is main.table else []
        for key in deletion.table.foreign_keys:
            if key.parent == main.table.name and by_key(deletion.table):
                rows += scene.children_of(main, deletion.table, key)
        used = scene.taken | scene.written
        found += [(deletion, row) for row in rows if row.identity not in used]
    return found


def _owner_of(scene: Scene, entry: Entry) -> Entry | None:
    """The row that a deleted one belonged to, if it can be spoken of."""
    for key in entry.table.foreign_keys:
        owner = scene.parent_of(entry, key)
        if owner is not None and (scene.names(owner) or by_key(owner.table)):
            return owner
    return None


def _after_removing(
    scene: Scene, owner: Entry | None, table: Table
) -> Checkable | None:
    """What to look at after rows of the table were taken from the owner."""
    if owner is None:
        return None
    for operation in scene.tools.aggregates_of(owner.table, "count"):
        if operation.table is table or operation.purpose.link == table.name:
            return ("left", owner, operation, None)
    return None


def unlink(scene: Scene) -> Step:
    """Remove the track "X" from the playlist "Y"."""
    deletions = [
        d
        for d in scene.tools.deletions
        if len(d.table.primary_key) == len(d.table.foreign_keys) == 2
        and not scene.policy.forbids("delete", d.table.name)
    ]
    deletion = scene.pick(deletions, "no two things can be parted")
    pair = scene.pick(scene.view.entries(deletion.table.name), "nothing is tied")
    ends = [scene.parent_of(pair, key) for key in pair.table.foreign_keys]
    if len(ends) != 2 or ends[0] is None or ends[1] is None:
        raise Unsuitable("it does not tie two rows")
    owner, thing = _ordered(pair.table, ends[0], ends[1])
    if pair.identity in scene.taken or not (scene.names(thing) and scene.names(owner)):
        raise Unsuitable("one of the two has no name of its own")
    what, where = scene.mention(thing), scene.mention(owner)
    scene.resolve(thing)
    scene.resolve(owner)
    scene.call(deletion.tool, deletion.bind(pair.key))
    if deletion.table.link:
        text = phrases.remove_from(scene.rng, what, where)
        outcome = f"{what.text} is no longer in {where.text}"
    else:
        noun = scene.noun(deletion.table)
        text = phrases.remove_pair(scene.rng, noun, where, what)
        outcome = f"the {noun} of {where.text} for {what.text} is gone"
    step = Step(
        "write",
        text,
        outcome,
        scene.take_calls(),
        changes=list(scene.changes),
    )
    step.swaps = [Call(deletion.tool, deletion.bind(e.key)) for e in scene.others(pair)]
    scene.wrote(pair)
    scene.main = owner
    scene.checkable = _after_removing(scene, owner, deletion.table)
    return step


def link(scene: Scene) -> Step:
    """Add the track "X" to the playlist "Y"."""
    operation = scene.pick(scene.tools.links, "no two things can be tied")
    table = operation.table
    if scene.policy.forbids("insert", table.name):
        raise Unsuitable("policy forbids it")
    tables = [scene.view.schema.by_name[key.parent] for key in table.foreign_keys]
    ends = [
        scene.main if scene.main is not None and scene.main.table is t else None
        for t in tables
    ]
    rows = [end or scene.entry_of(t) for end, t in zip(ends, tables, strict=True)]
    where, what = _ordered(table, rows[0], rows[1])
    if not (scene.names(what) and scene.names(where)):
        raise Unsuitable("one of the two has no name of its own")
    values: dict[str, Any] = {}
    for key, row in zip(table.foreign_keys, rows, strict=True):
        values |= {c: row.key[t] for c, t in zip(key.columns, key.targets, strict=True)}
    thing, owner = scene.mention(what), scene.mention(where)
    scene.resolve(what)
    scene.resolve(where)
    scene.call(operation.tool, operation.bind(values, values))
    step = Step(
        "write",
        phrases.add_to(scene.rng, thing, owner),
        f"{thing.text} is in {owner.text}",
        scene.take_calls(),
        changes=list(scene.changes),
        given=frozenset(values),
    )
    for other in scene.others(what):
        for key, row in zip(table.foreign_keys, rows, strict=True):
            if row is what:
                changed = dict(zip(key.columns, other.key.values(), strict=False))
                swapped = {**values, **changed}
                step.swaps.append(
                    Call(operation.tool, operation.bind(swapped, swapped))
                )
    scene.wrote(where)
    scene.main = where
    scene.checkable = _after_adding_to(scene, where, table)
    return step


def _after_adding_to(scene: Scene, owner: Entry, table: Table) -> Checkable | None:
    for operation in scene.tools.aggregates_of(owner.table, "count"):
        if operation.table is table or operation.purpose.link == table.name:
            return ("count", owner, operation, None)
    return None


def _ordered(table: Table, one: Entry, other: Entry) -> tuple[Entry, Entry]:
    """Owner and thing: "playlist track" is a track that a playlist has."""
    last = table.words.split()[-1]
    if last == one.table.words.split()[-1]:
        return other, one
    return one, other


def check(scene: Scene) -> Step:
    """Check that the phone of that customer is now "555 0147"; count what is left."""
    if scene.checkable is None:
        raise Unsuitable("nothing was changed that could be checked")
    what, entry, about, value = scene.checkable
    scene.checkable = None
    who = scene.mention(entry)
    if what == "value":
        assert isinstance(about, Column)
        told = scene.details(entry, about)
        words = about.words
        return Step(
            "check",
            phrases.check_value(scene.rng, words, who, value),
            f"you have seen that the {words} of {who.text} {phrases.be(words)} right",
            scene.take_calls(),
            [(f"the {words} of {who.text}", (told,))],
        )
    assert isinstance(about, Operation)
    scene.resolve(entry)
    number = told_number(about, scene.call(about.tool, about.bind(entry.key)))
    many = scene.many(about.table)
    say = phrases.check_gone if what == "left" else phrases.check_count
    return Step(
        "check",
        say(scene.rng, many, who),
        f"you know how many {many} {who.text} has now",
        scene.take_calls(),
        [(f"the number of {many} of {who.text}", (number,))],
    )


def free_columns(step: Step, table: Table, new: Mapping[str, Any]) -> tuple[str, ...]:
    """Columns of a change that may hold anything: time stamps that the clause does
    not give.
    """
    stamped = []
    for name in new:
        column = table.by_name.get(name)
        if name in step.given or column is None:
            continue
        default = (column.default or "").upper()
        timed = "CURRENT" in default or "NOW" in default
        if timed or column.generated or column.kind == "datetime":
            stamped.append(name)
    return tuple(stamped)
