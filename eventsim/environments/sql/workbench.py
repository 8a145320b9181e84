"""A trial copy of a database, on which proposed tools and tasks are tried.

Nothing done here stays: each question is answered on the state of the image, tasks on
the state after those that were accepted before them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from eventsim.core.tasks import Fact, SolutionCall, Task, Witness
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import freeze
from eventsim.environments.sql.execution import SqlEnvironment
from eventsim.environments.sql.image import Image
from eventsim.environments.sql.offering import Candidates
from eventsim.environments.sql.outcomes import Done, Unmet, completed
from eventsim.environments.sql.references import (
    Unresolved,
    resolved_arguments,
    resolved_facts,
)
from eventsim.environments.sql.samples import Sampler
from eventsim.environments.sql.schema import read_schema
from eventsim.environments.sql.statements import read_statement
from eventsim.environments.sql.tasks.scene import Call, Step, Unsuitable
from eventsim.environments.sql.tasks.witness import prove
from eventsim.environments.sql.trying import try_tool
from eventsim.quality.statements import states

__all__ = ["SqlWorkbench"]

_ALTERNATIVES = 4
_USUAL_TIME = "2024-01-01T00:00:00"


class SqlWorkbench:
    """Tries tools and proves tasks on a private copy; `now` is the time there.

    Made for one preparation; `close` lets go of the memory.
    """

    def __init__(self, image: Image, *, now: str = "", seed: int = 0) -> None:
        self._schema = read_schema(image)
        self._env = SqlEnvironment.mount(image, now=now or _USUAL_TIME, seed=seed)
        self._sampler = Sampler(self._schema, self._env)

    def close(self) -> None:
        """Nothing may be tried afterwards."""
        self._env.dismount()

    def try_tool(self, tool: ToolDefinition) -> ToolDefinition | str:
        """The tool as it really answers, or why it is rejected, in one line."""
        return try_tool(tool, self._schema, self._env, self._sampler)

    def prove(
        self,
        task: Task,
        tools: Sequence[ToolDefinition],
        solution: Sequence[SolutionCall],
        *,
        accepted: Sequence[Sequence[SolutionCall]] = (),
    ) -> tuple[Task, Witness] | str:
        """The task with checks and its witness, or why it is rejected, in one line."""
        by_name = {tool.name: tool for tool in tools}
        with self._env.trial():
            try:
                for number, call in enumerate(c for each in accepted for c in each):
                    tool = _tool(by_name, call)
                    self._env.execute(tool, call.arguments, ordinal=number)
                return self._proved(task, by_name, solution)
            except (Unresolved, Unmet, Unsuitable) as reason:
                return " ".join(str(reason).split())

    def _proved(
        self,
        task: Task,
        by_name: Mapping[str, ToolDefinition],
        solution: Sequence[SolutionCall],
    ) -> tuple[Task, Witness]:
        kinds = {objective.number: objective.kind for objective in task.objectives}
        calls: list[Call] = []
        results: list[Any] = []
        done: list[Done] = []
        with self._env.trial():
            for number, planned in enumerate(solution, 1):
                tool = _tool(by_name, planned)
                arguments = resolved_arguments(planned.arguments, results)
                outcome = self._env.execute(tool, arguments, ordinal=number - 1)
                result = orjson.loads(outcome.content)
                if outcome.is_error and kinds.get(planned.objective) != "refusal":
                    why = result["error"]["message"]
                    raise Unmet(f"call {number}, of {tool.name}, fails: {why}")
                calls.append(Call(tool, arguments))
                results.append(result)
                done.append(Done(planned.objective, arguments, outcome.changes))
        facts = list(resolved_facts(task.checks.facts, results))
        facts = list(_plain(facts, task))
        whole = completed(task, facts, done, self._schema)
        steps = list(self._steps(calls, done, whole))
        witness = prove(self._env, whole, steps)
        numbered = tuple(
            SolutionCall(
                objective=planned.objective,
                tool=call.tool.name,
                arguments=freeze(call.arguments),
            )
            for planned, call in zip(solution, calls, strict=True)
        )
        return whole, witness.model_copy(update={"solution": numbered})

    def _steps(
        self, calls: Sequence[Call], done: Sequence[Done], task: Task
    ) -> Iterator[Step]:
        """A step a call, each write with calls that should not pass in its place."""
        for call, was in zip(calls, done, strict=True):
            wrote = call.tool.writes and bool(was.changes)
            step = Step("write" if wrote else "read", "", "", [call])
            if wrote:
                step.swaps = list(self._swaps(call, task))
            yield step

    def _swaps(self, call: Call, task: Task) -> Iterator[Call]:
        """The call with one value altered, one value of each argument first."""
        checked = _checked_values(task)
        names = [n for n, v in call.arguments.items() if _in(v, checked)]
        others = {name: list(self._others(call, name)) for name in names}
        for place in range(_ALTERNATIVES):
            for name, values in others.items():
                if place < len(values):
                    arguments = {**call.arguments, name: values[place]}
                    yield Call(call.tool, arguments)

    def _others(self, call: Call, name: str) -> Iterator[Any]:
        statement = call.tool.statement
        assert statement is not None
        table = self._schema.by_name.get(statement.table)
        candidates = Candidates(
            self._schema,
            self._sampler,
            [table] if table else [],
            read_statement(statement.sql),
        )
        schema = call.tool.parameters.get("properties", {}).get(name, {})
        given = call.arguments[name]
        seen = [given]
        made_up: Any = f"{given}x" if isinstance(given, str) else None
        if isinstance(given, int | float) and not isinstance(given, bool):
            made_up = given + 1
        values = [candidates.value(name, schema, n) for n in range(_ALTERNATIVES)]
        column = candidates.column_of(name)
        plain = (
            table is not None
            and column is not None
            and not (
                column.name in table.primary_key or table.foreign_key_of(column.name)
            )
        )
        ordered = [made_up, *values] if plain and "enum" not in schema else values
        for value in ordered:
            if value is not None and value not in seen:
                seen.append(value)
                yield value


def _tool(by_name: Mapping[str, ToolDefinition], call: SolutionCall) -> ToolDefinition:
    tool = by_name.get(call.tool)
    if tool is None:
        raise Unmet(f"the solution calls {call.tool!r}, and no tool has that name")
    return tool


def _plain(facts: Sequence[Fact], task: Task) -> Iterator[Fact]:
    """The facts, none of which holds its own value in the words that it is about.

    Raises: Unmet for an objective that gives its answer away.
    """
    texts = {objective.number: objective.text for objective in task.objectives}
    reads = {o.number for o in task.objectives if o.kind == "read"}
    for number in reads:
        values = [v for f in facts if f.objective == number for v in f.values]
        given = [isinstance(v, str) and states(texts[number], v) for v in values]
        if given and all(given):
            raise Unmet(f"objective {number} holds its own answer")
    for fact in facts:
        about = fact.about
        if fact.refusal:
            about = texts.get(fact.objective) or about
        elif any(states(about, value) for value in fact.values):
            about = f"the answer to objective {_ORDINALS[fact.objective % 10]}"
        yield fact.model_copy(update={"about": about})


# In words, for a number could be the value that is asked for.
_ORDINALS = (
    "ten",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
)


def _checked_values(task: Task) -> list[Any]:
    return [
        value
        for change in task.checks.changes
        for value in (*change.key.values(), *change.new.values())
    ]


def _in(value: Any, values: Sequence[Any]) -> bool:
    return any(value == other or f"{value} 00:00:00" == other for other in values)
