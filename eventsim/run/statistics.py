"""What a set of trajectories amounts to: measures, validity and why not, tool calls.

Counters only, so that memory does not grow with the number of trajectories. Pure:
folded states come in, numbers and words come out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from eventsim.core.events import Event, VerdictGiven
from eventsim.core.state import Dialogue
from eventsim.quality.measures import Measures, Spread, Table, measure

__all__ = ["Grouped", "Reason", "Tally", "outcome", "reasons_of", "valid_beginning"]

_REASONS = {
    "change": "a change was missing or wrong",
    "frame": "something else was changed",
    "fact": "an answer left out or misreported what was asked for",
    "refusal": "a refusal was not said",
    "rubric": "a point of the rubric was not met",
    "call": "an expected call was not made",
    "checkpoint": "a checkpoint was not reached",
    "grounding": "something was stated that nothing holds",
    "completeness": "a part of the task was left out",
    "parameters": "a call had arguments that nobody gave",
    "errors": "an error was passed over",
    "finished": "the user never saw the task done",
}
_ENDS = {
    "turn_limit": "the limit of turns was reached",
    "step_limit": "the limit of steps was reached",
    "token_limit": "the limit of tokens was reached",
    "time_limit": "the limit of time was reached",
    "context_limit": "the limit of context was reached",
    "not_prepared": "the preparation failed",
    "model_failed": "the model did not answer",
    "model_rejected": "the model's answer could not be used",
}


@dataclass(slots=True)
class Reason:
    """Why trajectories are not valid: how many, and one of them as an example."""

    words: str
    count: int = 0
    example: str = ""
    detail: str = ""


@dataclass(slots=True)
class _Spread:
    count: int = 0
    total: int = 0
    max: int = 0

    def add(self, number: int) -> None:
        self.count += 1
        self.total += number
        self.max = max(self.max, number)

    @property
    def spread(self) -> Spread:
        mean = self.total / self.count if self.count else 0.0
        return Spread(mean, self.max)


@dataclass(slots=True)
class Tally:
    """Counts over the trajectories that were added."""

    trajectories: int = 0
    valid: int = 0
    tasks: int = 0
    valid_tasks: int = 0
    open: int = 0
    user_messages: int = 0
    tool_calls: int = 0
    tool_errors: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    tools: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, Reason] = field(default_factory=dict)
    _step: _Spread = field(default_factory=_Spread)
    _turn: _Spread = field(default_factory=_Spread)
    _task: _Spread = field(default_factory=_Spread)

    def add(self, state: Dialogue) -> None:
        """Count one trajectory."""
        self.trajectories += 1
        self._measure(measure(state))
        self.tasks += len(state.verdicts)
        self.valid_tasks += sum(v.judgment == "valid" for v in state.verdicts)
        self.ends[state.ended.reason if state.ended else "open"] += 1
        if state.ended is None:
            self.open += 1
        elif outcome(state) == "valid":
            self.valid += 1
        else:
            for words, detail in reasons_of(state):
                self._reason(words, state.label, detail)
        for message in state.messages:
            if message.speaker == "user":
                self.user_messages += 1
            elif message.call is not None:
                self.tool_calls += 1
                self.tools[message.call.name] += 1
                self.tool_errors += message.text.startswith('{"error"')

    @property
    def table(self) -> Table:
        """The row of the paper's table."""
        return Table(
            step=self._step.spread,
            turn=self._turn.spread,
            task=self._task.spread,
            samples=self.trajectories,
        )

    @property
    def ended(self) -> int:
        """Trajectories that have ended."""
        return self.trajectories - self.open

    @property
    def invalid(self) -> int:
        """Trajectories that have ended and are not valid."""
        return self.ended - self.valid

    @property
    def why_not(self) -> list[Reason]:
        """Reasons, the most frequent first; a trajectory may have several."""
        return sorted(self.reasons.values(), key=lambda reason: -reason.count)

    def _measure(self, measured: Measures) -> None:
        for steps in measured.steps:
            self._step.add(steps)
        self._turn.add(measured.turns)
        self._task.add(measured.tasks)

    def _reason(self, words: str, label: str, detail: str) -> None:
        reason = self.reasons.setdefault(words, Reason(words, 0, label, detail))
        reason.count += 1


@dataclass(slots=True)
class Grouped:
    """A tally of all, and one for each group: a domain, a tag."""

    all: Tally = field(default_factory=Tally)
    by: dict[str, Tally] = field(default_factory=dict)

    def add(self, state: Dialogue, groups: tuple[str, ...]) -> None:
        """Count a trajectory once in all, and in each of its groups."""
        self.all.add(state)
        for group in groups:
            self.by.setdefault(group, Tally()).add(state)


def outcome(state: Dialogue) -> str:
    """In one word: `open`, `valid`, or `invalid`; a task without a verdict is not
    valid.
    """
    if state.ended is None:
        return "open"
    return "valid" if state.valid and state.task is None else "invalid"


def valid_beginning(events: Iterable[Event]) -> int | None:
    """The position of the last verdict before which nothing failed: a failed task does
    not spoil those before it. None if the first one failed or was never judged.
    """
    position = None
    for number, event in enumerate(events):
        if isinstance(event, VerdictGiven):
            if event.judgment != "valid":
                break
            position = number
    return position


def reasons_of(state: Dialogue) -> list[tuple[str, str]]:
    """Why an ended trajectory is not valid: each reason once, with its first detail."""
    found: dict[str, str] = {}
    if state.ended is not None and state.ended.reason in _ENDS:
        found[_ENDS[state.ended.reason]] = state.ended.detail
    for verdict in state.verdicts:
        for finding in verdict.findings:
            if not finding.passed:
                words = _REASONS.get(finding.check, finding.check)
                found.setdefault(words, finding.detail)
    if not found:
        found["no task was brought to its end"] = ""
    return list(found.items())
