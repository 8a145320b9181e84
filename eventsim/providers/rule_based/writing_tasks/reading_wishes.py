"""What a person wants to find out of a database, with the calls that tell it.

Each wish speaks of shown rows, takes what it needs from earlier calls, and says which
field of a result is its answer. One that does not work out raises `Unfit`.
"""

from __future__ import annotations

from eventsim.providers.rule_based.designing.words import singular
from eventsim.providers.rule_based.writing_tasks.brief import Op
from eventsim.providers.rule_based.writing_tasks.ddl import Column, Table
from eventsim.providers.rule_based.writing_tasks.inventing import speakable
from eventsim.providers.rule_based.writing_tasks.scene import (
    Objective,
    Row,
    Scene,
    Unfit,
)

__all__ = [
    "ask",
    "askable",
    "be",
    "count",
    "counted",
    "list_some",
    "rank",
    "subject_of",
]

_FEW = 3.5


def subject_of(scene: Scene) -> Row:
    """The row that the task is about, chosen once."""
    if scene.subject is None:
        wanted = scene.commission.wishes.focus
        tables = [t for t in scene.commission.tables if not t.link]
        near = [t for t in tables if t.name in wanted]
        for group in (near, tables):
            rows = [row for table in group for row in scene.rows(table)]
            named = _mentioned_before(scene, rows)
            try:
                scene.subject = scene.pick(named or rows)
            except Unfit:
                continue
            break
        if scene.subject is None:
            raise Unfit("no row can be spoken of")
    return scene.subject


def _mentioned_before(scene: Scene, rows: list[Row]) -> list[Row]:
    """Rows that an earlier task spoke of, if this one is to go on from it."""
    wishes = scene.commission.wishes
    if not wishes.extends:
        return []
    text = " ".join(wishes.earlier)
    return [row for row in rows if row.name and f'"{row.name}"' in text]


def askable(table: Table) -> list[Column]:
    """The columns whose value a person may ask for or want to change."""
    kept = {*table.primary, *table.label, *(r.column for r in table.references)}
    return [c for c in table.columns if c.name not in kept and c.kind != "blob"]


def be(words: str) -> str:
    """The verb that agrees with an attribute: delivery days are, a status is."""
    return "is" if singular(words) == words else "are"


def ask(scene: Scene) -> Objective:
    """Find the e-mail of the customer "Ana Lima"."""
    row = subject_of(scene)
    columns = [
        column
        for column in askable(row.table)
        if scene.told(row.values.get(column.name))
        and (row.identity, column.name) not in scene.asked
    ]
    references = [
        r
        for r in row.table.references
        if (parent := scene.parent(row, r.column)) is not None
        and speakable(parent.name)
        and (row.identity, r.column) not in scene.asked
    ]
    if references and (not columns or scene.rng.random() < 0.3):
        return _ask_related(scene, row, scene.rng.choice(references).column)
    if not columns:
        raise Unfit("nothing to ask")
    column = scene.rng.choice(columns)
    who = scene.mention(row)
    number, op = scene.look_up(row)
    shown = scene.field_of(op, column)
    if shown is None:
        raise Unfit(f"no tool shows the {column.words}")
    scene.asked.add((row.identity, column.name))
    verb = scene.rng.choice(("find", "find out", "look up", "get", "check"))
    about = f"the {column.words} of {who}"
    return Objective(
        "read", f"{verb} {about}", f"you know {about}", ((about, f"${number}.{shown}"),)
    )


def _ask_related(scene: Scene, row: Row, column: str) -> Objective:
    """Find the category of the product "X"."""
    reference = row.table.reference(column)
    parent = scene.parent(row, column)
    assert reference is not None
    assert parent is not None
    who = scene.mention(row)
    number, op = scene.look_up(row)
    begin = "_".join(reference.role.split())
    shown = next(
        (f for f in op.fields if f in (f"{begin}_name", f"{begin}_title")), None
    )
    if shown is None:
        raise Unfit(f"no tool tells the {reference.role}")
    scene.asked.add((row.identity, column))
    about = f"the {reference.role} of {who}"
    verb = scene.rng.choice(("find", "look up"))
    return Objective(
        "read", f"{verb} {about}", f"you know {about}", ((about, f"${number}.{shown}"),)
    )


