"""The table of the paper, and how many are valid and why not."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from eventsim.cli.render.columns import clip, counted, fraction, print_table
from eventsim.cli.render.words import visible
from eventsim.quality.measures import Table
from eventsim.run.statistics import Tally

__all__ = ["print_measures", "print_validity", "table_as_json", "tally_as_json"]

_MEANINGS = {
    "step": "rounds of tool calls for one user request",
    "turn": "user messages, replies, tool calls and their outputs",
    "task": "goals of a session",
}


def print_measures(console: Console, table: Table) -> None:
    """Mean and maximum of steps, turns and tasks."""
    rows = [
        (name, f"{spread.mean:.2f}", str(spread.max), Text(meaning, style="dim"))
        for name, meaning in _MEANINGS.items()
        for spread in [getattr(table, name)]
    ]
    print_table(console, ["", "mean", "max", ""], rows, right=["mean", "max"])
    console.print()


def print_validity(console: Console, tally: Tally) -> None:
    """How many trajectories are valid, and why the others are not."""
    line = Text.assemble(("valid  ", "bold"), fraction(tally.valid, tally.ended))
    if tally.tasks:
        tasks = fraction(tally.valid_tasks, tally.tasks)
        line.append(f"; of their tasks {tasks}", style="dim")
    console.print(line, soft_wrap=True)
    for reason in tally.why_not:
        console.print(f"{reason.count:>5}  {reason.words}", soft_wrap=True)
        example = f"{reason.example}: {visible(reason.detail)}".rstrip(": ")
        room = console.width - 7 if console.is_terminal else 10_000
        console.print(
            Text(f"       {clip(example, room)}", style="dim"), soft_wrap=True
        )
    if tally.open:
        console.print(
            f"{counted(tally.open, 'trajectory is', 'trajectories are')} open"
        )


def table_as_json(table: Table) -> dict[str, Mapping[str, float]]:
    """Steps, turns and tasks."""
    return {
        name: {
            "mean": round(getattr(table, name).mean, 4),
            "max": getattr(table, name).max,
        }
        for name in _MEANINGS
    }


def tally_as_json(tally: Tally) -> dict[str, object]:
    """All that a tally holds."""
    return {
        "trajectories": tally.trajectories,
        "ended": tally.ended,
        "open": tally.open,
        "valid": tally.valid,
        "invalid": tally.invalid,
        "tasks": tally.tasks,
        "valid_tasks": tally.valid_tasks,
        **table_as_json(tally.table),
        "user_messages": tally.user_messages,
        "tool_calls": tally.tool_calls,
        "tool_errors": tally.tool_errors,
        "reasons": {reason.words: reason.count for reason in tally.why_not},
        "ends": dict(tally.ends.most_common()),
        "tools": dict(tally.tools.most_common()),
    }
