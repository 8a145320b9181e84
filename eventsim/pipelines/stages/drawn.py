"""What is drawn for each task: how hard it is, what it is about, who the user is.

A model that is asked the same thing twice writes the same thing twice; these few words
at the end of a request are what makes tasks differ. All of it is a function of the
stream's draws and the number of the task and of the try.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal, cast

from eventsim.core.preparation import Preparation
from eventsim.core.tasks import Task
from eventsim.pipelines.stage import Input

__all__ = ["Difficulty", "difficulty_of", "earlier_tasks", "focus_of", "initial_of"]

Difficulty = Literal["easy", "medium", "hard"]

_MIXED: Mapping[str, float] = {"easy": 3, "medium": 4, "hard": 3}
_EXTENDS = 0.6
_INITIALS = "ABCDEFGHIJKLMNOPRSTVWYZ"
_TABLE = re.compile(r"(\S.*) \(\d+ of \d+ rows\)\n")
_MOST_LETTERS = 400


def difficulty_of(state: Preparation, given: Input) -> Difficulty:
    """How hard the next task shall be; the same for each try at it."""
    wanted = given.config.difficulty
    if wanted == "mixed":
        wanted = cast(
            "Difficulty",
            given.draws.weighted(_MIXED, "difficulty", len(state.tasks)),
        )
    return wanted


def focus_of(state: Preparation, given: Input) -> str:
    """What the next task shall be about: a shown row and another table, or two tools;
    "" if there is nothing to choose from. Each try draws anew.
    """
    ordinal = len(state.tasks) * 100 + state.misses
    rng = given.draws.generator("focus", ordinal)
    tables = {
        heading[1]: lines
        for block in given.data_view.split("\n\n")
        if (heading := _TABLE.match(block)) and len(lines := block.splitlines()) > 2
    }
    names = list(tables) or [tool.name for tool in given.tools]
    if not names:
        return ""
    first, *others = rng.sample(names, min(2, len(names)))
    wish = f"Let it be about {', and '.join((first, *others))} if that fits."
    if not tables:
        return wish
    _, columns, *rows = tables[first]
    return (
        f"{wish} For example about this one of {first}:\n{columns}\n{rng.choice(rows)}"
    )


def initial_of(given: Input) -> str:
    """The letter that the user's name begins with."""
    return given.draws.choice(_INITIALS, "initial")


def earlier_tasks(tasks: Sequence[Task], given: Input) -> str:
    """What was asked for before, and how the next task follows it; "" for the first."""
    if not tasks:
        return ""
    lines = [f"{n}. {_said(task)}" for n, task in enumerate(tasks, 1)]
    extends = given.draws.fraction("extends", len(tasks)) < _EXTENDS
    how = (
        "The next task goes on from what came of these: it uses the same things, asks "
        "for more about them or takes the next step. It repeats nothing."
        if extends
        else "The next task is about other things of the same work. It repeats nothing."
    )
    return "\n".join(("Tasks of the same session so far:", *lines, how))


def _said(task: Task) -> str:
    objectives = "; ".join(objective.text for objective in task.objectives)
    said = task.question or objectives or task.goal
    return said if len(said) <= _MOST_LETTERS else f"{said[:_MOST_LETTERS]} ..."