def count(scene: Scene) -> Objective:
    """Find out how many orders the customer "Ana Lima" has."""
    row = subject_of(scene)
    tables = [t for t, shown in scene.children(row) if shown]
    for table in scene.rng.sample(tables, len(tables)):
        op = scene.op("count", table, row.table)
        if op is None or (row.identity, op.name) in scene.asked:
            continue
        scene.asked.add((row.identity, op.name))
        return counted(scene, row, table, op, "read")
    raise Unfit("nothing to count")


def counted(scene: Scene, row: Row, table: Table, op: Op, kind: str) -> Objective:
    """How many rows of the table belong to the row, asked or asked once more."""
    who = scene.mention(row)
    name = op.required[0].name if op.required else ""
    number = scene.call(op, {name: scene.resolve(row)})
    shown = next((f for f in op.fields if f.endswith("count") or "count" in f), None)
    if shown is None:
        raise Unfit("the count has no field")
    many = table.plural
    about = f"the number of {many} of {who}"
    if kind == "check":
        text = f"find out how many {many} {who} has after that"
    else:
        text = scene.rng.choice(
            (f"find out how many {many} {who} has", f"count the {many} of {who}")
        )
    known = f"you know how many {many} {who} has"
    return Objective(kind, text, known, ((about, f"${number}.{shown}"),))


def list_some(scene: Scene) -> Objective:
    """List the orders of the customer "Ana Lima", if there are likely but few."""
    row = subject_of(scene)
    for table, shown in scene.children(row):
        op = scene.op("list", table, row.table)
        each = table.rows / max(1, row.table.rows)
        if op is None or not shown or each > _FEW:
            continue
        if (row.identity, op.name) in scene.asked:
            continue
        told = _telling_field(op, table)
        if told is None:
            continue
        scene.asked.add((row.identity, op.name))
        who = scene.mention(row)
        key = scene.resolve(row)
        number = scene.call(op, {op.required[0].name: key})
        text = f"{scene.rng.choice(('list', 'show'))} the {table.plural} of {who}"
        fact = (f"one of the {table.plural}", _each(number, told))
        return Objective("read", text, f"you know the {table.plural} of {who}", (fact,))
    raise Unfit("nothing to list")


def _telling_field(op: Op, table: Table) -> tuple[str, ...] | None:
    """The fields that rows of a list are told apart by."""
    if table.label:
        fields = tuple(table.column(name).key for name in table.label)
        return fields if set(fields) <= set(op.fields) else None
    if len(table.primary) == 1:
        key = table.column(table.primary[0]).key
        return (key,) if key in op.fields else None
    return None


def _each(number: int, fields: tuple[str, ...]) -> str:
    return " ".join(f"${number}[*].{name}" for name in fields)


def rank(scene: Scene) -> Objective:
    """List the 3 products with the highest price."""
    ops = [op for op in scene.commission.ops if op.verb == "top" and op.many]
    scene.rng.shuffle(ops)
    wanted = scene.commission.wishes.focus
    tables = {t.words: t for t in scene.commission.tables}
    for op in ops:
        table = tables.get(op.noun)
        if table is None or op.name in scene.asked or len(op.required) != 1:
            continue
        if wanted and table.name not in wanted and scene.rng.random() < 0.6:
            continue
        told = _telling_field(op, table)
        if told is None:
            continue
        scene.asked.add(op.name)
        how_many = scene.rng.choice((2, 3, 3, 4))
        number = scene.call(op, {op.required[0].name: how_many})
        counted = any(op.by == t.plural for t in tables.values())
        what = f"the most {op.by}" if counted else f"the highest {op.by}"
        verb = scene.rng.choice(("list", "name", "find"))
        text = f"{verb} the {how_many} {table.plural} with {what}"
        known = f"you know the {how_many} {table.plural} with {what}"
        fact = (f"one of the {table.plural}", _each(number, told))
        return Objective("read", text, known, (fact,))
    raise Unfit("nothing to rank")
