"""What forks came to: a table, and what mounting again took, apart."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from rich.text import Text

from eventsim.cli.render.columns import counted, print_table
from eventsim.cli.session import out
from eventsim.core.state import Dialogue
from eventsim.errors import short
from eventsim.run.mounts import Remounting
from eventsim.run.statistics import outcome, reasons_of

__all__ = ["Forked", "print_forks"]


@dataclass(frozen=True, slots=True)
class Forked:
    """A fork at its end, where it begins, its parent's verdict, and what it took to
    mount its environment again.
    """

    state: Dialogue
    parent: str
    position: int
    before: str
    mounting: Remounting

    def as_json(self) -> dict[str, Any]:
        """For programs; times in microseconds."""
        state = self.state
        return {
            "trajectory": state.label,
            "parent": self.parent,
            "position": self.position,
            "seed": state.seed,
            "ended": state.ended.reason if state.ended else None,
            "verdict": outcome(state),
            "parent_verdict": self.before,
            "positions": state.length,
            "repeated_calls": self.mounting.calls,
            "mount_us": self.mounting.duration_us,
            "drifts": [drift.position for drift in self.mounting.drifts or ()],
        }


def print_forks(made: Sequence[Forked], lasting: Collection[str] = ()) -> None:
    """A row for each, and what mounting took; `lasting` environments keep their state
    by themselves.
    """
    rows: list[list[str | Text]] = []
    for each in made:
        verdict = outcome(each.state)
        style = "green" if verdict == "valid" else "red"
        rows.append(
            [
                each.state.label,
                f"{each.parent}@{each.position}",
                str(each.state.seed),
                str(each.state.length),
                Text(verdict, style=style),
                _beside(verdict, each.before),
                reasons_of(each.state)[0][0] if verdict == "invalid" else "",
            ]
        )
    headings = ["fork", "begins after", "seed", "events", "verdict", "", "why"]
    print_table(out(), headings, rows, right=["events"])
    if not made:
        return
    first = made[0]
    out().print(
        f"compare: eventsim diff {first.parent} {first.state.label}", style="dim"
    )
    _print_mounting([each.mounting for each in made])
    for each in made:
        for drift in each.mounting.drifts or ():
            words = f"marked on {each.state.label}: {drift.tool} at position "
            words += f"{drift.position} gives {short(drift.computed)} now"
            out().print(words, soft_wrap=True)
    if lasting:
        words = f"{', '.join(sorted(lasting))}: as it is now, not as it was there"
        out().print(words, style="dim", soft_wrap=True)


def _beside(verdict: str, before: str) -> str:
    if before == "open":
        return ""
    return "as its parent" if verdict == before else f"its parent is {before}"


def _print_mounting(every: Sequence[Remounting]) -> None:
    """What a fork takes beyond its own record: bounded by the calls that wrote."""
    first, *others = every
    if not first.duration_us:
        return
    later = f", then {_ms([each.duration_us for each in others])}" if others else ""
    calls = counted(first.calls, "recorded call")
    words = f"mounted again in {_ms([first.duration_us])}{later}: {calls} repeated"
    out().print(words, style="dim")


def _ms(every_us: Sequence[int]) -> str:
    return f"{median(every_us) / 1_000:,.1f} ms"
