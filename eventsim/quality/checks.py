"""Whether a task was done: its net change and its answers, against its checks.

Pure: what happened comes in as row changes and texts, what was found goes out as
findings, each with a sentence that says what was missing. A verdict from here is
*proven*; nothing here calls a model, and nothing here knows how a flaw came about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from eventsim.core.changes import RowChange, net
from eventsim.core.events import Finding
from eventsim.core.tasks import ExpectedChange, Fact, Task
from eventsim.quality.statements import NOT_FOUND, refuses, states

__all__ = ["Judgment", "judge"]

Judgment = Literal["valid", "invalid"]


def judge(
    task: Task,
    changes: Sequence[RowChange],
    statements: Sequence[str],
    finished: bool,
) -> tuple[Judgment, tuple[Finding, ...]]:
    """Evaluate a task on its span of the path.

    `changes` are those of every call in the span, in order; `statements` what the
    assistant told the user; `finished` whether the user ended the task. Findings come
    as: changes, the frame, facts, the end; of a task that has a rubric in place of
    checks there is the end alone, for it was broken off.
    """
    ending = _end_finding(finished)
    if not task.proven:
        # Only that it was broken off is known without a judge.
        assert not finished, "a task without checks that was ended is judged"
        return "invalid", (ending,)
    findings = (
        *_change_findings(task, net(changes)),
        *(_fact_finding(fact, statements) for fact in task.checks.facts),
        ending,
    )
    passed = all(finding.passed for finding in findings)
    return ("valid" if passed else "invalid"), findings


# --- state --------------------------------------------------------------------------


def _change_findings(task: Task, changes: Sequence[RowChange]) -> list[Finding]:
    expected = task.checks.changes
    matched = _match(expected, changes)
    left = [c for n, c in enumerate(changes) if n not in matched.values()]
    findings = []
    for number, want in enumerate(expected):
        if number in matched:
            detail = f"done: {_expected_in_words(want)}"
            findings.append(_finding("change", want.objective, detail, passed=True))
            continue
        near = next((c for c in left if _same_row(want, c)), None)
        if near is not None:
            left.remove(near)
        detail = _missing(want, near)
        findings.append(_finding("change", want.objective, detail, passed=False))
    if left:
        others = "; ".join(_in_words(c) for c in left[:3])
        more = f" and {len(left) - 3} more" if len(left) > 3 else ""
        detail = f"something else was changed: {others}{more}"
    elif expected:
        detail = "nothing else was changed"
    else:
        detail = "nothing was changed, as it should be"
    return [*findings, _finding("frame", None, detail, passed=not left)]


def _match(
    expected: Sequence[ExpectedChange], changes: Sequence[RowChange]
) -> dict[int, int]:
    """The largest pairing of expected with real changes, by augmenting paths."""
    owner: dict[int, int] = {}

    def place(want: int, seen: set[int]) -> bool:
        for number, change in enumerate(changes):
            if number in seen or not _meets(expected[want], change):
                continue
            seen.add(number)
            if number not in owner or place(owner[number], seen):
                owner[number] = want
                return True
        return False

    for want in range(len(expected)):
        place(want, set())
    return {want: number for number, want in owner.items()}


def _meets(want: ExpectedChange, change: RowChange) -> bool:
    if not _same_row(want, change):
        return False
    if want.op == "delete":
        return True
    given = {c: v for c, v in change.new.items() if c not in want.free}
    needed = {c: v for c, v in want.new.items() if c not in want.free}
    return given.keys() == needed.keys() and all(
        _equal(given[column], needed[column]) for column in needed
    )


def _same_row(want: ExpectedChange, change: RowChange) -> bool:
    """Whether it is the same kind of change of a row that the key allows."""
    return (want.table, want.op) == (change.table, change.op) and all(
        column in change.key and _equal(change.key[column], value)
        for column, value in want.key.items()
        if column not in want.free
    )


def _equal(one: Any, other: Any) -> bool:
    """JSON equality in which 25 is 25.0, and neither True nor "25"."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= 1e-9 * max(1.0, abs(one), abs(other))
    return type(one) is type(other) and bool(one == other)


# --- answers ------------------------------------------------------------------------


def _fact_finding(fact: Fact, statements: Sequence[str]) -> Finding:
    if fact.refusal:
        not_found = NOT_FOUND in fact.values
        told = any(refuses(text, not_found=not_found) for text in statements)
        detail = (
            f"says that it cannot {fact.about}"
            if told
            else f"the answer never says that it cannot {fact.about}"
        )
        return _finding("refusal", fact.objective, detail, passed=told)
    for value in fact.values:
        if any(states(text, value) for text in statements):
            detail = f"states {fact.about}, {_shown(value)}"
            return _finding("fact", fact.objective, detail, passed=True)
    wanted = " or ".join(_shown(value) for value in fact.values)
    detail = f"the answer never states {fact.about}, {wanted}"
    return _finding("fact", fact.objective, detail, passed=False)


def _end_finding(finished: bool) -> Finding:
    detail = "the user ended the task" if finished else "the user never ended the task"
    return _finding("finished", None, detail, passed=finished)


# --- words --------------------------------------------------------------------------


def _finding(
    check: str, objective: int | None, detail: str, *, passed: bool
) -> Finding:
    return Finding(check=check, passed=passed, objective=objective, detail=detail)


def _missing(want: ExpectedChange, near: RowChange | None) -> str:
    if near is None:
        return f"never done: {_expected_in_words(want)}"
    wrong = [
        f"{column} should be {_shown(value)} and is {_shown(near.new.get(column))}"
        for column, value in want.new.items()
        if column not in want.free
        and (column not in near.new or not _equal(near.new[column], value))
    ]
    wrong += [
        f"{column} should not change and is {_shown(value)}"
        for column, value in near.new.items()
        if column not in want.new and column not in want.free
    ]
    return f"done differently: {_row(want.table, near.key)}: {', '.join(wrong)}"


def _expected_in_words(want: ExpectedChange) -> str:
    new = {c: v for c, v in want.new.items() if c not in want.free}
    return _change(want.op, want.table, want.key, new)


def _in_words(change: RowChange) -> str:
    return _change(change.op, change.table, change.key, change.new)


def _change(op: str, table: str, key: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    values = ", ".join(f"{column} {_shown(value)}" for column, value in new.items())
    tail = f": {values}" if values else ""
    return f"{op} of {_row(table, key)}{tail}"


def _row(table: str, key: Mapping[str, Any]) -> str:
    where = ", ".join(f"{column} {_shown(value)}" for column, value in key.items())
    return f"{table} ({where})" if where else table


def _shown(value: Any) -> str:
    if value is None:
        return "empty"
    return f'"{value}"' if isinstance(value, str) else str(value)
