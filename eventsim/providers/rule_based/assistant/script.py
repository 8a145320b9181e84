"""The script of one request: straight-line code over the calls made so far.

A request is worked on by running its script from the beginning at every step. What the
transcript already holds is looked up; the first thing that it does not hold stops the
script: a call to make (`Need`), a question to the person (`Ask`), or an end without
success (`Stop`). So nothing has to be kept between two steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eventsim.providers.rule_based.assistant.memory import Memory, Thing
from eventsim.providers.rule_based.assistant.policy import Policy
from eventsim.providers.rule_based.assistant.requests import Request
from eventsim.providers.rule_based.assistant.rows import Row
from eventsim.providers.rule_based.assistant.toolset import Lexicon, Param, Tool
from eventsim.providers.rule_based.assistant.transcript import Call, Result, encoded

__all__ = ["Ask", "Goal", "Need", "Outcome", "Script", "Stop"]


@dataclass(frozen=True, slots=True)
class Goal:
    """A request on its way. `start` is the message from which calls count for it.

    `picks` are rows that the person chose, as (entity, key).
    """

    request: Request
    start: int
    picks: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    confirmed: bool = False
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a request ended. `kind` says which sentence tells it.

    `row` is the row it was about, `columns` those asked for, `rows` a list, `value` a
    measure. `things` are what it was about, for later references.
    """

    kind: str
    request: Request
    entity: str | None = None
    row: Row | None = None
    rows: tuple[Row, ...] = ()
    columns: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    value: Any = None
    label: str | None = None
    about: str | None = None
    about_entity: str | None = None
    detail: str = ""
    tool: Tool | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    before: Row | None = None
    more: bool = False
    others: tuple[Row, ...] = ()
    wrote_at: int = -1


class Need(Exception):
    """Calls that must be made before the script can go on; `rows` were chosen from."""

    def __init__(self, tool: Tool, arguments: Mapping[str, Any]) -> None:
        super().__init__(tool.name)
        self.tool = tool
        self.arguments = arguments


class Ask(Exception):
    """A question that only the person can answer.

    `kind` is code, confirm, which, missing or who.
    """

    def __init__(
        self,
        kind: str,
        *,
        entity: str | None = None,
        rows: Sequence[Row] = (),
        param: Param | None = None,
        tool: Tool | None = None,
        outcome: Outcome | None = None,
        text: str = "",
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.entity = entity
        self.rows = tuple(rows)
        self.param = param
        self.tool = tool
        self.outcome = outcome
        self.text = text


class Stop(Exception):
    """The request ends here, and the outcome says why."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.kind)
        self.outcome = outcome


@dataclass(slots=True)
class Script:
    """What a script can see: the lexicon, the calls of its window, what was said.

    `code` is the state of the desk code: none, given or wrong.
    """

    lexicon: Lexicon
    calls: Sequence[Call]
    memory: Memory
    policy: Policy
    goal: Goal
    code: str = ""
    used: set[str] = field(default_factory=set)
    seen: list[tuple[str, tuple[Row, ...]]] = field(default_factory=list)
    met: list[Thing] = field(default_factory=list)

    @property
    def request(self) -> Request:
        """The request that the script is for."""
        return self.goal.request

    def look(self, tool: Tool, arguments: Mapping[str, Any]) -> Result:
        """The result of a call; raises Need until it is there."""
        wanted = encoded(arguments)
        for call in reversed(self.calls):
            if call.name == tool.name and encoded(call.arguments) == wanted:
                if call.result is None:
                    break
                self.used.add(call.id)
                return call.result
        raise Need(tool, arguments)

    def made(self, tool: Tool) -> Call | None:
        """The last call of a tool in the window, whatever its arguments."""
        return next(
            (
                call
                for call in reversed(self.calls)
                if call.name == tool.name and call.result is not None
            ),
            None,
        )

    def stop(self, kind: str, **details: Any) -> Stop:
        """An end without success, as an exception to raise."""
        return Stop(Outcome(kind, self.request, **details))
