"""What the model calls of a run took, and which of them came to nothing: folds.

Costs are facts of the log: each outcome holds its tokens and its price. Calls that
never leave the process are free; they are counted, and cost nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields

from eventsim.config import EMBEDDED
from eventsim.core.events import (
    Answer,
    EndpointProfiled,
    Event,
    ModelAbandoned,
    ModelCalled,
    ModelFailed,
    ModelRejected,
    TaskRejected,
    ToolRejected,
    Usage,
)
from eventsim.log.reader import Family, Reader

__all__ = ["Economy", "Spending", "economy_of", "economy_of_run"]


@dataclass(slots=True)
class Spending:
    """Calls that came to an end and what they took; `unpriced` ones had no price."""

    calls: int = 0
    in_vain: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    cost_usd: float = 0.0
    unpriced: int = 0

    @property
    def tokens(self) -> int:
        """Input and output together."""
        return self.input_tokens + self.output_tokens

    def add(self, usage: Usage, *, in_vain: bool = False, calls: int = 1) -> None:
        """Count a call, or a few at once."""
        self.calls += calls
        self.in_vain += in_vain
        self.input_tokens += usage.input_tokens
        self.cached_tokens += usage.cached_tokens
        self.output_tokens += usage.output_tokens
        self.reasoning_tokens += usage.reasoning_tokens
        self.cost_usd += usage.cost_usd or 0.0
        self.unpriced += usage.cost_usd is None

    def join(self, other: Spending) -> None:
        """Count all of another's calls too."""
        for each in fields(self):
            both = getattr(self, each.name) + getattr(other, each.name)
            setattr(self, each.name, both)


@dataclass(slots=True)
class Economy:
    """Spending by role (probes of endpoints under `probe`), that of calls that left
    the process apart as `paid`; how often, and why, calls failed and answers, tools
    and tasks were rejected.
    """

    by_role: dict[str, Spending] = field(default_factory=dict)
    paid: Spending = field(default_factory=Spending)
    failures: Counter[tuple[str, str]] = field(default_factory=Counter)
    rejections: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, events: Iterable[Event]) -> None:
        """Count a stream's own events, in order."""
        call: ModelCalled | None = None
        for event in events:
            match event:
                case ModelCalled():
                    call = event
                case EndpointProfiled():
                    self._spend("probe", event.usage, calls=event.calls)
                case ModelAbandoned():
                    self.failures[event.role, "abandoned"] += 1
                    call = None
                case ToolRejected():
                    self.rejections["tool", _kind(event.reason)] += 1
                case TaskRejected():
                    self.rejections["task", _kind(event.reason)] += 1
                case _:
                    call = self._outcome(event, call)

    def join(self, other: Economy) -> None:
        """Count all that another counted."""
        for role, spent in other.by_role.items():
            self.by_role.setdefault(role, Spending()).join(spent)
        self.paid.join(other.paid)
        self.failures += other.failures
        self.rejections += other.rejections

    def _outcome(self, event: Event, call: ModelCalled | None) -> ModelCalled | None:
        if call is None:
            return None
        if isinstance(event, ModelFailed):
            usage = event.usage
            self.failures[call.role, event.reason] += 1
        else:
            answer = getattr(event, "answer", None)
            if not isinstance(answer, Answer):
                return call
            usage = answer.usage
        if isinstance(event, ModelRejected):
            self.rejections[call.role, _kind(event.reason)] += 1
        in_vain = isinstance(event, ModelFailed | ModelRejected)
        if call.provider == EMBEDDED:
            self.by_role.setdefault(call.role, Spending()).calls += 1
        else:
            self._spend(call.role, usage, in_vain=in_vain)
        return None

    def _spend(
        self, role: str, usage: Usage, *, in_vain: bool = False, calls: int = 1
    ) -> None:
        self.by_role.setdefault(role, Spending()).add(
            usage, in_vain=in_vain, calls=calls
        )
        self.paid.add(usage, in_vain=in_vain, calls=calls)


def economy_of(events: Iterable[Event]) -> Economy:
    """What one stream's own events took."""
    economy = Economy()
    economy.add(events)
    return economy


async def economy_of_run(reader: Reader, run: str) -> Economy:
    """What all streams of a run took, its preparations and forks included."""
    streams = [run]
    families: tuple[Family, ...] = ("preparation", "dialogue")
    for family in families:
        streams += [info.stream for info in reader.streams(family=family, run=run)]
    economy = Economy()
    for stream in streams:
        records = await reader.read(stream)
        economy.add(r.event for r in records if r.event is not None)
    return economy


def _kind(reason: str) -> str:
    """A reason without its particulars: what stands before the colon."""
    return reason.partition(":")[0]
