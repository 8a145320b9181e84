"""Runs task by task: a column a run; what only one of them has stands apart."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from eventsim.cli.render.columns import counted, print_table
from eventsim.cli.render.words import visible
from eventsim.run.taskwise import TaskRow, against, shared_tasks

__all__ = ["print_tasks"]

_STYLES = {"valid": "green", "invalid": "red", "better": "green", "worse": "red"}
_ALONE = 20


def print_tasks(
    console: Console, names: Sequence[str], rows: Sequence[TaskRow]
) -> None:
    """The tasks that runs share, what only one has, and how each did against the
    first.
    """
    shared = shared_tasks(rows)
    if shared:
        _print_shared(console, names, shared)
    for side, name in enumerate(names):
        alone = [
            row for row in rows if row.results[side] is not None and row not in shared
        ]
        if alone and shared:
            _print_alone(console, name, side, alone)
    for side, name in enumerate(names[1:], 1):
        _print_against(console, rows, side, (names[0], name))


def _print_shared(
    console: Console, names: Sequence[str], rows: Sequence[TaskRow]
) -> None:
    two = len(names) == 2
    lines: list[list[str | Text]] = []
    for row in rows:
        words = [r.judgment if r is not None else "-" for r in row.results]
        change = row.change(1) if two else None
        words += [change if change in ("better", "worse") else ""] if two else []
        styled = [Text(word, style=_STYLES.get(word, "dim")) for word in words]
        title = row.title if row.is_same else f"{row.title} (other profile or checks)"
        lines.append([row.number, *styled, visible(title)])
    print_table(console, ["task", *names, *([""] if two else []), ""], lines)


def _print_alone(
    console: Console, name: str, side: int, rows: Sequence[TaskRow]
) -> None:
    console.print()
    console.print(f"only {name} has", style="bold")
    lines: list[list[str | Text]] = []
    for row in rows[:_ALONE]:
        result = row.results[side]
        assert result is not None
        word = Text(result.judgment, style=_STYLES.get(result.judgment, "dim"))
        lines.append([row.number, word, visible(row.title)])
    print_table(console, ["", "", ""], lines)
    if len(rows) > _ALONE:
        more = counted(len(rows) - _ALONE, "more task")
        console.print(f"… {more}; --json lists them", style="dim")


def _print_against(
    console: Console, rows: Sequence[TaskRow], side: int, names: tuple[str, str]
) -> None:
    """One line: how the second did, over the tasks that both have."""
    first, name = names
    found = against(rows, side)
    counts = [
        f"{counted(_count(rows, each), 'task')} in {label}"
        for label, each in ((first, 0), (name, side))
    ]
    if not found.shared:
        text = (
            f"{first} and {name} share no task ({', '.join(counts)}), so none is "
            f"better or worse; eventsim run --tasks-from {first} gives a run its tasks"
        )
    else:
        still = f", {found.open} not judged yet" if found.open else ""
        text = (
            f"{name} against {first}: {counted(found.shared, 'task')} in common, "
            f"{found.better} better, {found.worse} worse, {found.same} the same{still}"
        )
    console.print(text, style="dim", soft_wrap=not console.is_terminal)


def _count(rows: Sequence[TaskRow], side: int) -> int:
    return sum(row.results[side] is not None for row in rows)
