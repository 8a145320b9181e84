"""Objectives whose right answer is that it cannot or may not be done.

A deletion that no tool makes or that other rows prevent, a value that follows from
others, a change that policy forbids, any change with a wrong desk code. The state must
stay as it is, and the answer must say so.
"""

from __future__ import annotations

from collections.abc import Callable

from eventsim.environments.sql.tables import Column, Table
from eventsim.environments.sql.tasks import phrases
from eventsim.environments.sql.tasks.additions import new_value
from eventsim.environments.sql.tasks.inventions import invent
from eventsim.environments.sql.tasks.scene import Scene, Step, Unsuitable
from eventsim.environments.sql.tasks.view import Entry

__all__ = ["refusal", "without_code"]


def refusal(scene: Scene) -> Step:
    """One of the ways to ask for what cannot be done."""
    ways: list[Callable[[Scene], Step]] = [_undeletable, _derived]
    if scene.policy.forbidden:
        ways = [_forbidden, _forbidden, *ways]
    scene.rng.shuffle(ways)
    reason = ""
    for way in ways:
        try:
            return way(scene)
        except Unsuitable as why:
            reason = str(why)
            scene.take_calls()
    raise Unsuitable(reason)


def without_code(step: Step) -> Step:
    """The same wish as a write step, from a person whose desk code is wrong."""
    reads = [call for call in step.calls if not call.tool.writes]
    needs = tuple(call.tool.name for call in step.calls)
    about = step.text
    return Step(
        "refusal",
        step.text,
        f"you have asked to {about} and know whether that is possible",
        reads,
        refused=about,
        needs=needs,
        known=step.known,
    )


def _asked(scene: Scene, text: str, needs: tuple[str, ...] = ()) -> Step:
    return Step(
        "refusal",
        text,
        f"you have asked to {text} and know whether that is possible",
        scene.take_calls(),
        refused=text,
        needs=needs,
    )


def _subject(scene: Scene, table: Table) -> Entry:
    main = scene.main
    if main is not None and main.table is table and main.identity not in scene.written:
        return main
    return scene.entry_of(table, fresh=True)


def _undeletable(scene: Scene) -> Step:
    """No tool deletes such rows, or others depend on this one."""
    deletable = {d.table.name for d in scene.tools.deletions}
    tables = [t for t in scene.tools.central if not t.view and not t.link]
    if scene.main is not None and scene.rng.random() < 0.6:
        tables = [scene.main.table]
    table = scene.pick(tables)
    entry = _subject(scene, table)
    if entry.identity in scene.written:
        raise Unsuitable("the row was just changed")
    who = scene.mention(entry)
    scene.resolve(entry)
    needs: tuple[str, ...] = ()
    if table.name in deletable:
        if scene.policy.forbids("delete", table.name):
            raise Unsuitable("policy forbids it anyway")
        deletion = scene.tools.deletion(table)
        assert deletion is not None
        if not scene.fails(deletion.tool, deletion.bind(entry.key)):
            raise Unsuitable("the row can be deleted")
        needs = (deletion.tool.name,)
    return _asked(scene, phrases.remove(scene.rng, who), needs)


def _derived(scene: Scene) -> Step:
    """The value follows from others and no tool writes it."""
    tables = [t for t in scene.view.schema.tables if any(c.derived for c in t.visible)]
    table = scene.pick(tables, "no column is derived")
    column = scene.pick([c for c in table.visible if c.derived])
    entry = _subject(scene, table)
    value = invent(
        column,
        scene.view.known(table.name, column.name),
        scene.rng,
        scene.now,
        current=entry.row.get(column.name),
    )
    if value is None:
        raise Unsuitable(f"no new {column.words} comes to mind")
    who = scene.mention(entry)
    scene.resolve(entry)
    return _asked(scene, phrases.change(scene.rng, column.words, who, value))


def _forbidden(scene: Scene) -> Step:
    """Policy says no, although a tool could do it."""
    rule = scene.pick(scene.policy.forbidden, "policy forbids nothing")
    table = scene.view.schema.by_name[rule.table]
    if rule.action == "update" and rule.column is not None:
        tool = scene.tools.update(table)
        column: Column = table.by_name[rule.column]
        entry = _subject(scene, table)
        value = new_value(scene, entry, column)
        if value is None or tool is None:
            raise Unsuitable(f"no new {column.words} comes to mind")
        who = scene.mention(entry)
        scene.resolve(entry)
        text = phrases.change(scene.rng, column.words, who, value)
        return _asked(scene, text, (tool.tool.name,))
    if rule.action == "delete" and not table.link:
        entry = _subject(scene, table)
        who = scene.mention(entry)
        scene.resolve(entry)
        deletion = scene.tools.deletion(table)
        needs = (deletion.tool.name,) if deletion else ()
        return _asked(scene, phrases.remove(scene.rng, who), needs)
    raise Unsuitable("the rule is tested otherwise")
