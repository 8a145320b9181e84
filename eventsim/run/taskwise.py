"""Runs task by task: which task of one is which of another, and what came of it. Pure.

A task is known by what it asks for, never by where it stands: runs that were made for
other tasks share none, however alike their numbers are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from eventsim.core.tasks import Task
from eventsim.core.values import digest_of
from eventsim.run.paths import Opened

__all__ = ["Against", "TaskResult", "TaskRow", "against", "shared_tasks", "tasks_of"]

Change = Literal["better", "worse", "same", "open"]


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What a trajectory made of a task; `judgment` is `open` while it goes on, and
    `not reached` where it ended before. `digest` is the whole task's, checks included.
    """

    trajectory: str
    index: int
    number: int
    judgment: str
    turns: int
    digest: str


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task, and a result a run; None for a run that does not have it."""

    title: str
    results: tuple[TaskResult | None, ...]

    @property
    def number(self) -> str:
        """`3.1`: the trajectory in its run, and the task in it, where it first is."""
        first = next(result for result in self.results if result is not None)
        return f"{first.index}.{first.number}"

    @property
    def is_same(self) -> bool:
        """Whether it is the very same task wherever it is, checks and all."""
        return len({r.digest for r in self.results if r is not None}) == 1

    def change(self, side: int, first: int = 0) -> Change | None:
        """What became of it in one run against another; None if one has it not."""
        old, new = self.results[first], self.results[side]
        if old is None or new is None:
            return None
        if "open" in (old.judgment, new.judgment):
            return "open"
        if (old.judgment == "valid") == (new.judgment == "valid"):
            return "same"
        return "better" if new.judgment == "valid" else "worse"


@dataclass(frozen=True, slots=True)
class Against:
    """One run against the first, over the tasks that both have; `open` ones are not
    judged on one side yet.
    """

    better: int
    worse: int
    same: int
    open: int

    @property
    def shared(self) -> int:
        """How many tasks both have."""
        return self.better + self.worse + self.same + self.open


def against(rows: Sequence[TaskRow], side: int) -> Against:
    """How a run did against the first one."""
    changes = [row.change(side) for row in rows]
    return Against(
        better=changes.count("better"),
        worse=changes.count("worse"),
        same=changes.count("same"),
        open=changes.count("open"),
    )


def shared_tasks(rows: Sequence[TaskRow]) -> list[TaskRow]:
    """Those that more than one run has."""
    return [row for row in rows if sum(r is not None for r in row.results) > 1]


def tasks_of(runs: Sequence[Sequence[Opened]]) -> list[TaskRow]:
    """The tasks of all runs, in the order of the first that has each. Tasks of equal
    digest are one; then those of equal title and objectives, for other prompts write
    other profiles and checks. Of several that are equal, those at the same place.
    """
    found: dict[str, list[dict[int, tuple[Task, TaskResult]]]] = {}
    for side, paths in enumerate(runs):
        for key, mine in _by_key(paths).items():
            _match(found.setdefault(key, []), mine, side)
    return [
        TaskRow(
            title=_title(next(iter(row.values()))[0]),
            results=tuple(
                row[side][1] if side in row else None for side in range(len(runs))
            ),
        )
        for rows in found.values()
        for row in rows
    ]


def _by_key(paths: Sequence[Opened]) -> Mapping[str, list[tuple[Task, TaskResult]]]:
    found: dict[str, list[tuple[Task, TaskResult]]] = {}
    for opened in sorted(paths, key=lambda each: each.state.number or 0):
        for number, task in enumerate(opened.materials.tasks, 1):
            wanted = [objective.text for objective in task.objectives]
            key = digest_of([task.title, task.question, wanted])
            found.setdefault(key, []).append((task, _result(opened, number, task)))
    return found


def _match(
    rows: list[dict[int, tuple[Task, TaskResult]]],
    mine: Sequence[tuple[Task, TaskResult]],
    side: int,
) -> None:
    """Put each of `mine` into the row that is most like it, or into one of its own."""
    likely = sorted(
        (*_unlike(result, row), number, at)
        for number, (_, result) in enumerate(mine)
        for at, row in enumerate(rows)
    )
    placed: set[int] = set()
    for *_, number, at in likely:
        if number not in placed and side not in rows[at]:
            rows[at][side] = mine[number]
            placed.add(number)
    rows += [{side: each} for n, each in enumerate(mine) if n not in placed]


def _unlike(
    result: TaskResult, row: Mapping[int, tuple[Task, TaskResult]]
) -> tuple[bool, bool]:
    _, first = next(iter(row.values()))
    place = (first.index, first.number) == (result.index, result.number)
    return first.digest != result.digest, not place


def _result(opened: Opened, number: int, task: Task) -> TaskResult:
    state = opened.state
    judged = [v.judgment for v in state.verdicts if v.task == number]
    left = "open" if state.ended is None else "not reached"
    return TaskResult(
        trajectory=state.label,
        index=state.number or 0,
        number=number,
        judgment=judged[-1] if judged else left,
        turns=state.turns,
        digest=digest_of(task),
    )


def _title(task: Task) -> str:
    return task.title or task.question
