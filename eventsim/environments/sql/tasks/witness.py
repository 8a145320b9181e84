"""The proof that comes with a task: it can be done, not by chance, and not otherwise.

Three runs on trial copies: doing nothing and saying "Done." must fail, the reference
with an ideal answer must pass, the reference with one value altered must fail.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eventsim.core.changes import RowChange, net
from eventsim.core.tasks import SolutionCall, Task, Witness
from eventsim.core.values import freeze
from eventsim.environments.sql.execution import SqlEnvironment
from eventsim.environments.sql.tasks.scene import Call, Step, Unsuitable
from eventsim.quality.checks import judge

__all__ = ["execute", "ideal_answer", "prove"]

_MOST_SWAPS = 4


def execute(env: SqlEnvironment, calls: Sequence[Call]) -> list[RowChange]:
    """Make the calls in order; what they did to rows. Errors are part of it."""
    changes: list[RowChange] = []
    for ordinal, call in enumerate(calls):
        outcome = env.execute(call.tool, call.arguments, ordinal=ordinal)
        changes += outcome.changes
    return changes


def ideal_answer(task: Task) -> list[str]:
    """What an assistant that did everything would say: each fact in a sentence."""
    return [
        f"I cannot {fact.about}."
        if fact.refusal
        else f"Here is {fact.about}: {_told(fact.values[0])}."
        for fact in task.checks.facts
    ]


def prove(env: SqlEnvironment, task: Task, steps: Sequence[Step]) -> Witness:
    """The witness of a task on the state that `env` has now, which stays as it is.

    Raises: Unsuitable if one of the three runs ends otherwise than it must.
    """
    answer = ideal_answer(task)
    calls = [call for step in steps for call in step.calls]
    with env.trial():
        changes = execute(env, calls)
    judgment, findings = judge(task, changes, answer, True)  # noqa: FBT003
    if judgment != "valid":
        failed = next(f for f in findings if not f.passed)
        raise Unsuitable(f"the reference fails its own checks: {failed.detail}")
    return Witness(
        solution=tuple(
            SolutionCall(
                objective=number, tool=call.tool.name, arguments=freeze(call.arguments)
            )
            for number, step in enumerate(steps, 1)
            for call in step.calls
        ),
        net_change=net(changes),
        nothing_fails=_failing(task, [], ["Done."], "doing nothing"),
        altered_fails=_altered(env, task, steps, answer),
    )


def _failing(
    task: Task, changes: Sequence[RowChange], answer: Sequence[str], what: str
) -> str:
    judgment, findings = judge(task, changes, answer, True)  # noqa: FBT003
    if judgment == "valid":
        raise Unsuitable(f"{what} passes the checks")
    failed = next(f for f in findings if not f.passed)
    return f"{failed.check}: {failed.detail}"


def _altered(
    env: SqlEnvironment, task: Task, steps: Sequence[Step], answer: Sequence[str]
) -> str:
    """The reference with one written value, row or told value altered fails."""
    writes = [n for n, step in enumerate(steps) if step.kind == "write"]
    if not writes:
        return _wrong_answer(task, answer)
    place = writes[-1]
    for swap in steps[place].swaps[:_MOST_SWAPS]:
        calls = [call for step in steps[:place] for call in step.calls]
        calls += [*steps[place].calls[:-1], swap]
        calls += [call for step in steps[place + 1 :] for call in step.calls]
        with env.trial():
            changes = execute(env, calls)
        if changes:
            return _failing(task, changes, answer, "an altered write")
    raise Unsuitable("no altered write could be tried")


def _wrong_answer(task: Task, answer: Sequence[str]) -> str:
    """The answer with one stated value replaced, or a refusal turned round, fails."""
    reason = "there is nothing to misreport"
    for place in range(len(answer) - 1, -1, -1):
        fact, told = task.checks.facts[place], list(answer)
        wrong = _other(fact.values[0]) if fact.values else ""
        told[place] = (
            f"I did it: {fact.about}."
            if fact.refusal
            else f"Here is {fact.about}: {wrong}."
        )
        try:
            return _failing(task, [], told, "a wrong answer")
        except Unsuitable as why:
            reason = str(why)
    raise Unsuitable(reason)


def _told(value: Any) -> str:
    return str(value)


def _other(value: Any) -> str:
    if isinstance(value, int | float):
        return str(value + 1)
    return f"{str(value)[:-1]}{'x' if str(value)[-1:] != 'x' else 'y'}"
