"""Injected tool faults and what became of them, as a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console

from eventsim.cli.render.columns import print_table
from eventsim.quality.recovery import Recovery

__all__ = ["faults_as_json", "print_faults"]

_HEADINGS = [
    *("tool fault injected", "times", "called again", "told", "task valid"),
    "recovered",
]
_COUNTED = ("times", "repeated", "told", "task_valid", "recovered")


def faults_as_json(recovered: Iterable[Recovery]) -> dict[str, dict[str, int]]:
    """Counts by kind of fault, the most frequent first."""
    counted: dict[str, dict[str, Any]] = {}
    for each in recovered:
        of = counted.setdefault(each.fault, dict.fromkeys(_COUNTED, 0))
        of["times"] += 1
        of["repeated"] += each.repeated
        of["told"] += each.told
        of["task_valid"] += each.judgment == "valid"
        of["recovered"] += each.recovered
    return dict(sorted(counted.items(), key=lambda pair: -pair[1]["times"]))


def print_faults(console: Console, recovered: Iterable[Recovery]) -> None:
    """One line a kind, and one of all; nothing where no fault was injected."""
    counted = faults_as_json(recovered)
    if not counted:
        return
    console.print()
    rows = [(name, *(f"{n:,}" for n in of.values())) for name, of in counted.items()]
    sums = [sum(of[name] for of in counted.values()) for name in _COUNTED]
    rows.append(("in all", *(f"{n:,}" for n in sums)))
    print_table(console, _HEADINGS, rows, right=_HEADINGS[1:])
