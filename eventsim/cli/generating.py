"""What `run` and `resume` share: bring runs to their end, with progress and a summary.

The work itself is the fleet's; here it is only announced, watched and reported.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eventsim.cli.playing import Terminal
from eventsim.cli.progress import Bar
from eventsim.core.state import Dialogue
from eventsim.run.fleet import Fleet
from eventsim.run.runs import Work
from eventsim.run.summary import Summary

__all__ = ["Done", "as_json", "bring_to_end", "plan_in_words"]


@dataclass(frozen=True, slots=True)
class Done:
    """A run and what it came to; `seconds` is the time that this process took."""

    summary: Summary
    seconds: float
    work: Work


def plan_in_words(work: Work) -> str:
    """What is about to happen: `bodume: 12 planned, 5 ended, 3 open, 4 not begun`."""
    run = work.run
    forks = sum(not info.planned for info in work.open)
    opened = len(work.open) - forks
    ended = run.config.count - opened - len(work.unbegun)
    parts = [f"{run.config.count} planned", f"{ended} ended"]
    parts += [f"{opened} open"] if opened else []
    parts += [f"{len(work.unbegun)} not begun"] if work.unbegun else []
    parts += [f"{forks} of its forks open"] if forks else []
    return f"{run.label}: {', '.join(parts)}"


async def bring_to_end(
    fleet: Fleet, work: Work, *, player: Terminal | None = None
) -> Done:
    """Do what is left of a run; a `player` who uses the terminal is told of the end of
    what they played, and of nothing else.
    """
    summary = Summary(work.run)
    begun = time.monotonic()
    with Bar(work.run.label, 0 if player else work.size) as bar:

        def on_end(state: Dialogue) -> None:
            summary.add(state)
            if player is not None:
                player.over(state)
                return
            bar.advance(f"{summary.tally.valid} valid")

        await fleet.go(work, on_end)
    seconds = time.monotonic() - begun
    await summary.complete(fleet)
    return Done(summary, seconds, work)


def as_json(store: Path, done: Sequence[Done]) -> dict[str, Any]:
    """The one object that `run` and `resume` end with: totals, and each run."""
    runs = [_run(each) for each in done]
    reasons: Counter[str] = Counter()
    for each in done:
        for reason in each.summary.tally.why_not:
            reasons[reason.words] += reason.count
    counts = ("started", "ended", "unfinished", "valid", "invalid", "added")
    totals = {name: sum(run[name] for run in runs) for name in counts}
    single = {name: runs[0][name] for name in ("run", "seed")} if len(runs) == 1 else {}
    return {
        "store": str(store),
        **single,
        **totals,
        "reasons": dict(reasons.most_common()),
        "seconds": round(sum(each.seconds for each in done), 3),
        "runs": runs,
    }


def _run(done: Done) -> dict[str, Any]:
    summary, config = done.summary, done.summary.run.config
    return {
        "run": summary.run.label,
        "seed": config.seed,
        "started": config.count - summary.unfinished,
        "ended": summary.tally.ended,
        "unfinished": summary.unfinished,
        "valid": summary.tally.valid,
        "invalid": summary.tally.invalid,
        "added": done.work.size,
    }
