"""What a person wants to change in a database, and to see changed or refused.

New values are like those of the shown rows. What the policy forbids is left alone, or
asked for on purpose, and then the right answer is no.
"""

from __future__ import annotations

from eventsim.providers.rule_based.designing.words import article, joined
from eventsim.providers.rule_based.writing_tasks.brief import Op
from eventsim.providers.rule_based.writing_tasks.ddl import Column, Table
from eventsim.providers.rule_based.writing_tasks.inventing import (
    literal,
    new_value,
    speakable,
)
from eventsim.providers.rule_based.writing_tasks.reading_wishes import (
    askable,
    be,
    counted,
    subject_of,
)
from eventsim.providers.rule_based.writing_tasks.scene import (
    Objective,
    Row,
    Scene,
    Unfit,
)

__all__ = ["add", "check", "refuse", "write"]


def write(scene: Scene) -> Objective:
    """Change the phone of the customer "Ana Lima" to "555 0147"."""
    row = subject_of(scene)
    op = scene.op("update", row.table)
    name = scene.key_name(op, row.table) if op else None
    if op is None or name is None or row.identity in scene.written:
        raise Unfit("nothing to change")
    columns = [
        column
        for column in askable(row.table)
        if op.takes(column.key)
        and not column.derived
        and not scene.bounds.forbids("update", row.table.words, column.words)
    ]
    for column in scene.rng.sample(columns, len(columns)):
        value = new_value(
            column,
            row.values.get(column.name),
            scene.known_values(row.table, column),
            scene.rng,
            scene.commission.today,
            who=row.name,
        )
        if value is None or not speakable(value):
            continue
        who = scene.mention(row)
        key = scene.resolve(row)
        scene.call(op, {name: key, column.key: value})
        scene.written.add(row.identity)
        scene.asked.add((row.identity, column.name))
        scene.checkable = (row, column, value)
        verb = scene.rng.choice(("change", "set", "update"))
        about = f"the {column.words} of {who}"
        return Objective(
            "write",
            f"{verb} {about} to {literal(value)}",
            f"{about} {be(column.words)} {literal(value)}",
        )
    raise Unfit("nothing to change")


def add(scene: Scene) -> Objective:
    """Add a review for the customer "Ana Lima" with the product "X" and rating 5."""
    row = subject_of(scene)
    tables = [t for t, _ in scene.children(row)]
    for table in scene.rng.sample(tables, len(tables)):
        op = scene.op("create", table)
        if op is None or scene.bounds.forbids("create", table.words):
            continue
        values = _new_row(scene, table, row, op)
        if values is None:
            continue
        who = scene.mention(row)
        arguments: dict[str, object] = {}
        said = []
        for column, value in values:
            if isinstance(value, Row):
                arguments[column.key] = scene.resolve(value)
                if value != row:
                    role = _role(table, column)
                    said.append(f"the {role} {_short(scene, value)}")
            else:
                arguments[column.key] = value
                said.append(f"the {column.words} {literal(value)}")
        scene.call(op, arguments)
        scene.countable = (row, table)
        listed = f" with {joined(said)}" if said else ""
        verb = scene.rng.choice(("add", "create"))
        return Objective(
            "write",
            f"{verb} {article(table.words)} for {who}{listed}",
            f"there is a new {table.words} for {who}{listed}",
        )
    raise Unfit("nothing to add")


def _role(table: Table, column: Column) -> str:
    reference = table.reference(column.name)
    return reference.role if reference else column.words


def _short(scene: Scene, row: Row) -> str:
    return f'"{row.name}"' if scene.named(row) else str(row.key)


def _new_row(
    scene: Scene, table: Table, owner: Row, op: Op
) -> list[tuple[Column, object]] | None:
    """A value for all that a new row needs, or None."""
    needed = {p.name for p in op.required}
    values: list[tuple[Column, object]] = []
    by_name = {t.name: t for t in scene.commission.tables}
    owned = False
    for column in table.columns:
        if column.key not in needed:
            continue
        reference = table.reference(column.name)
        if reference is not None and reference.parent == owner.table.name and not owned:
            owned = True
            values.append((column, owner))
        elif reference is not None:
            try:
                other = scene.pick(scene.rows(by_name[reference.parent]))
                values.append((column, other))
            except Unfit:
                return None
        else:
            value = new_value(
                column,
                None,
                scene.known_values(table, column),
                scene.rng,
                scene.commission.today,
                fresh=True,
            )
            if value is None or not speakable(value):
                return None
            values.append((column, value))
    return values if owned and len(values) == len(needed) else None


def check(scene: Scene) -> Objective:
    """Check that the phone of that customer is now "555 0147", or count again."""
    if scene.checkable is not None:
        row, column, value = scene.checkable
        scene.checkable = None
        who = scene.mention(row)
        number, op = scene.look_up(row)
        shown = scene.field_of(op, column)
        if shown is None:
            raise Unfit("no tool shows what was changed")
        verb = scene.rng.choice(("check", "confirm", "make sure"))
        about = f"the {column.words} of {who}"
        return Objective(
            "check",
            f"{verb} that {about} {be(column.words)} now {literal(value)}",
            f"you have seen that {about} {be(column.words)} right",
            ((about, f"${number}.{shown}"),),
        )
    if scene.countable is not None:
        row, table = scene.countable
        scene.countable = None
        counts = scene.op("count", table, row.table)
        if counts is not None:
            return counted(scene, row, table, counts, "check")
    raise Unfit("nothing to check")


def refuse(scene: Scene) -> Objective:
    """Ask for what the policy forbids, or for what no tool does."""
    row = subject_of(scene)
    forbidden = [
        table
        for table in scene.commission.tables
        if scene.bounds.forbids("delete", table.words)
    ]
    if forbidden:
        rows = [r for t in forbidden for r in scene.rows(t)]
        row = scene.pick(rows, "nothing that may not be deleted")
    elif scene.op("delete", row.table) is not None:
        raise Unfit("it may be deleted")
    if row.identity in scene.written:
        raise Unfit("it was just changed")
    text = f"{scene.rng.choice(('delete', 'remove'))} {scene.mention(row)}"
    known = f"you have asked to {text} and know whether that is possible"
    return Objective("refusal", text, known)
