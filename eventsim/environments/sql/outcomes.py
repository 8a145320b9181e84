"""The checks of a task that a model wrote: what its solution did, as expectations.

The net change is expected exactly as it came about, but for what nobody chose: keys
that SQLite assigned, and time stamps. What the writer declared beforehand must be part
of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eventsim.core.changes import RowChange, net
from eventsim.core.tasks import Checks, ExpectedChange, Fact, Task
from eventsim.core.values import canonical, freeze
from eventsim.environments.sql.tables import Column, Schema, Table

__all__ = ["Done", "Unmet", "completed"]


class Unmet(Exception):
    """The solution did not do what the task asks for: why."""


@dataclass(frozen=True, slots=True)
class Done:
    """One call of a solution that was carried out."""

    objective: int
    arguments: Mapping[str, Any]
    changes: tuple[RowChange, ...]


def completed(
    task: Task, facts: Sequence[Fact], done: Sequence[Done], schema: Schema
) -> Task:
    """The task with checks from what was done. Raises: Unmet."""
    kinds = {objective.number: objective.kind for objective in task.objectives}
    for call in done:
        if call.changes and kinds.get(call.objective) != "write":
            raise Unmet(
                f"the solution changes data for objective {call.objective}, "
                "which does not ask for a change"
            )
    changes = _expected(done, schema)
    changed = {change.objective for change in changes}
    stated = {fact.objective for fact in facts if not fact.refusal}
    refused = {fact.objective for fact in facts if fact.refusal}
    for number, kind in kinds.items():
        if kind == "write" and number not in changed:
            raise Unmet(
                f"objective {number} asks for a change, and the solution makes none: "
                "no call is for it, or what it writes is there already"
            )
        if kind in ("read", "check") and number not in stated:
            raise Unmet(
                f"objective {number} asks for something, "
                "and no fact says what the answer must state"
            )
    told = [
        *facts,
        *(
            Fact(objective=o.number, about=o.text, refusal=True)
            for o in task.objectives
            if o.kind == "refusal" and o.number not in refused
        ),
    ]
    _check_declared(task.checks.changes, changes, schema)
    checks = Checks(changes=tuple(changes), facts=tuple(told))
    return task.model_copy(update={"checks": checks})


# --- changes ------------------------------------------------------------------------


def _expected(done: Sequence[Done], schema: Schema) -> list[ExpectedChange]:
    first: dict[tuple[str, bytes], int] = {}
    given: dict[tuple[str, bytes], set[Any]] = {}
    for call in done:
        values = set(_scalars(call.arguments))
        for change in call.changes:
            where = _where(change)
            first.setdefault(where, call.objective)
            given.setdefault(where, set()).update(values)
    assigned: set[tuple[str, Any]] = set()
    expected = []
    for change in net(c for call in done for c in call.changes):
        where = _where(change)
        table = schema.by_name.get(change.table)
        expected.append(_one(change, first[where], given[where], table, assigned))
    return expected


def _where(change: RowChange) -> tuple[str, bytes]:
    return change.table, canonical(change.key)


def _one(
    change: RowChange,
    objective: int,
    given: set[Any],
    table: Table | None,
    assigned: set[tuple[str, Any]],
) -> ExpectedChange:
    free: list[str] = []
    if table is not None and change.op != "delete":
        free += [
            name
            for name, value in change.new.items()
            if (value not in given and _comes_by_itself(table.by_name.get(name)))
            or _refers_to_assigned(table, name, value, assigned)
        ]
    if table is not None and change.op == "insert":
        own = {
            name: value
            for name, value in change.key.items()
            if table.assigned_key and value not in given
        }
        assigned.update((table.name, value) for value in own.values())
        free += [
            name
            for name, value in change.key.items()
            if name in own or _refers_to_assigned(table, name, value, assigned)
        ]
    key = {n: v for n, v in change.key.items() if n not in free}
    new = {n: v for n, v in change.new.items() if n not in free}
    return ExpectedChange(
        objective=objective,
        table=change.table,
        op=change.op,
        key=freeze(key),
        new=freeze(new if change.op != "delete" else {}),
        free=tuple(free),
    )


def _comes_by_itself(column: Column | None) -> bool:
    if column is None:
        return False
    default = (column.default or "").upper()
    timed = "CURRENT" in default or "NOW" in default
    return timed or column.generated or column.kind == "datetime"


def _refers_to_assigned(
    table: Table, name: str, value: Any, assigned: set[tuple[str, Any]]
) -> bool:
    foreign = table.foreign_key_of(name)
    return foreign is not None and (foreign.parent, value) in assigned


def _scalars(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return [v for item in value.values() for v in _scalars(item)]
    if isinstance(value, list | tuple):
        return [v for item in value for v in _scalars(item)]
    return [value, f"{value} 00:00:00"] if isinstance(value, str) else [value]


# --- what was declared --------------------------------------------------------------


def _check_declared(
    declared: Sequence[ExpectedChange],
    changes: Sequence[ExpectedChange],
    schema: Schema,
) -> None:
    """Each declared change came about once, and nothing else but what follows."""
    if not declared:
        return
    left = list(changes)
    for want in declared:
        found = next((change for change in left if _covers(want, change)), None)
        if found is None:
            raise Unmet(f"the {want.op} in {want.table} that it expects is not made")
        left.remove(found)
    derived = {(d.table, d.column) for d in schema.derivations}
    for change in left:
        follows = change.op == "update" and all(
            (change.table, name) in derived for name in change.new
        )
        if not follows:
            raise Unmet(
                f"it makes an {change.op} in {change.table} that it does not expect"
            )


def _covers(want: ExpectedChange, change: ExpectedChange) -> bool:
    if (want.table.casefold(), want.op) != (change.table.casefold(), change.op):
        return False
    held = {**change.key, **change.new}
    return all(
        name in change.free or (name in held and _equal(value, held[name]))
        for name, value in {**want.key, **want.new}.items()
    )


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= 1e-9 * max(1.0, abs(one))
    return bool(one == other) or str(one) == str(other)
