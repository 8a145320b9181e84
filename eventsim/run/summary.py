"""What a run came to, gathered while it goes on and completed from the log.

Trajectories that this process brought to their end are counted as they end; those that
had ended before are read once. Forks are not samples of the run and are left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from eventsim.core.state import Dialogue
from eventsim.run.fleet import Fleet
from eventsim.run.runs import Run
from eventsim.run.statistics import Tally, outcome

__all__ = ["Summary"]

_EXAMPLES = 8


@dataclass(slots=True)
class Summary:
    """Counts over one run. `good` is a short valid trajectory that is worth reading;
    `invalid` are labels of some that are not valid, in order of their index.
    """

    run: Run
    tally: Tally = field(default_factory=Tally)
    invalid: list[str] = field(default_factory=list)
    _seen: set[int] = field(default_factory=set)
    _good: tuple[bool, int, int, str] | None = None
    _bad: list[tuple[int, str]] = field(default_factory=list)

    def add(self, state: Dialogue) -> None:
        """Count an ended trajectory, once."""
        if state.number is None or state.number in self._seen:
            return
        self._seen.add(state.number)
        self.tally.add(state)
        if outcome(state) == "valid":
            rank = (not _wrote(state), len(state.messages), state.number, state.label)
            self._good = rank if self._good is None else min(self._good, rank)
        else:
            self._bad = sorted([*self._bad, (state.number, state.label)])[:_EXAMPLES]
            self.invalid = [label for _, label in self._bad]

    async def complete(self, fleet: Fleet) -> None:
        """Count what had ended before."""
        if len(self._seen) < self.run.config.count:
            async for state in fleet.finished(self.run):
                self.add(state)

    @property
    def good(self) -> str | None:
        """The label of a valid trajectory, the shortest one that changes something."""
        return self._good[3] if self._good else None

    @property
    def unfinished(self) -> int:
        """Planned trajectories that have not ended."""
        return self.run.config.count - self.tally.ended


def _wrote(state: Dialogue) -> bool:
    return any(
        finding.check == "change" and finding.passed
        for verdict in state.verdicts
        for finding in verdict.findings
    )
