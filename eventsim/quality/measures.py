"""Turns, steps and tasks of a trajectory, as the paper defines them. Pure.

Source: PAPER.md, "Measures". A turn is every discrete exchange: a user message, an
assistant's text, a tool call, its output. A step is one round of tool calls within one
user request; steps are reported as the mean over requests.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean

from eventsim.core.state import Dialogue

__all__ = ["Measures", "Spread", "Table", "measure", "tabulate"]


@dataclass(frozen=True, slots=True)
class Measures:
    """One trajectory; `steps` has a number for each user request."""

    turns: int
    tasks: int
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and maximum."""

    mean: float
    max: int


@dataclass(frozen=True, slots=True)
class Table:
    """A row of the paper's table; `samples` counts trajectories."""

    step: Spread
    turn: Spread
    task: Spread
    samples: int


def measure(state: Dialogue) -> Measures:
    """The measures of a path. A closing thank-you is no request."""
    steps: list[int] = []
    for message in state.messages:
        if message.speaker == "user" and not message.closing:
            steps.append(0)
        elif message.calls and steps:
            steps[-1] += 1
    tasks = len(state.verdicts) + (state.task is not None)
    return Measures(state.turns, tasks, tuple(steps))


def tabulate(measured: Iterable[Measures]) -> Table:
    """Mean and maximum over trajectories (for steps: over all their requests)."""
    rows = list(measured)
    return Table(
        step=_spread([step for row in rows for step in row.steps]),
        turn=_spread([row.turns for row in rows]),
        task=_spread([row.tasks for row in rows]),
        samples=len(rows),
    )


def _spread(numbers: list[int]) -> Spread:
    return Spread(fmean(numbers), max(numbers)) if numbers else Spread(0.0, 0)
