"""What a user wants: profile, objectives, checks, and the witness that it can be done.

Only the user simulator sees profile and objectives; only the checks (and a judge) see
the checks. The assistant and the tools see none of it.
"""

from __future__ import annotations

from typing import Literal

from eventsim.core.changes import RowChange
from eventsim.core.values import Json, JsonObject, Value, freeze

__all__ = [
    "Checks",
    "ExpectedCall",
    "ExpectedChange",
    "Fact",
    "Objective",
    "Profile",
    "Rubric",
    "SolutionCall",
    "Task",
    "Witness",
]


class Profile(Value):
    """Who the user is; each item is a sentence in the second person."""

    name: str
    role: str
    known_info: tuple[str, ...]
    unknown_info: tuple[str, ...] = ()


class Objective(Value):
    """One infinitive clause with its literals, for example: change the phone of the
    customer "Ana Lima" to "555 0147". No full stop. `number` counts from 1.
    """

    number: int
    text: str
    kind: Literal["read", "write", "check", "refusal"]


class Fact(Value):
    """A value that the assistant must state while the task is open.

    `values` are alternatives: stating any one is enough. `refusal` means that the
    assistant must say that the objective cannot or may not be done.
    """

    objective: int
    about: str
    values: tuple[Json, ...] = ()
    refusal: bool = False


class ExpectedChange(Value):
    """A row change that must be part of the net effect.

    `key` and `new` are compared where given; columns in `free` may hold anything
    (generated keys, default time stamps).
    """

    objective: int
    table: str
    op: Literal["insert", "update", "delete"]
    key: JsonObject = freeze({})
    new: JsonObject = freeze({})
    free: tuple[str, ...] = ()


class Checks(Value):
    """The task is done if the net change is exactly `changes` and all facts are told.

    No `changes` means that the state must be unchanged.
    """

    changes: tuple[ExpectedChange, ...] = ()
    facts: tuple[Fact, ...] = ()


class ExpectedCall(Value):
    """A call that a good answer makes; arguments known only at run time are
    placeholders in angle brackets: "<order_id from search_orders>".
    """

    tool: str
    arguments: JsonObject = freeze({})


class Rubric(Value):
    """What a judge compares a trajectory with. Source: PAPER.md, stage 3."""

    criteria: tuple[str, ...]
    expected_calls: tuple[ExpectedCall, ...] = ()
    checkpoints: tuple[str, ...] = ()


class SolutionCall(Value):
    """One call of the hidden reference solution."""

    objective: int
    tool: str
    arguments: JsonObject


class Witness(Value):
    """Why the task was accepted: the runs that were tried before it was offered.

    `solution` passed the checks; doing nothing and saying "Done." failed; the
    solution with one value altered failed. Each `*_fails` names the check that failed.
    """

    solution: tuple[SolutionCall, ...]
    net_change: tuple[RowChange, ...]
    nothing_fails: str
    altered_fails: str


class Task(Value):
    """One goal of a session. `goal` is a declarative statement of the final objective,
    never the user's own words.

    A task of the task-oriented pipeline is its `question`, put to the assistant as it
    stands, and has no profile and no objectives. A task without checks has a rubric,
    and is judged.
    """

    title: str
    difficulty: Literal["easy", "medium", "hard"]
    goal: str
    profile: Profile = Profile(name="", role="", known_info=())
    objectives: tuple[Objective, ...] = ()
    checks: Checks = Checks()
    question: str = ""
    rubric: Rubric | None = None

    @property
    def proven(self) -> bool:
        """Whether the checks decide; otherwise a judge does."""
        return bool(self.checks.changes or self.checks.facts or self.rubric is None)
