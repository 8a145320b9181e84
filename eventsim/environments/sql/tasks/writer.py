"""Tasks for one trajectory, written from a database and its tools.

A task is a pattern of moves (reads, then writes, then a check) about rows that belong
together. A draft is made on a trial copy, proven, and only then carried out for good,
so that the next task starts where this one leaves off. All choices come from the
draws: the same seed and lineage give the same tasks in every process.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from eventsim.core.changes import RowChange, net
from eventsim.core.draws import Draws
from eventsim.core.tasks import (
    Checks,
    ExpectedChange,
    Fact,
    Objective,
    Profile,
    Task,
    Witness,
)
from eventsim.core.values import freeze
from eventsim.environments.sql.execution import SqlEnvironment
from eventsim.environments.sql.image import Image
from eventsim.environments.sql.policy import Policy
from eventsim.environments.sql.tables import Schema
from eventsim.environments.sql.tasks import moves
from eventsim.environments.sql.tasks.inventions import new_person
from eventsim.environments.sql.tasks.scene import Scene, Step, Unsuitable
from eventsim.environments.sql.tasks.toolbox import Toolbox, toolbox_of
from eventsim.environments.sql.tasks.view import DataView, view_of
from eventsim.environments.sql.tasks.witness import execute, prove
from eventsim.environments.sql.tasks.writes import free_columns
from eventsim.environments.sql.toolgen import GeneratedTools
from eventsim.errors import BadInput

__all__ = ["TaskPlan", "write_tasks"]

_ATTEMPTS = 60
_PLAIN_FROM = 30
_WRONG_CODE_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """The tasks of one trajectory in order, each with its witness.

    `rejected` are drafts that were not accepted, as (title, reason); `needed` the
    names of the tools that the tasks are about, in order of first use.
    """

    tasks: tuple[tuple[Task, Witness], ...]
    rejected: tuple[tuple[str, str], ...]
    needed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Person:
    name: str
    role: str
    code: str | None
    code_is_right: bool


def write_tasks(
    image: Image,
    schema: Schema,
    generated: GeneratedTools,
    *,
    draws: Draws,
    count: int,
    policy: Policy,
    now: str,
) -> TaskPlan:
    """Write and prove `count` tasks. Raises: BadInput if none can be written."""
    view, tools = view_of(image, schema), toolbox_of(schema, generated)
    env = SqlEnvironment.mount(image, now=now, seed=draws.seed)
    try:
        return _Series(view, tools, env, draws, policy, now).write(count)
    finally:
        env.dismount()


class _Series:
    """The tasks of one trajectory, one after another on one copy."""

    def __init__(
        self,
        view: DataView,
        tools: Toolbox,
        env: SqlEnvironment,
        draws: Draws,
        policy: Policy,
        now: str,
    ) -> None:
        self._view, self._tools, self._env = view, tools, env
        self._draws, self._policy, self._now = draws, policy, now
        self._person = _person(draws.generator("person"), policy)
        self._taken: set[tuple[str, tuple[Any, ...]]] = set()
        self._texts: set[str] = set()
        self._rejected: list[tuple[str, str]] = []
        self._needed: dict[str, None] = {}

    def write(self, count: int) -> TaskPlan:
        tasks = []
        for number in range(count):
            written = self._next(number)
            if written is None:
                break
            tasks.append(written)
        if not tasks:
            raise BadInput(self._why_none())
        return TaskPlan(tuple(tasks), tuple(self._rejected), tuple(self._needed))

    def _why_none(self) -> str:
        reasons = Counter(reason for _, reason in self._rejected).most_common(1)
        because = f": {reasons[0][0]}" if reasons else ""
        return f"no task could be written for this database{because}"

    def _next(self, number: int) -> tuple[Task, Witness] | None:
        """One accepted task; its reference is carried out on the copy."""
        for attempt in range(_ATTEMPTS):
            rng = self._draws.generator(f"task {number}", attempt)
            title = f"draft {number + 1}.{attempt + 1}"
            try:
                steps, scene = self._draft(rng, plain=attempt >= _PLAIN_FROM)
                task = self._task(steps, scene, rng)
                title = task.title
                witness = prove(self._env, task, steps)
            except Unsuitable as why:
                self._rejected.append((title, str(why)))
                continue
            calls = [call for step in steps for call in step.calls]
            execute(self._env, calls)
            self._taken |= scene.written
            self._texts |= {step.text for step in steps}
            for step in steps:
                names = [call.tool.name for call in step.calls]
                self._needed.update(dict.fromkeys((*names, *step.needs)))
            return task, witness
        return None

    def _draft(self, rng: Random, *, plain: bool) -> tuple[list[Step], Scene]:
        scene = Scene(
            view=self._view,
            tools=self._tools,
            env=self._env,
            policy=self._policy,
            rng=rng,
            now=self._now,
            taken=set(self._taken),
            wrong_code=not self._person.code_is_right,
        )
        with self._env.trial():
            moves.play(scene, plain=plain)
        if len(scene.steps) < 2 and not plain:
            raise Unsuitable("a single objective")
        repeated = [step.text for step in scene.steps if step.text in self._texts]
        if repeated:
            raise Unsuitable(f"asked before: {repeated[0]}")
        return scene.steps, scene

    def _task(self, steps: list[Step], scene: Scene, rng: Random) -> Task:
        changes, facts = [], []
        for number, step in enumerate(steps, 1):
            changes += [_expected(number, step, c, scene) for c in step.changes]
            facts += [
                Fact(objective=number, about=about, values=values)
                for about, values in step.stated
            ]
            if step.refused:
                facts.append(Fact(objective=number, about=step.refused, refusal=True))
        every = [change for step in steps for change in step.changes]
        if len(net(every)) != len(every):
            raise Unsuitable("two objectives change the same row")
        return Task(
            title=_title(steps),
            difficulty=_difficulty(steps),
            goal=_goal(steps, rng),
            profile=self._profile(steps, scene),
            objectives=tuple(
                Objective(number=number, text=step.text, kind=step.kind)
                for number, step in enumerate(steps, 1)
            ),
            checks=Checks(changes=tuple(changes), facts=tuple(facts)),
        )

    def _profile(self, steps: list[Step], scene: Scene) -> Profile:
        known = [*scene.known, *(line for step in steps for line in step.known)]
        unknown = ["Record numbers other than those in your goal."]
        if self._person.code is not None:
            known.append(f"The desk code is {self._person.code}.")
        if any(step.kind == "read" for step in steps):
            unknown.append("The answers to what you ask for.")
        return Profile(
            name=self._person.name,
            role=self._person.role,
            known_info=tuple(dict.fromkeys(known)),
            unknown_info=tuple(unknown),
        )


_ROLES = (
    "You work at the front desk of {title}.",
    "You are on the staff of {title}.",
    "You work in the office of {title}.",
    "You are new on the team of {title}.",
    "You help out at {title} this week.",
)


def _person(rng: Random, policy: Policy) -> _Person:
    title = policy.title or "the office"
    name = " ".join(new_person(rng))
    role = rng.choice(_ROLES).format(title=title)
    if policy.desk_code is None:
        return _Person(name, role, None, code_is_right=True)
    if rng.random() >= _WRONG_CODE_SHARE:
        return _Person(name, role, policy.desk_code, code_is_right=True)
    wrong = policy.desk_code
    while wrong == policy.desk_code:
        wrong = f"{rng.randint(1000, 9999)}"
    return _Person(name, role, wrong, code_is_right=False)


def _expected(
    number: int, step: Step, change: RowChange, scene: Scene
) -> ExpectedChange:
    table = scene.view.schema.by_name.get(change.table)
    free: tuple[str, ...] = ()
    key = dict(change.key)
    if table is not None and change.op != "delete":
        free = free_columns(step, table, change.new)
        if change.op == "insert" and not set(change.key) <= step.given:
            free = (*free, *(c for c in change.key if c not in step.given))
            key = {c: v for c, v in key.items() if c in step.given}
    return ExpectedChange(
        objective=number,
        table=change.table,
        op=change.op,
        key=freeze(key),
        new=freeze({c: v for c, v in change.new.items() if c not in free}),
        free=free,
    )


def _title(steps: list[Step]) -> str:
    writes = [step for step in steps if step.kind in ("write", "refusal")]
    full = [step for step in writes or steps if "that " not in step.text]
    lead = (full or steps)[0].text
    return lead[0].upper() + lead[1:]


def _difficulty(steps: list[Step]) -> Literal["easy", "medium", "hard"]:
    writes = sum(step.kind == "write" for step in steps)
    refused = sum(step.kind == "refusal" for step in steps)
    load = len(steps) + writes + refused
    if load <= 3:
        return "easy"
    return "hard" if load > 5 or (load > 4 and len(steps) > 3) else "medium"


_ENDINGS = ("In the end, {all}.", "When this is over, {all}.", "At the end, {all}.")


def _goal(steps: list[Step], rng: Random) -> str:
    outcomes = [step.outcome for step in steps]
    half = len(outcomes) if len(outcomes) <= 3 else (len(outcomes) + 1) // 2
    first = rng.choice(_ENDINGS).format(all=_listed(outcomes[:half]))
    rest = outcomes[half:]
    return f"{first} Also, {_listed(rest)}." if rest else first


def _listed(clauses: list[str]) -> str:
    if len(clauses) < 3:
        return ", and ".join(clauses)
    return f"{', '.join(clauses[:-1])}, and {clauses[-1]}"
